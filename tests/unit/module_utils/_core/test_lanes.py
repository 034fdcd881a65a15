"""Steps of a plan that do not wait for each other."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core import plan as plans
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError, Unanswered
from ansible_collections.railyard.fargate.plugins.module_utils._core.plan import AlreadyDone, Output, Plan, Step, apply_plan, in_lane


class Account:
    """Notes the calls in their order; `meanwhile` is done within the call of that operation, and may raise."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **meanwhile: Any) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.meanwhile = meanwhile
        monkeypatch.setattr(plans, "call", self.call)

    def call(self, _client: Any, operation: str, **params: Any) -> dict[str, Any]:
        self.meanwhile.get(operation, lambda: None)()
        self.calls.append((operation, params))
        return {"id": f"of {operation} {params.get('name', '')}".strip()}

    @property
    def made(self) -> set[str]:
        return {operation for operation, _params in self.calls}


def lane(name: str, *operations: str) -> list[Step]:
    return in_lane(name, [Step(operation, {"name": name}) for operation in operations])


def test_lanes_do_not_wait_for_each_other_and_what_follows_waits_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2, timeout=60)
    account = Account(monkeypatch, MakeA=both.wait, MakeB=both.wait)
    after = Step("Show", {"ids": [Output("MakeA", "id"), Output("MakeB", "id")]})
    apply_plan(None, Plan(steps=(*lane("a", "MakeA", "TagA"), *lane("b", "MakeB", "TagB"), after)))
    order = [operation for operation, _params in account.calls]
    assert order.index("MakeA") < order.index("TagA") and order.index("MakeB") < order.index("TagB") and order[-1] == "Show"
    assert account.calls[-1][1] == {"ids": ["of MakeA a", "of MakeB b"]}


def test_an_output_is_that_of_its_own_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(monkeypatch)
    steps = [
        step
        for name in "ab"
        for step in in_lane(name, [Step("Make", {"name": name}), Step("Use", {"of": name, "id": Output("Make", "id")})])
    ]
    apply_plan(None, Plan(steps=tuple(steps)))
    assert sorted((params["of"], params["id"]) for operation, params in account.calls if operation == "Use") == [
        ("a", "of Make a"),
        ("b", "of Make b"),
    ]


def test_a_lane_that_fails_ends_there_and_the_others_are_carried_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> None:
        raise RailyardError("MakeA: AccessDenied: no", "AccessDenied")

    def unanswered() -> None:
        raise Unanswered("MakeC: timeout")

    account = Account(monkeypatch, MakeA=refused, MakeC=unanswered)
    with pytest.raises(RailyardError, match="MakeA: AccessDenied"):
        apply_plan(None, Plan(steps=(*lane("a", "MakeA", "TagA"), *lane("b", "MakeB", "TagB"), *lane("c", "MakeC"), Step("Show"))))
    assert account.made == {"MakeB", "TagB"}


def test_the_plan_is_made_anew_when_one_lane_has_found_its_thing(monkeypatch: pytest.MonkeyPatch) -> None:
    def exists() -> None:
        raise RailyardError("MakeA: Exists", "Exists")

    account = Account(monkeypatch, MakeA=exists)
    steps = (*in_lane("a", [Step("MakeA", already=("Exists",))]), *lane("b", "MakeB"))
    with pytest.raises(AlreadyDone) as raised:
        apply_plan(None, Plan(steps=steps))
    assert account.made == {"MakeB"} and raised.value.changed and not raised.value.unanswered
