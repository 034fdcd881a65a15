# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until the tasks of services run, and saying why they do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._core import aws
from .._core.clock import REAL, Clock, look_until
from .._core.errors import RailyardError
from . import live_services
from .service import Service


def unsteady(services: list[Service]) -> list[Service]:
    """Those that do not run as many tasks as they should, or are starting some."""
    return [item for item in services if item["pending_count"] or item["running_count"] != item["desired_count"]]


def wait(
    client: Any,
    cluster: str,
    names: list[str] | None,
    images: bool,
    seconds: int,
    clock: Clock = REAL,
    look: Callable[[str], None] = lambda counts: None,
) -> list[Service]:
    """Read services until all are steady; `look` is called before each reading, with the counts that the one before has shown.

    Raises RailyardError after `seconds`, with the reason for which the last task stopped.
    """
    seen: list[Service] = []

    def read() -> list[Service]:
        look(_counts(unsteady(seen)))
        seen[:] = live_services.read(client, cluster, names, images)
        return list(seen)

    services = look_until(read, lambda found: not unsteady(found), seconds, clock)
    if waiting := unsteady(services):
        raise RailyardError(_words(client, cluster, waiting, seconds), services=services)
    return services


def _counts(services: list[Service]) -> str:
    return ", ".join(f"{item['service_name']} {item['running_count']} of {item['desired_count']}" for item in services)


def _words(client: Any, cluster: str, waiting: list[Service], seconds: int) -> str:
    reasons = {reason for item in waiting for reason in _reasons(client, cluster, item["service_name"])}
    return f"after {seconds} s not all tasks run: {_counts(waiting)}. {' '.join(sorted(reasons)) or 'No task has stopped so far.'}"


def _reasons(client: Any, cluster: str, name: str) -> list[str]:
    """Why the last tasks of a service stopped, in AWS's words. Stopped tasks can be read for about an hour (rule ECS-R13)."""
    stopped = aws.pages(client, "ListTasks", "taskArns", cluster=cluster, serviceName=name, desiredStatus="STOPPED")
    answers = [aws.call(client, "DescribeTasks", cluster=cluster, tasks=some) for some in aws.batches(stopped, 100)]
    ended = [task for answer in answers for task in answer["tasks"] if task.get("stoppedAt")]
    if not ended:
        return []
    last = max(ended, key=lambda task: task["stoppedAt"])
    return [f"A task of {name} stopped: {last.get('stoppedReason', 'without a reason')}"]
