"""What CloudWatch refuses of alarms and metrics. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/"""

from __future__ import annotations

import re
from typing import Any

from ...registry import rule
from ...services.cloudwatch import composites, expressions, mute
from ...services.cloudwatch.metrics import PERCENTILE
from ...services.cloudwatch.store import alarms
from ...wire import Call, Refusal

API = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_"
DAY, WEEK, HOUR = 86_400, 604_800, 3600
ACTION = re.compile(r"arn:aws[\w-]*:(sns|ssm|ssm-incidents|autoscaling|lambda|swf|automate|application-autoscaling|aiops):[^:]*:[^:]*:.+")
MISSING = ("breaching", "notBreaching", "ignore", "missing")


def invalid(text: str) -> Refusal:
    return Refusal("ValidationError", text)


def _metrics(params: dict[str, Any]) -> list[dict[str, Any]]:
    return [each["MetricStat"] for each in params.get("Metrics", []) if "MetricStat" in each]


@rule("CW-1", "cloudwatch", "PutMetricAlarm", source=f"{API}PutMetricAlarm.html")
def complete(call: Call) -> Refusal | None:
    """An alarm says what it compares with what, and for how long; of one metric also which statistic and period."""
    params = call.params
    if "EvaluationCriteria" in params:
        return None
    if params.get("Metrics") and params.get("MetricName"):
        return None
    needed = ["ComparisonOperator", "EvaluationPeriods"]
    if not params.get("Metrics"):
        needed += ["MetricName", "Namespace", "Period"]
        if ("Statistic" in params) is ("ExtendedStatistic" in params):
            return invalid("Exactly one of Statistic and ExtendedStatistic must be specified")
    if "ThresholdMetricId" not in params:
        needed.append("Threshold")
    missing = [name for name in needed if name not in params]
    return invalid(f"The parameter {missing[0]} is required.") if missing else None


@rule("CW-1", "cloudwatch", "PutMetricAlarm", source=f"{API}PutMetricAlarm.html")
def periods(call: Call) -> Refusal | None:
    """A period is 10, 20, 30 or whole minutes; all periods together are a day, or with periods of an hour a week."""
    params = call.params
    lengths = [params["Period"]] if "Period" in params else [each["Period"] for each in _metrics(params)]
    if wrong := [each for each in lengths if each not in (10, 20, 30) and each % 60]:
        return invalid(f"Invalid period {wrong[0]}: a period must be 10, 20, 30, or any multiple of 60")
    count = params.get("EvaluationPeriods", 1)
    if params.get("DatapointsToAlarm", 1) > count:
        return invalid("DatapointsToAlarm must be less than or equal to EvaluationPeriods")
    longest = max(lengths, default=60)
    if longest * count > (WEEK if longest >= HOUR else DAY):
        return invalid("Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).")
    return None


@rule("CW-1", "cloudwatch", "PutMetricAlarm", source=f"{API}PutMetricAlarm.html")
def words(call: Call) -> Refusal | None:
    """How missing data is treated, and which percentile, is one of a few words."""
    params = call.params
    if params.get("TreatMissingData", "missing") not in MISSING:
        return invalid(f"Option {params['TreatMissingData']} is not supported for TreatMissingData. Use one of [{', '.join(MISSING)}].")
    if params.get("EvaluateLowSampleCountPercentile", "evaluate") not in ("evaluate", "ignore"):
        return invalid(f"Option {params['EvaluateLowSampleCountPercentile']} is not supported for EvaluateLowSampleCountPercentile.")
    if "EvaluateLowSampleCountPercentile" in params and "ExtendedStatistic" not in params:
        return invalid("EvaluateLowSampleCountPercentile is for alarms with an ExtendedStatistic")
    statistic = params.get("ExtendedStatistic", "p99")
    trimmed = re.fullmatch(r"(tm|wm|tc|ts|pr|TM|WM|TC|TS|PR|IQM|iqm).*", statistic)
    return None if PERCENTILE.fullmatch(statistic) or trimmed else invalid(f"The value {statistic} for ExtendedStatistic is not supported.")


@rule("CW-1", "cloudwatch", "PutMetricAlarm", "PutCompositeAlarm", source=f"{API}PutMetricAlarm.html")
def actions(call: Call) -> Refusal | None:
    """Actions are ARNs of what an alarm can do."""
    for name in ("AlarmActions", "OKActions", "InsufficientDataActions"):
        for action in call.params.get(name, []):
            if not action.startswith("arn:") or not ACTION.fullmatch(action):
                return invalid(f"Invalid arn syntax: {action}")
    return None


