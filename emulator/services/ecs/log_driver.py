"""The log driver awslogs of a container: what it sends, and when CloudWatch Logs shows it.

It sends in batches, and lines are shown seconds after they were written. In the mode non-blocking, which is the account's default since
June 2025, lines are lost when its buffer is full. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from ... import world
from ...executors.running import Line
from ...scripts import Script
from ...wire import Call, Refusal
from ..iam import authority
from . import clusters, needs, task_roles
from . import state as ecs
from .shapes import ContainerDefinition, Task

LAG = 5.0  # Seconds between a line and its being shown.


def write_line(call: Call, task: Task, container: ContainerDefinition, line: Line, script: Script, stopping: float) -> None:
    """Write what a container has said. `stopping`: seconds from the end of the container until the task is STOPPED."""
    lossy = bool(script.dropped) and mode(call, container) == "non-blocking"
    if not (lossy and fnmatchcase(line.text, script.dropped)):
        write(call, task, container, line.text, _lag(script, line.seconds, stopping))


def mode(call: Call, container: ContainerDefinition) -> str:
    options = container.get("logConfiguration", {}).get("options", {})
    return str(options.get("mode") or clusters.effective(call, "defaultLogDriverMode"))


def _lag(script: Script, written: float | None, stopping: float) -> float:
    """With `late`, what was written in the last seconds comes so many seconds after the task has stopped."""
    if written is None or script.late is None or script.seconds is None or written < script.seconds - LAG:
        return LAG
    return script.seconds + stopping + script.late - written


def write(call: Call, task: Task, container: ContainerDefinition, line: str, lag: float = LAG) -> None:
    group = needs.log_group(container)
    if group is None or not line:
        # The log driver leaves empty lines out: CloudWatch Logs takes no event without a message.
        return
    event = {"timestamp": int(world.clock.now() * 1000), "message": line}
    stream = needs.stream(container, ecs.last(task["taskArn"]))
    if not _may_write(call, task, container):
        return
    world.clock.after(lag, partial(_show, call, {"logGroupName": group, "logStreamName": stream, "logEvents": [event]}))


def _may_write(call: Call, task: Task, container: ContainerDefinition) -> bool:
    """Lines that the execution role may not write are lost, and nobody is told."""
    who = task_roles.execution(call, task)
    arn = needs.log_stream_arn(call, container, ecs.last(task["taskArn"]))
    return who is None or authority.decide(who, "logs:PutLogEvents", arn).allowed


def _show(call: Call, events: dict[str, Any]) -> None:
    try:
        world.aws(call, "logs", "PutLogEvents", **events)
    except Refusal:
        # A group deleted under a running task loses lines; the task goes on.
        return
