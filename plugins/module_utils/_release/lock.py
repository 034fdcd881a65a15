# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environment's lock: one run at a time converges, releases, migrates or destroys.

Acquire it, take it over from a holder that is gone, write heartbeats and notes, show it, open it.

What a kill leaves, by the write that came before it. Before the lock was created: nothing. After its creation, a heartbeat or a note: a
lock without heartbeats, which the next run takes over, with its notes, at once on the same machine and after STALE seconds elsewhere; so
work that must be finished is noted before it begins. After a take-over: the same, because its first write contains the former notes.
After the deletion: nothing. Where an execution of a pipeline holds it, its next stage or attempt takes it, and others do once CodePipeline
says that the execution is over.
"""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Any, cast

from .._codepipeline import own_execution
from .._codepipeline.own_execution import Ask, Execution, unasked
from .._core import interruption
from .._core.clock import next_pause
from .._core.errors import RailyardError
from .._core.plan import Plan, Step
from .._core.process import Process
from .._core.progress import Say
from .._s3 import store
from .._s3.store import Stored
from . import lock_state
from .lock_state import Content, Shown

FASTER = tuple(sorted(store.FASTER))
EVERY = 10.0  # Seconds between two heartbeats.
# The lock is taken over after STALE seconds without a heartbeat; ten seconds less allow for the network and for S3's whole seconds.
SURE = lock_state.STALE - 10

TRIES = 20


def acquire(
    client: Any,
    bucket: str,
    requested_by: str,
    reason: str,
    lock_timeout: float = 0,
    say: Say = lambda line: None,
    holder: Process | None = None,
    execution: Execution | None = None,
    ask: Ask = unasked,
) -> Lock:
    """Acquire the lock for `requested_by` (a person or a pipeline), with a `reason` ("releasing shop@sha256:…"). It is held while the
    process `holder` runs, by default this one, or while the `execution` does of which this process is a stage.

    A lock whose holder is gone is taken over, by exactly one of several; `Lock.left` has what the former holder noted. A lock that is held
    is waited for, `lock_timeout` seconds at most, with a line for each holder; that of an earlier attempt of the same execution until it
    is surely gone. Raises RailyardError with the lock's holder (`lock`).
    """
    started, pause, tries, told = time.monotonic(), 0.5, 0, ""
    while tries < TRIES:
        stored = lock_state.read(client, bucket)
        own = stored is not None and lock_state.is_own(stored, execution)
        if stored is None or own or lock_state.status(stored, ask) != lock_state.HELD:
            value = lock_state.fresh(requested_by, reason, stored.value if stored else None, holder, execution)
            lock = _take(client, bucket, stored, value, own)
            if lock:
                return lock
            tries += 1
            continue
        left = _patience(stored, execution, lock_timeout, ask) - (time.monotonic() - started)
        if left <= 0:
            raise _refused(stored, ask)
        if stored.value.get("token") != told:
            told = str(stored.value.get("token"))
            say(f"waiting, at most {left:.0f} s: {lock_state.sentence(stored)}")
        interruption.sleep(min(pause, left))
        pause = next_pause(pause)
    raise RailyardError(f"S3 has refused {TRIES} times to write s3://{bucket}/{lock_state.KEY}, though nobody holds the lock")


def asking(clients: dict[str, Any]) -> Ask:
    """An `ask` by the client `codepipeline` of some."""
    return own_execution.asking(lambda: clients["codepipeline"])


def _patience(stored: Stored[Content], execution: Execution | None, lock_timeout: float, ask: Ask) -> float:
    """Seconds to wait at most. An earlier attempt of the same execution whose machine is not ours is gone when its heartbeats are. And no
    execution waits, and pays for it, while another one waits for an approval, which may take days."""
    theirs = stored.value.get("execution")
    if not execution or not theirs:
        return lock_timeout
    if lock_state.execution_of(theirs) == lock_state.execution_of(execution):
        return max(lock_timeout, 2.0 * lock_state.STALE)
    return 0 if not lock_state.at_work(stored) and ask(theirs) == own_execution.WAITS else lock_timeout


def _refused(stored: Stored[Content], ask: Ask) -> RailyardError:
    said, execution = [lock_state.sentence(stored)], stored.value.get("execution")
    if execution and not lock_state.at_work(stored):
        said.append(f"CodePipeline says of it: {ask(execution)}")
    return RailyardError("; ".join([*said, lock_state.hint(stored.value)]), lock=lock_state.shown(stored, ask))


def _take(client: Any, bucket: str, stored: Stored[Content] | None, value: Content, own: bool) -> Lock | None:
    """Make the lock, or take it over; None when somebody else was faster."""
    if stored is None:
        made = store.create(client, bucket, lock_state.KEY, value)
    else:
        made = store.replace(client, bucket, lock_state.KEY, value, stored.etag)
    return Lock(client, bucket, made, stored.value if stored and not own else None) if made else None


def find(client: Any, bucket: str, ask: Ask = unasked) -> Shown | None:
    """The lock as `lock_state.shown`, None when nobody holds it."""
    stored = lock_state.read(client, bucket)
    return lock_state.shown(stored, ask) if stored else None


def make_plan(wanted: dict[str, Any], live: Shown | None) -> Plan:
    """`wanted`: the parameters of the module release_lock. A lock is opened only if it is still the one that was seen."""
    if wanted["state"] == "shown" or live is None or live["status"] == lock_state.ABANDONED:
        return Plan(live, live)
    if live["status"] == lock_state.HELD and not wanted["force"]:
        raise RailyardError(f"{_alive(live)}. Nothing was done; only force takes the lock from it", lock=live)
    place = {"Bucket": wanted["bucket"], "Key": lock_state.KEY, "IfMatch": live["etag"]}
    left = lock_state.left_behind(live, wanted["requested_by"])
    if left is None:
        return Plan(live, None, (Step("DeleteObject", place, already=FASTER),))
    written = Step("PutObject", {**place, "Body": store.body(left), "ContentType": "application/json"}, already=FASTER)
    return Plan(live, {**live, "status": lock_state.ABANDONED, "abandoned": wanted["requested_by"], "heartbeat_age_seconds": 0}, (written,))


def _alive(live: Shown) -> str:
    if execution := live["execution"]:
        whose = f"execution {execution['execution_id']} of pipeline {execution['pipeline']}, stage {execution['stage']},"
        return f"{whose} is {live['reason']} since {live['since']}, and has not ended"
    holder = f"{live['requested_by']} on {live['host']} is {live['reason']} since {live['since']}"
    return f"{holder}, and is alive: last heartbeat {live['heartbeat_age_seconds']} s ago"


class Lock:
    """A lock that this process holds. `left` is what a former holder left (its whole value), None when there was none.

    Once `goes_on` is true its end keeps the lock for the next stage of the same execution.

    Methods that write may be called from any thread; one writes at a time. `lost` is set when somebody else has the lock.
    """

    def __init__(self, client: Any, bucket: str, stored: Stored[Content], left: Content | None = None) -> None:
        self.client, self.bucket, self.left = client, bucket, left
        self.lost = threading.Event()
        self.goes_on = False
        self._stored, self._written = stored, clock()
        self._one_at_a_time = threading.Lock()
        self._why = ""

    @property
    def value(self) -> Content:
        """The content of the lock."""
        return self._stored.value

    @property
    def shown(self) -> Shown:
        """The lock as results show it."""
        return lock_state.shown(self._stored)

    def note(self, **changes: Any) -> None:
        """Write `release` or `scaling` into the lock; None removes it. Raises RailyardError when the lock is lost or S3 is not reached."""
        with self._one_at_a_time:
            self._write(changes)

    def check(self) -> None:
        """To call before each step that must not be done twice. Raises RailyardError when the lock is not held, or this is not known.

        After a minute without a heartbeat (a machine that slept, a network that was gone) it reads the lock from S3.
        """
        if not self.lost.is_set() and clock() - self._written < SURE:
            return
        with self._one_at_a_time:
            self._write({})

    def release(self, finished: bool = True) -> bool:
        """Release the lock, or leave it to the next stage. Unless all is `finished`, its notes stay for the next holder. False, without a
        write, if it is lost."""
        with self._one_at_a_time:
            for _unused in range(TRIES):
                if self.lost.is_set():
                    break
                if self._give_up(self._left(finished)):
                    self._lose("it was released")
                    return True
                self._find_mine()
        return False

    def _left(self, finished: bool) -> Content | None:
        if self.goes_on:
            return cast(Content, {**self.value, "process": None, "beat": lock_state.now()})
        return None if finished else lock_state.left_behind(self.value, str(self.value["requested_by"]))

    def _give_up(self, left: Content | None) -> bool:
        if left is None:
            return store.delete(self.client, self.bucket, lock_state.KEY, self._stored.etag)
        return store.replace(self.client, self.bucket, lock_state.KEY, left, self._stored.etag) is not None

    def _write(self, changes: dict[str, Any]) -> None:
        for _unused in range(TRIES):
            if self.lost.is_set():
                raise RailyardError(f"the lock is lost: {self._why}")
            value = cast(Content, {**self.value, **changes, "beat": lock_state.now()})
            stored = store.replace(self.client, self.bucket, lock_state.KEY, value, self._stored.etag)
            if stored:
                self._stored, self._written = stored, clock()
                return
            self._find_mine()
        raise RailyardError(f"S3 has refused {TRIES} times to write the lock, though it is still ours")

    def _find_mine(self) -> None:
        """After a write that S3 refused: either an earlier write of this process was done and its reply lost, or the lock is lost."""
        found = lock_state.read(self.client, self.bucket)
        if found is None:
            self._lose("somebody has released it")
        elif found.value.get("token") != self.value["token"]:
            taken = found.value.get("abandoned")
            self._lose(f"{taken} has taken it" if taken else lock_state.sentence(found))
        else:
            self._stored = found

    def _lose(self, why: str) -> None:
        self._why = why
        self.lost.set()


class Heartbeat:
    """Writes heartbeats in a thread: `with Heartbeat(lock): …`. It ends when the lock is lost, which `check` then reports."""

    def __init__(self, lock: Lock, every: float = EVERY) -> None:
        self._lock, self._every = lock, every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lock", daemon=True)

    def __enter__(self) -> Lock:
        self._thread.start()
        return self._lock

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join(self._every)

    def _run(self) -> None:
        while not self._stop.wait(self._every) and not self._lock.lost.is_set():
            try:
                self._lock.note()
            except RailyardError:
                # Lost: this ends. S3 not reached: tried again later, and `check` reads the lock after too long without a heartbeat.
                continue


def clock() -> float:
    """Seconds that go on while the machine sleeps, where the system has such a clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.time()
