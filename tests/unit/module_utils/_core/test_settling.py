"""One of a list goes wrong, or needs more than one look: the others do not wait for it, and nothing is written before all have a plan."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core import settling
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._core.plan import AlreadyDone, Plan, Step
from ansible_collections.railyard.fargate.plugins.module_utils._core.settling import Resource, settle_each


class Account:
    """Things by name, each None or "as declared"; a call that is a callable is made instead."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **calls: Callable[[], None]) -> None:
        self.things: dict[str, Any] = {}
        self.calls, self.made = calls, []
        monkeypatch.setattr(settling, "apply_plan", self.apply)

    def apply(self, _client: Any, plan: Plan) -> None:
        name = plan.steps[0].params["name"]
        self.made.append(name)
        self.calls.get(name, lambda: None)()
        self.things[name] = "as declared"

    def resource(self, name: str) -> Resource:
        def plan(live: Any) -> Plan:
            return Plan(live, "as declared", () if live else (Step("Make", {"name": name}),))

        return Resource(lambda: self.things.get(name), plan)

    def settle(self, *names: str, **more: Resource) -> list[tuple[Plan, Any]]:
        resources = {**{name: self.resource(name) for name in names}, **more}
        return settle_each(None, resources, [self.things.get(name) for name in resources], False)


def test_they_are_worked_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each waits until the other is under way."""
    both = threading.Barrier(2, timeout=60)
    account = Account(monkeypatch, a=both.wait, b=both.wait)
    account.things["c"] = "as declared"
    assert [(plan.changed, live) for plan, live in account.settle("a", "b", "c")] == [
        (True, "as declared"),
        (True, "as declared"),
        (False, "as declared"),
    ]
    assert sorted(account.made) == ["a", "b"]


def test_nothing_is_written_when_one_of_them_can_never_be(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_live: Any) -> Plan:
        raise RailyardError("it can never be", "Wrong", problems=["x"])

    account = Account(monkeypatch)
    with pytest.raises(RailyardError, match="thing b: it can never be\nthing d: it can never be") as raised:
        account.settle("thing a", **{"thing b": Resource(lambda: None, never)}, **{"thing d": Resource(lambda: None, never)})
    assert account.made == [] and (raised.value.code, raised.value.details) == ("Wrong", {"problems": ["x"]})


def test_one_that_fails_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> None:
        raise RailyardError("CreateService: AccessDenied: no", "AccessDenied")

    account = Account(monkeypatch, **{"service a": refused})
    with pytest.raises(RailyardError, match=r"^service a: CreateService: AccessDenied: no$") as raised:
        account.settle("service a", "service b")
    assert account.things == {"service b": "as declared"} and raised.value.code == "AccessDenied"


def test_one_that_somebody_else_has_made_meanwhile_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def taken() -> None:
        account.things["a"] = "as declared"
        raise AlreadyDone("CreateService: not idempotent")

    account = Account(monkeypatch, a=taken)
    (of_a, live), (of_b, _live) = account.settle("a", "b")
    assert live == "as declared" and not of_a.changed and of_b.changed
