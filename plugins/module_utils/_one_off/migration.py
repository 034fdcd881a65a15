# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Migrations of the database, in a task of the new image: what is pending, whether it may be done, and doing it once.

`wanted`: image (see image.resolve), log_group, cluster, service, protected (migrations that drop or rename must be
asked for), allow_destructive_migrations (they are), and optional token, requested_by, wait_timeout (seconds). The same token never starts
a second task, also after a kill: it finds the first one, and its end. A migration that may have run is never tried again by itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from .._core.clock import Clock
from .._core.errors import RailyardError
from .._core.progress import Say
from .._ecs import run_task
from .._ecs.followed_task import Log, TaskResult
from .._ecs.stopped_task import LogStream
from . import families, migrate_rb, migration_report
from .migrate_rb import ALL, LIST, MARK, SAFE
from .migration_report import Migration, Report, sentence

Clients = dict[str, Any]
Heartbeat = Callable[[], None]
MAY_HAVE_RUN = "Whether it has migrated is not known, and nothing is tried again. To see: playbooks/migrate.yml -e list=yes"
# Seconds between looks for lines that CloudWatch Logs shows late.
LATE = (2.0, 4.0, 8.0, 16.0)
# Kinds of an end after which the log gets no further lines.
ENDED = ("succeeded", "failed", "unknown")


class Migrated(Migration):
    """What became of a migration, with the task that migrated."""

    task: TaskResult


def pending(
    clients: Clients, wanted: dict[str, Any], say: Say, heartbeat: Heartbeat = lambda: None, clock: Clock | None = None
) -> Migrated:
    """The pending migrations, in the shape of `migrate`. Changes nothing in the database. `clients`: {ecs, logs}."""
    return _run(clients, wanted, LIST, say, heartbeat, clock or Clock())


def migrate(
    clients: Clients,
    wanted: dict[str, Any],
    say: Say,
    heartbeat: Heartbeat = lambda: None,
    clock: Clock | None = None,
    ready: Heartbeat = lambda: None,
) -> Migrated:
    """Migrate. Returns what became of it. `ready` is called right before the task is started, and may refuse it.

    `pending` is what was pending before, `applied` are versions, `destructive_migrations` those of them that drop or rename something.
    Raises RailyardError with the same in its details, as far as it is known, and a `kind`: destructive_migrations (such migrations were not
    asked for, nothing was migrated), or one of run_task's. After a failure `destructive_migrations` includes those that may be applied, and
    `destructive_migrations_unknown` says that there may be others.
    """
    return _run(clients, wanted, mode_of(wanted), say, heartbeat, clock or Clock(), ready)


def mode_of(wanted: dict[str, Any]) -> str:
    return SAFE if wanted["protected"] and not wanted.get("allow_destructive_migrations") else ALL


def token(wanted: dict[str, Any], mode: str) -> str | None:
    """The client token of RunTask (rule ECS-R3). Other modes are other tasks: `all` is asked for after `safe` has refused. Pure."""
    if not wanted.get("token") or mode == LIST:
        return None
    return f"migrate-{hashlib.sha256('/'.join((wanted['cluster'], str(wanted['token']), mode)).encode()).hexdigest()[:48]}"


def _run(
    clients: Clients, wanted: dict[str, Any], mode: str, say: Say, heartbeat: Heartbeat, clock: Clock, ready: Heartbeat = lambda: None
) -> Migrated:
    ecs = clients["ecs"]
    asked = {
        "cluster": wanted["cluster"],
        "task_definition": families.definition(ecs, wanted["cluster"], wanted["image"]["uri"], wanted["log_group"]),
        "network": families.network(ecs, wanted["cluster"], wanted["service"]),
        "container": families.RUN,
        "command": migrate_rb.command(),
        "environment": {migrate_rb.VARIABLE: mode},
        "token": token(wanted, mode),
        "started_by": wanted.get("requested_by"),
        "wait_timeout": wanted.get("wait_timeout"),
    }
    lines: list[str] = []
    ready()
    try:
        task = run_task.run(clients, asked, lambda line: _hear(line, lines, say), heartbeat, clock)
    except RailyardError as error:
        raise explained(error, _read(clients, error.details, lines, mode, clock), mode, lines) from error
    found = _read(clients, {**task, "kind": "succeeded"}, lines, mode, clock)
    if not _whole(found, mode, 0):
        raise _silent(task, found, mode)
    if found.applied:
        say(f"migrated from {found.before or 'an empty schema'} to {found.after}: {len(found.applied)} applied")
    return {**found.values(), "task": task}


