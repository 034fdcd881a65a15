"""cloudwatch_metric_alarms against the emulated CloudWatch."""

from typing import Any

from tests.support.emulated import Emulated
from tests.support.walk import differences

TAGS = {"application": "shop", "environment": "staging", "managed-by": "railyard"}


def metric(name: str, title: str) -> dict[str, Any]:
    dimensions = [{"name": "TargetGroup", "value": "targetgroup/a/1"}, {"name": "LoadBalancer", "value": "app/shop/1"}]
    about = {"namespace": "AWS/ApplicationELB", "metric_name": title, "dimensions": dimensions}
    return {"id": name, "metric_stat": {"metric": about, "period": "60", "stat": "Sum"}, "return_data": False}


LIMIT = {"evaluation_periods": 3, "comparison_operator": "GreaterThanThreshold", "threshold": "5", "treat_missing_data": "notBreaching"}
SHARE = {
    **LIMIT,
    "name": "shop-staging-5xx",
    "metrics": [metric("t", "HTTPCode_Target_5XX_Count"), metric("r", "RequestCount"), {"id": "share", "expression": "100 * t / r"}],
}
STORAGE = {
    **{**LIMIT, "treat_missing_data": "missing"},
    **{"name": "shop-staging-storage", "namespace": "AWS/RDS", "metric_name": "FreeStorageSpace", "statistic": "Minimum", "period": 300},
    "dimensions": [{"name": "DBInstanceIdentifier", "value": "shop"}],
}


def run(emulated: Emulated, *alarms: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return emulated.run("cloudwatch_metric_alarms", **{"alarms": list(alarms), "prefix": "shop-staging-", "tags": TAGS, **changes})


def test_check_create_again_change_delete(emulated: Emulated) -> None:
    assert run(emulated, SHARE, STORAGE, check=True)["changed"] and not emulated.writes()
    created = run(emulated, SHARE, STORAGE)
    assert created["changed"] and differences("cloudwatch_metric_alarms", created) == []
    assert [(alarm["name"], alarm["tags"]) for alarm in created["alarms"]] == [(SHARE["name"], TAGS), (STORAGE["name"], TAGS)]
    before = len(emulated.journal())
    assert not run(emulated, SHARE, STORAGE)["changed"]
    assert [entry["operation"] for entry in emulated.journal()[before:]] == ["DescribeAlarms", "GetResources"]

    seen = run(emulated, SHARE, {**STORAGE, "threshold": 7}, check=True)
    [old, new] = [next(alarm for alarm in seen["diff"][side]["alarms"] if alarm["name"] == STORAGE["name"]) for side in ("before", "after")]
    assert (old["threshold"], new["threshold"], {**old, "threshold": 7.0}) == (5.0, 7.0, new)

    changed = run(emulated, {**STORAGE, "threshold": 7}, tags={**TAGS, "team": "checkout"})
    [left] = changed["alarms"]
    assert (left["name"], left["threshold"], left["tags"]["team"]) == (STORAGE["name"], 7.0, "checkout")
    assert run(emulated, state="absent")["changed"] and not run(emulated, state="absent")["changed"]


def test_what_is_declared_no_more_is_deleted_and_what_is_not_ours_stays(emulated: Emulated) -> None:
    cloudwatch = emulated.client("cloudwatch")
    theirs = {"Namespace": "n", "MetricName": "m", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0}
    cloudwatch.put_metric_alarm(AlarmName="shop-staging-two-5xx", ComparisonOperator="GreaterThanThreshold", **theirs)
    run(emulated, SHARE, STORAGE)
    assert [alarm["name"] for alarm in run(emulated, SHARE, STORAGE)["alarms"]] == [SHARE["name"], STORAGE["name"]]
    run(emulated, SHARE, {**STORAGE, "name": "shop-staging-other"})
    left = [alarm["AlarmName"] for alarm in cloudwatch.describe_alarms()["MetricAlarms"]]
    assert left == ["shop-staging-5xx", "shop-staging-other", "shop-staging-two-5xx"]
    refused = run(emulated, {**STORAGE, "name": "shop-staging-two-5xx"})
    assert refused["failed"] and "is not ours" in refused["msg"]
    removed = run(emulated, state="absent")
    assert removed["changed"] and "shop-staging-two-5xx" in str(removed["warnings"])
    assert [alarm["AlarmName"] for alarm in cloudwatch.describe_alarms()["MetricAlarms"]] == ["shop-staging-two-5xx"]


def test_bad_input_is_refused_before_anything_is_written(emulated: Emulated) -> None:
    assert "no name" in run(emulated, {"threshold": 1})["msg"]
    assert "two of the same name" in run(emulated, SHARE, SHARE)["msg"]
    assert "limit" in run(emulated, {**SHARE, "limit": 1})["msg"] and not emulated.writes()
