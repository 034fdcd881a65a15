"""What Rails would do in a task that migrates, and which migrations each database has. Nothing is executed and no SQL is answered.

A database is known by its host and name: those of DATABASE_URL, which the container has as a secret or a variable; without one, it is that
of the task's cluster. It has one advisory lock, which the task that migrates holds until it ends.
https://api.rubyonrails.org/classes/ActiveRecord/ConcurrentMigrationError.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from urllib.parse import SplitResult, urlsplit

from .. import registry, scripts, world
from ..scripts import Script
from ..services.ecs import containers, needs
from ..services.ecs import state as ecs
from ..services.ecs.shapes import ContainerDefinition, Task
from ..services.rds import endpoints

Migration = dict[str, Any]
# Under this name a script says which migrations an image has.
NAME = "migrations"
RUNNER, RUNNER_VARIABLE, URL = "runner", "RAILYARD_MIGRATE", "DATABASE_URL"
MODES = ("list", "safe", "all")
DESTRUCTIVE = 65
SLICE = 40
SECONDS = 1.0
POSTGRESQL = 5432
TIMED_OUT = 130.0  # Linux's six attempts to connect.
CANCELED = "StandardError: An error has occurred, this and all later migrations canceled:"
CONCURRENT = (
    "ActiveRecord::ConcurrentMigrationError: ",
    "",
    "Cannot run migrations because another migration process is currently running.",
)
FAILED = 'PG::DuplicateColumn: ERROR:  column "total" of relation "orders" already exists'


@dataclass
class Database:
    applied: list[str] = field(default_factory=list)
    # Whether the task that migrates at this moment still does.
    busy: Callable[[], bool] = lambda: False

    @property
    def version(self) -> str | None:
        return max(self.applied, default=None)


@dataclass(frozen=True)
class Performance:
    """Lines and versions that are applied, each with the seconds since the start; how long it lasts, and how it ends."""

    lines: list[tuple[float, str]]
    applied: list[tuple[float, str]]
    seconds: float
    exit_code: int


_databases: dict[str, Database] = {}


@registry.control_endpoint(NAME)
def shown(_: dict[str, Any]) -> dict[str, list[str]]:
    """The versions that each database has, by its name."""
    return {name: sorted(found.applied) for name, found in sorted(_databases.items())}


def perform(mode: str | None, migrations: list[Migration], there: Database) -> Performance:
    """What a task of an image with `migrations` does. `mode`: what our runner is told; None is a plain `db:migrate`. Pure."""
    waiting = sorted((item for item in migrations if item["version"] not in there.applied), key=lambda item: str(item["version"]))
    if mode is not None and mode not in MODES:
        return Performance([(0.0, f"RAILYARD_MIGRATE is {mode}; it must be list, safe or all")], [], SECONDS, 1)
    pending = [{"version": item["version"], "name": item["name"], "destructive": item.get("destructive", [])} for item in waiting]
    first = [] if mode is None else [(0.0, line) for line in _said(there.version, "pending", pending)]
    if mode == "list":
        return Performance(first, [], SECONDS, 0)
    if mode == "safe" and any(item["destructive"] for item in pending):
        return Performance(first, [], SECONDS, DESTRUCTIVE)
    last = [] if mode is None else _said(there.version, "applied", [])
    if there.busy():
        aborted = ["bin/rails aborted!"] if mode is None else []
        return Performance([*first, *((SECONDS, line) for line in (*last, *aborted, *CONCURRENT))], [], SECONDS, 1)
    return _migrating(mode, first, waiting, there)


def _migrating(mode: str | None, first: list[tuple[float, str]], waiting: list[Migration], there: Database) -> Performance:
    lines, applied, now = list(first), [], SECONDS
    error: str | None = None
    for item in waiting:
        seconds = float(item.get("seconds", SECONDS))
        lines.append((now, _headed(item, "migrating")))
        now += seconds
        if item.get("fails"):
            error = str(item.get("error", FAILED))
            break
        lines += [(now, _headed(item, f"migrated ({seconds:.4f}s)")), (now, "")]
        applied.append((now, str(item["version"])))
    versions = [version for _, version in applied]
    if mode is not None:
        version = max([*there.applied, *versions], default=None)
        lines += [(now, line) for line in _said(version, "applied", versions)]
    if error is not None:
        aborted = ["bin/rails aborted!"] if mode is None else []
        lines += [(now, line) for line in (*aborted, CANCELED, "", error)]
    return Performance(lines, applied, now, 1 if error is not None else 0)


def _said(version: str | None, name: str, items: list[Any]) -> list[str]:
    """What our runner says, in lines of at most 40 entries; all but the last one say that there is more."""
    slices = [items[start : start + SLICE] for start in range(0, len(items), SLICE)] or [[]]
    known = [{"version": version, name: part, **({"more": True} if part is not slices[-1] else {})} for part in slices]
    return ["railyard: " + json.dumps(one, separators=(",", ":")) for one in known]


def _headed(item: Migration, what: str) -> str:
    """As ActiveRecord::Migration#announce writes it: 79 characters."""
    text = f"{item['version']} {item['name']}: {what}"
    return f"== {text} {'=' * max(0, 75 - len(text))}"


