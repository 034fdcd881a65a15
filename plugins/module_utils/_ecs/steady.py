# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until the tasks of services run, and saying why they do not."""

from __future__ import annotations

import time
from typing import Any

from .._core import aws, interruption
from .._core.clock import next_pause
from .._core.errors import RailyardError
from . import live_services

Item = dict[str, Any]


def unsteady(services: list[Item]) -> list[Item]:
    """Those that do not run as many tasks as they should, or are starting some."""
    return [item for item in services if item["pending_count"] or item["running_count"] != item["desired_count"]]


def wait(client: Any, cluster: str, names: list[str] | None, images: bool, seconds: int) -> list[Item]:
    """Read services until all are steady. Raises RailyardError after `seconds`, with the reason for which the last task stopped."""
    started, pause = time.monotonic(), 0.5
    while True:
        services = live_services.read(client, cluster, names, images)
        waiting = unsteady(services)
        if not waiting:
            return services
        if time.monotonic() - started >= seconds:
            raise RailyardError(_words(client, cluster, waiting, seconds), services=services)
        interruption.sleep(pause)
        pause = next_pause(pause, time.monotonic() - started)


def _words(client: Any, cluster: str, waiting: list[Item], seconds: int) -> str:
    counts = ", ".join(f"{item['service_name']} {item['running_count']} of {item['desired_count']}" for item in waiting)
    reasons = {reason for item in waiting for reason in _reasons(client, cluster, item["service_name"])}
    return f"after {seconds} s not all tasks run: {counts}. {' '.join(sorted(reasons)) or 'No task has stopped so far.'}"


def _reasons(client: Any, cluster: str, name: str) -> list[str]:
    """Why the last tasks of a service stopped, in AWS's words. Stopped tasks can be read for about an hour (rule ECS-R13)."""
    stopped = aws.pages(client, "ListTasks", "taskArns", cluster=cluster, serviceName=name, desiredStatus="STOPPED")
    answers = [aws.call(client, "DescribeTasks", cluster=cluster, tasks=some) for some in aws.batches(stopped, 100)]
    ended = [task for answer in answers for task in answer["tasks"] if task.get("stoppedAt")]
    if not ended:
        return []
    last = max(ended, key=lambda task: task["stoppedAt"])
    return [f"A task of {name} stopped: {last.get('stoppedReason', 'without a reason')}"]
