# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records of releases, and of migrations without one: `releases/<8 digits>.json` in the environment's bucket, never deleted.

Times are ISO 8601 by the clock of whoever releases. What a kill leaves: a record that says `running`, in the stage that was written last,
and the next holder of the lock ends it (`unclosed`). A lost reply never makes a second record, and a number is never given twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypedDict, cast

from .._codepipeline.own_execution import Execution
from .._core.errors import RailyardError
from .._s3 import store
from .._s3.store import Stored
from .lock_state import Shown, now

PREFIX = "releases/"
KEY = re.compile(rf"{PREFIX}(\d{{8}})\.json")
OPEN = ("running", "interrupted")  # The next release of the same image goes on with it.
STATUSES = (*OPEN, "succeeded", "failed", "rolled_back", "stopped")
KINDS = RELEASE, MIGRATION = ("release", "migration")
MIGRATED = ("schema_before", "schema_after", "destructive_migrations", "destructive_migrations_unknown")
# Members by the names that they had in records of earlier versions.
RENAMED = {"who": "requested_by", "contract": "destructive_migrations", "contract_unknown": "destructive_migrations_unknown"}
AT_ONCE = 100
READ_AT_ONCE = 10  # As many connections as a client of boto3 keeps.


class Stage(TypedDict):
    """When a release entered a stage and when it left it, in ISO 8601; `finished` is None while the release is in it."""

    started: str
    finished: str | None


class Record(TypedDict):
    """A release, or a migration without one (`kind`), as the bucket holds it.

    `status`: of STATUSES. `stage`: the last one it was in; `stages`: all of them, by name. `image`: URI by digest.
    `task_definitions`: ARN by process. `schema_before`, `schema_after`: version of the newest migration in the database.
    `destructive_migrations`: versions of the migrations that it applied and that drop or rename something;
    `destructive_migrations_unknown`: whether there may have been others.
    `author`, `subject` (first line of its message), `link`: of the commit, by pipelines only; `pipeline`, `execution_id`: what released it.
    `back_to`: number of the release that this one goes back to. `token`: of the request for a migration. Times are in ISO 8601.
    None is what is not known, or not yet.
    """

    number: int
    kind: str
    status: str
    stage: str | None
    image: str | None
    digest: str | None
    commit: str | None
    author: str | None
    subject: str | None
    link: str | None
    pipeline: str | None
    execution_id: str | None
    task_definitions: dict[str, str]
    schema_before: str | None
    schema_after: str | None
    destructive_migrations: list[str]
    destructive_migrations_unknown: bool
    requested_by: str | None
    reason: str | None
    back_to: int | None
    token: str | None
    started_at: str | None
    finished_at: str | None
    engine: str | None
    deployment_id: str | None
    result: str | None
    stages: dict[str, Stage]


# The members of a record and their values as long as nothing else is known. Records of earlier versions lack some (see `complete`).
BLANK: dict[str, Any] = {
    "number": None,
    "kind": RELEASE,
    "status": "running",
    "stage": None,
    "image": None,
    "digest": None,
    "commit": None,
    "author": None,
    "subject": None,
    "link": None,
    "pipeline": None,
    "execution_id": None,
    "task_definitions": {},
    "schema_before": None,
    "schema_after": None,
    "destructive_migrations": [],
    "destructive_migrations_unknown": False,
    "requested_by": None,
    "reason": None,
    "back_to": None,
    "token": None,
    "started_at": None,
    "finished_at": None,
    "engine": None,
    "deployment_id": None,
    "result": None,
    "stages": {},
}


def complete(known: Mapping[str, Any]) -> Record:
    """The record of which `known` is written; members that an earlier version did not write are as in BLANK."""
    return cast(Record, {**BLANK, **known})


def renamed(value: Mapping[str, Any]) -> dict[str, Any]:
    """A record as it was read, with its members by the names of this version. Pure."""
    return {RENAMED.get(name, name): member for name, member in value.items()}


def key(number: int) -> str:
    return f"{PREFIX}{number:08d}.json"


def numbers(client: Any, bucket: str) -> list[int]:
    """The numbers of all releases, the newest first."""
    found = [KEY.fullmatch(name) for name in store.keys(client, bucket, PREFIX)]
    return sorted((int(match[1]) for match in found if match), reverse=True)


def open_release(client: Any, bucket: str, **known: Any) -> Stored[Record]:
    """A record with the next number, with what is `known` of the release. Two that open at once get two numbers (AT_ONCE do, at most)."""
    first = max(numbers(client, bucket), default=0) + 1
    for number in range(first, first + AT_ONCE):
        opened = store.create(client, bucket, key(number), complete({**_checked(known), "number": number, "started_at": now()}))
        if opened:
            return opened
    raise RailyardError(f"S3 has refused to write the records of releases {first} to {first + AT_ONCE - 1}, though there are none")


def update(client: Any, bucket: str, record: Stored[Record], **changes: Any) -> Stored[Record]:
    """The record with `changes`. Raises RailyardError when somebody else has written it meanwhile: only the lock's holder does."""
    value = complete({**record.value, **_checked(changes)})
    if value == record.value:
        return record
    written = store.replace(client, bucket, key(value["number"]), value, record.etag)
    if written is None:
        message = f"somebody else has changed the record of release {value['number']} meanwhile; only the holder of the lock may"
        raise RailyardError(message, wanted=changes)
    return written


def outcome(told: Mapping[str, Any]) -> dict[str, Any]:
    """What a migration has told of its end, well or not, as changes of a record. Pure."""
    return {name: told[name] for name in MIGRATED if name in told}


