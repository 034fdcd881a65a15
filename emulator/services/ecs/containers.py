"""The containers of a task: begun by an executor, looked at, checked, stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from ... import executors, registry, scripts, world
from ...executors.running import Check, Container, Exit, Running
from ...scripts import Script
from ...wire import Call, Refusal
from ..elbv2 import targets as elbv2_targets
from ..rds import endpoints
from . import log_driver, needs, task_roles
from . import shapes as ecs_shapes
from . import task as ecs_task
from .shapes import ContainerDefinition, Task

# Seconds until the agent of ECS Exec, which says RUNNING before, can be reached.
REACHED = 3.0
# Seconds that Fargate gives a container after SIGTERM.
STOP_TIMEOUT = 30
Ended = Callable[[Exit], None]


@dataclass(frozen=True)
class Start:
    """A container that starts. `say` writes a line of it, `end` ends it with an exit code."""

    call: Call
    task: Task
    container: ContainerDefinition
    say: Callable[[str], None]
    end: Callable[[int], None]


@dataclass
class Live:
    """A container that was begun. `ended` is called once, with its end, and `over` is when. `stopping`: seconds from then until its task is
    STOPPED.
    """

    start: Start
    script: Script
    ended: Ended
    stopping: float
    running: Running | None = None
    healthy: bool = False
    status: int = 0
    over: float | None = None

    def seen(self) -> None:
        """Write its new lines, tell its load balancers how it is, and tell its end."""
        call, task, container, running = self.start.call, self.start.task, self.start.container, self.running
        if running is None:
            return
        for line in running.lines():
            log_driver.write_line(call, task, container, line, self.script, self.late)
        if running.address is not None and (running.healthy, running.status) != (self.healthy, self.status):
            self.healthy, self.status = running.healthy, running.status
            for group in groups(task, container):
                with suppress(Refusal):
                    elbv2_targets.set_health(call, group, task["address"], running.healthy, running.status)
        if self.over is None and (exit := running.exit()) is not None:
            self.over = world.clock.now()
            self.ended(exit)

    def late(self) -> float:
        """For how many seconds more its last lines are not shown."""
        if self.over is None or self.script.late is None:
            return 0.0
        return self.stopping + self.script.late - (world.clock.now() - self.over) * world.clock.speed


# Each takes a start and the container's script, and returns the script that holds: those know more of some containers than scripts say.
on_start: list[Callable[[Start, Script], Script]] = []
# Whether a container is played although its image has a program, as something that it talks to is emulated.
played: list[Callable[[ContainerDefinition], bool]] = []
# By task and container.
_live: dict[tuple[str, str], Live] = {}


def behaviour(container: ContainerDefinition, *, service: bool) -> Script:
    """The script of a container definition."""
    command = [*container.get("entryPoint", []), *container.get("command", [])]
    return scripts.behaviour(container["image"], command, service=service)


def real(container: ContainerDefinition) -> bool:
    """Whether a container is a program that runs."""
    return executors.real(container["image"]) and not any(hook(container) for hook in played)


def begin(call: Call, task: Task, container: ContainerDefinition, script: Script, ended: Ended, stopping: float) -> Script:
    """Begin a container whose script, should it be played, is `script`. `stopping`: seconds from its end until its task is STOPPED.

    Returns the script that holds.
    """
    say = partial(log_driver.write, call, task, container)

    def end(code: int) -> None:
        ended(Exit(code, live.script.exit_reason, live.script.stop_code))

    live = Live(Start(call, task, container, say, end), script, ended, stopping)
    if not real(container):
        for hook in on_start:
            live.script = hook(live.start, live.script)
    _shown(call, task, container)
    _live[task["taskArn"], container["name"]] = live
    live.running = (executors.begin if real(container) else executors.script.begin)(_wanted(live))
    live.seen()
    if "healthCheck" in container:
        check, healthy = container["healthCheck"], live.script.healthy
        wait = check.get("startPeriod", 0) + check["interval"] * (1 if healthy else check["retries"])
        world.clock.after(wait, partial(_checked, task, container, "HEALTHY" if healthy else "UNHEALTHY"))
    return live.script


def _shown(call: Call, task: Task, container: ContainerDefinition) -> None:
    shown = ecs_task.container(task, container["name"])
    shown["lastStatus"] = "RUNNING"
    if "agent" in task:
        # The agent writes into the container's file system (ECS-T20).
        status = "STOPPED" if container.get("readonlyRootFilesystem") else "RUNNING"
        shown["managedAgents"] = [{**task["agent"], "lastStatus": status, "lastStartedAt": world.clock.utc()}]
        world.clock.after(REACHED, partial(task_roles.reach, call, task, container["name"]))


def _wanted(live: Live) -> Container:
    call, task, container = live.start.call, live.start.task, live.start.container
    memory = container.get("memory") or task.get("memory") or 0
    return Container(
        image=container["image"],
        entry_point=container.get("entryPoint", []),
        command=container.get("command", []),
        environment=partial(environment, call, container),
        memory=int(memory),
        cpu=int(container.get("cpu") or task.get("cpu") or 0),
        init=bool(container.get("linuxParameters", {}).get("initProcessEnabled")),
        check=_check(call, task, container) if real(container) else None,
        reaches=partial(endpoints.reaches, call, task.get("address", "")),
        one_off=task["service"] is None,
        script=live.script,
        seen=live.seen,
    )


def environment(call: Call, container: ContainerDefinition) -> dict[str, str]:
    """Variables and secrets of a container."""
    given = {item["name"]: item["value"] for item in container.get("environment", [])}
    return given | {item["name"]: needs.secret_value(call, item) for item in container.get("secrets", [])}


def groups(task: Task, container: ContainerDefinition) -> list[str]:
    """The target groups that a container is behind."""
    return [
        item["targetGroupArn"]
        for item in task["loadBalancers"]
        if "targetGroupArn" in item and item.get("containerName", container["name"]) == container["name"]
    ]


def _check(call: Call, task: Task, container: ContainerDefinition) -> Check | None:
    """The health check of the first target group that has one."""
    for arn in groups(task, container):
        try:
            group = world.aws(call, "elbv2", "DescribeTargetGroups", TargetGroupArns=[arn])["TargetGroups"][0]
        except Refusal:
            continue
        if group.get("HealthCheckEnabled"):
            return Check(group["HealthCheckPath"], elbv2_targets.matcher(group["Matcher"]["HttpCode"]))
    return None


def _checked(task: Task, container: ContainerDefinition, health: str) -> None:
    shown = ecs_task.container(task, container["name"])
    if shown["lastStatus"] != "RUNNING" or task["desiredStatus"] == "STOPPED":
        return
    shown["healthStatus"] = health
    essential = [item["name"] for item in task["definition"] if item["essential"] and "healthCheck" in item]
    states = {ecs_task.container(task, name)["healthStatus"] for name in essential}
    task["healthStatus"] = next((state for state in ("UNHEALTHY", "UNKNOWN") if state in states), "HEALTHY" if states else "UNKNOWN")
    if task["watch"] is not None:
        task["watch"]()


def show_end(task: Task, container: ContainerDefinition, exit: Exit) -> None:
    """A container has ended."""
    shown = ecs_task.container(task, container["name"])
    shown.update({"lastStatus": "STOPPED", "healthStatus": "UNKNOWN" if shown["healthStatus"] != "UNHEALTHY" else "UNHEALTHY"})
    show_exit(shown, exit)


def show_exit(shown: ecs_shapes.Container, exit: Exit) -> None:
    """Exit code and reason of a container, in which its agent has ended as well."""
    if exit.code is not None:
        shown["exitCode"] = exit.code
    if exit.reason:
        shown["reason"] = exit.reason
    for agent in shown.get("managedAgents", []):
        agent["lastStatus"] = "STOPPED"


def _begun(task: Task) -> Iterator[tuple[ContainerDefinition, Running]]:
    """The containers of a task that were begun."""
    for container in task["definition"]:
        live = _live.get((task["taskArn"], container["name"]))
        if live is not None and live.running is not None:
            yield container, live.running


def stop(task: Task) -> None:
    """SIGTERM to all that run."""
    for container, running in _begun(task):
        running.stop(container.get("stopTimeout", STOP_TIMEOUT))


def exits(task: Task) -> dict[str, Exit] | None:
    """How the containers of a task have ended, by name; None as long as one has not."""
    found = {}
    for container, running in _begun(task):
        exit = running.exit()
        if exit is None:
            return None
        found[container["name"]] = exit
    return found


def forget(task: Task) -> None:
    for container in task["definition"]:
        _live.pop((task["taskArn"], container["name"]), None)


def address(task: Task, port: int) -> tuple[str, int] | None:
    """Host and port of this machine at which the container with a port answers; None when it only plays."""
    for container, running in _begun(task):
        if port in [item["containerPort"] for item in container.get("portMappings", [])]:
            return running.address
    return None


@registry.on_reset
def _forget() -> None:
    _live.clear()
