"""Which release is the one before."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._release import record, rollback
from ansible_collections.railyard.fargate.plugins.module_utils._release.release_run import Order


def release(number: int, digest: str, status: str = "succeeded", back_to: int | None = None) -> dict[str, object]:
    known = {"number": number, "digest": digest, "status": status, "back_to": back_to, "task_definitions": {"web": f"web:{number}"}}
    return {**record.BLANK, **known}


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
        # Migrations are not gone back to, nor do they say what is live.
        ([{**release(4, "b"), "kind": "migration"}, *PLAIN], "c", [], 2),
        ([release(3, "c"), {**release(2, "b"), "kind": "migration"}, release(1, "a")], "c", [], 1),
        # A live image that nobody recorded.
        (PLAIN, "x", [], 3),
    ],
)
def test_target_is_the_last_good_release_before_the_live_one(
    records: list[dict[str, object]], live: str, running: list[str], expected: int | None
) -> None:
    found = rollback.last_but_one(records, live, running)
    assert (found and found["number"]) == expected


def recorded(number: int, digest: str | None, **known: object) -> dict[str, object]:
    return {**record.BLANK, "number": number, "digest": digest, "status": "succeeded", "requested_by": "deborah", **known}


def migration(number: int, digest: str | None, **known: object) -> dict[str, object]:
    return recorded(number, digest, kind="migration", **known)


LIVE = [recorded(1, "a"), recorded(3, "b")]


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ([], None),
        ([migration(2, "b", destructive_migrations=["20260101"])], "release 1 does not know migrations 20260101"),
        (
            [migration(2, "b", status="failed", destructive_migrations_unknown=True, result="interrupted")],
            "migration 2 of deborah (interrupted)",
        ),
        ([recorded(2, "c", status="failed", destructive_migrations_unknown=True, result="killed")], "release 2 of deborah (killed)"),
        (
            [migration(2, None, destructive_migrations_unknown=True, reason="bin/rails db:migrate")],
            "migration 2 of deborah (bin/rails db:migrate)",
        ),
        # What an image's own migrations have dropped, its code knows.
        ([migration(2, "a", destructive_migrations=["20260101"])], None),
        # What was there before is known to have gone well with it.
        ([migration(0, "b", destructive_migrations=["20260101"])], None),
        # A record of an earlier version of this collection has no such member.
        ([{name: value for name, value in recorded(2, "c").items() if name not in ("kind", "destructive_migrations_unknown")}], None),
    ],
)
def test_rollback_is_refused_across_destructive_migrations(others: list[dict[str, object]], words: str | None) -> None:
    records = sorted([*LIVE, *others], key=lambda item: -int(str(item["number"])))
    if words is None:
        rollback.guard(Order(), records, LIVE[0])
        return
    with pytest.raises(RailyardError, match="Nothing was done; -e allow_destructive_migrations=yes") as caught:
        rollback.guard(Order(), records, LIVE[0])
    assert words in caught.value.message
    rollback.guard(Order(allow_destructive_migrations=True), records, LIVE[0])


class Stage:
    """A way back with no AWS: what is live, what is recorded, and what becomes of the deployment in flight when it is stopped."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, records: list[dict[str, object]], live: str, end: str, after: str, came_from: str = "web:2"
    ) -> None:
        self.live, self.end, self.after, self.released = live, end, after, list[Order]()
        flies = {"deployment_id": "d-1", "status": "waiting", "task_definition": "web:9", "previous_task_definition": came_from}
        monkeypatch.setattr(rollback, "in_flight", lambda env, clients: [flies])
        monkeypatch.setattr(rollback, "_records", lambda env, clients, order: records)
        monkeypatch.setattr(rollback.preconditions, "read", lambda env, clients: SimpleNamespace(digest=self.live))
        monkeypatch.setattr(rollback, "stop", self.stop)
        monkeypatch.setattr(rollback.flow, "release", self.release)

    def stop(self, _env: object, _clients: object, running: list[object], _how: object) -> dict[str, object] | None:
        if not running:
            return None
        self.live = self.after
        return {"deployment_id": "d-1", "status": self.end}

    def release(self, env: object, clients: object, order: Order, *_given: object) -> dict[str, object]:
        self.released.append(order)
        return {"changed": order.image != self.live, "release": None}

    def back(self, **order: object) -> dict[str, object]:
        env = SimpleNamespace(name="shop-production", traffic={})
        return dict(rollback.roll_back(env, {}, Order(**order), lambda line: None))  # type: ignore[arg-type]


def test_rollback_ends_with_the_deployment_that_was_rolled_back(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch, PLAIN, live="c", end="rolled_back", after="b")
    done = stage.back()
    assert done["changed"] and done["back_to"] == 2 and stage.released[0].image == "b"
    assert done["stopped"] == {"deployment_id": "d-1", "status": "rolled_back"}


def test_a_deployment_that_had_ended_before_it_was_stopped_is_gone_back_from(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch, PLAIN, live="c", end="succeeded", after="c")
    done = stage.back()
    assert done["changed"] and done["back_to"] == 2 and done["stopped"] is None and stage.released[0].image == "b"


def test_second_rollback_while_the_first_one_keeps_its_old_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """To stop it would lead to what was left a moment ago."""
    records = [{**release(4, "b", back_to=2), "task_definitions": {"web": "web:2"}}, *PLAIN]
    stage = Stage(monkeypatch, records, live="b", end="rolled_back", after="c", came_from="web:3")
    done = stage.back()
    assert done["back_to"] == 1 and done["stopped"] is None and stage.released[0].image == "a"
    stage = Stage(
        monkeypatch, [{**release(4, "a", back_to=1), "task_definitions": {"web": "web:1"}}, *PLAIN], "a", "rolled_back", "c", "web:3"
    )
    with pytest.raises(RailyardError, match="no release of shop-production succeeded before the live one"):
        stage.back()


def test_back_from_the_oldest_release_does_nothing_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """While its old tasks were kept when that was asked for, and gone when they were to be taken back to."""
    stage = Stage(monkeypatch, PLAIN, live="a", end="succeeded", after="a", came_from="web:0")
    with pytest.raises(RailyardError, match="no release of shop-production succeeded before the live one"):
        stage.back()
    assert stage.released == []
