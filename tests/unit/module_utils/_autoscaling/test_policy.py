"""The plan for a target tracking policy: PutScalingPolicy replaces all of it, so that what stays is sent too."""

from typing import Any

import boto3
import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._autoscaling import policy
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._core.plan import Step

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
    chosen = {"name": "cpu", "target_value": 60.0, "disable_scale_in": False}
    if "customized_metric_specification" not in given:
        chosen["predefined_metric"] = CPU
    return {**dict.fromkeys(OPTIONS), **chosen, **given}


def live(metric: dict[str, Any] | None = None, **configuration: Any) -> dict[str, Any]:
    config = {"target_value": 60.0, "disable_scale_in": False, "scale_in_cooldown": 300, **configuration}
    config["predefined_metric_specification"] = metric or {"predefined_metric_type": CPU}
    return {**IDENTITY, "policy_name": "cpu", "policy_type": "TargetTrackingScaling", "alarms": [], policy.CONFIGURATION: config}


def change(given: dict[str, Any], found: dict[str, Any] | None) -> tuple[dict[str, Any], list[Step]]:
    after, steps = policy.change(CLIENT, IDENTITY, [given], [found] if found else [], purge=True)
    assert len(after) == 1
    return after[0], steps


def test_policy_is_created() -> None:
    after, steps = change(wanted(scale_out_cooldown=60), None)
    assert after["policy_type"] == "TargetTrackingScaling" and after["resource_id"] == "service/shop/web"
    assert [step.operation for step in steps] == ["PutScalingPolicy"]
    assert steps[0].params == {
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
def test_policy_is_changed(given: dict[str, Any], found: dict[str, Any], changed: dict[str, Any]) -> None:
    after, steps = change(wanted(**given), found)
    assert bool(steps) is bool(changed)
    assert after == {**found, policy.CONFIGURATION: {**found[policy.CONFIGURATION], **changed}}
    for step in steps:
        assert step.params["TargetTrackingScalingPolicyConfiguration"]["ScaleInCooldown"] == 300


@pytest.mark.parametrize(
    ("label", "pair", "changed"),
    [("blue", None, False), ("green", None, True), ("green", ["blue", "green"], False), ("red", ["red", "x"], True)],
)
def test_the_label_of_either_target_group(label: str, pair: list[str] | None, changed: bool) -> None:
    found = live({"predefined_metric_type": REQUESTS, "resource_label": "blue"})
    chosen = wanted(predefined_metric=REQUESTS, resource_label=label, resource_label_pair=pair)
    assert bool(change(chosen, found)[1]) is changed


METRIC: dict[str, Any] = {
    "namespace": "shop",
    "metric_name": "Latency",
    "dimensions": [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}],
}
MATH: list[dict[str, Any]] = [
    {"id": "slow", "metric_stat": {"metric": METRIC, "stat": "Sum"}, "return_data": False},
    {"id": "twice", "expression": "slow * 2", "label": "Twice"},
]


@pytest.mark.parametrize(
    ("metrics", "changed"),
    [
        (MATH, False),
        (MATH[::-1], False),
        ([MATH[0], {**MATH[1], "return_data": True}], False),
        ([MATH[0], {**MATH[1], "return_data": "yes"}], False),
        ([{**MATH[0], "metric_stat": {"metric": {**METRIC, "dimensions": METRIC["dimensions"][::-1]}, "stat": "Sum"}}, MATH[1]], False),
        ([MATH[0], {**MATH[1], "expression": "slow * 3"}], True),
        ([{**MATH[0], "metric_stat": {"metric": {**METRIC, "dimensions": []}, "stat": "Sum"}}, MATH[1]], True),
        ([{**MATH[0], "return_data": True}, MATH[1]], True),
    ],
)
def test_how_a_metric_is_written_makes_no_difference(metrics: list[dict[str, Any]], changed: bool) -> None:
    found = live()
    config = {name: value for name, value in found[policy.CONFIGURATION].items() if name != policy.METRIC}
    found[policy.CONFIGURATION] = {**config, "customized_metric_specification": {"metrics": MATH, "dimensions": []}}
    assert bool(change(wanted(customized_metric_specification={"metrics": metrics}), found)[1]) is changed


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
        ({"target_value": 0}, None, "target_value 0 is no value to hold; it must be above 0"),
    ],
)
def test_invalid_policies_are_refused(given: dict[str, Any], found: dict[str, Any] | None, said: str) -> None:
    with pytest.raises(RailyardError, match=said):
        change(wanted(**given), found)


def test_two_policies_of_one_name_are_refused() -> None:
    with pytest.raises(RailyardError, match="service/shop/web: more than one policy is called cpu"):
        policy.change(CLIENT, IDENTITY, [wanted(), wanted(target_value=70.0)], [], purge=True)


def test_another_name_deletes_first() -> None:
    after, steps = policy.change(CLIENT, IDENTITY, [wanted(name="average")], [live()], purge=True)
    assert [(step.operation, step.params["PolicyName"]) for step in steps] == [
        ("DeleteScalingPolicy", "cpu"),
        ("PutScalingPolicy", "average"),
    ]
    assert steps[0].already == ("ObjectNotFoundException",)
    assert [item["policy_name"] for item in after] == ["average"]


def test_without_purge_the_others_stay() -> None:
    after, steps = policy.change(CLIENT, IDENTITY, [wanted(name="average")], [live()], purge=False)
    assert [step.operation for step in steps] == ["PutScalingPolicy"]
    assert [item["policy_name"] for item in after] == ["average", "cpu"]


@pytest.mark.parametrize(("found", "patient"), [(None, True), ([], False)])
def test_a_target_that_was_just_registered_may_not_be_known_yet(found: list[dict[str, Any]] | None, patient: bool) -> None:
    _, (step,) = policy.change(CLIENT, IDENTITY, [wanted()], found, purge=True)
    assert ("ObjectNotFoundException" in {wait.code for wait in step.propagation}) is patient
