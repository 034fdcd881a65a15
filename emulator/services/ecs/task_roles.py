"""The two roles of a task: with the execution role ECS starts it, with the task role its containers act.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-ecs-iam-role-overview.html
"""

from __future__ import annotations

from ...wire import Call
from ..iam import authority
from ..iam.authority import Session
from ..ssm import channels
from . import state as ecs
from .shapes import Task, TaskDefinition

PRINCIPAL = "ecs-tasks.amazonaws.com"


def assign(task: Task, definition: TaskDefinition) -> None:
    """Overrides come before the task definition."""
    overrides = task["overrides"]
    task["execution_role"] = overrides.get("executionRoleArn") or definition.get("executionRoleArn") or ""
    task["task_role"] = overrides.get("taskRoleArn") or definition.get("taskRoleArn") or ""


def execution(call: Call, task: Task) -> Session | None:
    """The session in which ECS starts the task; None for a task without the role, which needs nothing that is asked for with it."""
    return _session(call, task, task["execution_role"])


def own(call: Call, task: Task) -> Session | None:
    """The session in which the task's containers act; None for those that have no credentials."""
    return _session(call, task, task["task_role"])


def _session(call: Call, task: Task, role: str) -> Session | None:
    return authority.session(call, role, ecs.last(task["taskArn"])) if role else None


def assumable(call: Call, arn: str) -> bool:
    """Whether ECS gets a task's role from IAM. It says whose task it is for, not which cluster's."""
    return authority.assumable(call, arn, PRINCIPAL, call.arn("ecs", "task/"))


def reach(call: Call, task: Task, name: str) -> None:
    """The agent of ECS Exec in a container opens its channels with the task's own role, or is never reached (ECS-X1)."""
    if channels.may_open(own(call, task)):
        task.setdefault("reached", set()).add(name)
