"""Rolling deployments of services with the ECS deployment controller.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
"""

from __future__ import annotations

import math

from .. import world
from ..wire import Call
from . import ecs_runs as runs
from . import ecs_state as ecs
from .ecs_state import Item


def begin(call: Call, service: Item, reason: str = "") -> Item:
    """Begin a deployment of what the service says now; the one before stays ACTIVE until its tasks are gone."""
    for old in service["deployments"]:
        old["status"] = "ACTIVE"
    run = runs.make(call, service, status="PRIMARY", desiredCount=service["desiredCount"], failedTasks=0, rolloutState="IN_PROGRESS")
    run["rolloutStateReason"] = reason or f"ECS deployment {run['id']} in progress."
    service["deployments"].insert(0, run)
    service.update(failures=0, retryAt=0.0)
    return run


def step(call: Call, service: Item) -> bool:
    """One pass of the scheduler. True when there is nothing left to do."""
    primary, *older = service["deployments"]
    primary["desiredCount"] = desired = service["desiredCount"]
    for run in service["deployments"]:
        runs.note_failures(call, service, run)
    groups = runs.targets(call, primary)
    runs.replace_unhealthy(call, service, primary, groups)
    if primary["rolloutState"] != "FAILED":
        _replace(call, service, primary, older, sum(runs.healthy(task, groups) for task in runs.wanted_tasks(call, primary)))
    for run in service["deployments"]:
        runs.count(call, run)
    if primary["rolloutState"] == "IN_PROGRESS" and _broken(service, primary):
        _break(call, service, primary)
        return False
    good = sum(runs.healthy(task, groups) for task in runs.wanted_tasks(call, primary))
    if primary["rolloutState"] == "FAILED":
        return True
    return _finish(call, service, primary, older) if good == desired == primary["runningCount"] else False


def _replace(call: Call, service: Item, primary: Item, older: list[Item], good: int) -> None:
    desired, settings = service["desiredCount"], service["deploymentConfiguration"]
    most = max(1, math.floor(desired * settings["maximumPercent"] / 100)) if desired else 0
    least = math.ceil(desired * settings["minimumHealthyPercent"] / 100)
    old = [(run, task) for run in older for task in runs.wanted_tasks(call, run)]
    running = sum(task["lastStatus"] == "RUNNING" for _, task in old)
    spare = max(0, good + running - least)
    for run in older:
        tasks = runs.removable(runs.wanted_tasks(call, run))
        idle = [task for task in tasks if task["lastStatus"] != "RUNNING"]
        busy = [task for task in tasks if task["lastStatus"] == "RUNNING"][:spare]
        spare -= len(busy)
        runs.reduce(call, service, run, idle + busy)
        run["desiredCount"] = len(runs.wanted_tasks(call, run))
    left = sum(len(runs.wanted_tasks(call, run)) for run in older)
    runs.adjust(call, service, primary, min(desired, max(most - left, good)))


def _finish(call: Call, service: Item, primary: Item, older: list[Item]) -> bool:
    """The deployment is complete when nothing of an older one runs any more."""
    if any(run["runningCount"] or run["pendingCount"] or runs.wanted_tasks(call, run) for run in older):
        return False
    service["deployments"] = [primary]
    service.update(failures=0, retryAt=0.0)
    if primary["rolloutState"] == "IN_PROGRESS":
        primary.update(rolloutState="COMPLETED", rolloutStateReason=f"ECS deployment {primary['id']} completed.", failedTasks=0)
        primary["updatedAt"] = world.clock.utc()
        service["completed"] = {member: service.get(member) for member in (*runs.TAKEN, "platformVersion")}
        runs.event(service, f"(deployment {primary['id']}) deployment completed.")
        service["told"] = None
    if service.get("told") != service["desiredCount"]:
        service["told"] = service["desiredCount"]
        runs.event(service, "has reached a steady state.")
    return True


def threshold(desired: int) -> int:
    """After how many failed tasks the circuit breaker trips: half of the desired count, at least 3, at most 200."""
    return min(200, max(3, math.ceil(desired * 0.5)))


def _broken(service: Item, primary: Item) -> bool:
    breaker = service["deploymentConfiguration"].get("deploymentCircuitBreaker", {})
    return bool(breaker.get("enable")) and primary["failedTasks"] >= threshold(service["desiredCount"])


def _break(call: Call, service: Item, primary: Item) -> None:
    """The circuit breaker trips: back to what was completed last, if told so and if there is such a thing."""
    reason = "ECS deployment circuit breaker: tasks failed to start."
    primary.update(rolloutState="FAILED", rolloutStateReason=reason, updatedAt=world.clock.utc())
    runs.event(service, f"(deployment {primary['id']}) deployment failed: tasks failed to start.")
    runs.reduce(call, service, primary, runs.wanted_tasks(call, primary))
    last = service.get("completed")
    if not service["deploymentConfiguration"]["deploymentCircuitBreaker"].get("rollback") or last is None:
        return
    service.update({member: value for member, value in last.items() if value is not None})
    target = next((run["id"] for run in service["deployments"][1:] if run["rolloutState"] == "COMPLETED"), primary["id"])
    runs.event(service, f"(deployment {primary['id']}) rolling back to deployment {target}.")
    begin(call, service, f"ECS deployment circuit breaker: rolling back to deploymentId {target}.")


def counts(call: Call, service: Item) -> None:
    """The service's own counts are those of all its deployments or task sets."""
    for run in service["deployments"] + service["taskSets"]:
        runs.count(call, run)
    everything = service["deployments"] + service["taskSets"]
    service["runningCount"] = sum(run["runningCount"] for run in everything)
    service["pendingCount"] = sum(run["pendingCount"] for run in everything)
    if service["status"] == "DRAINING":
        tasks = [task for task in ecs.live_tasks(call, ecs.last(service["clusterArn"])) if task["service"] == service["serviceName"]]
        service["runningCount"] = sum(task["lastStatus"] == "RUNNING" for task in tasks)
