# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records of releases, and of migrations without one: `releases/<8 digits>.json` in the environment's bucket, never deleted.

Times are ISO 8601 by the clock of whoever releases. What a kill leaves: a record that says `running`, in the stage that was written last,
and the next holder of the lock ends it (`unfinished`). A lost reply never makes a second record, and a number is never given twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .._core.errors import RailyardError
from .._s3 import store
from .._s3.store import Stored
from .lock_state import now

Release = dict[str, Any]
PREFIX = "releases/"
KEY = re.compile(rf"{PREFIX}(\d{{8}})\.json")
OPEN = ("running", "interrupted")  # The next release of the same image goes on with it.
STATUSES = (*OPEN, "succeeded", "failed", "rolled_back", "stopped")
KINDS = RELEASE, MIGRATION = ("release", "migration")
MIGRATED = ("schema_before", "schema_after", "contract", "contract_unknown")
AT_ONCE = 100
READ_AT_ONCE = 10  # As many connections as a client of boto3 keeps.
# What a release has; what is not known yet is as here. A migration without a release has a number of the same series, and `kind`.
BLANK: Release = {
    "number": None,
    "kind": RELEASE,
    "status": "running",
    "stage": None,
    "image": None,
    "digest": None,
    "commit": None,
    "task_definitions": {},
    "schema_before": None,
    "schema_after": None,
    "contract": [],
    # Whether migrations that drop or rename, and are not in `contract`, may have been applied.
    "contract_unknown": False,
    "who": None,
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


def key(number: int) -> str:
    return f"{PREFIX}{number:08d}.json"


def numbers(client: Any, bucket: str) -> list[int]:
    """The numbers of all releases, the newest first."""
    found = [KEY.fullmatch(name) for name in store.keys(client, bucket, PREFIX)]
    return sorted((int(match[1]) for match in found if match), reverse=True)


def open_release(client: Any, bucket: str, **known: Any) -> Stored:
    """A record with the next number, with what is `known` of the release. Two that open at once get two numbers (AT_ONCE do, at most)."""
    first = max(numbers(client, bucket), default=0) + 1
    for number in range(first, first + AT_ONCE):
        opened = store.create(client, bucket, key(number), {**_checked(known), "number": number, "started_at": now()})
        if opened:
            return opened
    raise RailyardError(f"S3 has refused to write the records of releases {first} to {first + AT_ONCE - 1}, though there are none")


def update(client: Any, bucket: str, record: Stored, **changes: Any) -> Stored:
    """The record with `changes`. Raises RailyardError when somebody else has written it meanwhile: only the lock's holder does."""
    value = {**record.value, **_checked(changes, {})}
    if value == record.value:
        return record
    written = store.replace(client, bucket, key(value["number"]), value, record.etag)
    if written is None:
        message = f"somebody else has changed the record of release {value['number']} meanwhile; only the holder of the lock may"
        raise RailyardError(message, wanted=changes)
    return written


def outcome(told: Release) -> Release:
    """What a migration has told of its end, well or not, as changes of a record. Pure."""
    return {name: told[name] for name in MIGRATED if name in told}


def _checked(given: Release, base: Release | None = None) -> Release:
    unknown = sorted(set(given) - set(BLANK))
    if unknown or given.get("status", "running") not in STATUSES or given.get("kind", RELEASE) not in KINDS:
        wrong = ", ".join(unknown) or f"{given.get('kind', RELEASE)} that is {given.get('status', 'running')}"
        raise RailyardError(f"a release has no {wrong}; it has {', '.join(BLANK)}; kind {KINDS}, status {STATUSES}")
    return {**(BLANK if base is None else base), **given}


def entered(record: Release, stage: str, at: str | None = None) -> Release:
    """The changes by which a release goes over to its next stage: the one it was in is finished. Pure but for the time."""
    at = at or now()
    return {"stage": stage, "stages": {**_left(record, at), stage: {"started": at, "finished": None}}}


def ended(record: Release, status: str, result: str, at: str | None = None) -> Release:
    """The changes by which a release ends, well or not; `stage` stays the last one it was in."""
    at = at or now()
    return {"status": status, "result": result, "finished_at": at, "stages": _left(record, at)}


def _left(record: Release, at: str) -> Release:
    stages, last = dict(record["stages"]), record["stage"]
    if last in stages and not stages[last]["finished"]:
        stages[last] = {**stages[last], "finished": at}
    return stages


def recent(client: Any, bucket: str, most: int = 100) -> list[Release]:
    """The newest releases, the newest first; 0 reads all of them."""
    wanted = numbers(client, bucket)
    read: Callable[[int], Stored | None] = lambda number: find(client, bucket, number)  # noqa: E731
    with ThreadPoolExecutor(READ_AT_ONCE) as pool:
        found = list(pool.map(read, wanted[: most or None]))
    return [record.value for record in found if record]


def find(client: Any, bucket: str, number: int) -> Stored | None:
    """One release, None when there is none of this number."""
    found = store.read(client, bucket, key(number))
    return Stored({**BLANK, **found.value}, found.etag, found.modified, found.now) if found else None


def newest_first(client: Any, bucket: str, most: int = 100) -> Iterator[Stored]:
    """The newest records one by one: whoever looks for one of them reads no more than it takes."""
    for number in numbers(client, bucket)[:most]:
        found = find(client, bucket, number)
        if found:
            yield found


def latest(client: Any, bucket: str) -> Stored | None:
    """The newest record, whatever became of it."""
    return next(newest_first(client, bucket), None)


def unclosed(client: Any, bucket: str) -> list[Stored]:
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


def migrated(record: Release) -> bool:
    """Whether this record is of migrations that came to a good end. Pure."""
    if record["kind"] == MIGRATION:
        return record["status"] == "succeeded" and record["digest"] is not None
    return "migrate" in record["stages"] and record["stage"] != "migrate"


def releases(records: list[Release]) -> list[Release]:
    """Those that are releases. Pure."""
    return [record for record in records if record.get("kind", RELEASE) == RELEASE]


def last_good(records: list[Release], before: int | None = None) -> Release | None:
    """The newest release that succeeded, of those with a number smaller than `before` when it is given. `records`: the newest first."""
    good = (record for record in releases(records) if record["status"] == "succeeded" and (before is None or record["number"] < before))
    return next(good, None)


def unfinished(records: list[Release], own: int | None = None) -> list[Release]:
    """Releases that have not come to an end. To the holder of the lock, all but its `own` are of holders that were killed."""
    return [record for record in records if record["status"] in OPEN and record["number"] != own]


def settled(records: list[Release], held: Release | None) -> list[Release]:
    """The same, in which only those run that a living holder of the lock works on. `held`: the lock, as lock.find shows it. Pure.

    A holder that has noted no number may have opened its record just now.
    """
    alive = held is not None and held["status"] == "held"
    working = held["release"] if held is not None else None

    def gone(record: Release) -> bool:
        return record["status"] == "running" and not (alive and working in (None, record["number"]))

    return [{**record, "status": "interrupted"} if gone(record) else record for record in records]


def contract_since(records: list[Release], number: int, digest: str | None = None) -> list[str]:
    """Versions of the contract migrations (they drop or rename) that the database has had since release `number`, the oldest first.

    They are what going back to `number` would have to cross; those of its own image, of this `digest`, its code knows. Releases that
    failed count too: a database goes back with none of them.
    """
    return list(dict.fromkeys(str(version) for record in _since(records, number, digest) for version in record["contract"]))


def unknown_since(records: list[Release], number: int, digest: str | None = None) -> list[Release]:
    """Records since `number` of which nobody knows what they have dropped or renamed, the oldest first."""
    return [record for record in _since(records, number, digest) if record.get("contract_unknown")]


def _since(records: list[Release], number: int, digest: str | None) -> list[Release]:
    later = [record for record in records if record["number"] > number and (digest is None or record.get("digest") != digest)]
    return sorted(later, key=lambda record: int(record["number"]))
