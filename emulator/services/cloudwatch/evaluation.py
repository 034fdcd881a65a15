"""In which state an alarm is by the data of its metric.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from __future__ import annotations

import json
import math
import operator
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from ... import world
from ...wire import Call
from . import data, metrics
from .expressions import ExpressionError

# Periods before those that count, from which points are taken where newer ones are missing.
BEFORE = 2
COMPARED: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (operator.gt, "greater than the threshold"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to the threshold"),
    "LessThanThreshold": (operator.lt, "less than the threshold"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to the threshold"),
}
Point = float | None


def queries(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """The metrics of an alarm in the form of GetMetricData."""
    if "Metrics" in alarm:
        return list(alarm["Metrics"])
    metric = {"Namespace": alarm["Namespace"], "MetricName": alarm["MetricName"], "Dimensions": alarm.get("Dimensions", [])}
    statistic = alarm.get("Statistic") or alarm["ExtendedStatistic"]
    return [{"Id": "m1", "MetricStat": {"Metric": metric, "Period": alarm["Period"], "Stat": statistic}}]


def points(call: Call, alarm: dict[str, Any]) -> list[tuple[float, Point]]:
    """Start and value of each period of the evaluation range, oldest first. The period that is not over yet is not among them."""
    asked = queries(alarm)
    length = max(data.period(each) for each in asked) / world.clock.speed
    # A tick at the very end of a minute sees that minute.
    over = math.floor((world.clock.now() + metrics.minute() / 100) / length)
    starts = [(over - number) * length for number in range(alarm["EvaluationPeriods"] + BEFORE, 0, -1)]
    try:
        known = data.values(call, asked, starts, length)
    except ExpressionError:
        known = {}
    # The band of an alarm over anomalies is returned, too.
    returned = next(each["Id"] for each in asked if each.get("ReturnData", True) and each["Id"] != alarm.get("ThresholdMetricId"))
    found = known.get(returned, {})
    return [(start, found.get(start)) for start in starts]


def verdict(found: Sequence[Point], breaches: Callable[[float], bool], periods: int, needed: int, missing: str) -> str | None:
    """The state by the points of the evaluation range, oldest first; None keeps the state as it is."""
    real = [breaches(each) for each in found if each is not None]
    if len(real) >= periods:
        return "ALARM" if sum(real[-periods:]) >= needed else "OK"
    absent = periods - len(real)
    if not real:
        return {"breaching": "ALARM", "notBreaching": "OK", "ignore": None}.get(missing, "INSUFFICIENT_DATA")
    if sum(real) + (absent if missing == "breaching" else 0) >= needed:
        return "ALARM"
    if all(real) and missing not in ("breaching", "notBreaching"):
        return None if missing == "ignore" else "ALARM"
    return "OK"


def judged(call: Call, alarm: dict[str, Any]) -> tuple[str | None, str, str]:
    """The state, why, and the same as JSON (StateReasonData)."""
    found = points(call, alarm)
    compare, words = COMPARED.get(alarm["ComparisonOperator"], (lambda _value, _limit: False, ""))
    limit, periods = float(alarm.get("Threshold", 0)), alarm["EvaluationPeriods"]
    needed, missing = alarm.get("DatapointsToAlarm") or periods, alarm.get("TreatMissingData", "missing")
    state = verdict([value for _, value in found], lambda value: compare(value, limit), periods, needed, missing)
    real = [(start, value) for start, value in found if value is not None][-periods:]
    return state, _reason(state, real, (limit, words, periods, needed, missing), compare), _as_json(alarm, real, limit)


def _reason(
    state: str | None, real: list[tuple[float, float]], said: tuple[float, str, int, int, str], compare: Callable[[float, float], bool]
) -> str:
    limit, words, periods, needed, missing = said
    if state == "INSUFFICIENT_DATA":
        return f"Insufficient Data: {_points(periods)} {'was' if periods == 1 else 'were'} unknown."
    if not real:
        treated = {"breaching": "Breaching", "notBreaching": "NonBreaching"}.get(missing, missing)
        return (
            f"Threshold Crossed: no datapoints were received for {periods} period{'s' * (periods > 1)} and "
            f"{periods} missing datapoint{'s were' if periods > 1 else ' was'} treated as [{treated}]."
        )
    breaching = [pair for pair in real if compare(pair[1], limit)]
    if state == "ALARM":
        shown, change = f"[{_list(breaching)}] {'was' if len(breaching) == 1 else 'were'}", "OK -> ALARM"
        return (
            f"Threshold Crossed: {len(breaching)} out of the last {_points(periods)} {shown} {words} ({limit}) "
            f"(minimum {_points(needed)} for {change} transition)."
        )
    sound = [pair for pair in real if pair not in breaching] or real
    return f"Threshold Crossed: {_points(len(sound))} [{_list(sound)}] {'was' if len(sound) == 1 else 'were'} not {words} ({limit})."


def _points(number: int) -> str:
    return f"{number} datapoint{'s' * (number != 1)}"


def _list(pairs: list[tuple[float, float]]) -> str:
    return ", ".join(f"{value} ({datetime.fromtimestamp(start, UTC):%d/%m/%y %H:%M:%S})" for start, value in reversed(pairs[-5:]))


def _as_json(alarm: dict[str, Any], real: list[tuple[float, float]], limit: float) -> str:
    found = {
        "version": "1.0",
        "queryDate": world.clock.utc().strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "recentDatapoints": [value for _, value in real[-10:]],
        "threshold": limit,
    }
    return json.dumps({**found, **({"period": alarm["Period"]} if "Period" in alarm else {})})
