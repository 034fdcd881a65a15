"""The log driver awslogs of a container: what it sends, and when CloudWatch Logs shows it.

It sends in batches, and lines are shown seconds after they were written. In the mode non-blocking, which is the account's default since
June 2025, lines are lost when its buffer is full. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
"""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from ... import world
from ...executors.running import LONGEST
from ...scripts import Script
from ...wire import Call, Refusal
from ..iam import authority
from . import clusters, needs, task_roles
from . import state as ecs
from .shapes import ContainerDefinition, Task

LAG = 5.0  # Seconds between a line and its being shown.
# How long a line is late beyond that: asked when it would be shown.
Late = Callable[[], float]


def write_line(call: Call, task: Task, container: ContainerDefinition, line: str, script: Script, late: Late) -> None:
    """Write what a container has said."""
    lossy = bool(script.dropped) and mode(call, container) == "non-blocking"
    if not (lossy and fnmatchcase(line, script.dropped)):
        write(call, task, container, line, late)


def mode(call: Call, container: ContainerDefinition) -> str:
    options = container.get("logConfiguration", {}).get("options", {})
    return str(options.get("mode") or clusters.effective(call, "defaultLogDriverMode"))


def write(call: Call, task: Task, container: ContainerDefinition, line: str, late: Late = lambda: 0.0) -> None:
    group = needs.log_group(container)
    if group is None or not line:
        # The log driver leaves empty lines out: CloudWatch Logs takes no event without a message.
        return
    moment, data = int(world.clock.now() * 1000), line.encode()
    stream = needs.stream(container, ecs.last(task["taskArn"]))
    if not _may_write(call, task, container):
        return
    for start in range(0, len(data), LONGEST):
        event = {"timestamp": moment, "message": data[start : start + LONGEST].decode(errors="replace")}
        world.clock.after(LAG, partial(_show, call, {"logGroupName": group, "logStreamName": stream, "logEvents": [event]}, late))


def _may_write(call: Call, task: Task, container: ContainerDefinition) -> bool:
    """Lines that the execution role may not write are lost, and nobody is told."""
    who = task_roles.execution(call, task)
    arn = needs.log_stream_arn(call, container, ecs.last(task["taskArn"]))
    return who is None or authority.decide(who, "logs:PutLogEvents", arn).allowed


def _show(call: Call, events: dict[str, Any], late: Late) -> None:
    if (more := late()) > 0:
        world.clock.after(more, partial(_show, call, events, lambda: 0.0))
        return
    try:
        world.aws(call, "logs", "PutLogEvents", **events)
    except Refusal:
        # A group deleted under a running task loses lines; the task goes on.
        return
