"""Emulated time: in order, faster by a factor, and only forward."""

from __future__ import annotations

import time

import pytest

from emulator.clock import Clock


def test_what_is_due_is_done_in_the_order_of_its_time_at_its_own_time() -> None:
    clock = Clock()
    start = clock.now()
    seen: list[tuple[str, int]] = []

    def second() -> None:
        seen.append(("second", round(clock.now() - start)))
        clock.after(5, lambda: seen.append(("third", round(clock.now() - start))))

    clock.after(20, second)
    clock.after(10, lambda: seen.append(("first", round(clock.now() - start))))
    clock.run_due()
    assert seen == []
    clock.advance(60)
    clock.run_due()
    assert seen == [("first", 10), ("second", 20), ("third", 25)]
    assert clock.now() - start >= 60


def test_a_speed_shortens_waits() -> None:
    clock = Clock(speed=60)
    done: list[int] = []
    clock.after(600, lambda: done.append(1))
    clock.advance(599)
    clock.run_due()
    assert not done
    clock.advance(1)
    clock.run_due()
    assert done


def test_a_failing_event_does_not_stop_the_clock() -> None:
    clock = Clock()
    done: list[int] = []

    def fail() -> None:
        raise KeyError("a")

    clock.after(1, fail)
    clock.after(2, lambda: done.append(1))
    clock.advance(3)
    with pytest.raises(KeyError):
        clock.run_due()
    clock.run_due()
    assert done
    assert clock.utc().timestamp() == pytest.approx(clock.now(), abs=1)


def test_a_cleared_clock_is_at_real_time() -> None:
    clock = Clock()
    clock.after(1, lambda: pytest.fail("forgotten events do not happen"))
    clock.advance(1000)
    clock.clear()
    clock.run_due()
    assert clock.now() == pytest.approx(time.time(), abs=1)


def test_a_clock_that_is_held_goes_no_faster_than_real_time() -> None:
    clock = Clock(speed=1000)
    done: list[int] = []
    clock.after(600, lambda: done.append(1))
    clock.hold("a start")
    moment = clock.now()
    clock.advance(600)
    clock.run_due()
    assert (clock.held, done) == (True, []) and clock.now() - moment < 0.1
    clock.hold("another")
    clock.release("a start")
    assert clock.held
    clock.release("another")
    clock.run_due()
    assert (clock.held, done) == (False, []) and clock.now() - moment < 0.1
    clock.reach(moment + 0.6)
    clock.run_due()
    assert done


def test_what_follows_an_event_that_holds_the_clock_waits() -> None:
    clock = Clock(speed=600)
    done: list[int] = []
    clock.after(10, lambda: clock.hold("a start"))
    clock.after(300, lambda: done.append(1))
    goal = clock.now() + 1
    clock.advance(600)
    clock.run_due()
    assert not done
    clock.release("a start")
    clock.run_due()
    assert not done
    clock.reach(goal)
    clock.run_due()
    assert done
