# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The answers that were read ahead, and when a module may get one. Independent of AWS, processes and the system's clock."""

from __future__ import annotations

import enum
import itertools
import threading
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

AT_ONCE = 10
SECONDS = 60.0


class State(enum.Enum):
    WAITING = "waiting"
    READING = "reading"
    READ = "read"
    GONE = "gone"


@dataclass(eq=False)
class Entry[Key: Hashable, Value]:
    """One read, which is called at most once and whose answer is used at most once.

    `planned`: the state of the run in which it was planned. `begun`: when its call began, by the cache's clock."""

    key: Key
    planned: bytes | None = None
    state: State = State.WAITING
    begun: float = 0.0
    value: Value | None = None


class Cache[Key: Hashable, Value]:
    """Thread-safe. `state()`: see Writes. An answer is used, and a call is made, only while the state is that in which it was planned.

    Calls for equal requests overlap, so it is unknown which of them saw the newer state: a second answer is used only if it equals the
    first. A module that misses the cache calls AWS itself. Until it reports back via `seen()`, no read-ahead of the same request starts.
    """

    def __init__(self, clock: Callable[[], float], state: Callable[[], bytes | None], at_once: int = AT_ONCE) -> None:
        self.at_once = at_once
        self._clock, self._state = clock, state
        self._planned = state()
        self._queue: deque[Entry[Key, Value]] = deque()
        self._entries: dict[Key, deque[Entry[Key, Value]]] = {}
        self._said: dict[Key, Value] = {}
        self._elsewhere: Counter[Key] = Counter()
        self._reading = 0
        self._changed = threading.Condition()

    def plan(self, keys: Iterable[Key], state: bytes | None) -> None:
        """Queue reads of this state, in the order in which modules will request them. What was planned in another is dropped."""
        with self._changed:
            if state != self._planned:
                self._clear()
                self._planned = state
            for key in keys:
                entry: Entry[Key, Value] = Entry(key, state)
                self._queue.append(entry)
                self._entries.setdefault(key, deque()).append(entry)
            self._changed.notify_all()

    def next(self) -> Entry[Key, Value]:
        """Wait for a read that may begin now, and return it. The caller must report its end by `done`."""
        with self._changed:
            while True:
                entry = self._due()
                if entry is not None:
                    self._queue.remove(entry)
                    entry.state, entry.begun = State.READING, self._clock()
                    self._reading += 1
                    return entry
                self._changed.wait()

    def done(self, entry: Entry[Key, Value], value: Value | None = None, throttled: bool = False) -> None:
        """Report the end of a read. `value`: its answer, or None when it failed: the module that requests it calls AWS itself."""
        with self._changed:
            self._reading -= 1
            entry.state, entry.value = (State.GONE, None) if value is None else (State.READ, value)
            if throttled:
                self.at_once = max(1, self.at_once // 2)
            self._changed.notify_all()

    def take(self, key: Key) -> Value | None:
        """The answer for the next module that requests it, once its call has ended; None when the module must call AWS, then `seen`."""
        with self._changed:
            entries = self._entries.get(key)
            entry = entries.popleft() if entries else None
            while entry and (entry.state is State.READING or self._begins(entry)) and not self._closed(entry.planned):
                self._changed.wait(0.05)
            value = self._usable(entry) if entry else None
            if value is not None:
                self._said[key] = value
                return value
            if entry and entry.state is State.WAITING:
                # The module is faster than the queue.
                entry.state = State.GONE
            self._said.pop(key, None)
            self._elsewhere[key] += 1
            self._entries[key] = deque(entry for entry in self._entries.get(key, ()) if entry.state is State.WAITING)
            return None

    def seen(self, key: Key) -> None:
        """A module that got None from `take` has called AWS."""
        with self._changed:
            self._elsewhere[key] -= 1
            self._changed.notify_all()

    def _closed(self, planned: bytes | None) -> bool:
        """Whether the run writes, or has begun a write since the state in which something was planned."""
        state = self._state()
        return state is None or state != planned

    def _clear(self) -> None:
        for entry in self._queue:
            entry.state = State.GONE
        self._queue.clear()
        self._entries.clear()
        # What is read from now on is newer than every answer that was used.
        self._said.clear()

    def _begins(self, entry: Entry[Key, Value]) -> bool:
        """Whether a thread will begin it next."""
        free = max(0, self.at_once - self._reading)
        return entry.state is State.WAITING and not self._elsewhere[entry.key] and entry in itertools.islice(self._queue, free)

    def _usable(self, entry: Entry[Key, Value]) -> Value | None:
        """The entry's answer; None when it is older than SECONDS or differs from an answer that was used before."""
        fresh = entry.state is State.READ and self._clock() - entry.begun < SECONDS and not self._closed(entry.planned)
        return entry.value if fresh and self._said.get(entry.key, entry.value) == entry.value else None

    def _due(self) -> Entry[Key, Value] | None:
        """The first entry of the queue that may begin now."""
        if self._closed(self._planned):
            self._queue.clear()
        while self._queue and self._queue[0].state is State.GONE:
            self._queue.popleft()
        if self._reading >= self.at_once:
            return None
        return next((entry for entry in self._queue if entry.state is State.WAITING and not self._elsewhere[entry.key]), None)
