# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has been read ahead, and when it may be handed out. Knows no AWS, no process and no clock of its own."""

from __future__ import annotations

import enum
import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any

AT_ONCE = 10
SECONDS = 60.0


class State(enum.Enum):
    WAITING = "waiting"
    READING = "reading"
    READ = "read"
    GONE = "gone"


@dataclass
class Place[Key: Hashable]:
    """One read, fetched at most once and handed out at most once. `before`: the same, planned earlier. `begun`: when its call began."""

    key: Key
    before: Place[Key] | None = None
    state: State = State.WAITING
    begun: float = 0.0
    value: Any = None


class Shelf[Key: Hashable]:
    """Safe for threads. `closed()` tells whether the run has written; from then on nothing is handed out, and nothing more is read."""

    def __init__(self, clock: Callable[[], float], closed: Callable[[], bool], at_once: int = AT_ONCE) -> None:
        self.at_once = at_once
        self._clock, self._closed = clock, closed
        self._queue: deque[Place[Key]] = deque()
        self._places: dict[Key, deque[Place[Key]]] = {}
        self._last: dict[Key, Place[Key]] = {}
        self._reading = 0
        self._changed = threading.Condition()

    def plan(self, keys: Iterable[Key]) -> None:
        """Reads to come, in the order in which they will be asked for. Of equal ones each begins after the one before it has ended."""
        with self._changed:
            for key in keys:
                place = Place(key, self._last.get(key))
                self._last[key] = place
                self._queue.append(place)
                self._places.setdefault(key, deque()).append(place)
            self._changed.notify_all()

    def next(self) -> Place[Key]:
        """Wait for a read that is due; it must be ended by `done`."""
        with self._changed:
            while True:
                place = self._due()
                if place is not None:
                    self._queue.remove(place)
                    place.state, place.begun, place.before = State.READING, self._clock(), None
                    self._reading += 1
                    return place
                self._changed.wait()

    def done(self, place: Place[Key], value: Any = None, throttled: bool = False) -> None:
        """A read has ended. `value` None: it failed, and who asks for it will see for himself."""
        with self._changed:
            self._reading -= 1
            place.state, place.value = (State.GONE, None) if value is None else (State.READ, value)
            if throttled:
                self.at_once = max(1, self.at_once // 2)
            self._changed.notify_all()

    def take(self, key: Key) -> Any:
        """The value for the first who asks, waiting for it while it is on its way; None when he has to read it himself. Then what has begun
        before is of no use to anybody, for it would be older than what he will see."""
        with self._changed:
            places = self._places.get(key)
            if not places or self._closed():
                return None
            place = places.popleft()
            if place.state is State.WAITING:
                # Whoever asks is faster than the queue.
                place.state = State.GONE
            while place.state is State.READING and not self._closed():
                self._changed.wait(0.05)
            value, place.value = place.value, None
            usable = place.state is State.READ and self._clock() - place.begun < SECONDS and not self._closed()
            if not usable:
                self._places[key] = deque(place for place in places if place.state is State.WAITING)
            return value if usable else None

    def clear(self) -> None:
        """Forget everything: the run has written."""
        with self._changed:
            for place in self._queue:
                place.state = State.GONE
            self._queue.clear()
            self._places.clear()
            self._changed.notify_all()

    def _due(self) -> Place[Key] | None:
        """The first of the queue that may begin now."""
        if self._closed():
            self._queue.clear()
        while self._queue and self._queue[0].state is State.GONE:
            self._queue.popleft()
        if self._reading >= self.at_once:
            return None
        return next((place for place in self._queue if place.state is State.WAITING and _ended(place.before)), None)


def _ended(place: Place[Any] | None) -> bool:
    return place is None or place.state in (State.READ, State.GONE)
