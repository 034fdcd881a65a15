"""application_autoscaling_floor against the emulated Application Auto Scaling, whose scheduled actions happen with its clock."""

from __future__ import annotations

from typing import Any

import pytest

from tests.module import ecs_stage
from tests.module.ecs_stage import CLUSTER
from tests.support.emulated import Emulated
from tests.support.walk import differences

MODULE, TARGET = "application_autoscaling_floor", "application_autoscaling_target"
WEB = f"service/{CLUSTER}/web"
OF = {"ServiceNamespace": "ecs", "ResourceId": WEB, "ScalableDimension": "ecs:service:DesiredCount"}
WANTED: dict[str, Any] = {"resource_id": WEB, "min_capacity": 4, "until": "2h", "requested_by": "deborah"}
DECLARED = {"scalable_targets": [{"resource_id": WEB, "min_capacity": 2, "max_capacity": 6}], "tags": {"application": "shop"}}


@pytest.fixture
def scaled(emulated: Emulated) -> Emulated:
    stage = ecs_stage.build(emulated)
    network = {"subnets": stage.subnets, "securityGroups": [stage.group]}
    emulated.client("ecs").create_service(
        serviceName="web",
        cluster=CLUSTER,
        taskDefinition=stage.definition,
        desiredCount=2,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": network},
    )
    emulated.client("application-autoscaling").register_scalable_target(**OF, MinCapacity=2, MaxCapacity=6, Tags={"application": "shop"})
    return emulated


def least(emulated: Emulated) -> int:
    (found,) = emulated.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    return int(found["MinCapacity"])


def test_check_raise_again_and_end(scaled: Emulated) -> None:
    predicted = scaled.run(MODULE, check=True, **WANTED)
    assert predicted["changed"] and predicted["scalable_target"]["min_capacity"] == 4 and least(scaled) == 2
    raised = scaled.run(MODULE, **WANTED)
    assert raised["changed"] and differences(MODULE, raised) == [] and least(scaled) == 4, raised
    floor = raised["scalable_target"]["floor"]
    assert (floor["min"], floor["before"], floor["requested_by"]) == (4, 2, "deborah") and raised["scalable_target"]["ends"].startswith(
        "at("
    )
    same = scaled.run(MODULE, **{**WANTED, "until": floor["until"]})
    assert not same["changed"], same["diff"]
    higher = scaled.run(MODULE, **{**WANTED, "min_capacity": 5})
    assert higher["scalable_target"]["floor"]["before"] == 2 and least(scaled) == 5
    gone = scaled.run(MODULE, resource_id=WEB, state="absent")
    assert gone["changed"] and gone["scalable_target"]["floor"] is gone["scalable_target"]["ends"] is None and least(scaled) == 2
    assert not scaled.run(MODULE, resource_id=WEB, state="absent")["changed"]


def test_it_ends_by_itself_and_a_converge_keeps_it_until_then(scaled: Emulated) -> None:
    scaled.run(MODULE, **WANTED)
    kept = scaled.run(TARGET, **DECLARED)
    assert not kept["changed"] and differences(TARGET, kept) == [], kept
    (one,) = kept["scalable_targets"]
    assert one["min_capacity"] == 4 and one["floor"]["requested_by"] == "deborah" and least(scaled) == 4
    scaled.advance(2 * 3600 + 60)
    assert least(scaled) == 2
    assert not scaled.run(TARGET, **DECLARED)["changed"]


def test_a_bound_that_somebody_has_raised_without_a_floor_is_set_right(scaled: Emulated) -> None:
    scaled.client("application-autoscaling").register_scalable_target(**OF, MinCapacity=4)
    assert scaled.run(TARGET, **DECLARED)["changed"] and least(scaled) == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"min_capacity": 2}, "min 2 is not above 2, which holds without a floor"),
        ({"min_capacity": 7}, "min 7 is above max, 6"),
        ({"until": "soon"}, "until is 'soon'; it must be 18:00"),
        ({"until": "2020-01-01T18:00"}, "it must be later than in a minute and within 30 days"),
        ({"until": "40d"}, "it must be later than in a minute and within 30 days"),
        ({"resource_id": "service/shop/other"}, "is no scalable target; site.yml makes it"),
    ],
)
def test_what_is_wrong_is_said_before_the_first_write(scaled: Emulated, changes: dict[str, Any], words: str) -> None:
    last = len(scaled.writes())
    failed = scaled.run(MODULE, **{**WANTED, **changes})
    assert failed["failed"] and words in failed["msg"] and len(scaled.writes()) == last, failed


def test_while_scaling_is_suspended_nothing_would_end_it(scaled: Emulated) -> None:
    scaled.client("application-autoscaling").register_scalable_target(**OF, SuspendedState={"ScheduledScalingSuspended": True})
    failed = scaled.run(MODULE, **WANTED)
    assert failed["failed"] and "nothing would end a floor" in failed["msg"]
