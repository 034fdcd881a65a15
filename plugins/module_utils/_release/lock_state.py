# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lock as an object: what is in it, whether its holder lives, and how it is said. Pure, but for a look at a process of this machine.

`lock.json` in the environment's bucket: {requested_by, host, process, reason, since, beat, token, release, scaling, execution, abandoned}.
`process` is as in _core/process.py, `since` and `beat` are the holder's own ISO 8601 times, for people only. `release` (a number) and
`scaling` (what was suspended) are noted by the holder for whoever has to finish its work. `abandoned` says who has taken the lock from
its holder.

With `execution` the holder is an execution of a pipeline. While one of its stages works, `process` is there and writes heartbeats. Between
two stages, for days if somebody has to approve, there is no process, and CodePipeline says whether the execution still runs.
"""

from __future__ import annotations

import secrets
import socket
from datetime import UTC, datetime
from typing import Any, TypedDict, cast

from .._autoscaling.suspension import Scaling
from .._codepipeline import own_execution
from .._codepipeline.own_execution import Ask, Execution, unasked
from .._core import process
from .._core.process import Process
from .._s3 import store
from .._s3.store import Stored

KEY = "lock.json"
STALE = 60  # Seconds by S3's clock without a heartbeat, after which anybody may take the lock over.
HELD, NO_HEARTBEAT, DEAD, ENDED, ABANDONED = "held", "stale", "dead", "ended", "abandoned"
NOTED = ("release", "scaling")
HINT = "to look: ansible-playbook playbooks/unlock.yml -i <the inventory>"


class Content(TypedDict, total=False):
    """The lock as the bucket holds it (see above). A lock that was taken from its holder has no `beat` and no `token`."""

    requested_by: str
    host: str
    process: Process | None
    execution: Execution | None
    reason: str
    since: str
    beat: str
    token: str
    release: int | None
    scaling: dict[str, Scaling] | None
    abandoned: str


class Shown(TypedDict):
    """The lock for people and results: its content without the token, its status, and the ETag that it takes to write it again."""

    status: str
    requested_by: str | None
    host: str | None
    process: Process | None
    execution: Execution | None
    reason: str | None
    since: str | None
    abandoned: str | None
    release: int | None
    scaling: dict[str, Scaling] | None
    held_seconds: int
    heartbeat_age_seconds: int
    etag: str


def fresh(
    requested_by: str, reason: str, left: Content | None, holder: Process | None = None, execution: Execution | None = None
) -> Content:
    """A lock of the process `holder`, without one of this, or of the `execution` of which this process is a stage.

    What a former holder has `left` goes on being noted, so that it survives this process too.
    """
    return {
        "requested_by": requested_by,
        "host": socket.gethostname(),
        "process": holder or process.this(),
        "execution": execution,
        "reason": reason,
        "since": now(),
        "beat": now(),
        "token": secrets.token_hex(16),
        "release": left.get("release") if left else None,
        "scaling": left.get("scaling") if left else None,
    }


def read(client: Any, bucket: str) -> Stored[Content] | None:
    """The lock, None where there is none. Raises RailyardError."""
    found = store.read(client, bucket, KEY)
    return Stored(renamed(found.value), found.etag, found.modified, found.now) if found else None


def renamed(value: dict[str, Any]) -> Content:
    """A lock with its members by the names of this version: earlier ones have written `owner` for `requested_by`. Pure."""
    return cast(Content, {"requested_by" if name == "owner" else name: member for name, member in value.items()})


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def left_behind(value: Content | Shown, by: str) -> Content | None:
    """What stays when a lock is taken from its holder: what was noted, without the token, so that the holder has lost it. None: nothing."""
    if not any(value.get(name) for name in NOTED):
        return None
    kept = {name: value.get(name) for name in ("requested_by", "host", "process", "execution", "reason", "since", *NOTED)}
    return cast(Content, {**kept, "abandoned": by})


def status(stored: Stored[Content], ask: Ask = unasked) -> str:
    """held: the holder lives. stale: no heartbeat for STALE seconds. dead: its process on this machine has ended.
    ended: the pipeline's execution is over. abandoned: taken from it.
    """
    value = stored.value
    if value.get("abandoned"):
        return ABANDONED
    if (execution := value.get("execution")) and not at_work(stored):
        return ENDED if ask(execution) in own_execution.ENDED else HELD
    if process.is_dead(value.get("process")):
        return DEAD
    return NO_HEARTBEAT if stored.age >= STALE else HELD


def at_work(stored: Stored[Content]) -> bool:
    """Whether a process holds the lock and, as far as can be seen, lives."""
    mine = stored.value.get("process")
    return bool(mine) and not process.is_dead(mine) and stored.age < STALE


def is_own(stored: Stored[Content], execution: Execution | None) -> bool:
    """Whether an earlier stage, or attempt, of the same execution has left the lock for this one."""
    theirs = stored.value.get("execution")
    same = bool(execution and theirs) and execution_of(theirs) == execution_of(execution)
    return same and not stored.value.get("abandoned") and not at_work(stored)


def execution_of(execution: Execution | None) -> tuple[str, str] | None:
    """What an execution is known by, whichever of its stages is meant."""
    return (execution["pipeline"], execution["execution_id"]) if execution else None


def shown(stored: Stored[Content], ask: Ask = unasked) -> Shown:
    """The lock for people and results."""
    value = stored.value
    return {
        "status": status(stored, ask),
        "requested_by": value.get("requested_by"),
        "host": value.get("host"),
        "process": value.get("process"),
        "execution": value.get("execution"),
        "reason": value.get("reason"),
        "since": value.get("since"),
        "abandoned": value.get("abandoned"),
        "release": value.get("release"),
        "scaling": value.get("scaling"),
        "held_seconds": held_seconds(stored),
        "heartbeat_age_seconds": int(stored.age),
        "etag": stored.etag,
    }


def held_seconds(stored: Stored[Content]) -> int:
    """Since when, by the holder's clock and S3's: for people, and never negative."""
    try:
        since = datetime.fromisoformat(stored.value["since"])
    except (KeyError, TypeError, ValueError):
        return 0
    return max(0, int((stored.now - since).total_seconds()))


def sentence(stored: Stored[Content]) -> str:
    """Who, what, since when, and the last heartbeat or, of a pipeline, the stage."""
    value = stored.value
    since = f"since {value.get('since')} ({held_seconds(stored) // 60} minutes)"
    heartbeat = f"last heartbeat {int(stored.age)} s ago"
    if not (execution := value.get("execution")):
        return f"{value.get('requested_by')} on {value.get('host')} is {value.get('reason')} {since}, {heartbeat}"
    stage = execution["stage"]
    where = f"is in its stage {stage}, {heartbeat}" if value.get("process") else f"has come past its stage {stage}"
    return f"execution {execution['execution_id']} of pipeline {execution['pipeline']} is {value.get('reason')} {since} and {where}"


def hint(value: Content) -> str:
    """The commands that tell more of the holder. Pure."""
    if not (execution := value.get("execution")):
        return HINT
    return f"to look: ansible-playbook playbooks/pipeline.yml -i <the inventory> -e execution={execution['execution_id']}"


def taken_over(left: Content) -> str:
    """Whose lock was taken over. `left`: what the former holder had written. Pure."""
    return f"took over the lock of {left.get('requested_by')}, who was {left.get('reason')} since {left.get('since')} and is gone"
