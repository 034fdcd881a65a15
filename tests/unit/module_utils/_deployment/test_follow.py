"""Following, on a deployment whose states are written down."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.clock import CLOSELY, Clock
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._core.interruption import Interrupted
from ansible_collections.railyard.fargate.plugins.module_utils._deployment import deployment, follow
from ansible_collections.railyard.fargate.plugins.module_utils._deployment.follow import Following
from ansible_collections.railyard.fargate.plugins.module_utils._environment.description import Traffic


@dataclass
class Written:
    """A deployment that is in `states[n]` for the n-th look, and in the last one from then on."""

    states: list[str]
    crashes: bool = False
    place: str = "web in cluster shop"
    looks: list[float] = field(default_factory=list)
    glances: list[float] = field(default_factory=list)
    stopped: list[bool] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    time: float = 0.0

    def read(self, identity: str) -> dict[str, Any]:
        self.looks.append(self.time)
        status = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        tasks = {"desired": 2, "running": 2, "pending": 0, "healthy": 0 if status == "preparing" else 2}
        made: dict[str, Any] = deployment.shape("ecs", deployment_id=identity, status=status, task_definition="web:2", tasks=tasks)
        return made

    def glance(self, identity: str, status: str) -> Any:
        self.glances.append(self.time)

    def stop(self, identity: str, rollback: bool) -> None:
        self.stopped.append(rollback)
        self.states = ["stopped", "stopped", "rolling_back", "rolled_back"]

    def crash(self, found: dict[str, Any]) -> dict[str, Any] | None:
        return {"number": 2} if self.crashes else None

    def crash_report(self, crash: dict[str, Any], noticed: str | None, _clock: Clock) -> str:
        return "they crash\n  of this"

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def how(self, **more: Any) -> Following:
        return Following(say=self.said.append, clock=Clock(now=lambda: self.time, sleep=self.sleep), **more)


@dataclass
class Timed(Written):
    """A deployment whose states end at these seconds, the last one never."""

    ends: list[float] = field(default_factory=list)

    @property
    def state(self) -> str:
        return self.states[sum(self.time >= end for end in self.ends)]

    def read(self, identity: str) -> dict[str, Any]:
        self.looks.append(self.time)
        made: dict[str, Any] = deployment.shape("ecs", deployment_id=identity, status=self.state)
        return made

    def glance(self, identity: str, status: str) -> Any:
        super().glance(identity, status)
        return self.state


def following(live: Written, wait_for: str, **more: Any) -> Any:
    return follow.follow(live, "d-1", wait_for, live.how(**more))


@pytest.mark.parametrize("wait_for", ["ready", "traffic_shifted", "old_tasks_stopped"])
def test_follow_ends_when_the_deployment_is_as_far_as_asked(wait_for: str) -> None:
    states = ["preparing", "ready", "shifting", "waiting", "succeeded"]
    assert (
        following(Written(states.copy()), wait_for)["status"]
        == {"ready": "ready", "traffic_shifted": "waiting", "old_tasks_stopped": "succeeded"}[wait_for]
    )
    assert following(Written(["succeeded"]), wait_for)["status"] == "succeeded"


@pytest.mark.parametrize("status", ["failed", "stopped", "superseded", "rolled_back"])
def test_another_end_is_a_failure(status: str) -> None:
    with pytest.raises(RailyardError, match=status.replace("_", " ")) as caught:
        following(Written(["preparing", status]), "ready")
    assert caught.value.details["deployment"]["status"] == status


def test_a_rollback_is_followed_before_it_is_a_failure() -> None:
    live = Written(["shifting", "rolling_back", "rolling_back", "rolled_back"])
    with pytest.raises(RailyardError, match="was rolled back"):
        following(live, "traffic_shifted")
    assert len(live.looks) == 4


@pytest.mark.parametrize("crashes", [False, True])
def test_who_must_know_is_told_as_soon_as_it_goes_back(crashes: bool) -> None:
    """The engine goes back by itself, or is told to: either way before that has ended, and not before it has begun."""
    live = Written(["preparing"] if crashes else ["preparing", "rolling_back", "rolling_back", "rolled_back"], crashes=crashes)
    told: list[list[str]] = []
    with pytest.raises(RailyardError):
        following(live, "traffic_shifted", going_back=lambda: told.append(list(live.states)))
    assert len(told) == 1 and told[0][-1] == "rolled_back" and live.stopped == ([True] if crashes else [])


def test_it_looks_once_a_second_at_most_then_less_often_and_again_when_something_happens() -> None:
    live = Written(["preparing"] * 12 + ["shifting"] * 3 + ["succeeded"])
    following(live, "old_tasks_stopped")
    pauses = [after - before for before, after in zip(live.looks, live.looks[1:], strict=False)]
    assert min(pauses) == 1.0 and max(pauses) == 5.0 and pauses[11] == 5.0 and pauses[12] == 1.0


def test_the_end_of_a_young_state_is_seen_within_a_second_and_by_one_call_a_second() -> None:
    live = Timed(["preparing", "ready"], ends=[47.3])
    following(live, "ready")
    assert 47.3 <= live.time <= 48.3
    asked = sorted([*live.looks, *live.glances])
    assert len(live.looks) <= 15 and min(after - before for before, after in zip(live.glances, live.glances[1:], strict=False)) >= 1.0
    assert len(asked) <= 65


@pytest.mark.parametrize("traffic", [{"shift": "canary", "percent": 10, "minutes": 10}, {"shift": "linear", "percent": 50, "minutes": 10}])
def test_the_declared_end_of_a_share_of_the_traffic_is_met_and_not_overslept(traffic: Traffic) -> None:
    live = Timed(["shifting", "waiting"], ends=[600.8])
    following(live, "traffic_shifted", traffic=traffic)
    assert 600.8 <= live.time <= 602 and len(live.looks) <= 75 and len(live.glances) <= 3


def test_what_lasts_longer_than_declared_is_looked_at_closely_for_a_while_only() -> None:
    live = Timed(["shifting", "waiting"], ends=[3600.0])
    following(live, "traffic_shifted", traffic={"shift": "canary", "percent": 10, "minutes": 10})
    assert len([moment for moment in live.glances if moment > 600 + CLOSELY + 15]) == 0 and live.time <= 3615


def test_a_line_is_said_when_something_has_changed() -> None:
    live = Written(["preparing", "preparing", "shifting", "shifting", "succeeded"])
    following(live, "old_tasks_stopped")
    assert [line.rpartition(", ")[0] for line in live.said] == [
        "preparing: 0 of 2 healthy",
        "shifting: 2 of 2 healthy",
        "succeeded",
    ]


def test_crash_loop_is_rolled_back_and_the_rollback_followed() -> None:
    live = Written(["preparing"], crashes=True)
    with pytest.raises(RailyardError, match="of this") as caught:
        following(live, "old_tasks_stopped")
    assert live.stopped == [True] and caught.value.details["deployment"]["status"] == "rolled_back"
    assert all("\n" not in line for line in live.said)


def test_tasks_that_were_healthy_once_are_not_given_up() -> None:
    assert following(Written(["shifting", "preparing", "succeeded"], crashes=True), "old_tasks_stopped")["status"] == "succeeded"


def test_a_deployment_that_stays_stopped_is_awaited_for_a_while_only() -> None:
    live = Written(["stopped"])
    assert follow.settle(live, "d-1", live.how(), rollback=True)["status"] == "stopped"
    assert follow.ROLLBACK_BEGINS <= live.time < follow.ROLLBACK_BEGINS + 6
    live = Written(["stopped"])
    assert follow.settle(live, "d-1", live.how(), rollback=False)["status"] == "stopped" and live.time == 0


@pytest.mark.parametrize(("status", "stops"), [("preparing", True), ("ready", False), ("shifting", False), ("waiting", False)])
def test_each_state_has_its_time(status: str, stops: bool) -> None:
    live = Written([status])
    with pytest.raises(RailyardError, match=rf"timeouts\.{status}") as caught:
        following(live, "old_tasks_stopped", timeouts={status: 30})
    assert live.stopped == ([True] if stops else [])
    assert stops or "goes on without us" in caught.value.message


def test_a_heart_that_stops_ends_the_following() -> None:
    def heartbeat() -> None:
        raise RailyardError("the lock is lost")

    with pytest.raises(RailyardError, match="the lock is lost"):
        following(Written(["preparing"]), "old_tasks_stopped", heartbeat=heartbeat)


def test_line_with_the_time_after_half_a_minute_without_change() -> None:
    live = Written(["preparing"] * 40 + ["succeeded"])
    following(live, "old_tasks_stopped")
    still = [line for line in live.said if " still preparing: 0 of 2 healthy, " in line]
    assert len(still) >= 4 and all(re.match(r"\d\d:\d\d:\d\d still ", line) for line in still)


def test_an_interruption_says_what_goes_on() -> None:
    live = Written(["shifting"])

    def end(_seconds: float) -> None:
        raise Interrupted

    with pytest.raises(Interrupted, match=r"d-1 to .* is shifting and goes on by itself") as caught:
        follow.follow(live, "d-1", "old_tasks_stopped", Following(clock=Clock(now=lambda: 0.0, sleep=end)))
    assert caught.value.details["deployment"]["status"] == "shifting" and live.stopped == []
