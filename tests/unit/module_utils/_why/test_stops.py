"""Why a task stopped: by AWS's words, by exit code, and whose container it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._why import stops

NOW = datetime(2026, 12, 1, 10, 12, tzinfo=UTC)
DEFINITION = {"containerDefinitions": [{"name": "web", "essential": True}, {"name": "agent", "essential": False}]}
EXITED = "Essential container in task exited"
SECRET = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets "
    "from ssm: service call has been retried 1 time(s): invalid ssm parameters: /shop/production/RAILS_MASTER_KEY"
)
PULL = "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref shop@sha256:1: not found"
DOWN = "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/blue/1)"
SCALED = "Scaling activity initiated by (deployment ecs-svc/123)"


def stopped(reason: str, code: str, *containers: dict[str, Any], minutes: int = 0, identity: str = "1") -> dict[str, Any]:
    ended = NOW - timedelta(minutes=minutes)
    task = {"taskArn": f"arn:aws:ecs:eu-west-1:1:task/shop/{identity}", "taskDefinitionArn": "arn:x:task-definition/shop-web:7"}
    return {**task, "stopCode": code, "stoppedReason": reason, "stoppedAt": ended, "createdAt": ended, "containers": list(containers)}


def web(exit_code: int | None = None, reason: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"name": "web", "exitCode": exit_code, "reason": reason}
    return {name: value for name, value in found.items() if value is not None}


SELF, NEVER, SCHEDULER = "EssentialContainerExited", "TaskFailedToStart", "ServiceSchedulerInitiated"
CASES: list[tuple[str, dict[str, Any], str, str, str]] = [
    ("an error of the application", stopped(EXITED, SELF, web(1)), "exit code 1", stops.OWN_END, stops.CRASHED),
    ("the command is not there", stopped(EXITED, SELF, web(127)), "exit code 127", "the command is not in the image", "site.yml"),
    ("the command ended well", stopped(EXITED, SELF, web(0)), "exit code 0", "must not end", "site.yml"),
    (
        "too much memory",
        stopped(EXITED, SELF, web(137, "OutOfMemoryError: Container killed due to memory usage")),
        "137",
        "more memory",
        "site.yml",
    ),
    ("killed", stopped(EXITED, SELF, web(137)), "exit code 137", "it was killed", "site.yml"),
    ("a secret is missing", stopped(SECRET, NEVER, web()), "no container ever ran", "a secret is not stored", "playbooks/secret.yml"),
    ("no such image", stopped(PULL, NEVER, web()), "no container ever ran", "the image cannot be pulled", stops.CRASHED),
    ("health checks", stopped(DOWN, SCHEDULER, web(143)), "exit code 143", stops.HEALTH, ""),
    (
        "the sidecar ended too",
        stopped(EXITED, SELF, {"name": "agent", "exitCode": 2}, web(1)),
        "container web ended",
        stops.OWN_END,
        stops.CRASHED,
    ),
    ("scaled in", stopped(SCALED, SCHEDULER, web(143)), "it did not fail", "", ""),
    ("by a person", stopped("tired of it", "UserInitiated", web(143)), "it did not fail", "", ""),
]


@pytest.mark.parametrize(("task", "what", "hint", "following"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_end_has_its_reason_and_what_helps(task: dict[str, Any], what: str, hint: str, following: str) -> None:
    found = stops.said("web", task, DEFINITION, 1)
    assert what in found["what"] and found["next"] == following, found
    assert found["hint"].count(hint) == 1 if hint else found["hint"] == ""
    assert found["words"][0] == f"{task['stoppedReason']} ({task['stopCode']})"


def test_a_crash_counts_more_than_what_was_scaled_in_later_and_those_alike_are_counted() -> None:
    tasks = [
        stopped(SCALED, SCHEDULER, web(143), identity="new"),
        *(stopped(EXITED, SELF, web(1), minutes=minutes, identity=str(minutes)) for minutes in (9, 5, 7)),
        stopped(EXITED, SELF, web(2), minutes=11, identity="other"),
    ]
    task, alike = stops.chosen("web", tasks)
    assert task is not None and task["taskArn"].endswith("/5") and alike == 3
    assert "; 3 tasks within the hour stopped in this way" in stops.said("web", task, DEFINITION, alike)["what"]
    assert stops.chosen("web", []) == (None, 1)


def test_a_one_off_task_that_ended_well_is_no_fault() -> None:
    done, failed = stopped(EXITED, SELF, web(0)), stopped(EXITED, SELF, web(1), minutes=5, identity="failed")
    assert stops.chosen("run", [done]) == (done, 1) and stops.chosen("run", [done, failed]) == (failed, 1)
    found = stops.said("run", done, DEFINITION, 1)
    assert "the last task of run ended well" in found["what"] and (found["hint"], found["next"]) == ("", "")


@pytest.mark.parametrize(("group", "process"), [("service:web", "web"), ("family:shop-run", "run"), ("family:shop-console", "console")])
def test_whose_task_it_was(group: str, process: str) -> None:
    assert stops.process_of({"group": group}, "shop") == process
