"""What deployments and task sets have in common: a task definition with a network and target groups, and the tasks it wants.

Both are called a run here. A run is kept in the shape of a Deployment or TaskSet; the tasks it started carry its id in `startedBy`.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from ... import world
from ...wire import Call, Refusal
from . import lifecycle, task_definitions
from . import state as ecs
from . import task as ecs_task
from .shapes import Run, Service, Task

EVENTS = 100
STARTING = ("PROVISIONING", "PENDING", "ACTIVATING")
# There are no container instances here; the scheduler looks for some every five minutes.
NOWHERE = (
    "was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found "
    "in your cluster. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
)
RETRY = 300.0
# What a run takes over from CreateService, UpdateService or CreateTaskSet.
TAKEN = ("taskDefinition", "launchType", "capacityProviderStrategy", "networkConfiguration", "loadBalancers", "serviceRegistries")


def make(call: Call, source: Mapping[str, Any], **members: Any) -> Run:
    """A run with a new id, made from the members of `source` that say what its tasks are."""
    now = world.clock.utc()
    wanted = source.get("platformVersion") or "LATEST"
    fargate = {"platformVersion": ecs.PLATFORM if wanted == "LATEST" else wanted, "platformFamily": "Linux"}
    made = {
        "id": f"ecs-svc/{ecs.new_number()}",
        **({} if source.get("launchType") == "EC2" else fargate),
        **{member: copy.deepcopy(source[member]) for member in TAKEN if source.get(member)},
        "pendingCount": 0,
        "runningCount": 0,
        "createdAt": now,
        "updatedAt": now,
        **members,
    }
    return cast(Run, made)


def event(service: Service, text: str) -> None:
    """Put a message at the head of the service's events; the last hundred are kept."""
    message = f"(service {service['serviceName']}) {text}"
    service["events"].insert(0, {"id": str(uuid.uuid4()), "createdAt": world.clock.utc(), "message": message})
    del service["events"][EVENTS:]


def wanted_tasks(call: Call, run: Run) -> list[Task]:
    """The run's tasks that are not on their way out, oldest first."""
    return [task for task in ecs.tasks_of(call, run["id"]) if task["desiredStatus"] == "RUNNING"]


def count(call: Call, run: Run) -> None:
    """Bring a run's counts up to date."""
    tasks = ecs.tasks_of(call, run["id"])
    running = sum(task["lastStatus"] == "RUNNING" for task in tasks)
    pending = sum(task["lastStatus"] in STARTING for task in tasks)
    if (running, pending) != (run["runningCount"], run["pendingCount"]):
        run.update({"runningCount": running, "pendingCount": pending, "updatedAt": world.clock.utc()})


def launch(call: Call, service: Service, run: Run, number: int) -> None:
    """Start tasks of a run. What keeps them from starting becomes an event of the service."""
    definition = ecs.find_definition(call, run["taskDefinition"])
    if definition is None:
        return
    if run.get("launchType") == "EC2":
        event(service, NOWHERE)
        service["retryAt"] = world.clock.now() + RETRY / world.clock.speed
        return
    refusal = task_definitions.ready(call, definition)
    cluster = ecs.find_cluster(call, service["clusterArn"])
    if refusal is not None or cluster is None:
        text = refusal.message if refusal else "Cluster not found."
        event(service, f"failed to launch a task with (error {text}).")
        _failed(service, run)
        return
    started = []
    for _ in range(number):
        wanted = {**run, **_placed(run), "startedBy": run["id"], "service": service["serviceName"]}
        wanted.update(group=f"service:{service['serviceName']}", enableExecuteCommand=service["enableExecuteCommand"])
        wanted["tags"] = _tags(call, service, run)
        task = ecs_task.make(call, cluster, definition, wanted, service["watch"])
        lifecycle.begin(call, task, definition)
        started.append(f"(task {ecs.last(task['taskArn'])})")
    if started:
        event(service, f"{_where(service, run)}has started {len(started)} tasks: {' '.join(started)}.")


def _where(service: Service, run: Run) -> str:
    return "" if ecs.controller(service) == "ECS" else f"(taskSet {run['id']}) "


def _placed(run: Run) -> dict[str, str]:
    strategy = run.get("capacityProviderStrategy")
    if not strategy:
        return {}
    heaviest = max(strategy, key=lambda item: (item.get("base", 0), item.get("weight", 0)))
    return {"launchType": "FARGATE", "capacityProviderName": heaviest["capacityProvider"]}


def _tags(call: Call, service: Service, run: Run) -> list[dict[str, str]]:
    source = {"SERVICE": service["serviceArn"], "TASK_DEFINITION": run["taskDefinition"]}.get(service["propagateTags"])
    wanted = ecs.tags(call, source) if source else []
    if service["enableECSManagedTags"]:
        managed = {"aws:ecs:clusterName": ecs.last(service["clusterArn"]), "aws:ecs:serviceName": service["serviceName"]}
        wanted += [{"key": key, "value": value} for key, value in managed.items()]
    return wanted


