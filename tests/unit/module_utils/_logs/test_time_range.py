"""Times in people's words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._logs import time_range

ZONE = timezone(timedelta(hours=1))
# A Tuesday.
NOW = datetime(2026, 12, 1, 15, 30, 10, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("words", "begins", "ends"),
    [
        ("10m", "2026-12-01 15:20:10", "now"),
        ("90s", "2026-12-01 15:28:40", "now"),
        ("1h30m", "2026-12-01 14:00:10", "now"),
        ("2 hours ago", "2026-12-01 13:30:10", "now"),
        ("last 3 days", "2026-11-28 15:30:10", "now"),
        ("1w", "2026-11-24 15:30:10", "now"),
        ("now", "now", "now"),
        ("today", "2026-12-01 00:00:00", "2026-12-02 00:00:00"),
        ("Yesterday", "2026-11-30 00:00:00", "2026-12-01 00:00:00"),
        ("monday", "2026-11-30 00:00:00", "2026-12-01 00:00:00"),
        ("tuesday", "2026-11-24 00:00:00", "2026-11-25 00:00:00"),
        ("2026-11-30", "2026-11-30 00:00:00", "2026-12-01 00:00:00"),
        ("2026-11-30 14:00", "2026-11-30 14:00:00", "now"),
        ("2026-11-30T14:00:30", "2026-11-30 14:00:30", "now"),
        ("2026-11-30T14:00:00Z", "2026-11-30 15:00:00", "now"),
        ("2026-11-30 14:00 UTC", "2026-11-30 15:00:00", "now"),
        ("2026-11-30 14:00:00 -05:00", "2026-11-30 20:00:00", "now"),
        ("2026-11-30T14:00:00.123+01:00", "2026-11-30 14:00:00", "now"),
        ("yesterday 9am", "2026-11-30 09:00:00", "now"),
        ("yesterday 12am", "2026-11-30 00:00:00", "now"),
        ("14:00", "2026-12-01 14:00:00", "now"),
        ("16:00", "2026-11-30 16:00:00", "now"),
        ("1764597600", "2025-12-01 15:00:00", "now"),
        ("1764597600000", "2025-12-01 15:00:00", "now"),
    ],
)
def test_words(words: str, begins: str, ends: str) -> None:
    def read(text: str) -> datetime:
        return NOW if text == "now" else datetime.fromisoformat(text).replace(tzinfo=ZONE)

    assert time_range.span(words, NOW) == (read(begins), read(ends))


@pytest.mark.parametrize("words", ["soon", "10x", "14", "25:00", "2026-13-01", "2026-11-30 noon", "yesterday 5", "", "10m 14:00"])
def test_what_is_no_time_says_what_would_be_one(words: str) -> None:
    with pytest.raises(RailyardError, match=r"time|calendar"):
        time_range.span(words, NOW)


@pytest.mark.parametrize(
    ("since", "to", "begins", "ends"),
    [
        ("yesterday", "", "2026-11-30 00:00:00", "2026-12-01 00:00:00"),
        ("today", "", "2026-12-01 00:00:00", "2026-12-01 15:30:10"),
        ("2026-11-29", "yesterday", "2026-11-29 00:00:00", "2026-12-01 00:00:00"),
        ("2026-11-30 14:00", "2026-11-30 14:30", "2026-11-30 14:00:00", "2026-11-30 14:30:00"),
        ("2h", "1h", "2026-12-01 13:30:10", "2026-12-01 14:30:10"),
        ("1h", "2026-12-24", "2026-12-01 14:30:10", "2026-12-01 15:30:10"),
    ],
)
def test_ranges(since: str, to: str, begins: str, ends: str) -> None:
    found = time_range.between(since, to, NOW)
    assert tuple(f"{each:%Y-%m-%d %H:%M:%S}" for each in found) == (begins, ends)


@pytest.mark.parametrize(("since", "to", "words"), [("2026-12-24", "", "in the future"), ("1h", "2h", "not after")])
def test_ranges_that_are_none(since: str, to: str, words: str) -> None:
    with pytest.raises(RailyardError, match=words):
        time_range.between(since, to, NOW)


def test_the_time_zone_is_said() -> None:
    assert time_range.shown(NOW) == "2026-12-01 15:30:10 +01:00"
    assert time_range.shown(datetime(2026, 12, 1, tzinfo=UTC)) == "2026-12-01 00:00:00 UTC"
