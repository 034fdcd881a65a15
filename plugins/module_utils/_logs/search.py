# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Events of log groups: a range of time, or as they come.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._core import aws
from .._core.clock import REAL, Clock
from .._core.errors import RailyardError
from .follower import Bucket, Cursor, Line, Order, line

# AWS allows five calls a second in an account; the rest is for colleagues. https://repost.aws/knowledge-center/cloudwatch-logs-throttling
RATE = 3.0
FIRST, LONGEST = 1.0, 20.0
IDLE, QUIET, BUSY = 1.0, 3.0, 4.0
# Seconds for which a line is held at most.
PATIENCE = 10.0
ABSENT = "ResourceNotFoundException"
Shower = Callable[[list[Line]], None]


@dataclass(frozen=True)
class Wanted:
    """What is read. `groups`: log groups, and for each what FilterLogEvents takes beside it (logStreamNames or logStreamNamePrefix).

    `pattern` is a filter pattern of CloudWatch Logs, "" for all lines. `start`, `end`: milliseconds since the epoch, both included.
    """

    groups: Mapping[str, Mapping[str, Any]]
    start: int
    end: int | None = None
    pattern: str = ""

    def params(self, group: str, start: int) -> dict[str, Any]:
        ends = {"endTime": self.end} if self.end is not None else {}
        chosen = {"filterPattern": self.pattern} if self.pattern else {}
        return {"logGroupName": group, "startTime": start, **ends, **chosen, **self.groups[group]}


@dataclass
class Reader:
    """Pages of FilterLogEvents, by one bucket of calls for all groups. `calls` and `throttled` count."""

    logs: Any
    clock: Clock = REAL
    calls: int = 0
    throttled: int = 0
    bucket: Bucket = field(init=False)

    def __post_init__(self) -> None:
        self.bucket = Bucket(RATE, self.clock.now())

    def pages(self, params: Mapping[str, Any]) -> Iterator[list[dict[str, Any]]]:
        """All pages; an empty one is not the end. One that AWS was too busy for is asked for again. A group that is not there is empty."""
        token: dict[str, str] = {}
        while True:
            answer = self._page({**params, **token})
            if answer is None:
                return
            yield answer["events"]
            if not answer.get("nextToken"):
                return
            token = {"nextToken": answer["nextToken"]}

    def _page(self, params: dict[str, Any]) -> dict[str, Any] | None:
        pause = FIRST
        while True:
            if (wait := self.bucket.take(self.clock.now())) > 0:
                self.clock.sleep(wait)
            self.calls += 1
            try:
                return aws.call(self.logs, "FilterLogEvents", **params)
            except RailyardError as error:
                if error.code == ABSENT:
                    return None
                if not aws.THROTTLED.search(error.code):
                    raise
            self.throttled += 1
            self.clock.sleep(pause)
            pause = min(pause * 2, LONGEST)


def events(reader: Reader, wanted: Wanted, limit: int = 0) -> tuple[list[Line], bool]:
    """The lines of a range in the order of their time, at most `limit` of each group (0: all), and whether there are more."""
    found: list[list[Line]] = []
    more = False
    for group in wanted.groups:
        own: list[Line] = []
        for page in reader.pages(wanted.params(group, wanted.start)):
            own += [line(group, event) for event in page]
            if limit and len(own) > limit:
                more = True
                break
        found.append(sorted(own)[: limit or None])
    merged = list(heapq.merge(*found))
    return merged[: limit or None], more or bool(limit and len(merged) > limit)


def newest(reader: Reader, wanted: Wanted, count: int) -> list[Line]:
    """The last lines of a range, in the order of their time."""
    found: list[Line] = []
    for group in wanted.groups:
        own: list[Line] = []
        for page in reader.pages({**wanted.params(group, wanted.start), "startFromHead": False, "limit": count}):
            own += [line(group, event) for event in page]
            if len(own) >= count:
                break
        found += own
    return sorted(found)[-count:]


def follow(reader: Reader, wanted: Wanted, show: Shower, over: Callable[[], bool], hold: float | None = None) -> None:
    """Show lines as they come, until `over` says so: all groups in turn, each from its own cursor."""
    cursors = {group: Cursor(newest=wanted.start, since=wanted.start) for group in wanted.groups}
    order = Order() if hold is None else Order(hold)
    first, pause = True, IDLE
    while not over():
        began = reader.clock.now()
        # Lines that are there already are shown once all groups are read: of those that come, the hold is enough.
        some = None if first else show
        fresh = sum(_round(reader, wanted, group, cursor, order, some) for group, cursor in cursors.items())
        # Nobody reads so many lines as they come, and each round reads some of them again.
        busy = any(cursor.busy for cursor in cursors.values())
        first, pause = False, BUSY if busy else IDLE if fresh else min(pause * 1.5, QUIET)
        # Where all groups take longer than the hold, a line waits until the others have been read once after it.
        order.hold = min(max(order.least, 1.5 * (reader.clock.now() - began)), PATIENCE)
        _show(order, reader, show)
        reader.clock.sleep(pause if order.empty or busy else min(pause, IDLE))
    _show(order, reader, show, everything=True)


def _round(reader: Reader, wanted: Wanted, group: str, cursor: Cursor, order: Order, show: Shower | None) -> int:
    """One group from its cursor to its end for now: how many lines are new. A token that AWS takes no more ends it before."""
    start, found = cursor.begin(reader.clock.now()), 0
    try:
        for page in reader.pages(wanted.params(group, start)):
            new = cursor.take(page, group)
            found += len(new)
            order.put(new, reader.clock.now())
            if show is not None:
                _show(order, reader, show)
    except RailyardError as error:
        if "nextToken" not in error.message:
            raise
        return found
    cursor.end()
    return found


def _show(order: Order, reader: Reader, show: Shower, everything: bool = False) -> None:
    if ripe := list(order.ripe(reader.clock.now(), everything)):
        show(ripe)


def streams_of(logs: Any, group: str, task: str, most: int = 1000) -> list[str]:
    """The streams of a group whose task begins with `task`, the newest first; of the `most` newest of the group."""
    found: list[str] = []
    seen = 0
    for page in _streams(logs, group):
        found += [each["logStreamName"] for each in page if each["logStreamName"].rpartition("/")[2].startswith(task)]
        seen += len(page)
        if seen >= most:
            break
    return found


def _streams(logs: Any, group: str) -> Iterator[Sequence[dict[str, Any]]]:
    params: dict[str, Any] = {"logGroupName": group, "orderBy": "LastEventTime", "descending": True}
    while True:
        answer = aws.find(logs, "DescribeLogStreams", {ABSENT}, **params)
        yield (answer or {}).get("logStreams", [])
        if not answer or not answer.get("nextToken"):
            return
        params["nextToken"] = answer["nextToken"]
