"""RunTask, StopTask and what is asked about tasks. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html"""

from __future__ import annotations

import copy
from datetime import timedelta
from functools import partial
from typing import Any, cast

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from . import containers, lifecycle, task_definitions
from . import state as ecs
from . import task as ecs_task
from .services import linked_role
from .shapes import Cluster, Task, TaskDefinition


def _tags(call: Call, cluster: Cluster, definition: TaskDefinition) -> list[dict[str, str]]:
    params = call.params
    tags = list(params.get("tags", []))
    if params.get("propagateTags") == "TASK_DEFINITION":
        own = {tag["key"] for tag in tags}
        tags += [tag for tag in ecs.tags(call, definition["taskDefinitionArn"]) if tag["key"] not in own]
    if params.get("enableECSManagedTags"):
        tags.append({"key": "aws:ecs:clusterName", "value": cluster["clusterName"]})
    return tags


def _placed(cluster: Cluster, params: dict[str, Any], definition: TaskDefinition) -> dict[str, str]:
    """Where the tasks run: the launch type, or a capacity provider of the caller's or the cluster's strategy."""
    if params.get("launchType"):
        return {"launchType": params["launchType"]}
    strategy = params.get("capacityProviderStrategy") or cluster["defaultCapacityProviderStrategy"]
    if strategy:
        heaviest = max(strategy, key=lambda item: (item.get("base", 0), item.get("weight", 0)))
        return {"launchType": "FARGATE", "capacityProviderName": heaviest["capacityProvider"]}
    return {"launchType": "EC2"}


@operation("ecs", "RunTask")
def run_task(call: Call) -> dict[str, Any]:
    """The same clientToken with the same parameters answers with the same tasks (ECS-R3)."""
    params = call.params
    cluster = ecs.cluster(call, params.get("cluster"))
    definition = ecs.definition(call, params["taskDefinition"])
    for refusal in (linked_role(call), task_definitions.ready(call, _with_roles(call, definition))):
        if refusal is not None:
            raise refusal
    tokens = ecs.table(call, "tokens")
    if (token := params.get("clientToken")) and token in tokens:
        return _repeated(call, tokens[token])
    placed = _placed(cluster, params, definition)
    if placed["launchType"] != "FARGATE":
        raise ecs.invalid("No Container Instances were found in your cluster.")
    if failures := _unplaced(params, definition):
        return {"tasks": [], "failures": failures}
    tasks = []
    for _ in range(params.get("count", 1)):
        wanted = {**params, **placed, "tags": _tags(call, cluster, definition)}
        task = ecs_task.make(call, cluster, definition, wanted, None)
        lifecycle.begin(call, task, definition)
        tasks.append(task)
    if token:
        tokens[token] = {"params": copy.deepcopy(params), "tasks": [task["taskArn"] for task in tasks]}
        world.clock.after(86_400, partial(tokens.pop, token, None))
    return {"tasks": [ecs_task.view(call, task, with_tags=True) for task in tasks], "failures": []}


def _unplaced(params: dict[str, Any], definition: TaskDefinition) -> list[dict[str, str]]:
    """One failure for each task that a script lets fail: the answer is HTTP 200 all the same (ECS-R1)."""
    wanted = ecs_task.overridden({"overrides": params.get("overrides") or {}}, definition)
    found = [containers.behaviour(item, service=False).failure for item in wanted]
    reason = next((failure for failure in found if failure), "")
    return [{"reason": reason}] * params.get("count", 1) if reason else []


def _with_roles(call: Call, definition: TaskDefinition) -> TaskDefinition:
    overrides = call.params.get("overrides", {})
    given = {member: overrides[member] for member in ("taskRoleArn", "executionRoleArn") if overrides.get(member)}
    return {**definition, **cast(TaskDefinition, given)}


def _repeated(call: Call, before: dict[str, Any]) -> dict[str, Any]:
    if before["params"] != call.params:
        raise Refusal(
            "ConflictException",
            "The request was not idempotent: the client token was used with other parameters.",
            resourceIds=before["tasks"],
        )
    known = ecs.table(call, "tasks")
    return {"tasks": [ecs_task.view(call, known[arn], with_tags=True) for arn in before["tasks"] if arn in known], "failures": []}


