"""The agent in a console's container, in the life of its task: it registers, is a node while the task runs, and ends after its lifetime.

What it is told, it is told by environment variables, as `examples/shop/bin/console-node` reads them; exit codes are that program's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from ... import consoles, world
from ...wire import Call, Refusal
from ..ecs import state as ecs
from ..ecs import task as ecs_task
from . import managed_nodes

Item = dict[str, Any]
Say = Callable[[str], None]
End = Callable[[int], None]
VARIABLE = "RAILYARD_CONSOLE_"
NEEDED = ("ACTIVATION_ID", "ACTIVATION_CODE", "REGION", "LIFETIME")
# Online is the agent's own report; the channel that sessions need is opened after it.
REGISTERING, COMING_ONLINE, OPENING = 3.0, 5.0, 12.0
WRONG, NOT_REGISTERED, OVER, TERMINATED = 64, 69, 124, 143


def told(container: Item) -> dict[str, str]:
    """What the container is told about its console; {} when it is none."""
    given = {item["name"]: item["value"] for item in container.get("environment", [])}
    return {name.removeprefix(VARIABLE): value for name, value in given.items() if name.startswith(VARIABLE)}


def _secret(call: Call, secret: Item) -> str:
    """What a secret is now. "" when it was deleted since: the container still has it, but nobody knows its value any more."""
    name = secret["valueFrom"].partition(":parameter")[2] or secret["valueFrom"]
    try:
        return str(world.aws(call, "ssm", "GetParameter", Name=name, WithDecryption=True)["Parameter"]["Value"])
    except Refusal:
        return ""


def _secrets(call: Call, container: Item) -> dict[str, str]:
    """What the container is told about its console by secrets of its task definition."""
    own = [secret for secret in container.get("secrets", []) if secret["name"].startswith(VARIABLE)]
    return {secret["name"].removeprefix(VARIABLE): _secret(call, secret) for secret in own}


def begin(call: Call, task: Item, container: Item, say: Say, end: End) -> None:
    """The container has started. `say` writes a line of it, `end` ends it with an exit code."""
    wanted = told(container) | _secrets(call, container)
    if missing := [name for name in NEEDED if not wanted.get(name)]:
        say(f"console-node: {VARIABLE}{missing[0]} is not set; the console playbook starts this task with it")
        end(WRONG)
    elif not wanted["LIFETIME"].isdigit() or wanted["LIFETIME"].startswith("0"):
        say(f"console-node: {VARIABLE}LIFETIME is '{wanted['LIFETIME']}'; it must be seconds, 1 or more")
        end(WRONG)
    else:
        world.clock.after(REGISTERING, partial(_register, call, task, container, wanted, say, end))


def _register(call: Call, task: Item, container: Item, wanted: dict[str, str], say: Say, end: End) -> None:
    if not _lives(task, container):
        return
    machine = {
        "ComputerName": f"ip-{ecs.last(task['taskArn'])[:8]}.{call.region}.compute.internal",
        "IPAddress": task.get("address", ""),
        "task": task["taskArn"],
        "died": partial(_died, task, container),
        "leaves": partial(_leaves, task, container) if consoles.said().deregisters else lambda: False,
    }
    node, why = managed_nodes.register(call, wanted, machine)
    if not node:
        say(f"ERROR Registration failed due to error registering the instance with AWS SSM. {why}")
        say(f"console-node: not registered with activation {wanted['ACTIVATION_ID']} in {wanted['REGION']}")
        end(NOT_REGISTERED)
        return
    say(f"Successfully registered the instance with AWS SSM using Managed instance-id: {node}")
    world.clock.after(COMING_ONLINE, partial(managed_nodes.nodes(call)[node].update, online=True))
    world.clock.after(OPENING, partial(managed_nodes.nodes(call)[node].update, channel=True))
    world.clock.after(float(wanted["LIFETIME"]), partial(_outlived, task, container, wanted["LIFETIME"], say, end))


def _outlived(task: Item, container: Item, seconds: str, say: Say, end: End) -> None:
    if _lives(task, container):
        say(f"console-node: the {seconds} seconds of this console are over")
        end(OVER)


def _lives(task: Item, container: Item) -> bool:
    return bool(ecs_task.container(task, container["name"])["lastStatus"] == "RUNNING")


def _died(task: Item, container: Item) -> datetime | None:
    """When the agent has ended; None while it runs."""
    return None if _lives(task, container) else task.get("executionStoppedAt") or world.clock.utc()


def _leaves(task: Item, container: Item) -> bool:
    """Whether the container was stopped from outside, which its program hears."""
    return ecs_task.container(task, container["name"]).get("exitCode") == TERMINATED


def environment(call: Call, task: Item, container: Item) -> dict[str, str]:
    """What a program in the container has in its environment: variables and secrets, and nothing of the activation."""
    given = {item["name"]: item["value"] for item in container.get("environment", []) if not item["name"].startswith(VARIABLE)}
    for secret in container.get("secrets", []):
        if not secret["name"].startswith(VARIABLE):
            given[secret["name"]] = _secret(call, secret)
    own = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": f"/v2/credentials/{ecs.last(task['taskArn'])}", "RAILYARD_DIRECTORY": consoles.FOLDER}
    return {**given, **own}