def migrates(command: list[str]) -> bool:
    """Whether a command is `db:migrate` of Rails, or our own runner of it."""
    return "db:migrate" in command or (RUNNER in command and RUNNER_VARIABLE in command[-1])


def play(start: containers.Start, script: Script) -> Script:
    """The script of a container that migrates; any other's stays as it is. What it changes in the database happens in its time."""
    if NAME not in script.told:
        return script
    task, container = start.task, start.container
    url = _url(start)
    there = _databases.setdefault(database(start, url), Database())
    performed = _unreachable(start, url) or perform(_mode(container), list(script.told[NAME]), there)
    if performed.applied or performed.seconds > SECONDS:
        there.busy = partial(_runs, task, container["name"])
    for seconds, version in performed.applied:
        world.clock.after(seconds, partial(_apply, task, there, version))
    at, lines = zip(*performed.lines, strict=True) if performed.lines else ((), ())
    return replace(script, lines=lines, at=at, seconds=performed.seconds, exit_code=performed.exit_code)


def _mode(container: ContainerDefinition) -> str | None:
    """What our runner is told; None for a plain `db:migrate`."""
    if RUNNER not in [*container.get("entryPoint", []), *container.get("command", [])]:
        return None
    return str(next((item["value"] for item in container.get("environment", []) if item["name"] == RUNNER_VARIABLE), ""))


def _unreachable(start: containers.Start, url: SplitResult) -> Performance | None:
    """What Rails does whose database does not answer: it waits as long as TCP does, and says so."""
    host, port = url.hostname or "", url.port or POSTGRESQL
    address = endpoints.kept_out(start.call, start.task.get("address", ""), host, port)
    if not address:
        return None
    told = f'ActiveRecord::ConnectionNotEstablished: connection to server at "{host}" ({address}), port {port} failed: Connection timed out'
    lines = ["bin/rails aborted!", told, "\tIs the server running on that host and accepting TCP/IP connections?"]
    return Performance([(TIMED_OUT, line) for line in lines[_mode(start.container) is not None :]], [], TIMED_OUT, 1)


def _url(start: containers.Start) -> SplitResult:
    """DATABASE_URL of the container; an empty one when it has none."""
    value = next((str(item["value"]) for item in start.container.get("environment", []) if item["name"] == URL), "")
    for secret in start.container.get("secrets", []):
        if secret["name"] == URL:
            value = needs.secret_value(start.call, secret)
    return urlsplit(value)


def database(start: containers.Start, url: SplitResult) -> str:
    """Host and name of the container's database, without user and password."""
    return f"{url.hostname}{url.path}" if url.hostname else ecs.last(start.task["clusterArn"])


def _runs(task: Task, name: str) -> bool:
    shown = next(item for item in task["containers"] if item["name"] == name)
    return bool(shown["lastStatus"] == "RUNNING" and task["desiredStatus"] == "RUNNING")


def _apply(task: Task, there: Database, version: str) -> None:
    if task["desiredStatus"] == "RUNNING":
        there.applied.append(version)


scripts.commands[NAME] = migrates
containers.on_start.append(play)


@registry.on_reset
def _forget() -> None:
    _databases.clear()
