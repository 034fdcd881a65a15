"""Alarms and dashboards of the emulated CloudWatch: states follow from metrics."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from emulator import process
from emulator.services.cloudwatch.evaluation import verdict
from tests.support.emulated import REGION, SPEED, Emulated

ALARM: dict[str, Any] = {
    "AlarmName": "shop-errors",
    "Namespace": "shop",
    "MetricName": "Errors",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 5.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
}


def state(emulated: Emulated, name: str = "shop-errors") -> str:
    return str(described(emulated, name)["StateValue"])


def described(emulated: Emulated, name: str = "shop-errors") -> dict[str, Any]:
    [found] = emulated.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return dict(found)


@pytest.fixture(autouse=True)
def _slow(emulated: Emulated) -> Iterator[None]:
    """What is sent at once is of one minute."""
    process.control(emulated.state, "speed", factor=1.0)
    yield
    process.control(emulated.state, "speed", factor=SPEED)


def put(emulated: Emulated, *values: float, **more: list[float]) -> None:
    """Values of the metric Errors, and of others by their names."""
    data = [{"MetricName": name, "Values": found} for name, found in {"Errors": list(values), **more}.items() if found]
    emulated.client("cloudwatch").put_metric_data(Namespace="shop", MetricData=data)


def test_a_state_follows_from_data(emulated: Emulated) -> None:
    emulated.client("cloudwatch").put_metric_alarm(**ALARM)
    emulated.advance(120)
    assert state(emulated) == "OK"
    put(emulated, 4, 3)
    emulated.advance(90)
    found = described(emulated)
    assert found["StateValue"] == "ALARM" and found["StateReason"].startswith("Threshold Crossed: 1 out of the last 1 datapoint [7.0 (")
    emulated.advance(600)
    assert state(emulated) == "OK"
    history = emulated.client("cloudwatch").describe_alarm_history(AlarmName="shop-errors", HistoryItemType="StateUpdate")
    assert [item["HistorySummary"] for item in history["AlarmHistoryItems"]] == [
        "Alarm updated from ALARM to OK",
        "Alarm updated from OK to ALARM",
        "Alarm updated from INSUFFICIENT_DATA to OK",
    ]


N = None


@pytest.mark.parametrize(
    ("found", "needed", "expected"),
    [
        # AWS's own tables, of three periods: 1 is breaching. The states are those for missing, ignore, breaching and notBreaching.
        ([0, N, 1, N, 1], 3, ("OK", "OK", "OK", "OK")),
        ([0, N, N, N, N], 3, ("OK", "OK", "OK", "OK")),
        ([N, N, N, N, N], 3, ("INSUFFICIENT_DATA", None, "ALARM", "OK")),
        ([0, 1, 1, N, 1], 3, ("ALARM", "ALARM", "ALARM", "ALARM")),
        ([N, N, 1, N, N], 3, ("ALARM", None, "ALARM", "OK")),
        ([0, N, 1, N, 1], 2, ("ALARM", "ALARM", "ALARM", "ALARM")),
        ([0, N, 1, N, N], 2, ("OK", "OK", "ALARM", "OK")),
        ([N, N, N, N, 0], 2, ("OK", "OK", "ALARM", "OK")),
        ([N, N, N, 1, N], 2, ("ALARM", None, "ALARM", "OK")),
    ],
)
def test_missing_data(found: list[float | None], needed: int, expected: tuple[str | None, ...]) -> None:
    states = [verdict(found, lambda value: value > 0, 3, needed, missing) for missing in ("missing", "ignore", "breaching", "notBreaching")]
    assert tuple(states) == expected


def test_a_share_of_two_metrics(emulated: Emulated) -> None:
    def metric(name: str, title: str) -> dict[str, Any]:
        said = {"Metric": {"Namespace": "shop", "MetricName": title}, "Period": 60, "Stat": "Sum"}
        return {"Id": name, "MetricStat": said, "ReturnData": False}

    share = {"Id": "share", "Expression": "IF(r >= 20, 100 * t / r, 0)"}
    limits = {"EvaluationPeriods": 1, "Threshold": 5.0, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching"}
    emulated.client("cloudwatch").put_metric_alarm(AlarmName="shop-5xx", Metrics=[metric("t", "T"), metric("r", "R"), share], **limits)
    put(emulated, R=[100.0])
    emulated.advance(90)
    assert state(emulated, "shop-5xx") == "OK"
    put(emulated, R=[100.0], T=[6.0])
    emulated.advance(90)
    assert state(emulated, "shop-5xx") == "ALARM"


def test_a_change_is_told_to_a_topic(emulated: Emulated) -> None:
    topic = emulated.client("sns").create_topic(Name="shop")["TopicArn"]
    queue = emulated.client("sqs").create_queue(QueueName="shop")["QueueUrl"]
    there = emulated.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    emulated.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=there)
    emulated.client("cloudwatch").put_metric_alarm(**ALARM, AlarmActions=[topic])
    put(emulated, 9)
    emulated.advance(90)
    [message] = emulated.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    told = json.loads(message["Body"])
    assert told["Subject"] == f'ALARM: "shop-errors" in {REGION}'
    assert json.loads(told["Message"])["NewStateValue"] == "ALARM"
    now = datetime.now(UTC)
    schedule = {"Expression": f"at({now:%Y-%m-%dT%H:%M})", "Duration": "P1D"}
    emulated.client("cloudwatch").put_alarm_mute_rule(
        Name="tonight", Rule={"Schedule": schedule}, MuteTargets={"AlarmNames": ["shop-errors"]}, ExpireDate=now + timedelta(days=1)
    )
    emulated.advance(600)
    put(emulated, 9)
    emulated.advance(90)
    assert state(emulated) == "ALARM" and "Messages" not in emulated.client("sqs").receive_message(QueueUrl=queue)
    assert emulated.client("cloudwatch").get_alarm_mute_rule(AlarmMuteRuleName="tonight")["Status"] == "ACTIVE"


def test_metric_alarms_only_unless_asked(emulated: Emulated) -> None:
    cloudwatch = emulated.client("cloudwatch")
    cloudwatch.put_metric_alarm(**ALARM)
    cloudwatch.put_composite_alarm(AlarmName="shop", AlarmRule='ALARM("shop-errors") AND NOT OK(shop-errors)')
    assert cloudwatch.describe_alarms(AlarmNamePrefix="shop")["CompositeAlarms"] == []
    cloudwatch.set_alarm_state(AlarmName="shop-errors", StateValue="ALARM", StateReason="by hand")
    [both] = cloudwatch.describe_alarms(AlarmNamePrefix="shop", AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert both["StateValue"] == "ALARM"
    assert "depending on it" in emulated.refused("cloudwatch", "delete_alarms", AlarmNames=["shop-errors"])[1]
    cloudwatch.delete_alarms(AlarmNames=["shop"])
    cloudwatch.delete_alarms(AlarmNames=["shop-errors"])
    assert emulated.refused("cloudwatch", "delete_alarms", AlarmNames=["shop-errors"])[0] == "ResourceNotFound"


def test_an_update_replaces_everything_but_state_and_tags(emulated: Emulated) -> None:
    cloudwatch = emulated.client("cloudwatch")
    cloudwatch.put_metric_alarm(**ALARM, AlarmDescription="one", Tags=[{"Key": "a", "Value": "1"}])
    emulated.advance(120)
    cloudwatch.put_metric_alarm(**{**ALARM, "Threshold": 6.0}, Tags=[{"Key": "a", "Value": "2"}])
    found = described(emulated)
    assert (found["StateValue"], found["Threshold"], "AlarmDescription" in found) == ("OK", 6.0, False)
    assert cloudwatch.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"] == [{"Key": "a", "Value": "1"}]
    listed = emulated.client("resourcegroupstaggingapi").get_resources(ResourceTypeFilters=["cloudwatch:alarm"])
    assert [each["ResourceARN"] for each in listed["ResourceTagMappingList"]] == [found["AlarmArn"]]


def test_lines_of_logs_become_a_metric(emulated: Emulated) -> None:
    logs = emulated.client("logs")
    logs.create_log_group(logGroupName="/shop/web")
    logs.create_log_stream(logGroupName="/shop/web", logStreamName="one")
    value = [{"metricName": "Errors", "metricNamespace": "shop", "metricValue": "1"}]
    logs.put_metric_filter(logGroupName="/shop/web", filterName="e", filterPattern="{ $.status >= 500 }", metricTransformations=value)
    emulated.client("cloudwatch").put_metric_alarm(**{**ALARM, "Threshold": 1.0})
    now = int(datetime.now(UTC).timestamp() * 1000)
    lines = [{"timestamp": now, "message": json.dumps({"status": status})} for status in (200, 500, 503)]
    logs.put_log_events(logGroupName="/shop/web", logStreamName="one", logEvents=lines)
    emulated.advance(90)
    assert state(emulated) == "ALARM"


def test_what_a_service_measures_is_what_is_said(emulated: Emulated) -> None:
    names = {"DBInstanceIdentifier": "shop"}
    process.control(emulated.state, "gauge", namespace="AWS/RDS", metric="FreeStorageSpace", dimensions=names, value=3)
    dimensions = [{"Name": "DBInstanceIdentifier", "Value": "shop"}]
    storage = {"Namespace": "AWS/RDS", "MetricName": "FreeStorageSpace", "Dimensions": dimensions, "Statistic": "Minimum"}
    emulated.client("cloudwatch").put_metric_alarm(
        **{**ALARM, **storage, "ComparisonOperator": "LessThanThreshold", "EvaluationPeriods": 3}
    )
    emulated.advance(240)
    assert state(emulated) == "ALARM"


def test_days_pass_at_once(emulated: Emulated) -> None:
    emulated.client("cloudwatch").put_metric_alarm(**ALARM)
    emulated.advance(30 * 86_400)
    assert state(emulated) == "OK"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"Period": 45}, "multiple of 60"),
        ({"DatapointsToAlarm": 2}, "less than or equal to EvaluationPeriods"),
        ({"EvaluationPeriods": 1441}, "more than a day"),
        ({"ExtendedStatistic": "p99"}, "Exactly one of"),
        ({"TreatMissingData": "fill"}, "not supported for TreatMissingData"),
        ({"AlarmActions": ["shop-notifications"]}, "Invalid arn syntax"),
        ({"Threshold": None}, "The parameter Threshold is required"),
    ],
)
def test_alarms_that_are_refused(emulated: Emulated, change: dict[str, Any], said: str) -> None:
    wanted = {key: value for key, value in {**ALARM, **change}.items() if value is not None}
    code, text = emulated.refused("cloudwatch", "put_metric_alarm", **wanted)
    assert code == "ValidationError" and said in text


GRAPH = {"type": "metric", "properties": {"region": REGION, "metrics": [["AWS/ECS", "CPUUtilization", "ClusterName", "shop"]]}}


@pytest.mark.parametrize(
    ("widget", "path"),
    [
        (GRAPH, ""),
        ({**GRAPH, "width": 25}, "/widgets/0/width"),
        ({"type": "metric", "properties": {"metrics": [["AWS/ECS", "CPUUtilization"]]}}, "/widgets/0/properties"),
        ({"type": "metric", "properties": {"region": REGION, "metrics": [["AWS/ECS"]]}}, "/widgets/0/properties/metrics/0"),
        ({"type": "text", "properties": {}}, "/widgets/0/properties"),
        ({"type": "picture", "properties": {}}, "/widgets/0/type"),
    ],
)
def test_dashboards(emulated: Emulated, widget: dict[str, Any], path: str) -> None:
    code, text = emulated.refused("cloudwatch", "put_dashboard", DashboardName="shop", DashboardBody=json.dumps({"widgets": [widget]}))
    assert (code, f'"dataPath": "{path}"' in text) == (("InvalidParameterInput", True) if path else ("", False))
    assert len(emulated.client("cloudwatch").list_dashboards()["DashboardEntries"]) == (0 if path else 1)