def _hear(line: str, lines: list[str], say: Say) -> None:
    """Keep a line of the task. Lines in the format of our runner are shown as sentences."""
    lines.append(line)
    if MARK not in line:
        say(line)
        return
    for item in migration_report.read([line]).pending:
        say(f"pending: {sentence(item)}")


def _read(clients: Clients, task: dict[str, Any], lines: list[str], mode: str, clock: Clock) -> Report:
    """The report of a task that has ended, well or not. Its last lines may be late; they are waited for, as long as LATE.

    `task` is a result of run_task with its `kind`. A task that runs on, or never did, has no end of its report to wait for.
    """
    found = migration_report.read(lines)
    if task.get("kind") not in ENDED or not task.get("log_stream"):
        return found
    place: LogStream = {"logGroupName": task["log_group"], "logStreamName": task["log_stream"]}
    for pause in (0.0, *LATE):
        if _whole(found, mode, task.get("exit_code")):
            break
        clock.sleep(pause)
        lines[:] = Log(clients["logs"], place).rest() or lines
        found = migration_report.read(lines)
    return found


def _whole(found: Report, mode: str, exit_code: int | None) -> bool:
    """Whether the report of a task is complete. Pure."""
    nothing_done = mode == LIST or (mode == SAFE and exit_code == migrate_rb.DESTRUCTIVE)
    return found.listed and (found.ended or nothing_done)


def _silent(task: TaskResult, found: Report, mode: str) -> RailyardError:
    said = ["the task has ended with exit code 0, but has not said what it did. Is the command of the image's entrypoint run as it is?"]
    said += [f"its lines: {task['log_url']}", *(f"  {line}" for line in task["lines"][-migration_report.LAST :])]
    known = found.values(known=mode == LIST, possible=mode == ALL)
    details: dict[str, Any] = {**task, **known, "kind": "unknown", "task": task}
    return RailyardError("\n".join(said), **details)


def explained(error: RailyardError, found: Report, mode: str, lines: list[str]) -> RailyardError:
    """The error of a task, told as that of a migration. Migrations whose end is unknown count as possibly applied. Pure."""
    kind, code = error.details.get("kind"), error.details.get("exit_code")
    if kind == "failed" and code == migrate_rb.DESTRUCTIVE and mode == SAFE:
        kind, said = "destructive_migrations", refusal(found, error.details.get("log_url"))
    elif kind in ("refused", "never_started"):
        said = f"nothing was migrated: {error.message}"
    elif mode == LIST:
        said = f"what is pending is not known: {error.message}"
    elif kind == "failed" and code == 1:
        said = "\n".join([_failed(found), *(f"  {line}" for line in migration_report.errors(lines))])
    else:
        said = f"{error.message}\n{_applied(found)}"
    known = found.ended or mode == LIST or kind in ("destructive_migrations", "refused", "never_started")
    values = found.values(known, possible=not known and mode == ALL)
    return RailyardError(said, error.code, **{**error.details, **values, "kind": kind})


def _failed(found: Report) -> str:
    which = f"migration {found.failing} has failed" if found.failing else "the task that migrates has failed"
    applied = f"applied before it: {', '.join(found.applied)}" if found.applied else "nothing was applied"
    if found.ended:
        return f"{which}; {applied}"
    return f"{which}{f'; {applied} for certain' if found.applied else ''}. {MAY_HAVE_RUN}"


def _applied(found: Report) -> str:
    if found.ended:
        return f"Applied: {', '.join(found.applied) or 'nothing'}"
    last = f"; the last that had begun is {found.failing}" if found.failing else ""
    return f"Applied for certain: {', '.join(found.applied) or 'nothing'}{last}. {MAY_HAVE_RUN}"


def refusal(found: Report, log_url: str | None = None) -> str:
    """The text that says why nothing was migrated. Pure."""
    head = f"{len(found.destructive)} of {len(found.pending)} pending migrations drop or rename what the code that runs now may use:"
    if not found.listed:
        head = f"pending migrations drop or rename what the code that runs now may use; which, is in the log: {log_url}"
    last = "Nothing was migrated. When nothing that runs uses it any more: -e allow_destructive_migrations=yes"
    return "\n".join([head, *(f"  {item['version']} {item['name']}: {', '.join(item['destructive'])}" for item in found.destructive), last])
