"""Why services do not become steady."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ansible_collections.railyard.fargate.plugins.module_utils._core.clock import Clock
from ansible_collections.railyard.fargate.plugins.module_utils._ecs import steady

START = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def stopped(name: str, minute: int | None, reason: str) -> dict[str, Any]:
    ended = {} if minute is None else {"stoppedAt": START + timedelta(minutes=minute)}
    return {"taskArn": f"arn:aws:ecs:eu-west-1:123456789012:task/shop/{name}", "stoppedReason": reason, **ended}


def test_of_several_tasks_the_one_that_stopped_last_is_named() -> None:
    ecs = boto3.client("ecs", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    tasks = [stopped("a", 5, "scaled in"), stopped("b", 9, "cannot pull"), stopped("c", 1, "no secret"), stopped("d", None, "stopping")]
    with Stubber(ecs) as aws:
        aws.add_response("list_tasks", {"taskArns": [task["taskArn"] for task in tasks]})
        aws.add_response("describe_tasks", {"tasks": tasks})
        assert steady._reasons(ecs, "shop", "web") == ["A task of web stopped: cannot pull"]


def test_whoever_waits_is_told_before_each_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    running, slept, told = iter((0, 1, 2)), [0.0], list[str]()

    def read(*_asked: Any) -> list[dict[str, Any]]:
        return [{"service_name": "web", "running_count": next(running), "pending_count": 0, "desired_count": 2}]

    monkeypatch.setattr(steady.live_services, "read", read)
    steady.wait(None, "shop", ["web"], False, 60, Clock(lambda: sum(slept), slept.append), told.append)
    assert told == ["", "web 0 of 2", "web 1 of 2"] and sum(slept) > 0
