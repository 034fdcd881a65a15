"""Rolling deployments of services with the ECS deployment controller.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
"""

from __future__ import annotations

import copy
import math
from typing import cast

from ... import world
from ...wire import Call
from . import desired_tasks, events, service_deployments, traffic_shift
from . import state as ecs
from .shapes import Run, Service, ServiceDeployment


def begin(call: Call, service: Service, reason: str = "", record: ServiceDeployment | None = None) -> Run:
    """Begin a deployment of what the service says now; the one before stays ACTIVE until its tasks are gone.

    `record` is the service deployment that a rollback belongs to; otherwise a new one is written down.
    """
    source = next((old for old in service["deployments"] if old["rolloutState"] == "COMPLETED"), None)
    for old in service["deployments"]:
        old["status"] = "ACTIVE"
    run = desired_tasks.make(
        call, service, status="PRIMARY", desiredCount=service["desiredCount"], failedTasks=0, rolloutState="IN_PROGRESS"
    )
    run["rolloutStateReason"] = reason or f"ECS deployment {run['id']} in progress."
    if traffic_shift.shifts(service):
        traffic_shift.resolve(service, run, source)
    service["deployments"].insert(0, run)
    service.update({"failures": 0, "retryAt": 0.0})
    if record is not None:
        run.update({"record": record, "revision": record["rollback"]["serviceRevisionArn"]})
        return run
    service_deployments.begin(call, service, run, source, threshold(service["desiredCount"]))
    if traffic_shift.shifts(service):
        traffic_shift.enter(run, traffic_shift.STAGES[0])
    return run


def step(call: Call, service: Service) -> bool:
    """One pass of the scheduler. True when there is nothing left to do."""
    primary, *older = service["deployments"]
    older = [run for run in older if run["rolloutState"] == "COMPLETED" or _busy(call, run)]
    service["deployments"] = [primary, *older]
    primary["desiredCount"] = desired = service["desiredCount"]
    service["lull"] = 0.0
    for run in service["deployments"]:
        desired_tasks.note_failures(call, service, run)
    groups = desired_tasks.targets(call, primary)
    desired_tasks.replace_unhealthy(call, service, primary, groups)
    if primary["rolloutState"] == "IN_PROGRESS" and (reason := _failure(call, service, primary)):
        fail(call, service, reason)
        return False
    if primary["rolloutState"] == "IN_PROGRESS" and "stage" in primary:
        return _finish(call, service, primary, older) if traffic_shift.step(call, service, primary, older) else False
    if primary["rolloutState"] != "FAILED":
        _replace(
            call, service, primary, older, sum(desired_tasks.healthy(task, groups) for task in desired_tasks.wanted_tasks(call, primary))
        )
    for run in service["deployments"]:
        desired_tasks.count(call, run)
    good = sum(desired_tasks.healthy(task, groups) for task in desired_tasks.wanted_tasks(call, primary))
    if primary["rolloutState"] == "FAILED":
        return True
    return _finish(call, service, primary, older) if good == desired == primary["runningCount"] else False


def _busy(call: Call, run: Run) -> bool:
    """Whether an older deployment still has tasks, or a rollback that ends with it; otherwise nobody sees it any more."""
    return bool(ecs.tasks_of(call, run["id"])) or run["record"]["status"] == "ROLLBACK_IN_PROGRESS"


def _failure(call: Call, service: Service, primary: Run) -> str:
    """Why a deployment fails now, or nothing."""
    record = primary["record"]
    if primary.get("undo"):
        return str(primary["undo"])
    if record["status"] != "IN_PROGRESS":
        return ""
    record["deploymentCircuitBreaker"]["failureCount"] = primary["failedTasks"]
    if _broken(service, primary):
        record["deploymentCircuitBreaker"]["status"] = "TRIGGERED"
        return "tasks failed to start."
    watched = record["alarms"]["alarmNames"] if record["alarms"]["status"] == "MONITORING" else []
    if watched and (ringing := service_deployments.ringing(call, watched)):
        record["alarms"].update(status="TRIGGERED", triggeredAlarmNames=ringing)
        return "alarm detected."
    return ""


def _replace(call: Call, service: Service, primary: Run, older: list[Run], good: int) -> None:
    desired, settings = service["desiredCount"], service["deploymentConfiguration"]
    most = max(1, math.floor(desired * settings["maximumPercent"] / 100)) if desired else 0
    least = math.ceil(desired * settings["minimumHealthyPercent"] / 100)
    old = [(run, task) for run in older for task in desired_tasks.wanted_tasks(call, run)]
    running = sum(task["lastStatus"] == "RUNNING" for _, task in old)
    spare = max(0, good + running - least)
    for run in older:
        tasks = desired_tasks.removable(desired_tasks.wanted_tasks(call, run))
        idle = [task for task in tasks if task["lastStatus"] != "RUNNING"]
        busy = [task for task in tasks if task["lastStatus"] == "RUNNING"][:spare]
        spare -= len(busy)
        desired_tasks.reduce(call, service, run, idle + busy)
        run["desiredCount"] = len(desired_tasks.wanted_tasks(call, run))
    left = sum(len(desired_tasks.wanted_tasks(call, run)) for run in older)
    desired_tasks.adjust(call, service, primary, min(desired, max(most - left, good)))


