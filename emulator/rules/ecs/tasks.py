"""What RunTask, StopTask, ExecuteCommand and task protection refuse, and the scale of a task set."""

from __future__ import annotations

import json
import re

from ...registry import rule
from ...services.ecs import state as ecs
from ...wire import Call, Refusal
from .task_definitions import no_size

RUN = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html"
TASK_SET = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateTaskSet.html"
EXEC = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ExecuteCommand.html"
PROTECTION = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateTaskProtection.html"
STARTED_BY = re.compile(r"[A-Za-z0-9_/-]{0,128}")


@rule("ECS-R3", "ecs", "RunTask", "StartTask", source=RUN)
def numbers(call: Call) -> Refusal | None:
    """One to ten tasks; startedBy, group and client token have their lengths."""
    params = call.params
    if not 1 <= params.get("count", 1) <= 10:
        return ecs.invalid("Count must be at least 1 and at most 10.")
    if len(params.get("startedBy", "")) > 128:
        return ecs.invalid("startedBy must be at most 128 characters.")
    if not STARTED_BY.fullmatch(params.get("startedBy", "")):
        return ecs.invalid("startedBy contains invalid characters.")
    if len(params.get("clientToken", "")) > 64:
        return ecs.invalid("clientToken must be at most 64 characters.")
    if params.get("group", "").startswith("service:"):
        return ecs.invalid("Invalid namespace for group.")
    return None


@rule("ECS-R4", "ecs", "RunTask", "StartTask", source=RUN)
def overrides(call: Call) -> Refusal | None:
    """Overrides name containers of the task definition, 8192 characters in all."""
    given = call.params.get("overrides")
    found = ecs.find_definition(call, call.params["taskDefinition"])
    if given is None or found is None:
        return None
    if len(json.dumps(given, separators=(",", ":"))) > 8192:
        return ecs.invalid("Overrides length must be at most 8192.")
    for item in given.get("containerOverrides", []):
        name = item.get("name")
        if not name:
            return ecs.invalid("Container name cannot be blank in overrides.")
        if ecs.container_named(found, name) is None:
            return ecs.invalid(f"Override for container named {name} is not a container in the TaskDefinition.")
    return None


@rule("ECS-R5", "ecs", "RunTask", source=RUN)
def overridden_size(call: Call) -> Refusal | None:
    """The sizes of Fargate hold for overridden values too."""
    given = call.params.get("overrides", {})
    found = ecs.find_definition(call, call.params["taskDefinition"])
    if found is None or not ("cpu" in given or "memory" in given) or "FARGATE" not in found["compatibilities"]:
        return None
    refusal = no_size(given.get("cpu") or found["cpu"], given.get("memory") or found["memory"])
    return ecs.invalid(refusal.message) if refusal else None


@rule("ECS-R6", "ecs", "RunTask", "StartTask", source=RUN)
def propagation(call: Call) -> Refusal | None:
    """A task that no service starts cannot have a service's tags."""
    if call.params.get("propagateTags") == "SERVICE":
        return ecs.invalid("Tags cannot be propagated from SERVICE when running a task. Use TASK_DEFINITION.")
    return None


@rule("ECS-X1", "ecs", "RunTask", "StartTask", source=EXEC)
def exec_role(call: Call) -> Refusal | None:
    """ECS Exec needs a task role."""
    found = ecs.find_definition(call, call.params["taskDefinition"])
    role = call.params.get("overrides", {}).get("taskRoleArn") or (found or {}).get("taskRoleArn")
    if found is None or role or not call.params.get("enableExecuteCommand"):
        return None
    text = "The task couldn't be run because a valid taskRoleArn is not being used."
    return ecs.invalid(f"{text} Specify a valid task role in your task definition and try again.")


@rule("ECS-R15", "ecs", "DescribeTasks", "StopTask", "ExecuteCommand", source=RUN)
def identifiers(call: Call) -> Refusal | None:
    """A task's id has 32 characters, or 36 if it is an old one."""
    given = call.params.get("tasks") or [call.params.get("task", "")]
    if any(len(ecs.last(name)) not in (32, 36) for name in given):
        return ecs.invalid("taskId length should be one of [32,36]")
    return None


@rule("ECS-own-filter", "ecs", "ListTasks", source="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html")
def only_filter(call: Call) -> Refusal | None:
    """startedBy is asked for alone."""
    others = [member for member in ("family", "serviceName", "containerInstance", "launchType", "desiredStatus") if call.params.get(member)]
    if not call.params.get("startedBy") or not others:
        return None
    return ecs.invalid(f"startedBy cannot be combined with {others[0]}: it must be the only filter.")


@rule("ECS-X2", "ecs", "ExecuteCommand", source=EXEC)
def interactive(call: Call) -> Refusal | None:
    """Commands are interactive, and there is one."""
    if not call.params["interactive"]:
        return ecs.invalid("Interactive is the only mode supported currently.")
    return None if call.params["command"].strip() else ecs.invalid("Command cannot be blank.")


@rule("ECS-R3", "ecs", "UpdateTaskProtection", "GetTaskProtection", source=PROTECTION)
def protection(call: Call) -> Refusal | None:
    """Up to ten tasks; protection lasts one minute to two days."""
    tasks = call.params.get("tasks", [])
    if call.operation == "UpdateTaskProtection" and not 1 <= len(tasks) <= 10:
        return ecs.invalid("The number of tasks must be between 1 and 10.")
    if not 1 <= call.params.get("expiresInMinutes", 120) <= 2880:
        return ecs.invalid("expiresInMinutes must be between 1 and 2880.")
    return None


@rule("ECS-U1", "ecs", "CreateTaskSet", "UpdateTaskSet", source=TASK_SET)
def scale(call: Call) -> Refusal | None:
    """A scale is a percentage."""
    value = call.params.get("scale", {}).get("value", 100)
    return None if 0 <= value <= 100 else ecs.invalid("Scale value must be between 0.0 and 100.0 when the unit is PERCENT.")
