"""What CloudWatch and Application Auto Scaling refuse of a list of metrics with expressions.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...registry import rule
from ...services.application_autoscaling import targets as scaling
from ...wire import Call, Refusal

SCALING = "https://docs.aws.amazon.com/autoscaling/application/APIReference/"
ALARM = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"
# Names of functions and keywords begin with a capital letter, names of metrics never do.
NAMES = re.compile(r"(?<![A-Za-z0-9_])[a-z][A-Za-z0-9_]*")
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
ID = re.compile(r"[a-z][A-Za-z0-9_]*")
ONE_METRIC = ("MetricName", "Namespace", "Statistic", "Dimensions", "Unit")


def problems(metrics: list[dict[str, Any]], returning: int | None = 1) -> Iterator[str]:
    """What is wrong with a list of metrics; `returning` is how many return data, None for any number."""
    names = [item["Id"] for item in metrics]
    if not all(ID.fullmatch(name) for name in names):
        yield "Invalid metrics list"
    if len(set(names)) < len(names):
        yield "The values for parameter id in the metrics list are not unique"
    for item in metrics:
        if ("Expression" in item) is ("MetricStat" in item):
            yield f"Exactly one of Expression and MetricStat must be set for the metric {item['Id']}"
        unknown = sorted(set(NAMES.findall(QUOTED.sub("", item.get("Expression", "")))) - set(names))
        if unknown:
            yield f"Error in expression '{item['Id']}': unknown metric {', '.join(unknown)}"
    if returning is not None and sum(item.get("ReturnData", True) for item in metrics) != returning:
        yield "Exactly one element of the metrics list should return data."


def tracking(params: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = params.get("TargetTrackingScalingPolicyConfiguration", {})
    return found


@rule("CW-5", "application-autoscaling", "PutScalingPolicy", source=f"{SCALING}API_TargetTrackingMetricDataQuery.html")
def of_a_policy(call: Call) -> Refusal | None:
    """One metric by name, or a list of metrics whose ids are known and unique, one of which returns its data."""
    wanted = tracking(call.params).get("CustomizedMetricSpecification")
    if wanted is None:
        return None
    metrics, named = wanted.get("Metrics"), [member for member in ONE_METRIC if member in wanted]
    if metrics and named:
        return Refusal("ValidationException", f"{named[0]} should not be set if a list of Metrics is set")
    if metrics:
        return next((Refusal("ValidationException", text) for text in problems(metrics)), None)
    missing = [member for member in ONE_METRIC[:3] if member not in wanted]
    return Refusal("ValidationException", f"{missing[0]} must be set for a customized metric without Metrics") if missing else None


@rule("CW-5", "cloudwatch", "PutMetricAlarm", source=ALARM)
def of_an_alarm(call: Call) -> Refusal | None:
    """The same for an alarm; one that watches a band of anomalies has two metrics that return data."""
    metrics = call.params.get("Metrics")
    if not metrics:
        return None
    for member in ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Dimensions", "Period", "Unit"):
        if call.params.get(member):
            return Refusal("ValidationError", f"{member} should not be set if list of Metrics is set.")
    returning = None if call.params.get("ThresholdMetricId") else 1
    return next((Refusal("ValidationError", text) for text in problems(metrics, returning)), None)


@rule("AAS-2", "application-autoscaling", "PutScalingPolicy", source=f"{SCALING}API_PutScalingPolicy.html")
def one_policy_a_metric(call: Call) -> Refusal | None:
    """Two policies of a target may not track the same metric."""
    wanted = _metric(call.params)
    for name, found in scaling.table(call, "policies").items():
        if name[:3] == scaling.key(call.params) and name[3] != call.params["PolicyName"] and wanted and _metric(found) == wanted:
            return Refusal("ValidationException", "Only one TargetTrackingScaling policy for a given metric specification is allowed.")
    return None


def _metric(policy: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in tracking(policy).items() if name.endswith("MetricSpecification")}
