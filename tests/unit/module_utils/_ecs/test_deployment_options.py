"""What UpdateService is told to deploy, and how."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._ecs import deployment_options as options

ECS = boto3.client("ecs", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
LAMBDA = {"hookTargetArn": "function", "roleArn": "role", "lifecycleStages": ["POST_SCALE_UP"]}
CANARY = {"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 5}, "maximumPercent": 200}
OURS = {
    "targetType": "PAUSE",
    "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
    "timeoutConfiguration": {"timeoutInMinutes": 60, "action": "ROLLBACK"},
}
CASES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("nothing is said, nothing changes", CANARY, {}, CANARY),
    ("another strategy takes its steps along", CANARY, {"strategy": "BLUE_GREEN", "bake_minutes": 5},
     {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5, "maximumPercent": 200}),
    ("the same strategy keeps its steps", CANARY, {"strategy": "CANARY"}, CANARY),
    ("one step is changed", CANARY, {"step_minutes": 9},
     {**CANARY, "canaryConfiguration": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 9}}),
    ("linear", {}, {"strategy": "LINEAR", "step_percent": 25.0},
     {"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 25.0}}),
    ("a pause beside other hooks", {**CANARY, "lifecycleHooks": [LAMBDA]}, {"pause": True}, {**CANARY, "lifecycleHooks": [LAMBDA, OURS]}),
    ("a pause is made once", {**CANARY, "lifecycleHooks": [OURS]}, {"pause": True}, {**CANARY, "lifecycleHooks": [OURS]}),
    ("no pause any more", {**CANARY, "lifecycleHooks": [LAMBDA, OURS]}, {"pause": False}, {**CANARY, "lifecycleHooks": [LAMBDA]}),
    ("the last hook goes", {**CANARY, "lifecycleHooks": [OURS]}, {"pause": False}, {**CANARY, "lifecycleHooks": []}),
    ("no pause, never was one", CANARY, {"pause": False}, CANARY),
]  # fmt: skip


@pytest.mark.parametrize(("live", "wanted", "made"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_configure(live: dict[str, Any], wanted: dict[str, Any], made: dict[str, Any]) -> None:
    assert options.configure(live, wanted) == made


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"strategy": "BLUE_GREEN"}, "bake_minutes"),
        ({"strategy": "BLUE_GREEN", "bake_minutes": 5, "step_percent": 10.0}, "LINEAR and CANARY"),
        ({"strategy": "ROLLING", "pause": True}, "no test traffic"),
    ],
)
def test_what_does_not_go_together(wanted: dict[str, Any], said: str) -> None:
    with pytest.raises(RailyardError, match=said):
        options.configure({}, wanted)


def test_only_what_differs_is_sent() -> None:
    service = {"deploymentConfiguration": CANARY}
    assert options.update(ECS, service, {"task_definition": "web:2"}) == {"taskDefinition": "web:2"}
    changed = options.update(ECS, service, {"task_definition": "web:2", "force": True, "step_minutes": 9, "platform_version": "LATEST"})
    assert set(changed) == {"taskDefinition", "forceNewDeployment", "deploymentConfiguration", "platformVersion"}
