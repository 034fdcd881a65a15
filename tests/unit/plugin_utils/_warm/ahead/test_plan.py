"""What is read ahead, and when: as much as is used, and nothing that the next write would make worthless."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.ahead.plan import FEWEST, MOST, REACH, Plan

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def plan(*parts: str) -> Plan[str]:
    """Each letter is a read, each string what was read between two writes."""
    return Plan((number, read) for number, reads in enumerate(parts) for read in reads)


def test_a_run_that_does_not_write_is_read_at_its_beginning() -> None:
    made = plan("abcde")
    assert made.asked("a") == list("abcde")
    assert [made.asked(read) for read in "bcde"] == [[]] * 4


def test_that_holds_if_it_begins_otherwise() -> None:
    made = plan("abcde")
    assert made.asked("other") == list("abcde") and made.asked("a") == []


def test_beyond_a_write_of_the_last_run_nothing_is_read_before_it_has_been_made() -> None:
    made = plan("abc", "def", "ghi")
    assert made.asked("a") == list("abc")
    assert made.asked("b") == made.asked("c") == []
    made.again()
    assert made.asked("d") == list("def")


def test_when_the_write_is_not_made_this_time_what_comes_after_it_is_read_all_the_same() -> None:
    made = plan("abc", "def")
    for read in "abc":
        made.asked(read)
    assert made.asked("d") == list("def")


def test_after_a_write_what_is_still_to_come_is_read_again_and_what_was_passed_over_is_not() -> None:
    made = plan("abcdef")
    for read in "abd":
        made.asked(read)
    made.again()
    assert made.asked("other") == []
    assert made.asked("e") == list("ef")


def test_what_is_asked_in_another_order_counts_once() -> None:
    made = plan("abcdef")
    for read in "bac":
        made.asked(read)
    made.again()
    assert made.asked("d") == list("def")


def test_writes_in_close_order_have_little_read_again_and_a_long_pause_has_much() -> None:
    made = plan(LETTERS * 4)
    queued = made.asked("a")
    assert len(queued) == len(LETTERS) * 4
    made.again()
    assert len(made.asked("b")) == FEWEST + 1
    made.again()
    for read in "cdef":
        queued = made.asked(read)
    assert queued
    made.again()
    assert len(made.asked("g")) == 9


def test_what_is_far_away_is_not_where_a_run_is() -> None:
    made = plan("a" + "b" * REACH + "z")
    made.asked("other")
    made.again()
    assert made.asked("z") == []


@given(reads=st.text("abc", min_size=1, max_size=40), writes=st.sets(st.integers(0, 40)), unexpected=st.sets(st.integers(0, 40)))
def test_a_run_that_repeats_the_last_one_reads_nothing_in_vain(reads: str, writes: set[int], unexpected: set[int]) -> None:
    """What is queued between two writes is asked for between them. With writes that the last run has not made, a window at most is lost."""
    part, parts = 0, []
    for number in range(len(reads)):
        part += number in writes
        parts.append(part)
    made: Plan[str] = Plan(zip(parts, reads, strict=True))
    queued: list[str] = []
    lost = 0
    for number, read in enumerate(reads):
        if number and (number in writes or number in unexpected):
            made.again()
            assert number in unexpected or not queued
            lost += len(queued)
            queued = []
        new = made.asked(read)
        queued += new
        assert read in queued
        queued.remove(read)
        assert len(new) <= max(MOST + 1, len(reads) if not unexpected & set(range(number + 1)) else 0)
    assert queued == []
    assert lost <= len(reads) + MOST * len(unexpected)
