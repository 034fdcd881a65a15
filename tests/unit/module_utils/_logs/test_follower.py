"""Lines that are followed: with a truth that is known, none is lost and none is shown twice."""

from __future__ import annotations

import heapq
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core import aws
from ansible_collections.railyard.fargate.plugins.module_utils._core.clock import Clock
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._logs import follower, search
from ansible_collections.railyard.fargate.plugins.module_utils._logs.follower import Line

START = 1_780_000_000_000
GROUPS = ("/shop/web", "/shop/worker", "/shop/run")


@dataclass
class Service:
    """FilterLogEvents over lines that are ingested at a time of their own; it throttles, sends short and empty pages, and loses tokens."""

    seed: int
    events: dict[str, list[dict[str, Any]]]
    page: int = 1000
    now: float = 0.0
    calls: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.coming = {
            group: sorted(events, key=lambda event: event["ingestionTime"], reverse=True) for group, events in self.events.items()
        }
        self.there: dict[str, list[tuple[int, str, dict[str, Any]]]] = {group: [] for group in self.events}

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def filter(self, _client: Any, operation: str, **wanted: Any) -> dict[str, Any]:
        assert operation == "FilterLogEvents"
        self.now += 0.02
        self.calls.append(self.now)
        if self.random.random() < 0.05:
            raise RailyardError("Rate exceeded", "ThrottlingException")
        if wanted.get("nextToken") and self.random.random() < 0.02:
            raise RailyardError("The specified nextToken is invalid.", "InvalidParameterException")
        group = wanted["logGroupName"]
        coming, there = self.coming[group], self.there[group]
        while coming and coming[-1]["ingestionTime"] <= START + self.now * 1000:
            event = coming.pop()
            there.append((event["timestamp"], event["eventId"], event))
        there.sort(key=lambda each: each[:2])
        token = tuple(json.loads(wanted["nextToken"])) if wanted.get("nextToken") else (wanted["startTime"], "")
        found = [each for each in there if each[:2] > token]
        size = self.random.choice([0, 1, self.page // 2, self.page])
        page = found[:size]
        reached = list(page[-1][:2]) if page else list(token)
        return {"events": [each[2] for each in page], **({"nextToken": json.dumps(reached)} if len(found) > size else {})}


def generated(seed: int, count: int, seconds: float) -> dict[str, list[dict[str, Any]]]:
    """Lines of three processes over two releases: some come late, many have the same millisecond."""
    chance = random.Random(seed)
    events: dict[str, list[dict[str, Any]]] = {group: [] for group in GROUPS}
    for number in range(count):
        time = START + int(number / count * seconds) * 1000 + chance.choice([0, 0, 7, 500])
        late = chance.choice([200, 500, 800, 1000]) if chance.random() < 0.98 else chance.randint(10_000, 30_000)
        group, release = chance.choice(GROUPS), 1 if number < count / 2 else 2
        events[group].append(
            {
                "eventId": f"{number:010}",
                "timestamp": time,
                "ingestionTime": time + late,
                "logStreamName": f"web/web/{release}",
                "message": json.dumps({"n": number, "release": release}),
            }
        )
    return events


def followed(service: Service, seconds: float, monkeypatch: pytest.MonkeyPatch) -> list[Line]:
    monkeypatch.setattr(aws, "call", service.filter)
    clock = Clock(now=lambda: service.now, sleep=service.sleep)
    found: list[Line] = []
    wanted = search.Wanted({group: {} for group in GROUPS}, START)
    search.follow(search.Reader(None, clock), wanted, found.extend, lambda: service.now > seconds)
    return found


@pytest.mark.parametrize(
    ("seed", "count", "seconds"), [(1, 6_000, 120), (2, 6_000, 20), pytest.param(3, 100_000, 600, marks=pytest.mark.soak)]
)
def test_none_is_lost_and_none_is_doubled(seed: int, count: int, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(seed, generated(seed, count, seconds), page=1000 if count < 10_000 else 10_000)
    found = followed(service, seconds + 150, monkeypatch)
    shown = Counter(line.identity for line in found)
    truth = {event["eventId"] for events in service.events.values() for event in events}
    assert set(shown) == truth and max(shown.values()) == 1
    # What came in time is in order; what did not is marked.
    assert [line.time for line in found if not line.late] == sorted(line.time for line in found if not line.late)
    assert 0 < sum(line.late for line in found) < count * 0.35


def test_calls_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(4, generated(4, 3_000, 60))
    followed(service, 90, monkeypatch)
    most = max(sum(at <= call < at + 1 for call in service.calls) for at in service.calls)
    assert most <= 2 * search.RATE
    assert len(service.calls) / 90 <= search.RATE + 0.5


def _event(number: int, time: int, late: int = 0) -> dict[str, Any]:
    return {"eventId": str(number), "timestamp": time, "ingestionTime": time + late, "logStreamName": "a/b/c", "message": "x"}


def test_a_round_that_was_not_read_to_its_end_does_not_move_the_cursor() -> None:
    cursor = follower.Cursor(newest=START, since=START)
    cursor.begin(0)
    assert [line.identity for line in cursor.take([_event(1, START + 100_000)], "g")] == ["1"]
    assert cursor.begin(1) == START
    assert cursor.take([_event(1, START + 100_000)], "g") == []
    cursor.end()
    assert cursor.begin(2) == START + 40_000


def test_a_line_that_comes_after_a_whole_round_is_in_the_next_one() -> None:
    cursor = follower.Cursor(newest=START, since=0)
    cursor.take([_event(number, START) for number in range(follower.MANY + 1)], "g")
    cursor.begin(1000)
    for second in (10, 20):
        cursor.take([_event(10_000 + second, START + second * 1000)], "g")
        cursor.end()
        assert cursor.begin(1000 + second) == START + second * 1000 - follower.SHORT
    cursor.take([_event(20_000, START + 60_000)], "g")
    cursor.end()
    # It came a moment after the first round, 59 seconds late.
    assert cursor.begin(1060) <= START - 59_000


def test_lines_that_come_late_widen_the_overlap_up_to_its_end() -> None:
    cursor = follower.Cursor(newest=START, since=0)
    cursor.take([_event(1, START, late=100_000)], "g")
    assert cursor.overlap == 200_000
    cursor.take([_event(2, START, late=9_000_000)], "g")
    assert cursor.overlap == follower.LONGEST


def test_a_line_of_a_clock_that_is_ahead_does_not_hide_what_comes() -> None:
    cursor = follower.Cursor(newest=START, since=START)
    cursor.begin(0)
    cursor.take([_event(1, START + 7_000_000, late=-6_999_000)], "g")
    cursor.end()
    assert cursor.begin(1) == START


def test_lines_of_several_groups_are_held_for_their_order() -> None:
    order = follower.Order()
    order.put([follower.line("a", _event(2, 2000))], now=0)
    assert list(order.ripe(1)) == []
    order.put([follower.line("b", _event(1, 1000))], now=1)
    assert [(line.time, line.late) for line in order.ripe(2)] == [(1000, False), (2000, False)]
    order.put([follower.line("a", _event(3, 1500))], now=3)
    assert [(line.time, line.late) for line in order.ripe(5.5)] == [(1500, True)]
    order.put([follower.line("a", _event(4, 9000))], now=6)
    assert [line.time for line in order.ripe(6, everything=True)] == [9000] and order.empty


def test_a_bucket_has_a_rate_and_a_size() -> None:
    bucket = follower.Bucket(3, 0)
    assert [bucket.take(0) for _call in range(3)] == [0, 0, 0]
    assert bucket.take(0) == pytest.approx(1 / 3)
    assert bucket.take(100) == 0


def _pages(answers: Iterator[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "call", lambda *_given, **_wanted: next(answers))


def test_a_range_is_merged_over_groups_and_says_whether_there_is_more(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [{"events": [], "nextToken": "1"}, {"events": [_event(1, 5), _event(2, 7)]}, {"events": [_event(3, 6)]}]
    _pages(iter(answers * 2), monkeypatch)
    wanted = search.Wanted({"a": {}, "b": {}}, 0)
    clock = Clock(now=lambda: 0.0, sleep=lambda _seconds: None)
    found, more = search.events(search.Reader(None, clock), wanted)
    assert ([line.time for line in found], more) == ([5, 6, 7], False)
    found, more = search.events(search.Reader(None, clock), wanted, 1)
    assert ([line.time for line in found], more) == ([5], True)
    assert heapq.nsmallest(1, found) == found
