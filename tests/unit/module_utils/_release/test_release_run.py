"""How long the deployments of a release are followed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._deployment import follow
from ansible_collections.railyard.fargate.plugins.module_utils._release.environment import Environment
from ansible_collections.railyard.fargate.plugins.module_utils._release.release_run import Order, Release
from tests.support.names import names

HOURS = 3600


@pytest.mark.parametrize(
    ("traffic", "shifting", "waiting"),
    [
        ({}, 4, 4),
        ({"shift": "all_at_once", "percent": None, "minutes": None, "keep_old": 5}, 4, 4),
        ({"shift": "linear", "percent": 1, "minutes": 10, "keep_old": 0}, 17.5, 4),
        ({"shift": "linear", "percent": 30, "minutes": 60, "keep_old": 300}, 4, 6),
        ({"shift": "canary", "percent": 1, "minutes": 300, "keep_old": 2880}, 6, 49),
    ],
)
def test_a_release_is_followed_for_longer_than_its_traffic_takes(traffic: dict[str, Any], shifting: float, waiting: float) -> None:
    env = Environment(names(), {}, traffic=traffic)
    nothing: Any = SimpleNamespace(check=print)
    how = Release(env, {}, Order(timeouts={"ready": 60}), print, nothing, nothing, {}, nothing).following
    assert (how.limit("shifting"), how.limit("waiting")) == (shifting * HOURS, waiting * HOURS)
    assert how.limit("ready") == 60 and how.limit("preparing") == follow.TIMEOUTS["preparing"]
