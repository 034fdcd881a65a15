"""When crashes of new tasks are a crash loop, and what is said of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ansible_collections.railyard.fargate.plugins.module_utils._deployment import crash_loop
from ansible_collections.railyard.fargate.plugins.module_utils._deployment.deployments import Deployments

START = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
STOPPED = {
    "taskArn": "arn:aws:ecs:eu-west-1:123456789012:task/shop/1",
    "taskDefinitionArn": "web:2",
    "createdAt": START,
    "stoppedAt": START + timedelta(seconds=30),
}
EXITED = "Essential container in task exited"
PULL = "CannotPullContainerError: pull image manifest has been retried 7 time(s): manifest for shop:2 not found"
ELB = "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/green/{})"


def crash(
    began: int, ended: int, reason: str = EXITED, code: str = "EssentialContainerExited", exit_code: int | None = 1
) -> dict[str, Any]:
    """A task that was made `began` and stopped `ended` seconds after the start."""
    moments = {"created_at": START + timedelta(seconds=began), "stopped_at": START + timedelta(seconds=ended)}
    return {"reason": reason, "code": code, "exit_code": exit_code, "container": "web", "container_reason": None, **moments}


CASES: list[tuple[str, list[dict[str, Any]], int, int | None]] = [
    ("none has crashed", [], 600, None),
    ("one is an accident", [crash(0, 30)], 600, None),
    ("two at once may be one accident", [crash(0, 30), crash(0, 31)], 40, None),
    ("two at once, and after a minute nothing is better", [crash(0, 30), crash(0, 31)], 90, 2),
    ("the second was started after the first had crashed", [crash(0, 30), crash(35, 50)], 51, 2),
    ("three are enough", [crash(0, 30), crash(0, 30), crash(0, 30)], 31, 3),
    ("two that ended for different reasons", [crash(0, 30), crash(35, 50, PULL, "TaskFailedToStart", None)], 600, None),
    ("two that ended with different codes", [crash(0, 30), crash(35, 50, exit_code=137)], 600, None),
    (
        "one reason with other ids in it",
        [crash(0, 30, ELB.format(number), "ServiceSchedulerInitiated", 143) for number in ("aa", "bb")],
        31,
        2,
    ),
    ("the words after the colon may differ", [crash(0, 9, PULL + at, "TaskFailedToStart", None) for at in "123"], 10, 3),
]


@pytest.mark.parametrize(("crashes", "now", "number"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_crash_loop_needs_several_crashes_of_one_kind(crashes: list[dict[str, Any]], now: int, number: int | None) -> None:
    found = crash_loop.crash_looping(crashes, START + timedelta(seconds=now))
    assert (found or {}).get("number") == number


@pytest.mark.parametrize(
    ("code", "reason", "counts"),
    [
        ("EssentialContainerExited", EXITED, True),
        ("TaskFailedToStart", PULL, True),
        ("ServiceSchedulerInitiated", ELB.format("aa"), True),
        ("ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/1)", False),
        ("UserInitiated", "somebody", False),
        ("SpotInterruption", "Your Spot Task was interrupted.", False),
    ],
)
def test_only_tasks_that_stopped_by_themselves_count(code: str, reason: str, counts: bool) -> None:
    task = {**STOPPED, "stopCode": code, "stoppedReason": reason, "containers": []}
    assert (crash_loop.crash_of(task) is not None) == counts


def test_why_a_target_was_unhealthy_is_in_the_event_that_names_the_task() -> None:
    where = "is unhealthy in (target-group arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-green/1)"
    messages = [
        "(service web) has started 1 tasks: (task 7).",
        f"(service web) (task 8) (port 3000) {where} due to (reason Request timed out).",
        f"(service web) (task 7) (port 3000) {where} due to (reason Health checks failed with these codes: [502]).",
    ]
    service = {"events": [{"message": message} for message in messages]}
    assert crash_loop.health_check_reason(service, {"task": "arn:x/shop/7"}) == "Health checks failed with these codes: [502]"
    assert (
        crash_loop.health_check_reason(service, {"task": "arn:x/shop/9"}) is None
        and crash_loop.health_check_reason({}, {"task": "arn:x/shop/7"}) is None
    )


def test_the_container_that_failed_is_named() -> None:
    containers = [{"name": "agent", "exitCode": 0}, {"name": "web", "exitCode": 137, "reason": "OutOfMemoryError: killed"}]
    task = {**STOPPED, "stopCode": "EssentialContainerExited", "stoppedReason": EXITED, "containers": containers}
    found = crash_loop.crash_of(task)
    assert found and (found["container"], found["exit_code"], found["container_reason"]) == ("web", 137, "OutOfMemoryError: killed")
    said = crash_loop.report({**found, "number": 2}, ["Killed"], "Health checks failed")
    assert "; Health checks failed; its last lines" in said
    assert said.startswith("two new tasks stopped the same way") and "exit code 137" in said and said.endswith("its last lines:\n  Killed")


@pytest.mark.parametrize(("now", "number"), [(40, None), (90, 2)])
def test_a_minute_has_passed_by_the_clock_of_aws_whatever_that_of_this_machine_says(now: int, number: int | None) -> None:
    ecs = boto3.client("ecs", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    arns = [f"arn:aws:ecs:eu-west-1:123456789012:task/shop/{name}" for name in ("a", "b")]
    tasks = [
        {
            "taskArn": arn,
            "taskDefinitionArn": "web:2",
            "createdAt": START,
            "stoppingAt": START + timedelta(seconds=30),
            "stopCode": "EssentialContainerExited",
            "stoppedReason": EXITED,
            "containers": [{"name": "web", "exitCode": 1}],
        }
        for arn in arns
    ]
    date = format_datetime(START + timedelta(seconds=now), usegmt=True)
    web = {"family": "web", "containerDefinitions": [{"name": "web", "essential": True}]}
    with Stubber(ecs) as aws:
        aws.add_response("list_tasks", {"taskArns": arns})
        aws.add_response("describe_tasks", {"tasks": tasks, "ResponseMetadata": {"HTTPHeaders": {"date": date}}})
        aws.add_response("describe_task_definition", {"taskDefinition": web})
        live = Deployments("ecs", None, {"ecs": ecs}, {"cluster": "shop", "service": "web"})  # type: ignore[arg-type]
        found = live.crash({"created_at": START.isoformat(), "task_definition": "web:2"})
    assert (found or {}).get("number") == number
