"""The agent in a console's container, in the life of its task: it registers, is a node while the task runs, and ends after its lifetime.

What it is told, it is told by environment variables, as `examples/shop/bin/console-node` reads them.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from .. import consoles, world
from ..tasks import Script
from ..wire import Call
from . import ecs_state as ecs
from . import ecs_task, ssm_hybrid

Item = dict[str, Any]
VARIABLE = "RAILYARD_CONSOLE_"
REGISTERING, COMING_ONLINE = 3.0, 5.0
OVER = 124  # As `timeout` says it.


def told(container: Item) -> dict[str, str]:
    """What the container is told about its console; {} when it is none."""
    given = {item["name"]: item["value"] for item in container.get("environment", [])}
    return {name.removeprefix(VARIABLE): value for name, value in given.items() if name.startswith(VARIABLE)}


def play(call: Call, task: Item, container: Item, script: Script) -> Script:
    """The script of a console's container; any other's stays as it is."""
    wanted = told(container)
    if "ACTIVATION_ID" not in wanted:
        return script
    machine = {
        "ComputerName": f"ip-{ecs.last(task['taskArn'])[:8]}",
        "IPAddress": task.get("address", ""),
        "task": task["taskArn"],
        "alive": partial(_lives, task, container),
        "online": False,
    }
    node, why = ssm_hybrid.register(call, wanted["ACTIVATION_ID"], wanted["ACTIVATION_CODE"], machine)
    if not node:
        failed = ("Registering the node", f"ERROR Registration failed due to error registering the instance. {why}")
        return replace(script, lines=failed, seconds=REGISTERING, exit_code=1)
    online = partial(ssm_hybrid.nodes(call)[node].update, online=True)
    world.clock.after(REGISTERING + COMING_ONLINE, online)
    lines = ("Registering the node", f"Successfully registered the instance with AWS SSM using Managed instance-id: {node}")
    return replace(script, lines=lines, at=(0.0, REGISTERING), seconds=float(wanted.get("LIFETIME", "3600")), exit_code=OVER)


def _lives(task: Item, container: Item) -> bool:
    return bool(ecs_task.container(task, container["name"])["lastStatus"] == "RUNNING")


def environment(call: Call, task: Item, container: Item) -> dict[str, str]:
    """What a program in the container has in its environment: variables and secrets, and nothing of the activation."""
    given = {item["name"]: item["value"] for item in container.get("environment", []) if not item["name"].startswith(VARIABLE)}
    for secret in container.get("secrets", []):
        name = secret["valueFrom"].partition(":parameter")[2] or secret["valueFrom"]
        found = world.aws(call, "ssm", "GetParameter", Name=name, WithDecryption=True)
        given[secret["name"]] = found["Parameter"]["Value"]
    own = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": f"/v2/credentials/{ecs.last(task['taskArn'])}", "RAILYARD_DIRECTORY": consoles.FOLDER}
    return {**given, **own}
