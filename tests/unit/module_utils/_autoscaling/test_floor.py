"""When a floor ends, in a person's words, and what raises and ends it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._autoscaling import floor, floor_plan
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError

TOKYO = timezone(timedelta(hours=9))
NOW = datetime(2026, 12, 1, 17, 30, tzinfo=TOKYO)
WORDS = [
    ("18:00", "2026-12-01T09:00:00+00:00"),
    ("17:00", "2026-12-02T08:00:00+00:00"),
    ("2h", "2026-12-01T10:30:00+00:00"),
    ("+90m", "2026-12-01T10:00:00+00:00"),
    ("3 days", "2026-12-04T08:30:00+00:00"),
    ("2026-12-05T18:00", "2026-12-05T09:00:00+00:00"),
    ("2026-12-05T18:00:00+00:00", "2026-12-05T18:00:00+00:00"),
]


@pytest.mark.parametrize(("words", "moment"), WORDS)
def test_words_are_in_the_time_zone_of_the_person(words: str, moment: str) -> None:
    assert floor_plan.ends_at(words, NOW).isoformat() == moment


@pytest.mark.parametrize("words", ["", "soon", "25:00", "18", "1m", "31d", "2026-12-01T17:00", "tomorrow"])
def test_other_words_and_moments_are_refused(words: str) -> None:
    with pytest.raises(RailyardError, match="until is"):
        floor_plan.ends_at(words, NOW)


UNTIL = datetime(2026, 12, 1, 18, tzinfo=UTC)
NOTED: floor.Floor = {"min": 4, "before": 2, "until": UNTIL.isoformat(), "requested_by": "deborah"}
ARN = "arn:aws:application-autoscaling:eu-west-1:1:scalable-target/1"
WANTED: dict[str, Any] = {
    "resource_id": "service/shop/web",
    "state": "present",
    "min_capacity": 4,
    "until": UNTIL,
    "requested_by": "deborah",
}


def live(**changes: Any) -> dict[str, Any]:
    state = {"scheduled_scaling_suspended": False}
    target = {"resource_id": "service/shop/web", "service_namespace": "ecs", "scalable_dimension": "d", "scalable_target_arn": ARN}
    return {**target, "min_capacity": 2, "max_capacity": 6, "suspended_state": state, "floor": None, "ends": None, **changes}


HELD = {"min_capacity": 4, "floor": NOTED, "ends": floor.schedule(NOTED)}
PLANS: list[tuple[str, dict[str, Any], dict[str, Any], list[str]]] = [
    ("its end comes first", {}, {}, ["PutScheduledAction", "TagResource", "RegisterScalableTarget"]),
    ("as it is", {}, HELD, []),
    ("the action is gone", {}, {**HELD, "ends": None}, ["PutScheduledAction", "TagResource", "RegisterScalableTarget"]),
    ("ended", {"state": "absent"}, HELD, ["RegisterScalableTarget", "DeleteScheduledAction", "UntagResource"]),
    ("ended by itself before", {"state": "absent"}, {"floor": NOTED}, ["UntagResource"]),
    ("somebody has set another bound since", {"state": "absent"}, {**HELD, "min_capacity": 3}, ["DeleteScheduledAction", "UntagResource"]),
    ("there is none to end", {"state": "absent"}, {}, []),
]


@pytest.mark.parametrize(("wanted", "changes", "steps"), [plan[1:] for plan in PLANS], ids=[plan[0] for plan in PLANS])
def test_the_steps(wanted: dict[str, Any], changes: dict[str, Any], steps: list[str]) -> None:
    plan = floor_plan.make_plan({**WANTED, **wanted}, live(**changes), UNTIL - timedelta(hours=1))
    assert [step.operation for step in plan.steps] == steps
    if steps[:1] == ["PutScheduledAction"]:
        assert plan.steps[0].params["ScalableTargetAction"] == {"MinCapacity": 2}


def test_tags_that_are_not_ours_to_read_are_no_floor() -> None:
    assert floor.of_tags(floor.tags(NOTED)) == NOTED
    assert floor.of_tags({"floor": "many", "floor-before": "2", "floor-until": UNTIL.isoformat()}) is None
    assert floor.of_tags({"floor": "4"}) is floor.of_tags(None) is None
    assert floor.holds(NOTED, UNTIL - timedelta(seconds=1)) and not floor.holds(NOTED, UNTIL)
