"""Nothing is handed out twice, late, or after a write: any order of events."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.ahead.cache import AT_ONCE, SECONDS, Cache, Entry

KEYS = st.sampled_from("ab")


@dataclass(frozen=True)
class Answer:
    """Equal to another that says the same of the same thing, whenever it began."""

    key: str
    version: int
    begun: float = field(compare=False)


class Interleavings(RuleBasedStateMachine):
    """An AWS of two things with versions, this run, others, and a fetcher: every call begins, sees AWS and ends whenever it likes."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.written = 0.0, False
        self.aws = dict.fromkeys("ab", 0)
        self.begun: list[tuple[Entry[str, Answer], float]] = []
        self.looked: list[tuple[Entry[str, Answer], Answer]] = []
        self.handed: list[Answer] = []
        self.known = dict.fromkeys("ab", 0)
        self.reading: list[str] = []
        self.queued = 0
        self.cache: Cache[str, Answer] = Cache(lambda: self.now, lambda: self.written)

    @rule(keys=st.lists(KEYS, min_size=2, max_size=5))
    def plan(self, keys: list[str]) -> None:
        self.cache.plan(keys)
        self.queued += len(keys)

    @rule(most=st.integers(1, AT_ONCE))
    def fetches_begin(self, most: int) -> None:
        for _number in range(most):
            if not self.written and self.cache._due() is not None:
                self.begun.append((self.cache.next(), self.now))

    @precondition(lambda self: self.begun)
    @rule(which=st.integers(-2, 1))
    def a_fetch_sees(self, which: int) -> None:
        entry, began = self.begun.pop(which % len(self.begun))
        self.looked.append((entry, Answer(entry.key, self.aws[entry.key], began)))

    @precondition(lambda self: self.looked)
    @rule(which=st.integers(-2, 1), failed=st.sampled_from([False, False, False, True]))
    def a_fetch_ends(self, which: int, failed: bool) -> None:
        entry, value = self.looked.pop(which % len(self.looked))
        self.cache.done(entry, None if failed else value)

    @rule(key=KEYS)
    def somebody_else_writes(self, key: str) -> None:
        self.aws[key] += 1

    @precondition(lambda self: len(self.handed) > 3)
    @rule(key=KEYS)
    def this_run_writes(self, key: str) -> None:
        self.written = True
        self.aws[key] += 1

    @rule(seconds=st.floats(0, SECONDS / 8))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(key=KEYS)
    def a_module_asks(self, key: str) -> None:
        self.hurry(key)
        found = self.cache.take(key)
        if found is None:
            self.reading.append(key)
            return
        assert not self.written, "handed out after a write of this run"
        assert found.key == key and self.now - found.begun < SECONDS
        assert self.known[key] <= found.version, "older than what was seen before"
        self.known[key] = found.version
        assert not any(found is other for other in self.handed), "handed out twice"
        self.handed.append(found)
        assert len(self.handed) <= self.queued

    def hurry(self, key: str) -> None:
        """Let the call end on which a module that asks would wait."""
        first = next(iter(self.cache._entries.get(key, ())), None)
        while first and not self.written and self.cache._begins(first):
            self.fetches_begin(1)
        for entry, _began in [pair for pair in self.begun if pair[0] is first]:
            self.a_fetch_sees([one for one, _began in self.begun].index(entry))
        for entry, value in [pair for pair in self.looked if pair[0] is first]:
            self.looked.remove((entry, value))
            self.cache.done(entry, value)

    @precondition(lambda self: self.reading)
    @rule(which=st.integers(0, 5))
    def a_module_reads_itself(self, which: int) -> None:
        key = self.reading.pop(which % len(self.reading))
        self.known[key] = self.aws[key]
        self.cache.seen(key)


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(max_examples=400, stateful_step_count=60, deadline=None)


def cache(keys: str, written: list[bool] | None = None) -> Cache[str, Any]:
    made: Cache[str, Any] = Cache(lambda: 0.0, lambda: bool(written))
    made.plan(keys)
    return made


def test_who_asks_waits_for_a_read_that_is_on_its_way() -> None:
    made = cache("a")
    entry = made.next()
    found: list[Any] = []
    asks = threading.Thread(target=lambda: found.append(made.take("a")))
    asks.start()
    made.done(entry, "value")
    asks.join()
    assert found == ["value"]


def test_who_asks_does_not_wait_for_the_queue() -> None:
    made = cache("abcdefghijk")
    assert made.take("k") is None
    assert made.next().key == "a"
    assert made._queue[-1].state.value == "gone"


def test_who_asks_waits_for_a_read_that_is_about_to_begin() -> None:
    made = cache("abcdefghijk")
    found: list[Any] = []
    asks = threading.Thread(target=lambda: found.append(made.take("b")))
    asks.start()
    for entry in [made.next(), made.next()]:
        made.done(entry, entry.key.upper())
    asks.join()
    assert found == ["B"]


def test_equal_reads_are_made_side_by_side_and_handed_out_while_they_say_the_same() -> None:
    made = cache("aaaa")
    for value, entry in zip(("one", "one", "other", "other"), [made.next() for _number in range(4)], strict=True):
        made.done(entry, value)
    assert [made.take("a") for _time in range(4)] == ["one", "one", None, None]


def test_who_has_read_himself_is_not_told_what_was_before() -> None:
    made = cache("aaa")
    first, second = made.next(), made.next()
    made.done(first)
    made.done(second, "before")
    assert made.take("a") is None
    assert made._due() is None, "what would begin now could see less than he does"
    made.seen("a")
    made.done(made.next(), "after")
    assert made.take("a") == "after"


def test_a_write_frees_those_who_wait() -> None:
    written: list[bool] = []
    made = cache("a", written)
    made.next()
    asks = threading.Thread(target=lambda: made.take("a"))
    asks.start()
    written.append(True)
    asks.join(10)
    assert not asks.is_alive()


@pytest.mark.parametrize(("times", "left"), [(0, 10), (1, 5), (2, 2), (3, 1), (9, 1)])
def test_throttling_shrinks_at_once(times: int, left: int) -> None:
    made = cache("abcdefghijklmnopqrst")
    for _time in range(times):
        made.done(made.next(), throttled=True)
    assert made.at_once == left
