# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What changes the schema without a release: under the lock of releases, and with a record among theirs, which a way back reads.

`place`: {bucket, cluster, service, who, wait_seconds}.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .._core.errors import RailyardError
from .._ecr.image import NO_DIGEST
from .._ecs import live_services
from .._s3.store import Stored
from . import lock, record, retention
from .environment import WEB
from .lock import Lock

Item = dict[str, Any]
Say = Callable[[str], None]
# Tasks of Rails that change the schema, of one database of several and of the gem data_migrate too; `db:seed` and the like change rows, and
# `db:migrate:status` nothing. `bin/setup` runs db:prepare.
TASKS = re.compile(
    r"\b(?:db|data):(?:\w+:)?(?:migrate(?!:(?:\w+:)?status\b)|rollback|forward|prepare|setup|reset|drop|purge|(?:schema|structure):load)\b"
    r"|\bbin/setup(?![\w-])"
)
# Ruby that migrates, or changes a table without a migration.
RUBY = re.compile(
    r"\b(?:MigrationContext|migration_context|Migrator|DatabaseTasks)\b.*\.(?:migrate|rollback|forward|up|down|run|load_schema|drop|purge|prepare)"
    r"|\.migrate\(?\s*:(?:up|down)\b|\bSchema(?:\[[\d.]+\])?\.define\b"
    r"|\b(?:create|drop|rename|change)_(?:join_)?table\b|\b(?:add|remove|rename|change)_(?:column|index|reference|belongs_to|timestamp|foreign_key)"
)
SQL = re.compile(
    r"\b(?:alter|create|drop|rename)\s+(?:or\s+replace\s+|unique\s+|materialized\s+|(?:un)?logged\s+|temp(?:orary)?\s+)*"
    r"(?:table|index|view|column|type|sequence|schema|database|function|procedure|trigger|extension|constraint|domain|policy|rule)\b",
    re.IGNORECASE,
)
NEVER_RAN = ("refused", "never_started")  # Kinds of run_task.
NOT_KNOWN = "what it has applied is not known"


def are_in(command: list[str] | None) -> bool:
    """Whether a command says that it changes the schema: by a task of Rails, in Ruby or in SQL. What a script does is not seen. Pure."""
    return any(form.search(word) for word in command or [] for form in (TASKS, RUBY, SQL))


@contextmanager
def locked(clients: Item, place: Item, reason: str, say: Say) -> Iterator[Lock]:
    """The lock of releases, with signs of life. What a release that was killed has noted is left to the next release."""
    held = lock.acquire(clients["s3"], place["bucket"], place["who"], reason, place["wait_seconds"], say)
    try:
        with lock.Beat(held):
            yield held
    finally:
        held.release(finished=False)


def begin(clients: Item, place: Item, known: Item, say: Say) -> Stored:
    """The record of what is about to begin; of the same `token` and image the one that a killed attempt has left. Needs the lock."""
    s3, bucket = clients["s3"], place["bucket"]
    for left in record.unclosed(s3, bucket):
        if left.value["kind"] != record.MIGRATION:
            continue
        if known.get("token") and (left.value["token"], left.value["digest"]) == (known["token"], known.get("digest")):
            say(f"going on with {label(left.value)}, which was interrupted")
            unknown = left.value["contract_unknown"] or known["contract_unknown"]
            return record.update(s3, bucket, left, contract_unknown=unknown)
        close(clients, bucket, left)
    services = live_services.read(clients["ecs"], place["cluster"], [place["service"]], True)
    note_live(clients, bucket, {item["service_name"]: item for item in services}, place["who"], say)
    return record.open_release(s3, bucket, kind=record.MIGRATION, who=place["who"], **known)


def run(clients: Item, bucket: str, entry: Stored, held: Lock, work: Callable[[], Item]) -> Item:
    """Do it, and record how it ended: what it has told of itself, and nothing else, counts as known."""
    try:
        done = work()
    except RailyardError as error:
        if not held.lost.is_set():
            nothing = {"contract_unknown": False} if error.details.get("kind") in NEVER_RAN else {}
            end = record.ended(entry.value, "failed", error.message.splitlines()[0][:500])
            record.update(clients["s3"], bucket, entry, **{**record.outcome(error.details), **nothing, **end})
        raise
    applied = f"{len(done['applied'])} applied" if "applied" in done else f"ended well; {NOT_KNOWN}"
    record.update(clients["s3"], bucket, entry, **record.outcome(done), **record.ended(entry.value, "succeeded", applied))
    return done


def close(clients: Item, bucket: str, left: Stored) -> None:
    """End the record of a migration whose process was killed. Needs the lock."""
    record.update(clients["s3"], bucket, left, **record.ended(left.value, "failed", f"interrupted; {NOT_KNOWN}"))


def note_live(clients: Item, bucket: str, services: dict[str, Item], who: str, say: Say) -> None:
    """A record of the live image where no release has brought it, so that a way back finds it, and its image. Needs the lock."""
    image = str((services.get(WEB, {}).get("live_images") or {}).get(WEB) or "")
    digest = image.partition("@")[2]
    if not digest or digest == NO_DIGEST:
        return
    known = record.newest_first(clients["s3"], bucket)
    if any(found.value["digest"] == digest and found.value["kind"] == record.RELEASE for found in known):
        return
    opened = record.open_release(
        clients["s3"],
        bucket,
        status="succeeded",
        image=image,
        digest=digest,
        task_definitions={name: item["live_task_definition"] for name, item in services.items() if item.get("live_task_definition")},
        who=who,
        result="found live; no release has brought it",
    )
    number = int(opened.value["number"])
    say(f"{image} is live, and no release has brought it: recorded as release {number}, to go back to")
    try:
        retention.protect(clients["ecr"], image.partition("@")[0].partition("/")[2], digest, number)
    except RailyardError as error:
        say(f"it cannot be kept in the repository: {error.message}")


def label(value: Item) -> str:
    """`release 12` or `migration 13`. Pure."""
    return f"{value.get('kind', record.RELEASE)} {value['number']}"
