"""Looking until something is settled, by a clock that a test winds."""

from __future__ import annotations

import itertools

from ansible_collections.railyard.fargate.plugins.module_utils._core.clock import Clock, look_until


def looks(settled_at: int, seconds: float) -> tuple[int, list[float]]:
    """What was seen last where each look sees its own number, and how long it slept between looks."""
    slept: list[float] = []
    numbers = itertools.count(1)
    clock = Clock(now=lambda: sum(slept), sleep=slept.append)
    return look_until(lambda: next(numbers), lambda seen: seen >= settled_at, seconds, clock), slept


def test_it_looks_once_at_least_and_never_sleeps_for_what_is_settled() -> None:
    assert looks(1, 600) == (1, [])
    assert looks(9, 0) == (1, [])


def test_it_looks_until_it_is_settled_with_growing_pauses() -> None:
    assert looks(4, 600) == (4, [0.5, 0.75, 1.125])
    assert max(looks(40, 600)[1]) == 10


def test_it_ends_with_the_last_that_it_saw() -> None:
    seen, slept = looks(99, 2)
    assert seen < 99 and sum(slept) >= 2 > sum(slept[:-1])
