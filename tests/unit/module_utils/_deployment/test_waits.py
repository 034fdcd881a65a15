"""For what a deployment waits, until when, and what happens then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.railyard.fargate.plugins.module_utils._deployment import waits

NOW = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
SETTINGS = {
    "deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60},
    "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 5},
}


def event(name: str, status: str = "Succeeded", minutes: int = 0) -> dict[str, Any]:
    ended = {} if status == "InProgress" else {"endTime": NOW + timedelta(minutes=minutes)}
    return {"lifecycleEventName": name, "status": status, "startTime": NOW, **ended}


def codedeploy(status: str, *events: dict[str, Any], **changes: Any) -> list[waits.Wait]:
    info = {"status": status, "creator": "user", "blueGreenDeploymentConfiguration": SETTINGS, **changes}
    return waits.of_codedeploy(info, {"ecsTarget": {"status": "InProgress", "lifecycleEvents": list(events)}})


def test_ready_it_waits_for_a_person_and_is_stopped_in_the_end() -> None:
    (wait,) = codedeploy("Ready", event("Install"), event("AfterAllowTestTraffic", minutes=2))
    assert wait["until"] == "2026-12-01T11:02:00+00:00" and wait["by_person"] and "stopped" in wait["then"]


def test_a_hook_has_an_hour() -> None:
    (wait,) = codedeploy("InProgress", event("Install"), event("AfterInstall", "InProgress"))
    assert (wait["name"], wait["until"], wait["by_person"]) == ("hook AfterInstall", "2026-12-01T11:00:00+00:00", False)
    assert codedeploy("InProgress", event("Install", "InProgress")) == []


def test_after_the_shift_the_old_tasks_are_kept_for_minutes() -> None:
    events = (event("AllowTraffic"), event("AfterAllowTraffic", minutes=1))
    (wait,) = codedeploy("InProgress", *events)
    assert wait["name"] == "the end of the old tasks" and wait["until"] == "2026-12-01T10:06:00+00:00"
    assert codedeploy("Succeeded", *events) == []


def test_a_pause_of_ecs_says_itself_when_it_ends_and_what_happens() -> None:
    pause = {"hookId": "h-1", "targetType": "PAUSE", "status": "AWAITING_ACTION", "expiresAt": NOW, "timeoutAction": "CONTINUE"}
    hook = {
        "hookId": "h-2",
        "targetType": "AWS_LAMBDA",
        "targetArn": "arn:aws:lambda:x",
        "status": "IN_PROGRESS",
        "timeoutAction": "ROLLBACK",
    }
    done = {"hookId": "h-3", "targetType": "PAUSE", "status": "SUCCEEDED"}
    first, second = waits.of_ecs({"lifecycleHookDetails": [pause, hook, done]})
    assert (first["name"], first["then"], first["until"], first["by_person"]) == ("pause h-1", "it goes on", NOW.isoformat(), True)
    assert second["name"] == "arn:aws:lambda:x h-2" and second["then"] == "it is rolled back" and not second["by_person"]
