"""ECS's service deployments in our words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._ecs import service_deployment_shape as ours

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
PAUSE = {"targetType": "PAUSE", "hookId": "h", "status": "AWAITING_ACTION"}
STOPPED: dict[str, Any] = {"status": "STOPPED", "createdAt": NOON, "finishedAt": NOON + timedelta(seconds=60)}


def record(status: str, **more: Any) -> dict[str, Any]:
    return {"serviceDeploymentArn": "a", "status": status, "createdAt": NOON, **more}


def other(seconds: int) -> dict[str, Any]:
    return {"serviceDeploymentArn": "b", "createdAt": NOON + timedelta(seconds=seconds)}


STATUSES: list[tuple[str, dict[str, Any], list[dict[str, Any]], str]] = [
    ("pending", record("PENDING"), [], "preparing"),
    ("rolling", record("IN_PROGRESS"), [], "preparing"),
    ("scaling up", record("IN_PROGRESS", lifecycleStage="SCALE_UP"), [], "preparing"),
    ("paused", record("IN_PROGRESS", lifecycleStage="POST_TEST_TRAFFIC_SHIFT", lifecycleHookDetails=[PAUSE]), [], "ready"),
    ("pause is over", record("IN_PROGRESS", lifecycleHookDetails=[{**PAUSE, "status": "SUCCEEDED"}]), [], "preparing"),
    ("shifting", record("IN_PROGRESS", lifecycleStage="PRODUCTION_TRAFFIC_SHIFT"), [], "shifting"),
    ("bakes", record("IN_PROGRESS", lifecycleStage="BAKE_TIME"), [], "waiting"),
    ("cleans up", record("IN_PROGRESS", lifecycleStage="CLEAN_UP"), [], "waiting"),
    ("goes back", record("ROLLBACK_IN_PROGRESS", lifecycleStage="BAKE_TIME"), [], "rolling_back"),
    ("went back", record("ROLLBACK_SUCCESSFUL"), [other(5)], "rolled_back"),
    ("could not go back", record("ROLLBACK_FAILED"), [], "failed"),
    ("succeeded", record("SUCCESSFUL", lifecycleStage="CLEAN_UP"), [], "succeeded"),
    ("stopped", record(**STOPPED), [record(**STOPPED)], "stopped"),
    ("stopped, and another one later", record(**STOPPED), [other(90)], "stopped"),
    ("gave way", record(**STOPPED), [other(59)], "superseded"),
    ("an older one beside it", record(**STOPPED), [other(-5)], "stopped"),
    ("circuit breaker", record(**STOPPED, deploymentCircuitBreaker={"status": "TRIGGERED"}), [], "failed"),
    ("alarm", record(**STOPPED, alarms={"status": "TRIGGERED"}), [], "failed"),
]


@pytest.mark.parametrize(("found", "listed", "word"), [case[1:] for case in STATUSES], ids=[case[0] for case in STATUSES])
def test_status(found: dict[str, Any], listed: list[dict[str, Any]], word: str) -> None:
    assert ours.status(found, listed) == word


def test_the_reason_names_the_alarms_and_says_nothing_twice() -> None:
    rollback = {"reason": "alarm detected."}
    found = record(
        "ROLLBACK_SUCCESSFUL", statusReason="alarm detected.", rollback=rollback, alarms={"triggeredAlarmNames": ["5xx", "slow"]}
    )
    assert ours.reason(found) == "alarm detected.; alarms: 5xx, slow"
    assert ours.reason(record("SUCCESSFUL")) is None


def test_weights_begin_with_the_new_tasks() -> None:
    advanced = {"alternateTargetGroupArn": "green", "productionListenerRule": "rule"}
    service = {"loadBalancers": [{"targetGroupArn": "blue", "advancedConfiguration": advanced}]}
    groups = [{"target_group_arn": "blue", "weight": 90}, {"target_group_arn": "green", "weight": 10}]
    actions = [{"type": "authenticate-oidc"}, {"type": "forward", "forward_config": {"target_groups": groups}}]
    assert list(ours.weights(service, actions, "green").items()) == [("green", 10), ("blue", 90)]
    assert ours.weights({"loadBalancers": [{"targetGroupArn": "blue"}]}, [], None) == {"blue": 100}
    assert ours.weights({}, [], None) == {}
