"""What is said before a release about how it is to be tried out."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._release import preconditions
from ansible_collections.railyard.fargate.plugins.module_utils._release.environment import Environment
from tests.support.names import names

ENV = {"names": names("shop", "production"), "processes": {"web": {}}}


@pytest.mark.parametrize(
    ("smoke", "said"),
    [
        ({}, ""),
        ({"sources": ["203.0.113.7/32"]}, ""),
        ({"sources": []}, "nobody may reach the test listener"),
        ({"sources": [], "proxy": "http://127.0.0.1:3128"}, ""),
        ({"sources": ["0.0.0.0/0"], "scheme": "https"}, "no certificate has the load balancer's own name"),
        ({"sources": ["0.0.0.0/0"], "scheme": "https", "host": "shop.example.com"}, ""),
        ({"sources": [], "scheme": "https", "host": "shop.example.com"}, "vpc_alb_test_sources names the addresses"),
    ],
)
def test_whether_it_can_be_tried_out(smoke: dict[str, Any], said: str) -> None:
    told = preconditions.closed(Environment(**ENV, protected=True, traffic={}, smoke=smoke))
    assert said in (told or "") and bool(told) == bool(said)
