"""Looking until something is settled, by a clock that a test winds."""

from __future__ import annotations

import itertools

from ansible_collections.railyard.fargate.plugins.module_utils._core.clock import Clock, look_until, next_pause, until_report


def looks(settled_at: int, seconds: float) -> tuple[int, list[float]]:
    """What was seen last where each look sees its own number, and how long it slept between looks."""
    slept: list[float] = []
    numbers = itertools.count(1)
    clock = Clock(now=lambda: sum(slept), sleep=slept.append)
    return look_until(lambda: next(numbers), lambda seen: seen >= settled_at, seconds, clock), slept


def test_watch_reads_at_least_once_and_does_not_sleep_when_settled() -> None:
    assert looks(1, 600) == (1, [])
    assert looks(9, 0) == (1, [])


def test_watch_reads_with_growing_pauses_until_settled() -> None:
    assert looks(4, 600) == (4, [0.5, 0.75, 1.125])
    assert max(looks(99, 3600)[1]) == 15


def test_watch_returns_the_last_value_at_the_timeout() -> None:
    seen, slept = looks(99, 2)
    assert seen < 99 and sum(slept) >= 2 > sum(slept[:-1])


def test_who_has_waited_for_long_looks_less_often_and_still_says_so_each_half_minute() -> None:
    assert [next_pause(pause) for pause in (1.0, 3.0, 4.0, 5.0)] == [1.5, 4.5, 5.0, 5.0]
    assert [next_pause(60.0, waited) for waited in (0, 100, 200, 300, 9000)] == [5.0, 5.0, 10.0, 15.0, 15.0]
    assert [until_report(silent) for silent in (0, 29.5, 31)] == [30.0, 1.0, 1.0]
