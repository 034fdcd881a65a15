# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a task stopped, and where it has written its lines.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
"""

from __future__ import annotations

import re
from typing import Any, TypedDict
from urllib.parse import quote

from .._core import aws, partition
from .._core.clock import REAL, Clock

KILLED = 137  # 128 and SIGKILL.
# Seconds between looks for the lines of a container that has just ended.
LATE = (1.0, 2.0, 4.0)
OUT_OF_MEMORY = "OutOfMemoryError"
# A frame of a Ruby backtrace, and how many of them a boot of Rails has at most.
FRAME = re.compile(r"\s+from \S.*:\d+:in ")
FRAMES = 200


class LogStream(TypedDict):
    """A log stream of CloudWatch Logs, by AWS's names."""

    logGroupName: str
    logStreamName: str


def failed_container(task: dict[str, Any], definition: dict[str, Any] | None = None) -> dict[str, Any]:
    """The container for which a task of DescribeTasks stopped; {} when there is none. Pure.

    The one that says something: an essential container of the task definition first, then another one of it, and last what AWS has put
    in by itself, as GuardDuty's agent. `definition`: AWS's shape; without it all count the same.
    """
    essential = {item["name"]: item.get("essential", True) for item in (definition or {}).get("containerDefinitions", [])}
    ranked = sorted(task.get("containers", []), key=lambda item: (item["name"] not in essential, not essential.get(item["name"])))
    return next((item for item in ranked if item.get("exitCode") or item.get("reason")), ranked[0] if ranked else {})


def log_place(definition: dict[str, Any], container: str, task: str) -> LogStream | None:
    """The log stream of a container of a task (rule ECS-R15), None without awslogs. `definition`: AWS's shape. Pure."""
    log = next((item.get("logConfiguration") or {} for item in definition.get("containerDefinitions", []) if item["name"] == container), {})
    options = log.get("options", {})
    if log.get("logDriver") != "awslogs" or not options.get("awslogs-stream-prefix"):
        return None
    stream = f"{options['awslogs-stream-prefix']}/{container}/{task.rpartition('/')[2]}"
    return {"logGroupName": options["awslogs-group"], "logStreamName": stream}


def log_url(region: str, place: LogStream) -> str:
    """Where the console shows a log stream: names are escaped twice, with $ in the place of %. Pure."""
    group, stream = (quote(quote(name, safe=""), safe="").replace("%", "$") for name in (place["logGroupName"], place["logStreamName"]))
    return partition.console(region, f"cloudwatch/home?region={region}#logsV2:log-groups/log-group/{group}/log-events/{stream}")


def task_url(region: str, task: str) -> str:
    """Where the console shows a task; `task` is its ARN. Pure."""
    cluster, identity = task.split("/")[-2:]
    return partition.console(region, f"ecs/v2/clusters/{cluster}/tasks/{identity}/configuration?region={region}")


def without_frames(lines: list[str], number: int) -> list[str]:
    """The last `number` lines that are no frames of a Ruby backtrace: Ruby writes the error first, and then a hundred of these. Pure."""
    return [line for line in lines if not FRAME.match(line)][-number:]


def last_lines(logs: Any, place: LogStream, number: int, clock: Clock = REAL) -> list[str]:
    """The last lines of a log stream of a container that has ended, without frames; they are shown seconds later. [] when none comes."""
    for pause in (0.0, *LATE):
        if pause:
            clock.sleep(pause)
        answer = aws.find(logs, "GetLogEvents", {"ResourceNotFoundException"}, **place, limit=number + FRAMES, startFromHead=False)
        if answer and answer["events"]:
            break
    return without_frames([event["message"].rstrip() for event in (answer or {}).get("events", [])], number)
