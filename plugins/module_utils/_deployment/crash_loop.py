# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Detects new tasks in a crash loop within minutes; CodeDeploy would wait for an hour (rule CD-28).

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, NotRequired, TypedDict

from .._core import aws
from .._core.clock import Clock
from .._ecs import stop_hints, stopped_task
from .._ecs.deployment import Deployment, definition_of

# Tasks that end for one of these (rule ECS-R11) ended by themselves; the service's scheduler ends them for many reasons.
OWN = ("TaskFailedToStart", "EssentialContainerExited")
ENOUGH = 3
PATIENCE = timedelta(seconds=60)
LINES = 20
UNHEALTHY = re.compile(r"is unhealthy in .* due to \(reason (.*)\)")


class Crash(TypedDict):
    """A new task that stopped by itself. `task`, `definition`: ARNs. `code`, `reason`: AWS's. `container`: the one that failed, with its
    exit code and AWS's reason. `seen_at`: AWS's time when it was read.
    """

    task: str
    definition: str
    created_at: datetime
    stopped_at: datetime
    code: str
    reason: str
    container: str | None
    exit_code: int | None
    container_reason: str | None
    seen_at: NotRequired[datetime]


class CrashLoop(Crash):
    """The newest of `number` crashes of one kind."""

    number: int


def crash_of(task: dict[str, Any], definition: dict[str, Any] | None = None) -> Crash | None:
    """The crash that a stopped task of DescribeTasks had; None when the task was scaled in, or a person stopped it.

    `definition`: its task definition, which says which of its containers are essential.
    """
    code, reason = task.get("stopCode", ""), task.get("stoppedReason", "")
    if code not in OWN and not (code == "ServiceSchedulerInitiated" and reason.startswith("Task failed")):
        return None
    failed = stopped_task.failed_container(task, definition)
    return {
        "task": task["taskArn"],
        "definition": task["taskDefinitionArn"],
        "created_at": task["createdAt"],
        "stopped_at": task.get("stoppingAt") or task["stoppedAt"],
        "code": code,
        "reason": reason,
        "container": failed.get("name"),
        "exit_code": failed.get("exitCode"),
        "container_reason": failed.get("reason"),
    }


def crash_looping(crashes: list[Crash], now: datetime) -> CrashLoop | None:
    """The newest crash (see `crash_of`) when no new task will ever run, with their `number`; else None.

    Three of the same kind; or two of them, when the second task was started after the first had stopped, when a minute has passed, or
    when health checks failed: each of these tasks was asked several times before it was given up.
    """
    kinds: dict[tuple[Any, ...], list[Crash]] = {}
    for crash in crashes:
        kinds.setdefault(kind(crash), []).append(crash)
    for alike in kinds.values():
        ordered = sorted(alike, key=lambda crash: crash["stopped_at"])
        first, last = ordered[0], ordered[-1]
        again = any(crash["created_at"] > first["stopped_at"] for crash in ordered) or now - first["stopped_at"] >= PATIENCE
        again = again or last["code"] not in OWN
        if len(ordered) >= ENOUGH or (len(ordered) > 1 and again):
            return {**last, "number": len(ordered)}
    return None


def kind(crash: Crash) -> tuple[Any, ...]:
    """A key that is equal for crashes with the same cause: AWS's stop code, its reason without ids, and the exit code."""
    words = re.sub(r"\([^)]*\)|arn:\S+|[0-9a-f]{8,}", "", crash["reason"]).partition(":")[0].strip()
    return crash["code"], words, crash["exit_code"]


def report(crash: CrashLoop, lines: list[str], noticed: str | None = None) -> str:
    """The crash report as text: number of crashes, reason, exit code, `noticed` (an earlier reason), and the container's last lines."""
    number = {2: "two", 3: "three"}.get(crash["number"], str(crash["number"]))
    said = [f"{number} new tasks stopped the same way and none was ever healthy: {crash['reason']} ({crash['code']})"]
    if crash["exit_code"] is not None:
        said.append(f"container {crash['container']} ended with exit code {crash['exit_code']}")
    if crash["container_reason"] and crash["container_reason"] not in crash["reason"]:
        said.append(crash["container_reason"])
    helps = stop_hints.hint(f"{crash['reason']} {crash['container_reason'] or ''}") if crash["code"] == "TaskFailedToStart" else ""
    said += [helps] if helps else []
    text = "; ".join([*said, *([noticed] if noticed else [])])
    return text + ("; its last lines:\n  " + "\n  ".join(lines) if lines else "")


def health_check_reason(service: dict[str, Any], crash: Crash) -> str | None:
    """The reason for which a target was unhealthy, from the service event (DescribeServices) that names the crashed task.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
    """
    task = f"(task {crash['task'].rpartition('/')[2]})"
    found = (UNHEALTHY.search(event["message"]) for event in service.get("events", []) if task in event["message"])
    return next((match[1] for match in found if match), None)


def find_crashes(clients: dict[str, Any], where: dict[str, Any], deployment: Deployment) -> list[Crash]:
    """The crashes of a deployment's new tasks, each `seen_at` AWS's time. Stopped tasks can be read for about an hour (rule ECS-R13)."""
    client, cluster, since = clients["ecs"], where["cluster"], datetime.fromisoformat(str(deployment["created_at"]))
    listing = {"cluster": cluster, "serviceName": where["service"], "desiredStatus": "STOPPED"}
    arns = aws.pages(client, "ListTasks", "taskArns", {"ServiceNotFoundException", "ClusterNotFoundException"}, **listing)
    answers = [aws.answer(client, "DescribeTasks", cluster=cluster, tasks=some) for some in aws.batches(arns, 100)]
    new = [
        (task, aws.time_of(answer))
        for answer in answers
        for task in answer["tasks"]
        if task.get("taskDefinitionArn") == deployment["task_definition"] and task.get("createdAt", since) >= since
    ]
    definition = definition_of(clients, where, str(deployment["task_definition"])) if new else {}
    return [{**crash, "seen_at": moment} for task, moment in new if (crash := crash_of(task, definition)) is not None]


def last_lines(clients: dict[str, Any], where: dict[str, Any], crash: Crash, clock: Clock) -> list[str]:
    """The last lines in the log of the container that crashed (rule ECS-R15); [] without awslogs, and when it wrote none."""
    place = stopped_task.log_place(definition_of(clients, where, crash["definition"]), str(crash["container"]), crash["task"])
    return stopped_task.last_lines(clients["logs"], place, LINES, clock) if place and "logs" in clients else []
