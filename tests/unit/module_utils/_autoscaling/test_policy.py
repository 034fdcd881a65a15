"""The plan for a target tracking policy: PutScalingPolicy replaces all of it, so that what stays is sent too."""

from typing import Any

import boto3
import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._autoscaling import policy
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError

CLIENT = boto3.client("application-autoscaling", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
IDENTITY = {"service_namespace": "ecs", "resource_id": "service/shop/web", "scalable_dimension": "ecs:service:DesiredCount"}
CPU = "ECSServiceAverageCPUUtilization"
REQUESTS = "ALBRequestCountPerTarget"
OPTIONS = (
    "predefined_metric",
    "resource_label",
    "resource_label_pair",
    "customized_metric_specification",
    "scale_in_cooldown",
    "scale_out_cooldown",
)


def wanted(**given: Any) -> dict[str, Any]:
    chosen = {"name": "cpu", "state": "present", "target_value": 60.0, "disable_scale_in": False}
    if "customized_metric_specification" not in given:
        chosen["predefined_metric"] = CPU
    return {**IDENTITY, **dict.fromkeys(OPTIONS), **chosen, **given}


def live(metric: dict[str, Any] | None = None, **configuration: Any) -> dict[str, Any]:
    config = {"target_value": 60.0, "disable_scale_in": False, "scale_in_cooldown": 300, **configuration}
    config["predefined_metric_specification"] = metric or {"predefined_metric_type": CPU}
    return {**IDENTITY, "policy_name": "cpu", "policy_type": "TargetTrackingScaling", "alarms": [], policy.CONFIGURATION: config}


def test_creation() -> None:
    plan = policy.make_plan(CLIENT, wanted(scale_out_cooldown=60), None)
    assert plan.steps[0].params == {
        "PolicyName": "cpu",
        "PolicyType": "TargetTrackingScaling",
        "ServiceNamespace": "ecs",
        "ResourceId": "service/shop/web",
        "ScalableDimension": "ecs:service:DesiredCount",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 60.0,
            "DisableScaleIn": False,
            "ScaleOutCooldown": 60,
            "PredefinedMetricSpecification": {"PredefinedMetricType": CPU},
        },
    }


@pytest.mark.parametrize(
    ("given", "found", "changed"),
    [
        ({}, live(), {}),
        ({"target_value": 60}, live(), {}),
        ({"scale_in_cooldown": 300}, live(), {}),
        ({"target_value": 70.0}, live(), {"target_value": 70.0}),
        ({"scale_out_cooldown": 60}, live(), {"scale_out_cooldown": 60}),
        ({"disable_scale_in": True}, live(), {"disable_scale_in": True}),
    ],
)
def test_change(given: dict[str, Any], found: dict[str, Any], changed: dict[str, Any]) -> None:
    plan = policy.make_plan(CLIENT, wanted(**given), found)
    assert plan.changed is bool(changed)
    assert plan.after == {**found, policy.CONFIGURATION: {**found[policy.CONFIGURATION], **changed}}
    for step in plan.steps:
        assert step.params["TargetTrackingScalingPolicyConfiguration"]["ScaleInCooldown"] == 300


@pytest.mark.parametrize(
    ("label", "pair", "changed"),
    [("blue", None, False), ("green", None, True), ("green", ["blue", "green"], False), ("red", ["red", "x"], True)],
)
def test_the_label_of_either_target_group(label: str, pair: list[str] | None, changed: bool) -> None:
    found = live({"predefined_metric_type": REQUESTS, "resource_label": "blue"})
    chosen = wanted(predefined_metric=REQUESTS, resource_label=label, resource_label_pair=pair)
    assert policy.make_plan(CLIENT, chosen, found).changed is changed


@pytest.mark.parametrize(
    ("given", "found", "said"),
    [
        ({"resource_label": "blue"}, None, f"resource_label is for {REQUESTS} only, not for {CPU}"),
        (
            {"predefined_metric": REQUESTS, "resource_label": "red", "resource_label_pair": ["blue", "green"]},
            None,
            "red is none of resource_label_pair",
        ),
        ({"customized_metric_specification": {"metric": "x"}}, None, "customized_metric_specification has no metric"),
        ({}, {**live(), "policy_type": "StepScaling"}, "is of type StepScaling"),
    ],
)
def test_what_cannot_be(given: dict[str, Any], found: dict[str, Any] | None, said: str) -> None:
    with pytest.raises(RailyardError, match=said):
        policy.make_plan(CLIENT, wanted(**given), found)


def test_deletion() -> None:
    plan = policy.make_plan(CLIENT, wanted(state="absent"), live())
    assert plan.steps[0].operation == "DeleteScalingPolicy" and plan.steps[0].already == ("ObjectNotFoundException",)
    assert not policy.make_plan(CLIENT, wanted(state="absent"), None).changed