def _finish(call: Call, service: Service, primary: Run, older: list[Run]) -> bool:
    """The deployment is complete when nothing of an older one runs any more."""
    if any(run["runningCount"] or run["pendingCount"] or desired_tasks.wanted_tasks(call, run) for run in older):
        return False
    for run in service["deployments"]:
        done = "ROLLBACK_SUCCESSFUL" if run["record"]["status"] == "ROLLBACK_IN_PROGRESS" else "SUCCESSFUL"
        service_deployments.finish(run["record"], done)
    service["deployments"] = [primary]
    service.update({"failures": 0, "retryAt": 0.0})
    if primary["rolloutState"] == "IN_PROGRESS":
        primary.update({"rolloutState": "COMPLETED", "rolloutStateReason": f"ECS deployment {primary['id']} completed.", "failedTasks": 0})
        primary["updatedAt"] = world.clock.utc()
        service["completed"] = {member: copy.deepcopy(service.get(member)) for member in (*desired_tasks.TAKEN, "platformVersion")}
        desired_tasks.event(service, f"(deployment {primary['id']}) deployment completed.")
        service["told"] = None
    if service.get("told") != service["desiredCount"]:
        service["told"] = service["desiredCount"]
        desired_tasks.event(service, "has reached a steady state.")
    return True


def threshold(desired: int) -> int:
    """After how many failed tasks the circuit breaker trips: half of the desired count, at least 3, at most 200."""
    return min(200, max(3, math.ceil(desired * 0.5)))


def _broken(service: Service, primary: Run) -> bool:
    breaker = service["deploymentConfiguration"].get("deploymentCircuitBreaker", {})
    return bool(breaker.get("enable")) and primary["failedTasks"] >= threshold(service["desiredCount"])


def fail(call: Call, service: Service, reason: str) -> None:
    """End the deployment that goes on: back to what was completed last, if told so and if there is such a thing."""
    primary = service["deployments"][0]
    record, settings = primary["record"], service["deploymentConfiguration"]
    told = settings.get("deploymentCircuitBreaker", {}).get("rollback") or settings.get("alarms", {}).get("rollback")
    back = bool(service.get("completed") and (told or primary.get("undo") or "stage" in primary))
    primary.pop("undo", None)
    words = f"ECS deployment circuit breaker: {reason}" if record["deploymentCircuitBreaker"]["status"] == "TRIGGERED" else reason
    primary.update({"rolloutState": "FAILED", "rolloutStateReason": words, "updatedAt": world.clock.utc()})
    desired_tasks.event(service, f"(deployment {primary['id']}) deployment failed: {reason}")
    events.failed(call, service, primary, words)
    desired_tasks.reduce(call, service, primary, desired_tasks.wanted_tasks(call, primary))
    if not back:
        service_deployments.finish(record, "STOPPED", words)
        return
    service_deployments.roll_back(record, words)
    service.update(cast(Service, {member: value for member, value in service["completed"].items() if value is not None}))
    target = next((run for run in service["deployments"][1:] if run["rolloutState"] == "COMPLETED"), None)
    desired_tasks.event(service, f"(deployment {primary['id']}) rolling back to deployment {target['id'] if target else primary['id']}.")
    if target is not None and "stage" in primary:
        traffic_shift.send(call, service, primary, 0.0)
        primary["status"], target["status"] = "ACTIVE", "PRIMARY"
        service["deployments"] = [target, primary]
        return
    words = "ECS deployment circuit breaker: " if record["deploymentCircuitBreaker"]["status"] == "TRIGGERED" else ""
    begin(call, service, f"{words}rolling back to deploymentId {target['id'] if target else primary['id']}.", record)


def counts(call: Call, service: Service) -> None:
    """The service's own counts are those of all its deployments or task sets."""
    for run in service["deployments"] + service["taskSets"]:
        desired_tasks.count(call, run)
    everything = service["deployments"] + service["taskSets"]
    service["runningCount"] = sum(run["runningCount"] for run in everything)
    service["pendingCount"] = sum(run["pendingCount"] for run in everything)
    if service["status"] == "DRAINING":
        tasks = [task for task in ecs.live_tasks(call, ecs.last(service["clusterArn"])) if task["service"] == service["serviceName"]]
        service["runningCount"] = sum(task["lastStatus"] == "RUNNING" for task in tasks)