@rule("CW-5", "cloudwatch", "PutMetricAlarm", source=f"{API}PutMetricAlarm.html")
def math(call: Call) -> Refusal | None:
    """An alarm is over at most 10 metrics; expressions are ones that can be read, and SEARCH is none for alarms."""
    asked = call.params.get("Metrics", [])
    if len(_metrics(call.params)) > 10:
        return invalid("An alarm can be based on at most 10 metrics.")
    for query in (each for each in asked if "Expression" in each):
        if "SEARCH(" in query["Expression"].replace(" ", ""):
            return invalid("SEARCH is not supported on Metric Alarms.")
        try:
            if "ANOMALY_DETECTION_BAND" not in query["Expression"]:
                expressions.parsed(query["Expression"])
        except expressions.ExpressionError as error:
            return invalid(f"Error in expression '{query['Id']}': {error}")
    return None


@rule("CW-own-composite", "cloudwatch", "PutCompositeAlarm", source=f"{API}PutCompositeAlarm.html")
def of_others(call: Call) -> Refusal | None:
    """The rule of a composite alarm can be read, and is about alarms that exist."""
    try:
        composites.tree(call.params["AlarmRule"])
    except composites.RuleError:
        return invalid(f"AlarmRule has a syntax error: {call.params['AlarmRule']}")
    unknown = [name for name in composites.children(call.params["AlarmRule"]) if name not in alarms(call)]
    return invalid(f"The alarm rule refers to alarms that do not exist: {', '.join(unknown)}") if unknown else None


@rule("CW-own-delete", "cloudwatch", "DeleteAlarms", source=f"{API}DeleteAlarms.html")
def deleted_at_once(call: Call) -> Refusal | None:
    """At most one composite alarm goes with others."""
    known = [alarms(call)[name] for name in call.params["AlarmNames"] if name in alarms(call)]
    return invalid("A call can delete at most one composite alarm.") if sum(one.composite for one in known) > 1 else None


@rule("CW-own-find", "cloudwatch", "DescribeAlarms", source=f"{API}DescribeAlarms.html")
def names_or_prefix(call: Call) -> Refusal | None:
    """Alarms are found by names or by a prefix."""
    both = "AlarmNames" in call.params and "AlarmNamePrefix" in call.params
    return invalid("AlarmNamePrefix cannot be specified together with AlarmNames.") if both else None


@rule("CW-own-data", "cloudwatch", "PutMetricData", source=f"{API}PutMetricData.html")
def data(call: Call) -> Refusal | None:
    """AWS's own namespaces are not written to, and a datum has one form."""
    if call.params["Namespace"].startswith("AWS/"):
        return Refusal("InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid.")
    for number, each in enumerate(call.params.get("MetricData", []), 1):
        given = [name for name in ("Value", "Values", "StatisticValues") if name in each]
        if len(given) != 1:
            text = f"At least one of the parameters must be specified. MetricData.member.{number}: Value, Values, StatisticValues"
            both = f"The parameters MetricData.member.{number}.{' and '.join(given)} are mutually exclusive and you have specified both."
            return Refusal("InvalidParameterCombination" if given else "MissingParameter", both if given else text)
        if len(each.get("Counts", each.get("Values", []))) != len(each.get("Values", [])):
            return Refusal("InvalidParameterValue", f"Counts and Values of MetricData.member.{number} must be of the same size.")
    return None


@rule("CW-own-mute", "cloudwatch", "PutAlarmMuteRule", source=f"{API}PutAlarmMuteRule.html")
def muted(call: Call) -> Refusal | None:
    """A mute rule begins by at(…) or cron(…), lasts a minute to 15 days, and is about alarms that exist."""
    schedule = call.params["Rule"]["Schedule"]
    expression = schedule["Expression"]
    if not mute.AT.fullmatch(expression) and not re.fullmatch(r"cron\(.+\)", expression):
        return invalid(f"Invalid schedule expression: {expression}")
    length = mute.duration(schedule["Duration"])
    if length is None or not 60 <= length.total_seconds() <= 15 * DAY:
        return invalid(f"Invalid duration: {schedule['Duration']}")
    unknown = [name for name in call.params.get("MuteTargets", {}).get("AlarmNames", []) if name not in alarms(call)]
    return Refusal("ResourceNotFoundException", f"Alarms do not exist: {', '.join(unknown)}", 404) if unknown else None
