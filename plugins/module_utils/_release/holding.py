# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Holding the lock: signs of life, notes for whoever must finish the work, and letting go.

What a kill leaves, write by write. Before the lock was made: nothing. After it was made, after a beat, after a note: a silent lock,
which the next one takes over at once on the same machine and after STALE seconds elsewhere, with what was noted in it; so what must be
finished is noted before it is begun. After a take-over: the same, because a take-over's first write holds what the former one noted.
After the deletion, which comes last: nothing.
"""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Any

from .._core.errors import RailyardError
from .._s3 import store
from .._s3.store import Stored
from . import lock_state

EVERY = 10.0  # Seconds between two signs of life.
# Nobody takes the lock over as long as it has not been silent for STALE seconds; the rest is for the way there and S3's whole seconds.
SURE = lock_state.STALE - 10

TRIES = 20


class Lock:
    """A lock that this process holds. `left` is what a former holder left (its whole value), None when there was none.

    Everything that writes does so one at a time, from any thread. `lost` is set once somebody else has it.
    """

    def __init__(self, client: Any, bucket: str, stored: Stored, left: dict[str, Any] | None = None) -> None:
        self.client, self.bucket, self.left = client, bucket, left
        self.lost = threading.Event()
        self._stored, self._written = stored, clock()
        self._one_at_a_time = threading.Lock()
        self._why = ""

    @property
    def value(self) -> dict[str, Any]:
        """What is written in it."""
        return self._stored.value

    @property
    def shown(self) -> dict[str, Any]:
        """As people and results see it."""
        return lock_state.shown(self._stored)

    def note(self, **changes: Any) -> None:
        """Write `release` or `scaling` into the lock; None takes it out. Raises RailyardError when it is lost or S3 is not reached."""
        with self._one_at_a_time:
            self._write(changes)

    def check(self) -> None:
        """Before each step that must not be done twice. Raises RailyardError when the lock is lost, or cannot be known to be held.

        After a silence (a machine that slept, a network that was gone) it asks S3.
        """
        if not self.lost.is_set() and clock() - self._written < SURE:
            return
        with self._one_at_a_time:
            self._write({})

    def release(self, finished: bool = True) -> bool:
        """Let go. Unless all is `finished`, what was noted stays for the next holder. Never touches a lock of somebody else: then False."""
        with self._one_at_a_time:
            for _unused in range(TRIES):
                if self.lost.is_set():
                    break
                if self._let_go(None if finished else lock_state.left_behind(self.value, str(self.value["owner"]))):
                    self._lose("it was released")
                    return True
                self._find_mine()
        return False

    def _let_go(self, left: dict[str, Any] | None) -> bool:
        if left is None:
            return store.delete(self.client, self.bucket, lock_state.KEY, self._stored.etag)
        return store.replace(self.client, self.bucket, lock_state.KEY, left, self._stored.etag) is not None

    def _write(self, changes: dict[str, Any]) -> None:
        for _unused in range(TRIES):
            if self.lost.is_set():
                raise RailyardError(f"the lock is lost: {self._why}")
            value = {**self.value, **changes, "beat": lock_state.now()}
            stored = store.replace(self.client, self.bucket, lock_state.KEY, value, self._stored.etag)
            if stored:
                self._stored, self._written = stored, clock()
                return
            self._find_mine()
        raise RailyardError(f"S3 has refused {TRIES} times to write the lock, though it is still ours")

    def _find_mine(self) -> None:
        """After a write that S3 refused: a write of our own may have been done although its reply was lost, else the lock is lost."""
        found = store.read(self.client, self.bucket, lock_state.KEY)
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


class Beat:
    """Signs of life while the holder works: `with Beat(lock): …`. Ends by itself when the lock is lost; the holder learns it by `check`."""

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
                # Lost: this ends. Not reached: again in a while, and `check` looks itself once the silence is too long.
                continue


def clock() -> float:
    """Seconds that go on while the machine sleeps, where the system has such a clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.time()
