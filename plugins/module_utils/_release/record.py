# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records of releases: `releases/<8 digits>.json` in the environment's bucket, one for each release, never deleted.

Times are ISO 8601 by the clock of whoever releases. What a kill leaves: a record that says `running`, in the stage that was written last,
and the next holder of the lock ends it (`unfinished`). A lost reply never makes a second record, and a number is never given twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .._core.errors import RailyardError
from . import store
from .lock_state import now
from .store import Stored

Release = dict[str, Any]
PREFIX = "releases/"
KEY = re.compile(rf"{PREFIX}(\d{{8}})\.json")
OPEN = ("running", "interrupted")  # The next release of the same image goes on with it.
STATUSES = (*OPEN, "succeeded", "failed", "rolled_back", "stopped")
AT_ONCE = 100
READ_AT_ONCE = 10  # As many connections as a client of boto3 keeps.
# What a release has; what is not known yet is as here.
BLANK: Release = {
    "number": None,
    "status": "running",
    "stage": None,
    "image": None,
    "digest": None,
    "commit": None,
    "task_definitions": {},
    "schema_before": None,
    "schema_after": None,
    "contract": [],
    "who": None,
    "reason": None,
    "back_to": None,
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


def _checked(given: Release, base: Release | None = None) -> Release:
    unknown = sorted(set(given) - set(BLANK))
    if unknown or given.get("status", "running") not in STATUSES:
        raise RailyardError(f"a release has no {', '.join(unknown) or given['status']}; it has {', '.join(BLANK)}; status {STATUSES}")
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


def latest(client: Any, bucket: str) -> Stored | None:
    """The newest release, whatever became of it."""
    newest = numbers(client, bucket)
    return find(client, bucket, newest[0]) if newest else None


def last_good(records: list[Release], before: int | None = None) -> Release | None:
    """The newest release that succeeded, of those with a number smaller than `before` when it is given. `records`: the newest first."""
    good = (record for record in records if record["status"] == "succeeded" and (before is None or record["number"] < before))
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


def contract_since(records: list[Release], number: int) -> list[str]:
    """Versions of the contract migrations (they drop or rename) that the database has had since release `number`, the oldest first.

    They are what going back to `number` would have to cross. Releases that failed count too: a database goes back with none of them.
    """
    later = sorted((record for record in records if record["number"] > number), key=lambda record: int(record["number"]))
    return list(dict.fromkeys(str(version) for record in later for version in record["contract"]))


def commit_of(tags: list[str], labels: dict[str, str] | None = None) -> str | None:
    """The commit an image was built of: the OCI label `org.opencontainers.image.revision`, else the longest tag that looks like a commit.

    https://github.com/opencontainers/image-spec/blob/main/annotations.md. A short one has digits and letters, so that neither a build's
    number nor a word is taken for it.
    """
    labelled = (labels or {}).get("org.opencontainers.image.revision")
    if labelled:
        return labelled
    short = r"(?=.*\d)(?=.*[a-f])[0-9a-f]{7,39}"
    found = [tag for tag in tags if re.fullmatch(rf"[0-9a-f]{{40}}|{short}", tag)]
    return max(found, key=len, default=None)
