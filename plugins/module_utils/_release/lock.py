# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environment's lock: one at a time converges, releases, migrates or destroys.

Getting it, taking it over from a holder that is gone, looking at it, and opening it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .._core import interruption
from .._core.clock import next_pause
from .._core.errors import RailyardError
from .._core.plan import Plan, Step
from .._s3 import store
from .._s3.store import Stored
from . import lock_state
from .holding import TRIES, Beat, Lock

__all__ = ["Beat", "Lock", "acquire", "find", "make_plan"]

Say = Callable[[str], None]
FASTER = tuple(sorted(store.FASTER))


def acquire(
    client: Any,
    bucket: str,
    owner: str,
    reason: str,
    wait_seconds: float = 0,
    say: Say = lambda line: None,
    holder: dict[str, Any] | None = None,
) -> Lock:
    """The lock, for `owner` (a person or a pipeline), who is `reason` ("releasing shop@sha256:…"). It is held as long as the process
    `holder` lives, by default this one.

    A lock whose holder is gone is taken over; exactly one of several does it, and finds in `Lock.left` what the former one noted. One that
    is held is waited for, `wait_seconds` at most, with a line for each holder. Raises RailyardError with who has it (`lock`).
    """
    started, pause, tries, told = time.monotonic(), 0.5, 0, ""
    while tries < TRIES:
        stored = store.read(client, bucket, lock_state.KEY)
        if stored is None or lock_state.status(stored) != lock_state.HELD:
            lock = _take(client, bucket, stored, (owner, reason), holder)
            if lock:
                return lock
            tries += 1
            continue
        waited = time.monotonic() - started
        if waited >= wait_seconds:
            raise RailyardError(f"{lock_state.sentence(stored)}; {lock_state.HINT}", lock=lock_state.shown(stored))
        if stored.value.get("token") != told:
            told = str(stored.value.get("token"))
            say(f"waiting, at most {wait_seconds - waited:.0f} s: {lock_state.sentence(stored)}")
        interruption.sleep(min(pause, wait_seconds - waited))
        pause = next_pause(pause)
    raise RailyardError(f"S3 has refused {TRIES} times to write s3://{bucket}/{lock_state.KEY}, though nobody holds the lock")


def _take(client: Any, bucket: str, stored: Stored | None, said: tuple[str, str], holder: dict[str, Any] | None) -> Lock | None:
    """Make the lock, or take it over; None when somebody else was faster."""
    left = stored.value if stored else None
    value = lock_state.fresh(*said, left, holder)
    if stored is None:
        made = store.create(client, bucket, lock_state.KEY, value)
    else:
        made = store.replace(client, bucket, lock_state.KEY, value, stored.etag)
    return Lock(client, bucket, made, left) if made else None


def find(client: Any, bucket: str) -> dict[str, Any] | None:
    """The lock as `lock_state.shown`, None when nobody holds it."""
    stored = store.read(client, bucket, lock_state.KEY)
    return lock_state.shown(stored) if stored else None


def make_plan(wanted: dict[str, Any], live: dict[str, Any] | None) -> Plan:
    """`wanted`: the parameters of the module release_lock. A lock is opened only if it is still the one that was seen."""
    if wanted["state"] == "shown" or live is None or live["status"] == lock_state.ABANDONED:
        return Plan(live, live)
    if live["status"] == lock_state.HELD and not wanted["force"]:
        holder = f"{live['owner']} on {live['host']} is {live['reason']} since {live['since']}"
        message = (
            f"{holder}, and lives: last sign of life {live['silent_seconds']} s ago. Nothing was done; only force takes the lock from it"
        )
        raise RailyardError(message, lock=live)
    place = {"Bucket": wanted["bucket"], "Key": lock_state.KEY, "IfMatch": live["etag"]}
    left = lock_state.left_behind(live, wanted["owner"])
    if left is None:
        return Plan(live, None, (Step("DeleteObject", place, already=FASTER),))
    written = Step("PutObject", {**place, "Body": store.body(left), "ContentType": "application/json"}, already=FASTER)
    return Plan(live, {**live, "status": lock_state.ABANDONED, "abandoned": wanted["owner"], "silent_seconds": 0}, (written,))
