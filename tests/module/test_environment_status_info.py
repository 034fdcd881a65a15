"""environment_status_info against an emulated AWS with nothing in it, and with a service behind a load balancer."""

from __future__ import annotations

from typing import Any

from tests.support import names
from tests.support.emulated import Emulated
from tests.support.walk import differences

MODULE = "environment_status_info"


def read(emulated: Emulated) -> dict[str, Any]:
    found = emulated.run(MODULE, names=names.option())
    assert not found.get("failed") and differences(MODULE, found) == [], found
    return found


def test_nothing_was_made(emulated: Emulated) -> None:
    found = read(emulated)
    assert found["health"] == "down" and not found["changed"]
    absent = {name for name, part in found["parts"].items() if part["state"] == "absent"}
    assert absent == set(found["parts"]) - {"consoles"} and found["parts"]["consoles"]["found"] == []
    assert emulated.writes() == []


def test_one_part_that_is_denied_hides_no_other(emulated: Emulated) -> None:
    refused = {"fault": "refuse", "operation": "rds:*", "code": "AccessDenied", "message": "User: deborah is not authorized", "status": 403}
    emulated.faults(refused)
    try:
        found = read(emulated)
    finally:
        emulated.faults()
    parts = found["parts"]
    assert parts["database"]["state"] == "unreadable" and "not authorized" in parts["database"]["reason"]
    assert "cannot be read: DescribeDBInstances: AccessDenied" in found["text"] and parts["services"]["state"] == "absent"
