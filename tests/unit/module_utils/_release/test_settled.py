"""A release that says it runs does so as long as the holder of its lock lives."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._release import record

HELD = {"status": "held", "release": 7}


@pytest.mark.parametrize(
    ("held", "statuses"),
    [
        (None, ["interrupted", "interrupted", "failed"]),
        (HELD, ["running", "interrupted", "failed"]),
        ({**HELD, "status": "dead"}, ["interrupted", "interrupted", "failed"]),
        ({**HELD, "status": "stale"}, ["interrupted", "interrupted", "failed"]),
        ({**HELD, "status": "abandoned"}, ["interrupted", "interrupted", "failed"]),
        ({**HELD, "release": None}, ["running", "running", "failed"]),
    ],
)
def test_only_what_a_living_holder_works_on_runs(held: dict[str, Any] | None, statuses: list[str]) -> None:
    records = [{"number": number, "status": status} for number, status in ((7, "running"), (6, "running"), (5, "failed"))]
    assert [item["status"] for item in record.settled(records, held)] == statuses
