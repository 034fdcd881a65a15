# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which processes of a run are writing to AWS, or wait for it to change: in memory that all of them share.

Each module's process has a slot, which it alone writes: a byte that says what it is doing, and how often it has begun. The fetcher takes
`state()` before it reads: as long as that is the same, nothing was begun since, and nothing was under way then.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import threading
from collections.abc import Iterator

SLOTS = 512
# The slot of what runs beside the server.
BESIDE = 0
# What a slot's process is doing: nothing that changes AWS; it has slept, and thus waits for AWS to change; it writes.
IDLE, WAITS, WRITES = 0, 1, 2


class Writes:
    """Of one run. Must be made before the processes that share it are forked. `close()` is for good, whatever else happens."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 8 * SLOTS + SLOTS + 1)
        self._begun = memoryview(self._memory)[: 8 * SLOTS].cast("Q")
        self._busy = memoryview(self._memory)[8 * SLOTS : -1]

    def state(self) -> bytes | None:
        """Equal to an earlier one when no write and no sleep has begun since; None while one is under way, and after `close()`."""
        begun = self.begun()
        # Afterwards: who begins sets `busy` first.
        return None if self.closed or any(self._busy) else begun

    def begun(self) -> bytes:
        """Another one after each beginning of a write or a sleep."""
        return bytes(self._begun)

    @property
    def closed(self) -> bool:
        return self._memory[-1] != 0

    def close(self) -> None:
        self._memory[-1] = 1

    def set(self, slot: int, doing: int) -> None:
        """Called by the slot's process alone, and after its end by the one that started it."""
        self._busy[slot] = doing

    def begin(self, slot: int, doing: int) -> None:
        self._busy[slot] = doing
        self._begun[slot] += 1

    def end(self, slot: int) -> None:
        """The slot's process has ended. In the middle of a write it is unknown when AWS does what it was told."""
        if self._busy[slot] == WRITES:
            self.close()
        self._busy[slot] = IDLE


class Slot:
    """What one process does; safe for threads. `slept`: whether it has ever slept."""

    def __init__(self, writes: Writes, number: int) -> None:
        self._all, self._number, self._process = writes, number, os.getpid()
        self._writing = self._sleeping = 0
        self.slept = self._waits = False
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def writing(self, answers: tuple[type[BaseException], ...] = ()) -> Iterator[None]:
        """Around a write. After any exception but `answers`, which AWS has sent, the write may still take place: it does not end."""
        self._begin(writing=1)
        try:
            yield
        except answers:
            self._end(writing=1)
            raise
        self._end(writing=1)

    @contextlib.contextmanager
    def sleeping(self) -> Iterator[None]:
        """Around a sleep. What it is for is over when this process ends, or when a later write has returned."""
        self._begin(sleeping=1)
        try:
            yield
        finally:
            self._end(sleeping=1)

    def _begin(self, writing: int = 0, sleeping: int = 0) -> None:
        if os.getpid() != self._process:
            # A process that a module has forked has no slot.
            self._all.close()
        with self._lock:
            self._writing += writing
            self._sleeping += sleeping
            if sleeping:
                self.slept = self._waits = True
            self._all.begin(self._number, self._doing())

    def _end(self, writing: int = 0, sleeping: int = 0) -> None:
        with self._lock:
            self._writing -= writing
            self._sleeping -= sleeping
            if writing and not self._sleeping:
                self._waits = False
            self._all.set(self._number, self._doing())

    def _doing(self) -> int:
        if self._writing:
            return WRITES
        return WAITS if self._waits else IDLE
