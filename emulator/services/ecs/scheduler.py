"""The service scheduler: it looks at a service while there is something to do, and sleeps when the service is steady."""

from __future__ import annotations

import math
from functools import partial

from ... import world
from ...wire import Call, Refusal
from ..elbv2 import targets as elbv2_targets
from . import desired_tasks, lifecycle, rolling
from . import state as ecs
from .shapes import Run, Service

# Seconds of AWS's time until the scheduler looks at a changed service, between looks at one
# that is not steady, and at one that cannot go on.
SOON, AGAIN, TROUBLED = 1.0, 5.0, 60.0


def wake(call: Call, service: Service, seconds: float = SOON) -> None:
    """Something about the service changed: look at it soon."""
    if not service.get("awake"):
        service["awake"] = True
        world.clock.after(seconds, partial(_look, call, service))


def _look(call: Call, service: Service) -> None:
    service["awake"] = False
    if service["status"] == "INACTIVE":
        return
    try:
        settled = _pass(call, service)
    except Refusal as refusal:
        # Something that the service needs is gone: ECS says so and tries again.
        desired_tasks.event(service, f"was unable to make progress: {refusal.message}")
        settled, service["lull"] = False, TROUBLED
    if not settled:
        pause = (service.get("retryAt", 0.0) - world.clock.now()) * world.clock.speed
        wake(call, service, max(AGAIN, pause, service.get("lull", 0.0)))


def _pass(call: Call, service: Service) -> bool:
    if service["status"] == "DRAINING":
        return _drain(call, service)
    if ecs.controller(service) == "ECS":
        return rolling.step(call, service)
    steady = [_keep(call, service, run) for run in list(service["taskSets"])]
    if all(steady) and service.get("told") != service["desiredCount"]:
        service["told"] = service["desiredCount"]
        desired_tasks.event(service, "has reached a steady state.")
    return all(steady)


def _drain(call: Call, service: Service) -> bool:
    """A deleted service is DRAINING until its last task is STOPPED (ECS-S24)."""
    own = [task for task in ecs.live_tasks(call, ecs.last(service["clusterArn"])) if task["service"] == service["serviceName"]]
    for task in own:
        lifecycle.stop(call, task, "ServiceSchedulerInitiated", "Task stopped because its service was deleted")
    if own:
        return False
    service.update({"status": "INACTIVE", "taskSets": [], "deployments": []})
    ecs.table(call, "tags").pop(service["serviceArn"], None)
    return True


def computed(service: Service, task_set: Run) -> int:
    """How many tasks a task set wants: its share of the service's desired count, rounded up."""
    return 0 if task_set["status"] == "DRAINING" else math.ceil(service["desiredCount"] * task_set["scale"]["value"] / 100)


def _keep(call: Call, service: Service, task_set: Run) -> bool:
    """Bring one task set to what it should be; says whether it is."""
    wanted = computed(service, task_set)
    task_set["computedDesiredCount"] = wanted
    desired_tasks.note_failures(call, service, task_set)
    groups = desired_tasks.targets(call, task_set)
    if task_set["status"] != "DRAINING":
        desired_tasks.replace_unhealthy(call, service, task_set, groups)
    desired_tasks.adjust(call, service, task_set, wanted)
    desired_tasks.count(call, task_set)
    if task_set["status"] == "DRAINING":
        if ecs.tasks_of(call, task_set["id"]):
            return False
        service["taskSets"] = [run for run in service["taskSets"] if run is not task_set]
        return True
    good = sum(desired_tasks.healthy(task, groups) for task in desired_tasks.wanted_tasks(call, task_set))
    steady = bool(good == wanted == task_set["runningCount"] and task_set["pendingCount"] == 0)
    _stability(task_set, "STEADY_STATE" if steady else "STABILIZING")
    if steady:
        service.update({"failures": 0, "retryAt": 0.0})
    return steady


def _stability(task_set: Run, status: str) -> None:
    if task_set["stabilityStatus"] != status:
        task_set.update({"stabilityStatus": status, "stabilityStatusAt": world.clock.utc()})


def _noticed(call: Call, group: str) -> None:
    """A task's health in a target group has changed: its service looks at it."""
    for service in ecs.table(call, "services").values():
        runs = [*service["deployments"], *service["taskSets"]]
        if any(item.get("targetGroupArn") == group for run in runs for item in run.get("loadBalancers", [])):
            wake(call, service)


elbv2_targets.on_change.append(_noticed)
