"""A console's container, in the life of its task: its agent registers, is a node while the task runs, and ends after its lifetime.

What it is told, it is told by environment variables, as `examples/shop/bin/console-node` reads them; exit codes are that program's.
"""

from __future__ import annotations

import os
import sys
import uuid
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from typing import Any

from .. import executors, registry, world
from ..executors import keeper
from ..scripts import Script
from ..services.ecs import containers, needs
from ..services.ecs import exec as ecs_exec
from ..services.ecs import state as ecs
from ..services.ecs import task as ecs_task
from ..services.ecs.containers import Start
from ..services.ecs.shapes import ContainerDefinition, Task
from ..services.ssm import managed_nodes, sessions
from ..sessions import settings

VARIABLE = "RAILYARD_CONSOLE_"
NEEDED = ("ACTIVATION_ID", "ACTIVATION_CODE", "REGION", "LIFETIME")
FOLDER = "/"
# Online is the agent's own report; the channel that sessions need is opened after it.
REGISTERING, COMING_ONLINE, OPENING = 3.0, 5.0, 12.0
WRONG, NOT_REGISTERED, OVER, TERMINATED = 64, 69, 124, 143
ROWS = "EMULATED_ROWS"
# A console for whoever says of none: it calculates, knows its environment, and has a model.
CONSOLE = """
import os, pathlib, select, signal
command = os.environ.get("EMULATED_COMMAND", "")
sandbox = "--sandbox" in command.split()
print("Loading the environment with", command)
if sandbox:
    print("Any modifications you make will be rolled back on exit")
class Order:
    kept, own = pathlib.Path(os.environ.get("EMULATED_ROWS", os.devnull)), []
    def create(values):
        if sandbox:
            Order.own.append(values)
        else:
            with Order.kept.open("a") as rows:
                rows.write(repr(values) + "\\n")
        return values
    def count():
        return len(Order.own) + (len(Order.kept.read_text().splitlines()) if Order.kept.exists() else 0)
# Only what is evaluated is broken off by an interrupt; one that comes at any other time ends the wait for keys.
evaluates = False
def interrupt(*_):
    if evaluates:
        raise KeyboardInterrupt
interrupted, tell = os.pipe()
os.set_blocking(tell, False)
signal.set_wakeup_fd(tell)
signal.signal(signal.SIGINT, interrupt)
while True:
    print("shop> ", end="", flush=True)
    if interrupted in select.select([0, interrupted], [], [])[0]:
        os.read(interrupted, 64)
        print("^C")
        continue
    typed = os.read(0, 4096)
    line = typed.decode().strip()
    if not typed or line in ("exit", "quit"):
        break
    try:
        evaluates = True
        print("=>", eval(line, {"ENV": os.environ, "Order": Order}))
    except (Exception, KeyboardInterrupt) as error:
        print(type(error).__name__, error)
    finally:
        evaluates = False
"""
_deregisters = False
_rows = ""


@registry.control_endpoint("consoles")
def say(wanted: dict[str, Any]) -> dict[str, Any]:
    """What is at the other end of sessions and goes wrong on the way (sessions/settings.py). `deregisters`: consoles that start from now on
    take their node with them when their task is stopped.
    """
    global _deregisters
    _deregisters = bool(wanted.pop("deregisters", False))
    return {**asdict(settings.use(**wanted)), "deregisters": _deregisters}


@registry.on_reset
def _forget() -> None:
    global _deregisters
    _deregisters = False


def rows() -> str:
    """Where the rows of the stand-in's model are, outside a sandbox."""
    global _rows
    _rows = _rows or str(keeper.folder() / f"rows-{uuid.uuid4().hex[:8]}")
    return _rows


@registry.on_reset
def _forget_rows() -> None:
    global _rows
    _rows = ""


# The file is the other process's.
os.register_at_fork(after_in_child=_forget_rows)


