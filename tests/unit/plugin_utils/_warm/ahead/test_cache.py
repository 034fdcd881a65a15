"""Nothing is handed out twice, late, or after a write: any order of events."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.ahead.beside import Ahead, Process
from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.ahead.cache import AT_ONCE, SECONDS, Cache, Entry
from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.ahead.writes import WRITES, Slot, Writes

KEYS = st.sampled_from("ab")
WORKERS = st.integers(0, 2)
LOST = RuntimeError("the connection is gone, and what AWS does with the write is not known")


@dataclass(frozen=True)
class Answer:
    """Equal to another that says the same of the same thing, whenever it began. `moment`: the event at which its call began."""

    key: str
    version: int
    begun: float = field(compare=False)
    moment: int = field(compare=False)


@dataclass(eq=False)
class Module:
    """A module's process, of any host. `slept`: and has written nothing since."""

    process: Process
    slot: Slot
    writing: list[tuple[contextlib.ExitStack, str]] = field(default_factory=list)
    sleeping: list[contextlib.ExitStack] = field(default_factory=list)
    reading: list[str] = field(default_factory=list)
    slept: bool = False


class Interleavings(RuleBasedStateMachine):
    """An AWS of two things with versions, modules, others, and a fetcher: every call begins, sees AWS and ends whenever it likes.

    An answer is handed out only if every write and every sleep of the run was over when its call began."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.moment = 0.0, 0
        self.aws = dict.fromkeys("ab", 0)
        self.begun: list[tuple[Entry[str, Answer], float, int]] = []
        self.looked: list[tuple[Entry[str, Answer], Answer]] = []
        self.handed: list[Answer] = []
        self.known = dict.fromkeys("ab", 0)
        self.queued = 0
        self.over, self.lost = 0, False
        self.ahead = Ahead(Path("nowhere"), Writes())
        self.modules = [self.module() for _number in range(3)]
        self.cache: Cache[str, Answer] = Cache(lambda: self.now, self.ahead.writes.state)

    def module(self) -> Module:
        process = self.ahead.begins({"fqn": "ansible_collections.amazon.aws.plugins.modules.any", "host": "any", "params": ""})
        assert process.slot is not None
        return Module(process, Slot(self.ahead.writes, process.slot))

    def under_way(self) -> int:
        return sum(len(one.writing) + len(one.sleeping) + one.slept for one in self.modules)

    def event(self) -> int:
        self.moment += 1
        return self.moment

    @rule(keys=st.lists(KEYS, min_size=2, max_size=5))
    def plan(self, keys: list[str]) -> None:
        self.cache.plan(keys, self.ahead.writes.state())
        self.queued += len(keys)

    @rule(most=st.integers(1, AT_ONCE))
    def fetches_begin(self, most: int) -> None:
        for _number in range(most):
            if self.cache._due() is not None:
                self.begun.append((self.cache.next(), self.now, self.event()))

    @precondition(lambda self: self.begun)
    @rule(which=st.integers(-2, 1))
    def a_fetch_sees(self, which: int) -> None:
        entry, began, moment = self.begun.pop(which % len(self.begun))
        self.looked.append((entry, Answer(entry.key, self.aws[entry.key], began, moment)))

    @precondition(lambda self: self.looked)
    @rule(which=st.integers(-2, 1), failed=st.sampled_from([False, False, False, True]))
    def a_fetch_ends(self, which: int, failed: bool) -> None:
        entry, value = self.looked.pop(which % len(self.looked))
        self.cache.done(entry, None if failed else value)

    @rule(key=KEYS)
    def all_is_read_ahead_at_once(self, key: str) -> None:
        self.plan([key])
        self.hurry(key)

    @rule(key=KEYS)
    def somebody_else_writes(self, key: str) -> None:
        self.aws[key] += 1

    @precondition(lambda self: len(self.handed) > 1 and self.under_way() < 2)
    @rule(worker=WORKERS, key=KEYS)
    def a_write_begins(self, worker: int, key: str) -> None:
        module = self.modules[worker]
        around = contextlib.ExitStack()
        around.enter_context(module.slot.writing(answers=(KeyError,)))
        module.writing.append((around, key))
        self.event()

    @precondition(lambda self: len(self.handed) > 1)
    @rule(worker=WORKERS, key=KEYS)
    def a_write_begins_and_ends(self, worker: int, key: str) -> None:
        idle = not any(one.writing for one in self.modules)
        self.a_write_begins(worker, key)
        if idle:
            self.a_write_ends(0, None)

    @precondition(lambda self: any(one.writing for one in self.modules))
    @rule(which=WORKERS, ends=st.sampled_from([None, None, None, KeyError(), LOST]))
    def a_write_ends(self, which: int, ends: Exception | None) -> None:
        writing = [one for one in self.modules if one.writing]
        module = writing[which % len(writing)]
        around, key = module.writing.pop()
        self.aws[key] += 1
        with contextlib.suppress(KeyError, RuntimeError):
            around.__exit__(type(ends) if ends else None, ends, None)
        if ends is LOST:
            self.lost = True
        elif not module.sleeping:
            module.slept = False
        self.over = self.event()

    @precondition(lambda self: len(self.handed) > 1 and self.under_way() < 2)
    @rule(worker=WORKERS)
    def a_sleep_begins(self, worker: int) -> None:
        module = self.modules[worker]
        around = contextlib.ExitStack()
        around.enter_context(module.slot.sleeping())
        module.sleeping.append(around)
        module.slept = True
        self.event()

    @precondition(lambda self: any(one.sleeping for one in self.modules))
    @rule(which=WORKERS)
    def a_sleep_ends(self, which: int) -> None:
        sleeping = [one for one in self.modules if one.sleeping]
        sleeping[which % len(sleeping)].sleeping.pop().close()
        self.over = self.event()

    @rule(worker=WORKERS, status=st.sampled_from([0, 9]))
    def a_module_ends(self, worker: int, status: int) -> None:
        module = self.modules[worker]
        self.ahead.ended(module.process, status)
        self.lost = self.lost or bool(module.writing)
        if module.writing or module.slept:
            self.over = self.event()
        for key in module.reading:
            self.cache.seen(key)
        self.modules[worker] = self.module()

    @rule(seconds=st.floats(0, SECONDS / 8))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(worker=WORKERS, key=KEYS)
    def a_module_asks(self, worker: int, key: str) -> None:
        module = self.modules[worker]
        if module.slot.slept:
            self.known[key] = self.aws[key]
            return
        self.hurry(key)
        found = self.cache.take(key)
        if found is None:
            module.reading.append(key)
            return
        assert not self.lost and not any(one.writing or one.sleeping or one.slept for one in self.modules), "handed out during a write"
        assert found.moment > self.over, "its call had begun before a write was over"
        assert found.key == key and self.now - found.begun < SECONDS
        assert self.known[key] <= found.version, "older than what was seen before"
        self.known[key] = found.version
        assert not any(found is other for other in self.handed), "handed out twice"
        self.handed.append(found)
        assert len(self.handed) <= self.queued

    def hurry(self, key: str) -> None:
        """Let the call end on which a module that asks would wait."""
        first = next(iter(self.cache._entries.get(key, ())), None)
        while first and not self.cache._closed(first.planned) and self.cache._begins(first):
            self.fetches_begin(1)
        for entry, _began, _moment in [one for one in self.begun if one[0] is first]:
            self.a_fetch_sees([one for one, _began, _moment in self.begun].index(entry))
        for entry, value in [pair for pair in self.looked if pair[0] is first]:
            self.looked.remove((entry, value))
            self.cache.done(entry, value)

    @rule(worker=WORKERS, which=st.integers(0, 5))
    def a_module_reads_itself(self, worker: int, which: int) -> None:
        reading = self.modules[worker].reading
        if reading:
            key = reading.pop(which % len(reading))
            self.known[key] = self.aws[key]
            self.cache.seen(key)


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(max_examples=400, stateful_step_count=60, deadline=None)


def cache(keys: str, writes: Writes | None = None) -> Cache[str, Any]:
    writes = writes or Writes()
    made: Cache[str, Any] = Cache(lambda: 0.0, writes.state)
    made.plan(keys, writes.state())
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
    writes = Writes()
    made = cache("a", writes)
    made.next()
    asks = threading.Thread(target=lambda: made.take("a"))
    asks.start()
    writes.begin(1, WRITES)
    asks.join(10)
    assert not asks.is_alive()


def test_who_waits_while_the_run_writes_is_not_told_what_was_before_it() -> None:
    writes = Writes()
    made = cache("a", writes)
    entry = made.next()
    found: list[Any] = []
    asks = threading.Thread(target=lambda: found.append(made.take("a")))
    asks.start()
    while True:
        with made._changed:
            if not made._entries["a"]:
                with Slot(writes, 1).writing():
                    pass
                made.plan("a", writes.state())
                break
    made.done(entry, "before")
    asks.join()
    assert found == [None]


def test_after_a_write_the_same_is_read_again() -> None:
    writes = Writes()
    made = cache("ab", writes)
    made.done(made.next(), "before")
    with Slot(writes, 1).writing():
        made.plan("a", writes.state())
        assert made._due() is None
    assert made._due() is None, "what is to be read again, and in what order, says who plans"
    made.plan("a", writes.state())
    made.done(made.next(), "after")
    assert made.take("a") == "after" and made.take("b") is None


def test_who_has_slept_writes_until_he_ends_or_has_written() -> None:
    writes = Writes()
    slot = Slot(writes, 1)
    with slot.sleeping():
        assert slot.slept and writes.state() is None
    assert slot.slept and writes.state() is None
    with slot.writing():
        pass
    assert slot.slept and writes.state() is not None
    with slot.sleeping():
        pass
    writes.end(1)
    assert writes.state() is not None


def test_who_sleeps_in_one_thread_writes_until_then_whatever_returns_in_another() -> None:
    writes = Writes()
    slot = Slot(writes, 1)
    with slot.sleeping():
        with slot.writing():
            pass
        assert slot.slept and writes.state() is None
    with slot.writing():
        with slot.writing(), slot.sleeping():
            pass
        assert writes.state() is None
    assert writes.state() is not None


def test_a_process_of_a_module_of_which_nothing_is_known_ends_it_for_good() -> None:
    writes = Writes()
    slot = Slot(writes, 1)
    slot._process = 0
    with slot.writing():
        pass
    assert writes.closed and writes.state() is None


@pytest.mark.parametrize(("times", "left"), [(0, 10), (1, 5), (2, 2), (3, 1), (9, 1)])
def test_throttling_shrinks_at_once(times: int, left: int) -> None:
    made = cache("abcdefghijklmnopqrst")
    for _time in range(times):
        made.done(made.next(), throttled=True)
    assert made.at_once == left
