# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What changes the schema without a release: under the lock of releases, and with a record among theirs, which a rollback reads.

`place`: {bucket, cluster, service, requested_by, lock_timeout}.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from .._core.errors import RailyardError
from .._core.progress import Say
from .._ecr import image as images
from .._ecr.image import NO_DIGEST
from .._ecs import live_services, run_task
from .._ecs.followed_task import EMPTY, TaskResult
from .._ecs.service import Service
from .._environment.naming import Names
from .._one_off import families, migration
from .._one_off.migrate_rb import ALL
from .._one_off.migration_report import Report
from .._s3.store import Stored
from . import lock, record, retention
from .environment import WEB
from .lock import Lock

Result = TypeVar("Result", bound=Mapping[str, Any])
NEVER_RAN = ("refused", "never_started")  # Kinds of run_task.
NOT_KNOWN = "what it has applied is not known"


@contextmanager
def locked(clients: dict[str, Any], place: dict[str, Any], reason: str, say: Say) -> Iterator[Lock]:
    """The environment's lock, with heartbeats. What a killed release has noted in it stays for the next release."""
    ask = lock.asking(clients)
    held = lock.acquire(clients["s3"], place["bucket"], place["requested_by"], reason, place["lock_timeout"], say, ask=ask)
    try:
        with lock.Heartbeat(held):
            yield held
    finally:
        held.release(finished=False)


def open_record(clients: dict[str, Any], place: dict[str, Any], known: dict[str, Any], say: Say) -> Stored[record.Record]:
    """The record of what is about to begin; of the same `token` and image the one that a killed attempt has left. Needs the lock."""
    s3, bucket = clients["s3"], place["bucket"]
    for left in record.unclosed(s3, bucket):
        if left.value["kind"] != record.MIGRATION:
            continue
        if known.get("token") and (left.value["token"], left.value["digest"]) == (known["token"], known.get("digest")):
            say(f"going on with {label(left.value)}, which was interrupted")
            unknown = left.value["destructive_migrations_unknown"] or known["destructive_migrations_unknown"]
            return record.update(s3, bucket, left, destructive_migrations_unknown=unknown)
        close_record(clients, bucket, left)
    services = live_services.read(clients["ecs"], place["cluster"], [place["service"]], True)
    note_live(clients, bucket, {item["service_name"]: item for item in services}, place["requested_by"], say)
    return record.open_release(s3, bucket, kind=record.MIGRATION, requested_by=place["requested_by"], **known)


def record_end(clients: dict[str, Any], bucket: str, entry: Stored[record.Record], held: Lock, work: Callable[[], Result]) -> Result:
    """Call `work` and record how it ended. Only what the task has reported counts as known."""
    try:
        done = work()
    except RailyardError as error:
        if not held.lost.is_set():
            nothing = {"destructive_migrations_unknown": False} if error.details.get("kind") in NEVER_RAN else {}
            end = record.ended(entry.value, "failed", error.message.splitlines()[0][:500])
            record.update(clients["s3"], bucket, entry, **{**record.outcome(error.details), **nothing, **end})
        raise
    applied = f"{len(done['applied'])} applied" if "applied" in done else f"ended well; {NOT_KNOWN}"
    record.update(clients["s3"], bucket, entry, **record.outcome(done), **record.ended(entry.value, "succeeded", applied))
    return done


def close_record(clients: dict[str, Any], bucket: str, left: Stored[record.Record]) -> None:
    """End the record of a migration whose process was killed. Needs the lock."""
    record.update(clients["s3"], bucket, left, **record.ended(left.value, "failed", f"interrupted; {NOT_KNOWN}"))


def note_live(clients: dict[str, Any], bucket: str, services: dict[str, Service], requested_by: str, say: Say) -> None:
    """A record of the live image where no release has brought it, so that a rollback finds it, and its image. Needs the lock."""
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
        requested_by=requested_by,
        result="found live; no release has brought it",
    )
    number = int(opened.value["number"])
    say(f"{image} is live, and no release has brought it: recorded as release {number}, to go back to")
    try:
        retention.protect(clients["ecr"], image.partition("@")[0].partition("/")[2], digest, number)
    except RailyardError as error:
        say(f"it cannot be kept in the repository: {error.message}")


def label(value: record.Record) -> str:
    """`release 12` or `migration 13`. Pure."""
    return f"{value.get('kind', record.RELEASE)} {value['number']}"


def migrate(clients: dict[str, Any], names: Names, options: dict[str, Any], say: Say, check: bool) -> dict[str, Any]:
    """What the options of the module rails_migration say of an environment; returns the result of `migration.migrate` and the image.

    `clients`: {ecr, ecs, logs, s3}. It is recorded, so that a rollback knows of it. A listing needs neither lock nor record. A check starts
    no task, and so knows of no migration.
    """
    image = images.resolve(clients["ecr"], names.repository, options["image"], options["architecture"])
    wanted = {**options, "cluster": names.cluster, "log_group": names.log_groups["run"], "bucket": names.bucket, "image": image}
    if check:
        families.plan(clients["ecs"], names.cluster, image["uri"], wanted["log_group"])
        return {**Report().values(), "pending": None, "task": EMPTY, "image": image}
    if options["list"]:
        return {**migration.pending(clients, wanted, say), "image": image}
    place = {**wanted, "requested_by": options["requested_by"]}
    known = {"image": image["uri"], "digest": image["digest"], "commit": image["commit"], "token": options["token"]}
    with locked(clients, place, f"migrating {image['uri']}", say) as held:
        entry = open_record(clients, place, {**known, "destructive_migrations_unknown": migration.mode_of(wanted) == ALL}, say)
        done = record_end(clients, names.bucket, entry, held, lambda: migration.migrate(clients, wanted, say, held.check))
    return {**done, "image": image}


def run_command(clients: dict[str, Any], wanted: dict[str, Any], say: Say) -> TaskResult:
    """Run a command that changes the schema, with the lock. It does not report what it has applied."""
    line = shlex.join(wanted["command"])
    place = {**wanted, "requested_by": wanted.get("requested_by") or "somebody"}
    with locked(clients, place, f"running {line}", say) as held:
        known = {"reason": line[:500], "token": wanted.get("token"), "destructive_migrations_unknown": True}
        entry = open_record(clients, place, known, say)
        say(f"recorded as {label(entry.value)}; what it drops or renames only playbooks/migrate.yml would know")
        return record_end(clients, wanted["bucket"], entry, held, lambda: run_task.run(clients, wanted, say, held.check))
