# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines of log groups as they come: none lost, none twice. Pure.

CloudWatch Logs cannot be asked for what is new. A line may come late, with an older time than lines that are known already. So each round
begins before the newest line that is known, drops what it has seen by its id, and only a round that was read to its end moves the cursor.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# Milliseconds: how far back a round begins at least, and at most, where lines come late; how far a short one does.
OVERLAP, LONGEST, SHORT = 60_000, 600_000, 5_000
# With more lines than these in the overlap it is read whole only after so many seconds.
MANY, WHOLE_EVERY = 2_000, 60.0
# Seconds for which a line is held, so that those of other tasks that are older come before it.
HOLD = 2.0


@dataclass(frozen=True, order=True)
class Line:
    """A line of a log stream. `time`, `ingested`: milliseconds since the epoch. `late`: lines with a later time were shown before it."""

    time: int
    identity: str
    ingested: int = field(compare=False)
    group: str = field(compare=False)
    stream: str = field(compare=False)
    message: str = field(compare=False)
    late: bool = field(compare=False, default=False)


def line(group: str, event: Mapping[str, Any]) -> Line:
    """The line of an event of FilterLogEvents."""
    return Line(event["timestamp"], event["eventId"], event.get("ingestionTime", 0), group, event["logStreamName"], event["message"])


@dataclass
class Cursor:
    """Where the reading of one group is. `newest`: the time of its newest line, of complete rounds; `seen`: times of the lines of the
    overlap by id; `lag`: the longest time, in milliseconds, that a line took to come."""

    newest: int
    since: int
    seen: dict[str, int] = field(default_factory=dict)
    lag: int = 0
    whole: float = float("-inf")
    reached: int = 0

    @property
    def overlap(self) -> int:
        return min(max(OVERLAP, 2 * self.lag), LONGEST)

    @property
    def busy(self) -> bool:
        return len(self.seen) > MANY

    def begin(self, now: float) -> int:
        """The time from which the next round reads. `now` is in seconds, of any clock that only goes forward."""
        overlap = self.overlap
        if self.busy and now - self.whole < WHOLE_EVERY:
            overlap = min(overlap, max(SHORT, 2 * self.lag))
        else:
            # What has come late since the last whole round may be older by all this time.
            overlap += int(min(now - self.whole, 2 * WHOLE_EVERY) * 1000) if self.busy else 0
            self.whole = now
        self.reached = self.newest
        return max(self.since, self.newest - overlap)

    def take(self, events: Iterable[Mapping[str, Any]], group: str) -> list[Line]:
        """The lines of a page that are new. They are known from now on, whether or not the round reaches its end."""
        found = []
        for event in events:
            # A clock that is ahead would let the next round begin after lines that are still to come.
            time = min(event["timestamp"], event["ingestionTime"])
            self.reached = max(self.reached, time)
            if event["eventId"] not in self.seen:
                self.seen[event["eventId"]] = time
                self.lag = max(self.lag, min(event["ingestionTime"] - time, LONGEST // 2))
                found.append(line(group, event))
        return found

    def end(self) -> None:
        """The round was read to its end: the next one may begin later, and what is before the overlap is forgotten."""
        self.newest = self.reached
        if self.busy:
            oldest = self.newest - self.overlap - int(2 * WHOLE_EVERY * 1000)
            self.seen = {identity: time for identity, time in self.seen.items() if time >= oldest}


class Order:
    """Lines of several groups in the order of their time, each held for `hold` seconds, `least` at least."""

    def __init__(self, hold: float = HOLD) -> None:
        self.hold = self.least = hold
        self._waiting: list[Line] = []
        self._read: list[tuple[float, int]] = []
        self._shown = -1

    def put(self, lines: Iterable[Line], now: float) -> None:
        newest = -1
        for each in lines:
            heapq.heappush(self._waiting, each)
            newest = max(newest, each.time)
        if newest >= 0:
            self._read.append((now + self.hold, newest))

    def ripe(self, now: float, everything: bool = False) -> Iterator[Line]:
        """Those that have been held long enough, and what is older; `everything` at the end."""
        until = max((newest for due, newest in self._read if everything or due <= now), default=-1)
        self._read = [] if everything else [(due, newest) for due, newest in self._read if due > now]
        while self._waiting and self._waiting[0].time <= until:
            each = heapq.heappop(self._waiting)
            late = each.time < self._shown
            self._shown = max(self._shown, each.time)
            yield Line(each.time, each.identity, each.ingested, each.group, each.stream, each.message, late) if late else each

    @property
    def empty(self) -> bool:
        return not self._waiting


class Bucket:
    """So many calls a second, and that many at once. `take` says how long to wait before the next one."""

    def __init__(self, rate: float, now: float) -> None:
        self.rate, self.left, self.since = rate, rate, now

    def take(self, now: float) -> float:
        self.left = min(self.rate, self.left + (now - self.since) * self.rate) - 1
        self.since = now
        return max(0.0, -self.left / self.rate)
