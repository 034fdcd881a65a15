"""Why a service wants as many tasks as it does."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._status import scaling, screen

HIGH = "monitor alarm TargetTracking-service/shop/web-AlarmHigh-0f3 in state ALARM triggered policy cpu"


def activity(count: int | None, status: str = "Successful", not_scaled: list[str] | None = None, cause: str = HIGH) -> dict[str, Any]:
    return {
        "at": "2026-12-01T10:12:00+00:00",
        "status": status,
        "count": count,
        "cause": cause,
        "message": "",
        "not_scaled": not_scaled or [],
    }


CASES: list[tuple[str, tuple[int | None, int, int], list[dict[str, Any]], str]] = [
    ("by an alarm", (4, 2, 10), [activity(4)], f"{HIGH}, 2026-12-01 10:12 UTC"),
    ("an older one counts when the newest did nothing", (4, 2, 10), [activity(None, "Unfulfilled", ["x"]), activity(4)], HIGH),
    ("what failed is no reason", (4, 2, 10), [activity(4, "Failed")], "set by a person"),
    ("somebody has changed it since", (3, 2, 10), [activity(4)], "set by a person"),
    ("at its lower bound", (2, 2, 10), [], "at its lower bound"),
    ("at its upper bound", (10, 2, 10), [], "at its upper bound"),
    ("below its bounds", (1, 2, 10), [], "AWS will set 2"),
    ("above its bounds", (11, 2, 10), [], "AWS will set 10"),
    ("it does not scale", (2, 2, 2), [], "its bounds allow nothing else"),
    ("nobody knows", (None, 2, 10), [], ""),
]


@pytest.mark.parametrize(("numbers", "acted", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_scaler_or_a_bound_or_a_person(numbers: tuple[int | None, int, int], acted: list[Any], words: str) -> None:
    assert scaling.why(*numbers, acted).startswith(words) if words in ("", HIGH) else words in scaling.why(*numbers, acted)


def test_the_screen_needs_no_ids() -> None:
    assert screen.shorter(f"{HIGH}, 2026-12-01 10:12 UTC") == "policy cpu: alarm high, 2026-12-01 10:12 UTC"
