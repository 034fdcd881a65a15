# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has been read ahead, and when it may be handed out. Knows no AWS, no process and no clock of its own."""

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
class Place[Key: Hashable, Value]:
    """One read, fetched at most once and handed out at most once. `begun`: when its call began."""

    key: Key
    state: State = State.WAITING
    begun: float = 0.0
    value: Value | None = None


class Shelf[Key: Hashable, Value]:
    """Safe for threads. `closed()` tells whether the run has written; from then on nothing is handed out, and nothing more is read.

    Equal reads are made side by side, so nobody knows which of them saw the newer state: only those are handed out that say the same
    (`==` of their values). Whoever reads himself sees what is newer than all that has begun, and says so by `seen` when he has: until then
    no read like his begins.
    """

    def __init__(self, clock: Callable[[], float], closed: Callable[[], bool], at_once: int = AT_ONCE) -> None:
        self.at_once = at_once
        self._clock, self._closed = clock, closed
        self._queue: deque[Place[Key, Value]] = deque()
        self._places: dict[Key, deque[Place[Key, Value]]] = {}
        self._said: dict[Key, Value] = {}
        self._elsewhere: Counter[Key] = Counter()
        self._reading = 0
        self._changed = threading.Condition()

    def plan(self, keys: Iterable[Key]) -> None:
        """Reads to come, in the order in which they will be asked for."""
        with self._changed:
            for key in keys:
                place: Place[Key, Value] = Place(key)
                self._queue.append(place)
                self._places.setdefault(key, deque()).append(place)
            self._changed.notify_all()

    def next(self) -> Place[Key, Value]:
        """Wait for a read that is due; it must be ended by `done`."""
        with self._changed:
            while True:
                place = self._due()
                if place is not None:
                    self._queue.remove(place)
                    place.state, place.begun = State.READING, self._clock()
                    self._reading += 1
                    return place
                self._changed.wait()

    def done(self, place: Place[Key, Value], value: Value | None = None, throttled: bool = False) -> None:
        """A read has ended. `value` None: it failed, and who asks for it will see for himself."""
        with self._changed:
            self._reading -= 1
            place.state, place.value = (State.GONE, None) if value is None else (State.READ, value)
            if throttled:
                self.at_once = max(1, self.at_once // 2)
            self._changed.notify_all()

    def take(self, key: Key) -> Value | None:
        """The value for the first who asks, after a wait while it is on its way; None when he has to read it himself, and tell `seen`."""
        with self._changed:
            places = self._places.get(key)
            place = places.popleft() if places else None
            while place and (place.state is State.READING or self._begins(place)) and not self._closed():
                self._changed.wait(0.05)
            value = self._usable(place) if place else None
            if value is not None:
                self._said[key] = value
                return value
            if place and place.state is State.WAITING:
                # Whoever asks is faster than the queue.
                place.state = State.GONE
            self._said.pop(key, None)
            self._elsewhere[key] += 1
            self._places[key] = deque(place for place in places or () if place.state is State.WAITING)
            return None

    def seen(self, key: Key) -> None:
        """Who got None has read it himself."""
        with self._changed:
            self._elsewhere[key] -= 1
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget everything: the run has written."""
        with self._changed:
            for place in self._queue:
                place.state = State.GONE
            self._queue.clear()
            self._places.clear()
            self._changed.notify_all()

    def _begins(self, place: Place[Key, Value]) -> bool:
        """Whether a thread is about to begin it."""
        free = max(0, self.at_once - self._reading)
        return place.state is State.WAITING and not self._elsewhere[place.key] and place in itertools.islice(self._queue, free)

    def _usable(self, place: Place[Key, Value]) -> Value | None:
        """What has been read, unless it is too old, or not the same as what was handed out before."""
        fresh = place.state is State.READ and self._clock() - place.begun < SECONDS and not self._closed()
        return place.value if fresh and self._said.get(place.key, place.value) == place.value else None

    def _due(self) -> Place[Key, Value] | None:
        """The first of the queue that may begin now."""
        if self._closed():
            self._queue.clear()
        while self._queue and self._queue[0].state is State.GONE:
            self._queue.popleft()
        if self._reading >= self.at_once:
            return None
        return next((place for place in self._queue if place.state is State.WAITING and not self._elsewhere[place.key]), None)
