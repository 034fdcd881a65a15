"""Whether an appspec names what the load balancer sends to."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._codepipeline.deployment_target import balanced, compared

WEB = [{"containerName": "web", "containerPort": 3000}]


@pytest.mark.parametrize(
    ("listed", "container", "port", "said"),
    [
        (WEB, "web", 3000, ""),
        (WEB, "web", None, ""),
        ([], "web", 3000, ""),
        (
            WEB,
            "web",
            80,
            "stage Deploy: the appspec names the container web:80, and the load balancer of the service shop sends to web:3000",
        ),
        (WEB, "app", None, "the container app, and the load balancer of the service shop sends to web:3000"),
    ],
)
def test_container_and_port(listed: list[dict[str, Any]], container: str, port: int | None, said: str) -> None:
    found = compared("stage Deploy", "shop", listed, container, port)
    assert (found == []) if not said else said in found[0]


def test_task_sets_have_their_own_balancers() -> None:
    assert balanced({"loadBalancers": WEB}) == WEB
    assert balanced({"loadBalancers": [], "taskSets": [{"loadBalancers": WEB}, {"loadBalancers": WEB}]}) == WEB * 2