def told(container: ContainerDefinition) -> dict[str, str]:
    """What the container is told about its console by variables; {} when it is none."""
    given = {item["name"]: item["value"] for item in container.get("environment", [])}
    return {name.removeprefix(VARIABLE): value for name, value in given.items() if name.startswith(VARIABLE)}


def play(start: Start, script: Script) -> Script:
    """The script of a console; any other's stays as it is. Its lines and its end come as the agent's own fate has it."""
    if not told(start.container):
        return script
    world.clock.after(0.0, partial(begin, start))
    return replace(script, lines=(), seconds=None)


def begin(start: Start) -> None:
    """The container has started."""
    own = [secret for secret in start.container.get("secrets", []) if secret["name"].startswith(VARIABLE)]
    wanted = told(start.container) | {secret["name"].removeprefix(VARIABLE): needs.secret_value(start.call, secret) for secret in own}
    if missing := [name for name in NEEDED if not wanted.get(name)]:
        start.say(f"console-node: {VARIABLE}{missing[0]} is not set; the console playbook starts this task with it")
        start.end(WRONG)
    elif not wanted["LIFETIME"].isdigit() or wanted["LIFETIME"].startswith("0"):
        start.say(f"console-node: {VARIABLE}LIFETIME is '{wanted['LIFETIME']}'; it must be seconds, 1 or more")
        start.end(WRONG)
    else:
        world.clock.after(REGISTERING, partial(_register, start, wanted))


def _register(start: Start, wanted: dict[str, str]) -> None:
    call, task, container = start.call, start.task, start.container
    if not _lives(task, container):
        return
    machine: managed_nodes.Machine = {
        "ComputerName": f"ip-{ecs.last(task['taskArn'])[:8]}.{call.region}.compute.internal",
        "IPAddress": task.get("address", ""),
        "died": partial(_died, task, container),
        "leaves": partial(_leaves, task, container) if _deregisters else lambda: False,
        "environment": partial(ecs_exec.environment, call, task, container),
    }
    node, why = managed_nodes.register(call, wanted, machine)
    if not node:
        start.say(f"ERROR Registration failed due to error registering the instance with AWS SSM. {why}")
        start.say(f"console-node: not registered with activation {wanted['ACTIVATION_ID']} in {wanted['REGION']}")
        start.end(NOT_REGISTERED)
        return
    start.say(f"Successfully registered the instance with AWS SSM using Managed instance-id: {node}")
    world.clock.after(COMING_ONLINE, partial(managed_nodes.report, call, node))
    world.clock.after(OPENING, partial(managed_nodes.open_channel, call, node))
    world.clock.after(float(wanted["LIFETIME"]), partial(_outlived, start, wanted["LIFETIME"]))


def _outlived(start: Start, seconds: str) -> None:
    if _lives(start.task, start.container):
        start.say(f"console-node: the {seconds} seconds of this console are over")
        start.end(OVER)


def _lives(task: Task, container: ContainerDefinition) -> bool:
    return bool(ecs_task.container(task, container["name"])["lastStatus"] == "RUNNING")


def _died(task: Task, container: ContainerDefinition) -> datetime | None:
    """When the agent has ended; None while it runs."""
    return None if _lives(task, container) else task.get("executionStoppedAt") or world.clock.utc()


def _leaves(task: Task, container: ContainerDefinition) -> bool:
    """Whether the container was stopped from outside, which its program hears."""
    return ecs_task.container(task, container["name"]).get("exitCode") == TERMINATED


def environment(given: dict[str, str]) -> dict[str, str]:
    """Programs in a container have nothing of the activation, and know where the application is; the stand-in, where its rows are."""
    kept = {name: value for name, value in given.items() if not name.startswith(VARIABLE)}
    # A program that runs starts in its folder.
    return kept if executors.real(given[sessions.IMAGE]) else {**kept, "RAILYARD_DIRECTORY": FOLDER, ROWS: rows()}


containers.on_start.append(play)
containers.played.append(lambda container: bool(told(container)))
ecs_exec.environments.append(environment)
settings.use_default((sys.executable, "-u", "-c", CONSOLE))
