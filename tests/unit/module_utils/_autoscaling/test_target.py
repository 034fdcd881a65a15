"""The plan for a scalable target: what is not declared stays."""

from threading import Barrier
from typing import Any

import boto3
import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._autoscaling import policy as policies
from ansible_collections.railyard.fargate.plugins.module_utils._autoscaling import target
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError

CLIENT = boto3.client("application-autoscaling", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
IDENTITY = {"service_namespace": "ecs", "resource_id": "service/shop/web", "scalable_dimension": "ecs:service:DesiredCount"}
KEYS = {"ServiceNamespace": "ecs", "ResourceId": "service/shop/web", "ScalableDimension": "ecs:service:DesiredCount"}
RUNNING = dict.fromkeys(target.ACTIVITIES, False)
HELD = dict.fromkeys(target.ACTIVITIES, True)
OWN = {**IDENTITY, "policy_name": "own", "policy_type": "StepScaling"}
AWS_HELD = {"DynamicScalingInSuspended": True, "DynamicScalingOutSuspended": True, "ScheduledScalingSuspended": True}


def wanted(**given: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("min_capacity", "max_capacity", "suspended", "suspended_state", "tags", "policies"))
    return {**IDENTITY, **nothing, "state": "present", "purge_tags": True, "purge_policies": True, **given}


def live(**members: Any) -> dict[str, Any]:
    limits = {"min_capacity": 2, "max_capacity": 10}
    return {
        **IDENTITY,
        **limits,
        "suspended_state": RUNNING,
        "scalable_target_arn": "arn:t",
        "tags": {"a": "1"},
        "policies": [OWN],
        **members,
    }


def policy(**given: Any) -> dict[str, Any]:
    nothing = ("resource_label", "resource_label_pair", "customized_metric_specification", "scale_in_cooldown", "scale_out_cooldown")
    metric = {"predefined_metric": "ECSServiceAverageCPUUtilization"}
    return {**dict.fromkeys(nothing), "name": "cpu", "target_value": 60.0, "disable_scale_in": False, **metric, **given}


def registered(plan: Any) -> dict[str, Any] | None:
    found = [step.params for step in plan.steps if step.operation == "RegisterScalableTarget"]
    return found[0] if found else None


def test_the_first_registration_has_limits_and_tags() -> None:
    plan = target.make_plan(CLIENT, wanted(min_capacity=1, max_capacity=3, tags={"a": 1}), None)
    assert [step.operation for step in plan.steps] == ["RegisterScalableTarget"]
    resumed = dict.fromkeys(AWS_HELD, False)
    assert registered(plan) == {**KEYS, "MinCapacity": 1, "MaxCapacity": 3, "SuspendedState": resumed, "Tags": {"a": "1"}}


@pytest.mark.parametrize(
    ("given", "before", "after"),
    [
        ({}, {}, None),
        ({"min_capacity": 2, "max_capacity": 10, "tags": {"a": "1"}}, {}, None),
        ({"max_capacity": 12}, {}, {"max_capacity": 12}),
        ({"suspended": True}, {}, {"suspended_state": HELD}),
        ({"suspended": True}, {"suspended_state": HELD}, None),
        ({"suspended": False}, {"suspended_state": HELD}, {"suspended_state": RUNNING}),
        ({"min_capacity": 2}, {"suspended_state": HELD}, None),
        (
            {"suspended_state": {"scheduled_scaling_suspended": True, "dynamic_scaling_in_suspended": None}},
            {},
            {"suspended_state": {**RUNNING, "scheduled_scaling_suspended": True}},
        ),
    ],
)
def test_undeclared_settings_stay(given: dict[str, Any], before: dict[str, Any], after: dict[str, Any] | None) -> None:
    plan = target.make_plan(CLIENT, wanted(**given), live(**before))
    assert plan.changed is (after is not None)
    assert plan.after == {**live(**before), **(after or {})}
    if after is not None:
        assert registered(plan) is not None


def test_suspension_is_sent_whole() -> None:
    params = registered(target.make_plan(CLIENT, wanted(suspended=True), live()))
    assert params == {**KEYS, "MinCapacity": 2, "MaxCapacity": 10, "SuspendedState": AWS_HELD}


def test_tags_alone_do_not_register() -> None:
    plan = target.make_plan(CLIENT, wanted(tags={"b": "2"}), live())
    assert [(step.operation, step.params) for step in plan.steps] == [
        ("TagResource", {"ResourceARN": "arn:t", "Tags": {"b": "2"}}),
        ("UntagResource", {"ResourceARN": "arn:t", "TagKeys": ["a"]}),
    ]


@pytest.mark.parametrize(
    ("given", "found", "said"),
    [
        ({}, None, "min_capacity and max_capacity must be given to register it"),
        ({"min_capacity": 1}, None, "no scalable target yet; max_capacity must be given"),
        ({"min_capacity": 3, "max_capacity": 2}, None, "min_capacity 3 and max_capacity 2 are no limits"),
        ({"min_capacity": -1, "max_capacity": 2}, None, "are no limits"),
        ({"min_capacity": 11}, live(), "min_capacity 11 and max_capacity 10 are no limits"),
    ],
)
def test_invalid_limits_are_refused(given: dict[str, Any], found: dict[str, Any] | None, said: str) -> None:
    with pytest.raises(RailyardError, match=said):
        target.make_plan(CLIENT, wanted(**given), found)


def test_policies_come_after_the_target_and_its_tags() -> None:
    first = target.make_plan(CLIENT, wanted(min_capacity=1, max_capacity=3, tags={"a": "1"}, policies=[policy()]), None)
    assert [step.operation for step in first.steps] == ["RegisterScalableTarget", "PutScalingPolicy"]
    assert [item["policy_name"] for item in first.after["policies"]] == ["cpu"]
    later = target.make_plan(CLIENT, wanted(max_capacity=12, tags={"b": "2"}, policies=[policy()]), live())
    operations = ["RegisterScalableTarget", "TagResource", "UntagResource", "DeleteScalingPolicy", "PutScalingPolicy"]
    assert [step.operation for step in later.steps] == operations


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, ["own"]),
        ({"purge_policies": False, "policies": []}, ["own"]),
        ({"purge_policies": False, "policies": [policy()]}, ["cpu", "own"]),
        ({"policies": [policy()]}, ["cpu"]),
        ({"policies": []}, []),
    ],
)
def test_policies_that_are_not_declared(given: dict[str, Any], names: list[str]) -> None:
    plan = target.make_plan(CLIENT, wanted(**given), live())
    assert [item["policy_name"] for item in plan.after["policies"]] == names
    assert plan.changed is (names != ["own"])


