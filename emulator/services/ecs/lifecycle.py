"""A task's life over time (ECS-R9): PROVISIONING, PENDING, ACTIVATING, RUNNING, DEACTIVATING, STOPPING, DEPROVISIONING, STOPPED.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ... import world
from ...executors.running import Exit
from ...scripts import Script
from ...wire import Call, Refusal
from . import containers, egress, needs, task_roles, task_targets
from . import state as ecs
from . import task as ecs_task
from .shapes import ContainerDefinition, Task, TaskDefinition

# Seconds of AWS's time. A stopped task can be described for an hour.
PROVISIONING, PULLING, ACTIVATING = 4.0, 6.0, 2.0
DEACTIVATING, STOPPING, DEPROVISIONING = 1.0, 2.0, 4.0
REMEMBERED = 3600.0


def begin(call: Call, task: Task, definition: TaskDefinition) -> None:
    """Let a task that was just made go its way."""
    task["definition"] = ecs_task.overridden(task, definition)
    task_roles.assign(task, definition)
    world.clock.after(PROVISIONING, partial(_provisioned, call, task))


def _move(task: Task, status: str) -> None:
    task["lastStatus"] = status
    task["version"] += 1


def _ending(task: Task) -> bool:
    return bool(task["desiredStatus"] == "STOPPED")


def _script(task: Task, container: ContainerDefinition) -> Script:
    service = task["service"] is not None and container["name"] not in _before_others(task)
    return containers.behaviour(container, service=service)


def _before_others(task: Task) -> list[str]:
    """Containers that must have ended before others start, in the order in which they run."""
    waits = {item["name"]: [d["containerName"] for d in item.get("dependsOn", [])] for item in task["definition"]}
    conditions = [d for item in task["definition"] for d in item.get("dependsOn", []) if d["condition"] in ("COMPLETE", "SUCCESS")]
    wanted = {item["containerName"] for item in conditions}
    order: list[str] = []
    while len(order) < len(wanted):
        order += [name for name in wanted - set(order) if not wanted & set(waits[name]) - set(order)]
    return order


def _provisioned(call: Call, task: Task) -> None:
    if _ending(task):
        return
    try:
        ecs_task.attach(call, task)
    except Refusal as refusal:
        fail(call, task, f"Unexpected EC2 error while attempting to create network interface in subnet: {refusal.message}")
        return
    _move(task, "PENDING")
    task["pullStartedAt"] = world.clock.utc()
    world.clock.after(PULLING, partial(_pulled, call, task))


def _pulled(call: Call, task: Task) -> None:
    if _ending(task):
        return
    reason, failed_container = egress.unreachable(call, task)
    if not reason:
        reason, failed_container = needs.missing(call, task)
    for container in task["definition"]:
        if not reason and (reason := _script(task, container).reason):
            failed_container = container["name"]
    if reason:
        fail(call, task, reason, failed_container)
        return
    task["pullStoppedAt"] = world.clock.utc()
    for shown in task["containers"]:
        if digest := needs.digest(call, shown["image"]):
            shown["imageDigest"] = digest
        shown["runtimeId"] = f"{ecs.last(task['taskArn'])}-{abs(hash(shown['name'])) % 10**10:010d}"
    _prelude(call, task, _before_others(task))


def _prelude(call: Call, task: Task, names: list[str]) -> None:
    """Run the containers that others wait for, one after the other, then activate the task."""
    if _ending(task):
        return
    if not names:
        _move(task, "ACTIVATING")
        world.clock.after(ACTIVATING, partial(_activated, call, task))
        return
    container = next(item for item in task["definition"] if item["name"] == names[0])

    def ended(exit: Exit) -> None:
        if _ending(task):
            return
        containers.show_end(task, container, exit)
        waiting = [item for item in task["definition"] for d in item.get("dependsOn", []) if _needs_success(d, names[0])]
        if exit.code != 0 and waiting:
            which = f"dependency [{names[0]}] for target [{waiting[0]['name']}]"
            text = f"failed to resolve container ordering {which} as dependency did not exit successfully."
            fail(call, task, f"dependency graph: {text}")
            return
        _prelude(call, task, names[1:])

    script = _script(task, container)
    _start(call, task, container, ended, replace(script, seconds=script.seconds or 1.0))


def _needs_success(dependency: dict[str, str], name: str) -> bool:
    return bool(dependency["containerName"] == name and dependency["condition"] == "SUCCESS")


def _activated(call: Call, task: Task) -> None:
    if _ending(task):
        return
    _move(task, "RUNNING")
    now = world.clock.utc()
    task.update({"startedAt": now, "connectivity": "CONNECTED", "connectivityAt": now})
    healthy, status = [], 0
    for container in task["definition"]:
        if ecs_task.container(task, container["name"])["lastStatus"] == "PENDING":
            script = _start(call, task, container, partial(_ended, call, task, container))
            healthy.append(script.healthy and not containers.real(container))
            status = status or script.answers
    if _ending(task):
        return
    if failed := task_targets.register(call, task, healthy=all(healthy), status=status):
        stop(call, task, "ServiceSchedulerInitiated", failed)
    _watch(task)


def _start(call: Call, task: Task, container: ContainerDefinition, ended: containers.Ended, script: Script | None = None) -> Script:
    script = script or _script(task, container)
    return containers.begin(call, task, container, script, ended, DEACTIVATING + STOPPING + DEPROVISIONING)


def _ended(call: Call, task: Task, container: ContainerDefinition, exit: Exit) -> None:
    if task["lastStatus"] == "STOPPING":
        _terminated(call, task)
    if _ending(task):
        return
    containers.show_end(task, container, exit)
    if container["essential"]:
        stop(call, task, exit.stop_code, "Essential container in task exited")


def fail(call: Call, task: Task, reason: str, failed_container: str = "") -> None:
    """The task never starts; no container has an exit code (ECS-R10)."""
    task.update({"desiredStatus": "STOPPED", "stopCode": "TaskFailedToStart", "stoppedReason": reason, "stoppingAt": world.clock.utc()})
    if failed_container:
        ecs_task.container(task, failed_container)["reason"] = reason
    _move(task, "DEPROVISIONING")
    world.clock.after(DEPROVISIONING, partial(_stopped, call, task))


def stop(call: Call, task: Task, code: str, reason: str) -> None:
    """Stop a task. A target is drained before its containers get SIGTERM; its service replaces it meanwhile."""
    if _ending(task):
        return
    started = task["lastStatus"] == "RUNNING"
    task.update({"desiredStatus": "STOPPED", "stopCode": code, "stoppedReason": reason, "stoppingAt": world.clock.utc()})
    _watch(task)
    if not started:
        _move(task, "DEPROVISIONING")
        world.clock.after(DEPROVISIONING, partial(_stopped, call, task))
        return
    _move(task, "DEACTIVATING")
    world.clock.after(DEACTIVATING + task_targets.drain(call, task), partial(_deactivated, call, task))


def _deactivated(call: Call, task: Task) -> None:
    _move(task, "STOPPING")
    containers.stop(task)
    world.clock.after(STOPPING, partial(_terminated, call, task))


def _terminated(call: Call, task: Task) -> None:
    """The last container of a task that is being stopped has ended; while one has not, it is waited for."""
    exits = containers.exits(task)
    if exits is None or task["lastStatus"] != "STOPPING":
        return
    for container in task["containers"]:
        if container["lastStatus"] == "RUNNING":
            container["lastStatus"] = "STOPPED"
            containers.show_exit(container, exits[container["name"]])
    task["executionStoppedAt"] = world.clock.utc()
    _move(task, "DEPROVISIONING")
    world.clock.after(DEPROVISIONING, partial(_stopped, call, task))


def _stopped(call: Call, task: Task) -> None:
    ecs_task.detach(call, task)
    for container in task["containers"]:
        container["lastStatus"] = "STOPPED"
    now = world.clock.utc()
    task.setdefault("executionStoppedAt", now)
    task["stoppedAt"] = now
    _move(task, "STOPPED")
    _watch(task)
    world.clock.after(REMEMBERED, partial(_forget, call, task["taskArn"]))


def _forget(call: Call, arn: str) -> None:
    if (task := ecs.table(call, "tasks").pop(arn, None)) is not None:
        containers.forget(task)
    ecs.table(call, "tags").pop(arn, None)


def _watch(task: Task) -> None:
    if task["watch"] is not None:
        task["watch"]()
