"""Tasks that migrate a database: what `emulator/migrations.py` says of them, in the life of a task.

The database is the one behind DATABASE_URL, which the container has as a secret or a variable; without one, that of the task's cluster.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

from ... import migrations, tasks, world
from ...tasks import Script
from ...wire import Call, Refusal
from . import state as ecs
from .state import Item

URL = "DATABASE_URL"


def play(call: Call, task: Item, container: Item, script: Script) -> Script:
    """The script of a container that migrates; any other's stays as it is. What it changes in the database happens in its time."""
    command = [*container.get("entryPoint", []), *container.get("command", [])]
    if script.migrations is None or not tasks.migrates(command):
        return script
    there = migrations.database(database(call, task, container))
    performed = migrations.perform(_mode(container, command), list(script.migrations), there)
    if performed.applied or performed.seconds > migrations.SECONDS:
        there.busy = partial(_runs, task, container["name"])
    for seconds, version in performed.applied:
        world.clock.after(seconds, partial(_apply, task, there, version))
    at, lines = zip(*performed.lines, strict=True) if performed.lines else ((), ())
    return replace(script, lines=lines, at=at, seconds=performed.seconds, exit_code=performed.exit_code)


def _mode(container: Item, command: list[str]) -> str | None:
    """What our runner is told; None for a plain `db:migrate`."""
    if tasks.RUNNER not in command:
        return None
    return str(next((item["value"] for item in container.get("environment", []) if item["name"] == tasks.RUNNER_VARIABLE), ""))


def database(call: Call, task: Item, container: Item) -> str:
    """Host and name of the container's database, without user and password."""
    secret = next((item["valueFrom"] for item in container.get("secrets", []) if item["name"] == URL), None)
    value = next((str(item["value"]) for item in container.get("environment", []) if item["name"] == URL), "")
    if secret:
        name = secret.split(":parameter", 1)[-1]
        try:
            value = str(world.aws(call, "ssm", "GetParameter", Name=name, WithDecryption=True)["Parameter"]["Value"])
        except Refusal:
            value = ""
    found = urlsplit(value)
    return f"{found.hostname}{found.path}" if found.hostname else ecs.last(task["clusterArn"])


def _runs(task: Item, name: str) -> bool:
    shown = next(item for item in task["containers"] if item["name"] == name)
    return bool(shown["lastStatus"] == "RUNNING" and task["desiredStatus"] == "RUNNING")


def _apply(task: Item, there: migrations.Database, version: str) -> None:
    if task["desiredStatus"] == "RUNNING":
        there.applied.append(version)