@operation("ecs", "StartTask")
def start_task(call: Call) -> dict[str, Any]:
    """StartTask names container instances; there are none."""
    cluster = ecs.cluster(call, call.params.get("cluster"))
    ecs.definition(call, call.params["taskDefinition"])
    kind = f"container-instance/{cluster['clusterName']}"
    return {"tasks": [], "failures": [ecs.missing(call, kind, name) for name in call.params["containerInstances"]]}


@operation("ecs", "StopTask")
def stop_task(call: Call) -> dict[str, Any]:
    """Stopping a task that is already stopping or stopped is no error."""
    task = ecs.wanted_task(call)
    lifecycle.stop(call, task, "UserInitiated", call.params.get("reason") or "Task stopped by user")
    return {"task": ecs_task.view(call, task, with_tags=True)}


@operation("ecs", "DescribeTasks")
def describe_tasks(call: Call) -> dict[str, Any]:
    cluster = ecs.cluster(call, call.params.get("cluster"))
    answer: dict[str, Any] = {"tasks": [], "failures": []}
    for name in call.params["tasks"]:
        ecs.in_cluster(cluster, name)
        task = ecs.find_task(call, cluster, name)
        if task is None:
            answer["failures"].append(ecs.missing(call, f"task/{cluster['clusterName']}", name))
        else:
            answer["tasks"].append(ecs_task.view(call, task, with_tags=ecs.include(call, "TAGS")))
    return answer


@operation("ecs", "ListTasks")
def list_tasks(call: Call) -> dict[str, Any]:
    """Tasks that should run, or with desiredStatus STOPPED those that should not; PENDING never finds any."""
    params = call.params
    cluster = ecs.cluster(call, params.get("cluster"))
    wanted = {
        "clusterArn": cluster["clusterArn"],
        "desiredStatus": params.get("desiredStatus", "RUNNING"),
        "launchType": params.get("launchType"),
        "startedBy": params.get("startedBy"),
    }
    if params.get("serviceName"):
        name = ecs.last(params["serviceName"])
        if ecs.find_service(call, cluster["clusterName"], name) is None:
            raise Refusal("ServiceNotFoundException", "Service not found.")
        wanted["group"] = f"service:{name}"
    if params.get("containerInstance"):
        raise ecs.invalid("Container instance not found.")
    tasks = [
        task
        for task in ecs.table(call, "tasks").values()
        if all(value in (None, task.get(member)) for member, value in wanted.items()) and params.get("family") in (None, _family(task))
    ]
    items, more = ecs.page(call, [task["taskArn"] for task in tasks])
    return {"taskArns": items, **more}


def _family(task: Task) -> str:
    return ecs.last(task["taskDefinitionArn"]).partition(":")[0]


@operation("ecs", "UpdateTaskProtection", "GetTaskProtection")
def task_protection(call: Call) -> dict[str, Any]:
    """Protected tasks are not chosen when a service has too many; only tasks of services can be protected."""
    cluster = ecs.cluster(call, call.params["cluster"])
    changes = call.operation == "UpdateTaskProtection"
    answer: dict[str, Any] = {"protectedTasks": [], "failures": []}
    for name in call.params.get("tasks", []):
        task = ecs.find_task(call, cluster, name)
        if task is None or task["service"] is None:
            reason = "MISSING" if task is None else "TASK_NOT_VALID"
            answer["failures"].append({**ecs.missing(call, f"task/{cluster['clusterName']}", name), "reason": reason})
            continue
        if changes:
            _protect(call, task)
        until = task.get("protectedUntil")
        until = until if until and until > world.clock.utc() else None
        shown = {"taskArn": task["taskArn"], "protectionEnabled": until is not None}
        answer["protectedTasks"].append({**shown, **({"expirationDate": until} if until else {})})
    return answer


def _protect(call: Call, task: Task) -> None:
    task.pop("protectedUntil", None)
    if call.params["protectionEnabled"]:
        minutes = call.params.get("expiresInMinutes", 120)
        task["protectedUntil"] = world.clock.utc() + timedelta(seconds=minutes * 60 / world.clock.speed)