def test_deregistration() -> None:
    plan = target.make_plan(CLIENT, wanted(state="absent"), live())
    assert [(step.operation, step.params, step.already) for step in plan.steps] == [
        ("DeregisterScalableTarget", KEYS, ("ObjectNotFoundException",))
    ]
    assert not target.make_plan(CLIENT, wanted(state="absent"), None).changed


class Slow:
    """A client whose first two answers come only once both questions are there."""

    meta = CLIENT.meta

    def __init__(self) -> None:
        self.both = Barrier(2, timeout=60)

    def can_paginate(self, _name: str) -> bool:
        return False

    def describe_scalable_targets(self, **_params: Any) -> dict[str, Any]:
        self.both.wait()
        return {"ScalableTargets": [{**KEYS, "ScalableTargetARN": "arn:t"}]}

    def describe_scaling_policies(self, **_params: Any) -> dict[str, Any]:
        self.both.wait()
        return {"ScalingPolicies": [{"PolicyName": "b"}, {"PolicyName": "a"}]}

    def list_tags_for_resource(self, **_params: Any) -> dict[str, Any]:
        return {"Tags": {"a": "1", "aws:cloudformation:stack-name": "x"}}


class Crowded:
    """A namespace with so many pages of policies, of which this target has one; counts what is asked."""

    meta = CLIENT.meta

    def __init__(self, pages: int) -> None:
        other = {**KEYS, "ResourceId": "service/other/web", "PolicyName": "other"}
        self.pages, self.asked = [{"ScalingPolicies": [other] * 10}] * (pages - 1) + [{"ScalingPolicies": [{**KEYS, "PolicyName": "a"}]}], 0

    def can_paginate(self, _name: str) -> bool:
        return False

    def get_paginator(self, _name: str) -> Any:
        return self

    def paginate(self, **_params: Any) -> Any:
        for page in self.pages:
            self.asked += 1
            yield page

    def describe_scaling_policies(self, **params: Any) -> dict[str, Any]:
        self.asked += 1
        return {"ScalingPolicies": [{**KEYS, "PolicyName": "a"}] if params["ResourceId"] == KEYS["ResourceId"] else []}


@pytest.mark.parametrize(("pages", "asked"), [(1, 1), (5, 5), (6, 6 + 10)])
def test_policies_of_many_targets_are_read_with_those_of_others_unless_these_are_a_lot(pages: int, asked: int) -> None:
    client = Crowded(pages)
    targets = [IDENTITY, *({**IDENTITY, "resource_id": f"service/shop/{number}"} for number in range(9))]
    found = policies.read_each(client, targets)
    assert [[item["policy_name"] for item in one] for one in found] == [["a"], *[[]] * 9] and client.asked == asked


def test_target_and_policies_are_read_at_the_same_time() -> None:
    (found,) = target.find_each(Slow(), [IDENTITY])
    assert found is not None and found["tags"] == {"a": "1"}
    assert [item["policy_name"] for item in found["policies"]] == ["a", "b"]
