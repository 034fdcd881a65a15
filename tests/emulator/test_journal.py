"""What the emulator remembers of every call."""

from __future__ import annotations

import pytest

from emulator import journal
from tests.support.emulated import Emulated


def test_every_call_says_what_it_was_and_whether_it_changed_something(emulated: Emulated) -> None:
    logs = emulated.client("logs")
    logs.create_log_group(logGroupName="a")
    emulated.refused("logs", "create_log_group", logGroupName="a")
    logs.describe_log_groups()
    emulated.refused("logs", "create_log_group", logGroupName="a b")
    emulated.refused("ssm", "describe_ops_items")
    entries = emulated.journal()
    assert [(entry["operation"], entry["write"], entry["changed"], entry["error"]) for entry in entries] == [
        ("CreateLogGroup", True, True, ""),
        ("CreateLogGroup", True, False, "ResourceAlreadyExistsException"),
        ("DescribeLogGroups", False, False, ""),
        ("CreateLogGroup", True, False, "InvalidParameterException"),
        ("DescribeOpsItems", False, False, "UnknownOperationException"),
    ]
    assert [entry["number"] for entry in entries] == sorted(entry["number"] for entry in entries)
    assert all(entry["ms"] > 0 and entry["in_flight"] >= 1 and entry["status"] in (200, 400) for entry in entries)
    assert "a b" not in str(entries)


def test_equal_requests_have_equal_fingerprints(emulated: Emulated) -> None:
    logs, elsewhere = emulated.client("logs"), emulated.client("logs", "eu-central-1")
    for client, prefix in ((logs, "a"), (logs, "a"), (logs, "b"), (elsewhere, "a")):
        client.describe_log_groups(logGroupNamePrefix=prefix)
    first, second, other, away = (entry["request"] for entry in emulated.journal())
    assert first == second and len({first, other, away}) == 3


def test_it_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    from collections import deque

    monkeypatch.setattr(journal, "_entries", deque(maxlen=3))
    for number in range(5):
        with journal.record("ecs", f"Create{number}"):
            pass
    assert [entry["operation"] for entry in journal.entries()] == ["Create2", "Create3", "Create4"]
    assert journal.MOST == 100_000


def test_it_counts_the_calls_that_are_in_flight_at_once() -> None:
    with journal.record("ecs", "First") as first, journal.record("ecs", "Second") as second:
        with journal.record("ecs", "Third") as third:
            pass
        with journal.record("ecs", "Fourth") as fourth:
            pass
    base = first.in_flight
    assert [entry.in_flight - base for entry in (second, third, fourth)] == [1, 2, 2]
    with journal.record("ecs", "Last") as last:
        pass
    assert last.in_flight == base


@pytest.mark.parametrize(
    ("operation", "write"),
    [
        ("GetParameter", False),
        ("BatchGetImage", False),
        ("AssumeRole", False),
        ("Decrypt", False),
        ("PutParameter", True),
        ("RunTask", True),
    ],
)
def test_reading_and_writing(operation: str, write: bool) -> None:
    with journal.record("any", operation) as entry:
        pass
    assert entry.write is write