def reduce(call: Call, service: Service, run: Run, tasks: list[Task], reason: str = "") -> None:
    """Stop tasks of a run because they are too many."""
    for task in tasks:
        text = reason or f"Scaling activity initiated by (deployment {run['id']})"
        lifecycle.stop(call, task, "ServiceSchedulerInitiated", text)
    if tasks:
        stopped = " ".join(f"(task {ecs.last(task['taskArn'])})" for task in tasks)
        event(service, f"{_where(service, run)}has stopped {len(tasks)} running tasks: {stopped}.")
        if run.get("loadBalancers"):
            event(service, f"{_where(service, run)}has begun draining connections on {len(tasks)} tasks.")


def removable(tasks: list[Task]) -> list[Task]:
    """The tasks that may be stopped when there are too many: those that do not run yet first, protected ones never."""
    now = world.clock.utc()
    free = [task for task in tasks if not (task.get("protectedUntil") and task["protectedUntil"] > now)]
    return sorted(free, key=lambda task: (task["lastStatus"] == "RUNNING", -task["createdAt"].timestamp()))


def adjust(call: Call, service: Service, run: Run, number: int) -> None:
    """Have `number` tasks of a run: start what lacks, stop what is too much."""
    tasks = wanted_tasks(call, run)
    if len(tasks) > number:
        reduce(call, service, run, removable(tasks)[: len(tasks) - number])
    elif len(tasks) < number and may_launch(service):
        launch(call, service, run, number - len(tasks))


# failures: the scheduler waits longer and longer before it starts tasks that keep failing


def may_launch(service: Service) -> bool:
    return bool(service.get("retryAt", 0.0) <= world.clock.now())


def _failed(service: Service, run: Run) -> None:
    service["failures"] = service.get("failures", 0) + 1
    run["failedTasks"] = run.get("failedTasks", 0) + 1
    wait = min(10.0 * 2 ** (service["failures"] - 1), 900.0)
    service["retryAt"] = world.clock.now() + wait / world.clock.speed
    if service["failures"] == 3:
        event(service, "is unable to consistently start tasks successfully.")


def note_failures(call: Call, service: Service, run: Run) -> None:
    """Count tasks that ended by themselves or never started, each once."""
    for task in ecs.table(call, "tasks").values():
        if task.get("startedBy") != run["id"] or task.get("noted") or task["lastStatus"] != "STOPPED":
            continue
        task["noted"] = True
        scheduled = task["stopCode"] in ("ServiceSchedulerInitiated", "UserInitiated")
        if not scheduled or task["stoppedReason"].startswith("Task failed "):
            _failed(service, run)
        if task["stoppedReason"].startswith("Task failed to register targets"):
            event(service, task["stoppedReason"].removeprefix("Task "))


# health


def targets(call: Call, run: Run) -> dict[str, dict[str, str]]:
    """For each target group of a run: the state of each address, as ELB sees it."""
    found: dict[str, dict[str, str]] = {}
    for item in run.get("loadBalancers", []):
        if (group := item.get("targetGroupArn")) is None:
            continue
        try:
            answer = world.aws(call, "elbv2", "DescribeTargetHealth", TargetGroupArn=group)
        except Refusal:
            answer = {"TargetHealthDescriptions": []}
        found[group] = {each["Target"]["Id"]: each["TargetHealth"]["State"] for each in answer["TargetHealthDescriptions"]}
    return found


def healthy(task: Task, groups: dict[str, dict[str, str]]) -> bool:
    """RUNNING, container health checks passed, and healthy in its target groups (or in one that gets no traffic yet)."""
    checked = any(item["essential"] and "healthCheck" in item for item in task["definition"])
    if task["lastStatus"] != "RUNNING" or (checked and task["healthStatus"] != "HEALTHY"):
        return False
    return all(states.get(task.get("address", "")) in ("healthy", "unused") for states in groups.values())


def _why(call: Call, group: str, target: dict[str, Any]) -> str:
    """Why a target is unhealthy, in ELB's words."""
    found = world.aws(call, "elbv2", "DescribeTargetHealth", TargetGroupArn=group, Targets=[target])["TargetHealthDescriptions"]
    return str(found[0]["TargetHealth"].get("Description", "Health checks failed"))


def replace_unhealthy(call: Call, service: Service, run: Run, groups: dict[str, dict[str, str]]) -> None:
    """Stop tasks whose health checks fail; the scheduler starts others."""
    grace = timedelta(seconds=service.get("healthCheckGracePeriodSeconds", 0) / world.clock.speed)
    for task in wanted_tasks(call, run):
        if task["lastStatus"] != "RUNNING":
            continue
        name = ecs.last(task["taskArn"])
        if task["healthStatus"] == "UNHEALTHY":
            event(service, f"(task {name}) failed container health checks.")
            lifecycle.stop(call, task, "ServiceSchedulerInitiated", "Task failed container health checks")
        for group, states in groups.items():
            if states.get(task.get("address", "")) == "unhealthy" and task["startedAt"] + grace <= world.clock.utc():
                port = next(item["containerPort"] for item in run["loadBalancers"] if item["targetGroupArn"] == group)
                why = _why(call, group, {"Id": task["address"], "Port": port})
                text = f"(port {port}) is unhealthy in (target-group {group}) due to (reason {why})."
                event(service, f"(task {name}) {text}")
                lifecycle.stop(call, task, "ServiceSchedulerInitiated", f"Task failed ELB health checks in (target-group {group})")
