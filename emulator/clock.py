"""Emulated time: real time, in which AWS's waits are shorter by a speed factor, and which can be moved forward.

Nothing runs in the background. What is due is done before the next request is answered, in the order of its time, so that every
run with the same requests sees the same states. A real program needs real seconds to start and to stop: so long the clock is held, and
only as much of AWS's time passes as of real time.
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable, Hashable
from datetime import UTC, datetime


class Clock:
    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._offset = self._skipped = 0.0
        self._current: float | None = None
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._patience: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._holders: set[Hashable] = set()
        # Since when the clock is held: the moment at which it was, and the real one.
        self._held: tuple[float, float] | None = None
        # Asked before anything that is due is done: what real programs have done meanwhile.
        self.looks: list[Callable[[], None]] = []

    def now(self) -> float:
        """Seconds since the epoch; inside an event, the moment at which the event was due."""
        if self._current is not None:
            return self._current
        if self._held is not None:
            moment, since = self._held
            return moment + (time.monotonic() - since) / self.speed
        return time.time() + self._offset

    def reached(self) -> float:
        """The same, but inside an event the moment up to which everything that is due is being done."""
        return self.now() if self._held is not None or self._current is None else max(self._current, time.time() + self._offset)

    def utc(self) -> datetime:
        """The same moment as an aware datetime, the form in which answers carry timestamps."""
        return datetime.fromtimestamp(self.now(), UTC)

    def lived(self) -> float:
        """Seconds as a person counts them who sits there: real ones, whatever the speed, and those that were skipped by `advance`."""
        return time.monotonic() + self._skipped

    def after(self, seconds: float, event: Callable[[], None]) -> None:
        """Do `event` when `seconds` of AWS's time have passed."""
        heapq.heappush(self._queue, (self.now() + seconds / self.speed, next(self._count), event))

    def after_lived(self, seconds: float, event: Callable[[], None]) -> None:
        """Do `event` when whoever calls AWS, and for whom AWS waits, has had so many seconds (`lived`), at any speed."""
        heapq.heappush(self._patience, (self.lived() + seconds, next(self._count), event))

    def advance(self, seconds: float) -> None:
        """Let `seconds` of AWS's time pass at once. A clock that is held stays where it is."""
        if self._held is None:
            self._offset += seconds / self.speed
        self._skipped += seconds

    def reach(self, moment: float) -> None:
        """Go on to a moment that was to be reached before something held the clock."""
        if self._held is None:
            self._offset += max(0.0, moment - self.now())

    @property
    def held(self) -> bool:
        return self._held is not None

    def hold(self, holder: Hashable) -> None:
        """Let AWS's time pass no faster than real time, until the last holder releases it."""
        if self._held is None:
            self._held = self.now(), time.monotonic()
        self._holders.add(holder)

    def release(self, holder: Hashable) -> None:
        self._holders.discard(holder)
        if self._held is not None and not self._holders:
            moment, since = self._held
            self._offset = moment + (time.monotonic() - since) / self.speed - time.time()
            self._held = None

    def stop(self) -> None:
        """It stays as late as it is now, and nothing becomes due any more."""
        self._current = self.now()
        self._queue.clear()
        self._patience.clear()

    def run_due(self) -> None:
        for look in self.looks:
            look()
        while self._patience and self._patience[0][0] <= self.lived():
            heapq.heappush(self._queue, (self.now(), next(self._count), heapq.heappop(self._patience)[2]))
        end = self.now()
        # An event may begin something that holds the clock: the rest is not due yet.
        while self._queue and self._queue[0][0] <= (self.now() if self.held else end):
            due, _, event = heapq.heappop(self._queue)
            self._current = due
            try:
                event()
            finally:
                self._current = None

    def clear(self) -> None:
        """Forget what would be due, and be at real time again."""
        self._queue.clear()
        self._patience.clear()
        self._holders.clear()
        self._held = None
        self._offset = self._skipped = 0.0
