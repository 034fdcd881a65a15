"""Nothing is handed out twice, late, or after a write: any order of events."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.ahead.shelf import AT_ONCE, SECONDS, Place, Shelf

KEYS = st.sampled_from("abc")


class Interleavings(RuleBasedStateMachine):
    """An AWS of three things with versions; this run, others, and a fetcher whose calls begin and end whenever they like."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.written = 0.0, False
        self.aws = dict.fromkeys("abc", 0)
        self.begun: list[tuple[Place[str], tuple[str, int, float]]] = []
        self.handed: list[Any] = []
        self.known = dict.fromkeys("abc", 0)
        self.queued = 0
        self.shelf: Shelf[str] = Shelf(lambda: self.now, lambda: self.written)

    @rule(keys=st.lists(KEYS, max_size=4))
    def plan(self, keys: list[str]) -> None:
        self.shelf.plan(keys)
        self.queued += len(keys)

    @precondition(lambda self: not self.written and len(self.begun) < AT_ONCE and self.shelf._due() is not None)
    @rule()
    def a_fetch_begins(self) -> None:
        place = self.shelf.next()
        self.begun.append((place, (place.key, self.aws[place.key], self.now)))

    @precondition(lambda self: self.begun)
    @rule(which=st.integers(0, AT_ONCE), failed=st.booleans())
    def a_fetch_ends(self, which: int, failed: bool) -> None:
        place, value = self.begun.pop(which % len(self.begun))
        self.shelf.done(place, None if failed else value)

    @rule(key=KEYS)
    def somebody_else_writes(self, key: str) -> None:
        self.aws[key] += 1

    @rule(key=KEYS)
    def this_run_writes(self, key: str) -> None:
        self.written = True
        self.aws[key] += 1

    @rule(seconds=st.floats(0, SECONDS))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(key=KEYS)
    def a_module_reads(self, key: str) -> None:
        first = next(iter(self.shelf._places.get(key, ())), None)
        for place, value in list(self.begun):
            if place is first:
                self.begun.remove((place, value))
                self.shelf.done(place, value)
        found = self.shelf.take(key)
        if found is None:
            self.known[key] = self.aws[key]
            return
        assert not self.written, "handed out after a write of this run"
        assert found[0] == key and self.now - found[2] < SECONDS
        assert self.known[key] <= found[1], "older than what was seen before"
        self.known[key] = found[1]
        assert not any(found is other for other in self.handed), "handed out twice"
        self.handed.append(found)
        assert len(self.handed) <= self.queued


TestInterleavings = Interleavings.TestCase


def shelf(keys: str, written: list[bool] | None = None) -> Shelf[str]:
    made: Shelf[str] = Shelf(lambda: 0.0, lambda: bool(written))
    made.plan(keys)
    return made


def test_who_asks_waits_for_a_read_that_is_on_its_way() -> None:
    made = shelf("a")
    place = made.next()
    found: list[Any] = []
    asks = threading.Thread(target=lambda: found.append(made.take("a")))
    asks.start()
    made.done(place, "value")
    asks.join()
    assert found == ["value"]


def test_who_asks_does_not_wait_for_the_queue() -> None:
    made = shelf("ab")
    assert made.take("b") is None
    assert made.next().key == "a"
    assert not made._queue or made._queue[0].state.value == "gone"


def test_equal_reads_begin_one_after_the_other() -> None:
    made = shelf("aab")
    first, other = made.next(), made.next()
    assert (first.key, other.key, made._due()) == ("a", "b", None)
    made.done(first, "value")
    assert made.next().key == "a"


def test_who_has_read_himself_is_not_told_what_was_before() -> None:
    made = shelf("aaa")
    made.done(made.next())
    made.done(made.next(), "before")
    assert made.take("a") is None
    made.done(made.next(), "after")
    assert made.take("a") == "after"


def test_a_write_frees_those_who_wait() -> None:
    written: list[bool] = []
    made = shelf("a", written)
    made.next()
    asks = threading.Thread(target=lambda: made.take("a"))
    asks.start()
    written.append(True)
    asks.join(10)
    assert not asks.is_alive()


@pytest.mark.parametrize(("times", "left"), [(0, 10), (1, 5), (2, 2), (3, 1), (9, 1)])
def test_throttling_shrinks_at_once(times: int, left: int) -> None:
    made = shelf("abcdefghijklmnopqrst")
    for _time in range(times):
        made.done(made.next(), throttled=True)
    assert made.at_once == left
