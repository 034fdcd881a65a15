"""Which release is the one before."""

from __future__ import annotations

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._release import back


def release(number: int, digest: str, status: str = "succeeded", back_to: int | None = None) -> dict[str, object]:
    return {"number": number, "digest": digest, "status": status, "back_to": back_to, "task_definitions": {"web": f"web:{number}"}}


PLAIN = [release(3, "c"), release(2, "b"), release(1, "a")]


@pytest.mark.parametrize(
    ("records", "live", "running", "expected"),
    [
        (PLAIN, "c", [], 2),
        (PLAIN, "b", [], 1),
        (PLAIN, "a", [], None),
        ([], "a", [], None),
        # What failed is never gone back to, and was never live.
        ([release(4, "d", "failed"), *PLAIN], "c", [], 2),
        ([release(3, "c"), release(2, "b", "rolled_back"), release(1, "a")], "c", [], 1),
        # The same image twice: back means another image.
        ([release(3, "c"), release(2, "c"), release(1, "a")], "c", [], 1),
        # After a way back the next one goes farther back, and never to what was left.
        ([release(4, "b", back_to=2), *PLAIN], "b", [], 1),
        ([release(4, "a", back_to=1), *PLAIN], "a", [], None),
        # What is being deployed is left for what is live.
        ([release(4, "d", "running"), *PLAIN], "c", ["web:4"], 3),
        # It has all the traffic and is recorded as good: its old tasks are still there.
        (PLAIN, "c", ["web:3"], 2),
        # A live image that nobody recorded.
        (PLAIN, "x", [], 3),
    ],
)
def test_the_last_but_one(records: list[dict[str, object]], live: str, running: list[str], expected: int | None) -> None:
    found = back.last_but_one(records, live, running)
    assert (found and found["number"]) == expected
