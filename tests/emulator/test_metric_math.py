"""What the emulated CloudWatch and Application Auto Scaling refuse of metrics with expressions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulated import Emulated
from tests.support.fargate import build

SERVICE = {"ServiceNamespace": "ecs", "ResourceId": "service/shop/web", "ScalableDimension": "ecs:service:DesiredCount"}
METRIC = {"Namespace": "shop", "MetricName": "Requests"}
NAMED = {**METRIC, "Statistic": "Sum"}


def stat(name: str, returns: bool = False) -> dict[str, Any]:
    return {"Id": name, "MetricStat": {"Metric": METRIC, "Stat": "Sum"}, "ReturnData": returns}


def result(expression: str, **members: Any) -> dict[str, Any]:
    return {"Id": "result", "Expression": expression, **members}


@pytest.fixture(scope="module")
def scaled(_emulator: Emulated) -> Emulated:
    _emulator.reset()
    made = build(_emulator)
    made.ecs.create_service(**made.service(desiredCount=2))
    _emulator.client("application-autoscaling").register_scalable_target(**SERVICE, MinCapacity=1, MaxCapacity=4)
    return _emulator


def policy(emulated: Emulated, specification: dict[str, Any], name: str = "p") -> tuple[str, str]:
    configuration = {"TargetValue": 5.0, "CustomizedMetricSpecification": specification}
    put = {**SERVICE, "PolicyName": name, "PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": configuration}
    return emulated.refused("application-autoscaling", "put_scaling_policy", **put)


def alarm(emulated: Emulated, **params: Any) -> tuple[str, str]:
    put = {"AlarmName": "a", "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1}
    limit = {} if "ThresholdMetricId" in params else {"Threshold": 1.0}
    return emulated.refused("cloudwatch", "put_metric_alarm", **put, **limit, **params)


LISTS = [
    ([stat("a", True)], ""),
    ([stat("a"), stat("b"), result("a / (FILL(b, 0) + SUM(METRICS('c')))")], ""),
    ([stat("a"), result("a * 2", ReturnData=True)], ""),
    ([stat("Requests"), result("1")], "Invalid metrics list"),
    ([stat("5xx"), result("1")], "Invalid metrics list"),
    ([stat("a-b"), result("1")], "Invalid metrics list"),
    ([stat("a"), stat("a"), result("a")], "not unique"),
    ([{"Id": "a", "ReturnData": False}, result("1")], "Exactly one of Expression and MetricStat must be set for the metric a"),
    ([{**stat("a"), "Expression": "1"}, result("a")], "Exactly one of Expression and MetricStat must be set for the metric a"),
    ([stat("a"), result("a / b")], "Error in expression 'result': unknown metric b"),
    ([stat("a"), result("a", ReturnData=False)], "Exactly one element of the metrics list should return data."),
    ([stat("a", True), result("a")], "Exactly one element of the metrics list should return data."),
]


@pytest.mark.parametrize(("metrics", "said"), LISTS)
def test_lists_of_metrics(scaled: Emulated, metrics: list[dict[str, Any]], said: str) -> None:
    code, text = policy(scaled, {"Metrics": metrics})
    assert (code == "ValidationException") is bool(said) and said in text
    timed = [{**item, "MetricStat": {**item["MetricStat"], "Period": 60}} if "MetricStat" in item else item for item in metrics]
    code, text = alarm(scaled, Metrics=timed)
    assert (code == "ValidationError") is bool(said) and said in text


def test_a_list_or_one_metric(scaled: Emulated) -> None:
    assert policy(scaled, NAMED) == ("", "")
    assert "MetricName should not be set" in policy(scaled, {**NAMED, "Metrics": [stat("a", True)]})[1]
    for member in NAMED:
        code, text = policy(scaled, {name: value for name, value in NAMED.items() if name != member})
        assert code == "ValidationException" and text.startswith(f"{member} must be set")
    metrics = [{"Id": "a", "MetricStat": {"Metric": METRIC, "Stat": "Sum", "Period": 60}}]
    text = "Statistic should not be set if list of Metrics is set."
    assert alarm(scaled, Metrics=metrics, Statistic="Sum") == ("ValidationError", text)


def test_a_band_of_anomalies_returns_two(scaled: Emulated) -> None:
    metric = {"Id": "m1", "MetricStat": {"Metric": METRIC, "Stat": "Sum", "Period": 60}, "ReturnData": True}
    band = {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)", "ReturnData": True}
    assert alarm(scaled, Metrics=[metric, band], ThresholdMetricId="band") == ("", "")


def test_one_policy_a_metric(scaled: Emulated) -> None:
    specification = {**NAMED, "Namespace": "once"}
    assert policy(scaled, specification, "first") == ("", "")
    assert policy(scaled, specification, "first") == ("", "")
    code, text = policy(scaled, specification, "second")
    assert (code, text) == ("ValidationException", "Only one TargetTrackingScaling policy for a given metric specification is allowed.")
    assert policy(scaled, {**NAMED, "Namespace": "twice"}, "second") == ("", "")