def _checked(given: dict[str, Any]) -> dict[str, Any]:
    """The same. Raises RailyardError for members and values that no record has."""
    unknown = sorted(set(given) - set(BLANK))
    if unknown or given.get("status", "running") not in STATUSES or given.get("kind", RELEASE) not in KINDS:
        wrong = ", ".join(unknown) or f"{given.get('kind', RELEASE)} that is {given.get('status', 'running')}"
        raise RailyardError(f"a release has no {wrong}; it has {', '.join(BLANK)}; kind {KINDS}, status {STATUSES}")
    return given


def entered(record: Record, stage: str, at: str | None = None) -> dict[str, Any]:
    """The changes by which a release goes over to its next stage: the one it was in is finished. Pure but for the time."""
    at = at or now()
    return {"stage": stage, "stages": {**_left(record, at), stage: {"started": at, "finished": None}}}


def ended(record: Record, status: str, result: str, at: str | None = None) -> dict[str, Any]:
    """The changes by which a release ends, well or not; `stage` stays the last one it was in."""
    at = at or now()
    return {"status": status, "result": result, "finished_at": at, "stages": _left(record, at)}


def paused(record: Record, at: str | None = None) -> dict[str, Any]:
    """The changes by which a release has finished a stage, and somebody else begins the next one. Pure but for the time."""
    return {"stages": _left(record, at or now())}


def _left(record: Record, at: str) -> dict[str, Stage]:
    stages, last = dict(record["stages"]), record["stage"]
    if last is not None and last in stages and not stages[last]["finished"]:
        stages[last] = {**stages[last], "finished": at}
    return stages


def recent(client: Any, bucket: str, most: int = 100) -> list[Record]:
    """The newest releases, the newest first; 0 reads all of them."""
    wanted = numbers(client, bucket)
    read: Callable[[int], Stored[Record] | None] = lambda number: find(client, bucket, number)  # noqa: E731
    with ThreadPoolExecutor(READ_AT_ONCE) as pool:
        found = list(pool.map(read, wanted[: most or None]))
    return [record.value for record in found if record]


def find(client: Any, bucket: str, number: int) -> Stored[Record] | None:
    """One release, None when there is none of this number."""
    found = store.read(client, bucket, key(number))
    return Stored(complete(renamed(found.value)), found.etag, found.modified, found.now) if found else None


def newest_first(client: Any, bucket: str, most: int = 100) -> Iterator[Stored[Record]]:
    """The newest records one by one: whoever looks for one of them reads no more than it takes."""
    for number in numbers(client, bucket)[:most]:
        found = find(client, bucket, number)
        if found:
            yield found


def of_execution(client: Any, bucket: str, execution: Execution) -> Stored[Record] | None:
    """The newest release of an execution of a pipeline; None without one."""
    wanted = (execution["pipeline"], execution["execution_id"])
    return next((found for found in newest_first(client, bucket) if (found.value["pipeline"], found.value["execution_id"]) == wanted), None)


def unclosed(client: Any, bucket: str) -> list[Stored[Record]]:
    """The newest release and the migrations after it, as far as they say that they run. The lock's holder knows: theirs are gone."""
    running = []
    for found in newest_first(client, bucket):
        if found.value["status"] in OPEN:
            running.append(found)
        if found.value["kind"] == RELEASE:
            break
    return running


def has_migrated(client: Any, bucket: str, digest: str) -> bool:
    """Whether the migrations of an image are known to have been run: by a release that came past them, or without one."""
    return any(found.value["digest"] == digest and migrated(found.value) for found in newest_first(client, bucket))


def migrated(record: Record) -> bool:
    """Whether this record is of migrations that came to a good end. Pure."""
    if record["kind"] == MIGRATION:
        return record["status"] == "succeeded" and record["digest"] is not None
    return "migrate" in record["stages"] and record["stage"] != "migrate"


def releases(records: list[Record]) -> list[Record]:
    """Those that are releases. Pure."""
    return [record for record in records if record.get("kind", RELEASE) == RELEASE]


def settled(records: list[Record], held: Shown | None) -> list[Record]:
    """The same, in which only those run that a living holder of the lock works on. `held`: the lock, as lock.find shows it. Pure.

    A holder that has noted no number may have opened its record just now.
    """
    alive = held is not None and held["status"] == "held"
    working = held["release"] if held is not None else None

    def gone(record: Record) -> bool:
        return record["status"] == "running" and not (alive and working in (None, record["number"]))

    return [{**record, "status": "interrupted"} if gone(record) else record for record in records]


def destructive_since(records: list[Record], number: int, digest: str | None = None) -> list[str]:
    """Versions of the destructive migrations (they drop or rename) that the database has had since release `number`, the oldest first.

    They are what going back to `number` would have to cross; those of its own image, of this `digest`, its code knows. Releases that
    failed count too: a database goes back with none of them.
    """
    return list(dict.fromkeys(str(version) for record in _since(records, number, digest) for version in record["destructive_migrations"]))


def unknown_since(records: list[Record], number: int, digest: str | None = None) -> list[Record]:
    """Records since `number` of which nobody knows what they have dropped or renamed, the oldest first."""
    return [record for record in _since(records, number, digest) if record.get("destructive_migrations_unknown")]


def _since(records: list[Record], number: int, digest: str | None) -> list[Record]:
    later = [record for record in records if record["number"] > number and (digest is None or record.get("digest") != digest)]
    return sorted(later, key=lambda record: int(record["number"]))
