"""The emulated Application Auto Scaling: targets, policies with alarms, scheduled actions, refusals."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulated import Emulated
from tests.support.fargate import Fargate, build

SERVICE = {"ServiceNamespace": "ecs", "ResourceId": "service/shop/web", "ScalableDimension": "ecs:service:DesiredCount"}
CPU: dict[str, Any] = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}, "TargetValue": 60.0}
STEPS = {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}]}


@pytest.fixture(scope="module")
def fargate(_emulator: Emulated) -> Fargate:
    _emulator.reset()
    made = build(_emulator)
    made.ecs.create_service(**made.service(desiredCount=2))
    return made


@pytest.fixture
def scaling(fargate: Fargate) -> Any:
    """A client, with the service registered between 1 and 4."""
    client = fargate.emulated.client("application-autoscaling")
    client.register_scalable_target(**SERVICE, MinCapacity=1, MaxCapacity=4)
    yield client
    if client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]:
        client.deregister_scalable_target(**SERVICE)


def described(scaling: Any) -> dict[str, Any]:
    return dict(scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[SERVICE["ResourceId"]])["ScalableTargets"][0])


def test_registering_again_keeps_what_is_not_said(scaling: Any) -> None:
    scaling.register_scalable_target(**SERVICE, SuspendedState={"DynamicScalingInSuspended": True})
    scaling.register_scalable_target(**SERVICE, MaxCapacity=6)
    found = described(scaling)
    assert (found["MinCapacity"], found["MaxCapacity"]) == (1, 6)
    state = found["SuspendedState"]
    assert state == {"DynamicScalingInSuspended": True, "DynamicScalingOutSuspended": False, "ScheduledScalingSuspended": False}
    assert found["RoleARN"].endswith("/AWSServiceRoleForApplicationAutoScaling_ECSService")


def test_new_bounds_move_the_desired_count(fargate: Fargate, scaling: Any) -> None:
    for bounds, count, cause in (({"MinCapacity": 3}, 3, "minimum"), ({"MinCapacity": 1, "MaxCapacity": 2}, 2, "maximum")):
        scaling.register_scalable_target(**SERVICE, **bounds)
        fargate.emulated.advance(30)
        assert fargate.described()["desiredCount"] == count
        activity = scaling.describe_scaling_activities(ServiceNamespace="ecs", ResourceId=SERVICE["ResourceId"])["ScalingActivities"][0]
        assert (activity["StatusCode"], activity["Description"]) == ("Successful", f"Setting desired count to {count}.")
        assert activity["Cause"] == f"{cause} capacity was set to {count}"


def test_target_tracking_owns_two_alarms(fargate: Fargate, scaling: Any) -> None:
    put = {**SERVICE, "PolicyName": "cpu", "PolicyType": "TargetTrackingScaling"}
    policy = scaling.put_scaling_policy(**put, TargetTrackingScalingPolicyConfiguration=CPU)
    again = scaling.put_scaling_policy(**put, TargetTrackingScalingPolicyConfiguration={**CPU, "TargetValue": 50.0})
    assert again["PolicyARN"] == policy["PolicyARN"]
    names = [alarm["AlarmName"] for alarm in again["Alarms"]]
    assert [name.rsplit("-", 5)[0] for name in names] == [f"TargetTracking-service/shop/web-Alarm{side}" for side in ("High", "Low")]
    cloudwatch = fargate.emulated.client("cloudwatch")
    alarms = {alarm["AlarmName"]: alarm for alarm in cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]}
    assert alarms[names[0]]["Threshold"] == 50.0 and alarms[names[1]]["Threshold"] == 45.0
    assert {item["Value"] for item in alarms[names[0]]["Dimensions"]} == {"shop", "web"}
    found = scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    assert [item["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] for item in found] == [50.0]
    scaling.deregister_scalable_target(**SERVICE)
    assert scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"] == []
    assert cloudwatch.describe_alarms(AlarmNamePrefix="TargetTracking-")["MetricAlarms"] == []


def test_scheduled_actions(scaling: Any) -> None:
    action = {**SERVICE, "ScheduledActionName": "night"}
    scaling.put_scheduled_action(**action, Schedule="cron(0 20 * * ? *)", Timezone="Europe/Berlin", ScalableTargetAction={"MinCapacity": 1})
    scaling.put_scheduled_action(**action, Schedule="cron(0 21 * * ? *)")
    (found,) = scaling.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"]
    assert (found["Schedule"], found["ScalableTargetAction"]) == ("cron(0 21 * * ? *)", {"MinCapacity": 1})
    scaling.delete_scheduled_action(**action)
    assert scaling.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"] == []


def test_tags_and_pages(scaling: Any) -> None:
    arn = described(scaling)["ScalableTargetARN"]
    scaling.tag_resource(ResourceARN=arn, Tags={"a": "1", "b": "2"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"b": "2"}
    for number in range(3):
        scaling.put_scaling_policy(**SERVICE, PolicyName=f"p{number}", PolicyType="StepScaling", StepScalingPolicyConfiguration=STEPS)
    pages = scaling.get_paginator("describe_scaling_policies").paginate(ServiceNamespace="ecs", PaginationConfig={"PageSize": 2})
    assert [len(page["ScalingPolicies"]) for page in pages] == [2, 1]


POLICY = {"PolicyName": "p", "PolicyType": "TargetTrackingScaling"}
ALB = {"PredefinedMetricType": "ALBRequestCountPerTarget"}
ACTION: dict[str, Any] = {"ScheduledActionName": "s", "Schedule": "rate(1 hour)", "ScalableTargetAction": {"MinCapacity": 1}}


SCHEDULES = (
    "daily",
    "rate(0 minutes)",
    "rate(5 fortnights)",
    "at(2026-13-01T00:00:00)",
    "at(2026-12-01)",
    "cron(0 8 * * *)",
    "cron(0 25 * * ? *)",
    "cron(0 8 ? * 1#2 everyyear)",
)


def stepped(*bounds: tuple[float, float]) -> dict[str, Any]:
    steps = [{"MetricIntervalLowerBound": low, "MetricIntervalUpperBound": high, "ScalingAdjustment": 1} for low, high in bounds]
    return {
        "PolicyName": "p",
        "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": steps},
    }


def tracking(**specification: Any) -> dict[str, Any]:
    return {**POLICY, "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 5.0, **specification}}


@pytest.mark.parametrize(
    ("operation", "changes", "code", "fragment"),
    [
        (
            "register_scalable_target",
            {"MinCapacity": 5, "MaxCapacity": 4},
            "ValidationException",
            "Maximum capacity cannot be less than minimum capacity",
        ),
        ("register_scalable_target", {"MinCapacity": 9}, "ValidationException", "Maximum capacity cannot be less than minimum capacity"),
        ("register_scalable_target", {"MinCapacity": -1}, "ValidationException", "Minimum"),
        (
            "register_scalable_target",
            {"ResourceId": "service/shop/absent", "MinCapacity": 1, "MaxCapacity": 2},
            "ValidationException",
            "ECS service doesn't exist: service/shop/absent",
        ),
        (
            "register_scalable_target",
            {"ResourceId": "web"},
            "ValidationException",
            "Unsupported service namespace, resource type or scalable dimension",
        ),
        (
            "register_scalable_target",
            {"ScalableDimension": "rds:cluster:ReadReplicaCount"},
            "ValidationException",
            "Unsupported service namespace, resource type or scalable dimension",
        ),
        ("register_scalable_target", {"ScalableDimension": "ecs:service:Nonsense"}, "ValidationException", "scalableDimension"),
        ("put_scaling_policy", POLICY, "ValidationException", "TargetTrackingScaling policy configuration must be specified"),
        (
            "put_scaling_policy",
            {**tracking(PredefinedMetricSpecification=ALB), "StepScalingPolicyConfiguration": STEPS},
            "ValidationException",
            "You must only provide a single scaling policy configuration",
        ),
        ("put_scaling_policy", tracking(), "ValidationException", "must be set for target tracking scaling."),
        ("put_scaling_policy", tracking(PredefinedMetricSpecification=ALB), "ValidationException", "Resource label should be specified"),
        (
            "put_scaling_policy",
            tracking(PredefinedMetricSpecification={**ALB, "ResourceLabel": "shop"}),
            "ValidationException",
            "Invalid resource label 'shop'",
        ),
        (
            "put_scaling_policy",
            tracking(PredefinedMetricSpecification={**CPU["PredefinedMetricSpecification"], "ResourceLabel": "x"}),
            "ValidationException",
            "Resource label should not be specified for predefined metric type ECSServiceAverageCPUUtilization",
        ),
        (
            "put_scaling_policy",
            {"PolicyName": "p", "PolicyType": "StepScaling", "StepScalingPolicyConfiguration": {}},
            "ValidationException",
            "Adjustment type must be specified",
        ),
        ("register_scalable_target", {"Tags": {f"k{n}": "" for n in range(51)}}, "ValidationException", "50"),
        ("put_scaling_policy", stepped((5.0, 5.0)), "ValidationException", "Step adjustment intervals"),
        ("put_scaling_policy", stepped((0.0, 10.0), (5.0, 20.0)), "ValidationException", "Step adjustment intervals"),
        ("put_scaling_policy", stepped((0.0, 10.0), (15.0, 20.0)), "ValidationException", "Step adjustment intervals"),
        ("put_scheduled_action", {**ACTION, "Timezone": "Mars/Base"}, "ValidationException", "timezone"),
        *[
            ("put_scheduled_action", {**ACTION, "Schedule": schedule}, "ValidationException", "Invalid schedule expression")
            for schedule in SCHEDULES
        ],
        ("put_scheduled_action", {**ACTION, "ScalableTargetAction": {}}, "ValidationException", "At least one of minimum capacity"),
        (
            "put_scheduled_action",
            {**ACTION, "ScalableTargetAction": {"MinCapacity": 3, "MaxCapacity": 1}},
            "ValidationException",
            "Maximum capacity cannot be less than minimum capacity",
        ),
        ("delete_scaling_policy", {"PolicyName": "absent"}, "ObjectNotFoundException", "absent"),
        ("delete_scheduled_action", {"ScheduledActionName": "absent"}, "ObjectNotFoundException", "absent"),
    ],
)
def test_refusals(fargate: Fargate, scaling: Any, operation: str, changes: dict[str, Any], code: str, fragment: str) -> None:
    found = fargate.emulated.refused("application-autoscaling", operation, **{**SERVICE, **changes})
    assert found[0] == code and fragment in found[1], found


@pytest.mark.parametrize(
    "schedule",
    ["at(2030-01-01T00:00:00)", "rate(1 day)", "cron(0/15 8-18 ? * MON-FRI *)", "cron(0 3 L * ? *)", "cron(0 8 ? * 2#1 2026-2030)"],
)
def test_schedules(scaling: Any, schedule: str) -> None:
    scaling.put_scheduled_action(**SERVICE, **{**ACTION, "Schedule": schedule, "Timezone": "Europe/Berlin"})


def test_steps_that_meet(scaling: Any) -> None:
    scaling.put_scaling_policy(**SERVICE, **stepped((10.0, 20.0), (0.0, 10.0)))
    steps = [{"MetricIntervalUpperBound": 0.0, "ScalingAdjustment": -1}, {"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}]
    both = {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": steps}
    scaling.put_scaling_policy(**SERVICE, PolicyName="both", PolicyType="StepScaling", StepScalingPolicyConfiguration=both)


def test_what_needs_a_target(fargate: Fargate) -> None:
    for operation, params in (
        ("put_scaling_policy", {**tracking(PredefinedMetricSpecification=CPU["PredefinedMetricSpecification"])}),
        ("put_scheduled_action", ACTION),
        ("deregister_scalable_target", {}),
    ):
        assert fargate.emulated.refused("application-autoscaling", operation, **SERVICE, **params)[0] == "ObjectNotFoundException"
    first = {**SERVICE, "MinCapacity": 1}
    assert fargate.emulated.refused("application-autoscaling", "register_scalable_target", **first)[0] == "ValidationException"
    arn = "arn:aws:application-autoscaling:eu-west-1:123456789012:scalable-target/absent"
    assert fargate.emulated.refused("application-autoscaling", "list_tags_for_resource", ResourceARN=arn)[0] == "ResourceNotFoundException"
