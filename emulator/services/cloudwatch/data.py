"""PutMetricData, and what is read of metrics. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ...refusal import Refusal
from ...registry import operation
from ...wire import Call
from . import expressions, metrics

PAGE = 500


def values(call: Call, queries: Sequence[dict[str, Any]], starts: Sequence[float], length: float) -> dict[str, dict[float, float]]:
    """The series of each of the queries by its id: those of metrics first, and expressions over them and over each other.

    Raises ExpressionError.
    """
    known = {}
    for query in (each for each in queries if "MetricStat" in each):
        said = query["MetricStat"]
        metric = metrics.name(said["Metric"]["Namespace"], said["Metric"]["MetricName"], said["Metric"].get("Dimensions", []))
        known[query["Id"]] = metrics.series(call, metric, said["Stat"], starts, length)
    waiting = [each for each in queries if "Expression" in each]
    for _ in queries:
        for query in [each for each in waiting if each["Id"] not in known]:
            try:
                known[query["Id"]] = expressions.value(query["Expression"], known, starts)
            except KeyError:
                continue
    return known


def period(query: dict[str, Any]) -> int:
    return int(query.get("MetricStat", query).get("Period", 60))


def _starts(wanted: dict[str, Any], length: float) -> list[float]:
    start, end = (wanted[key].timestamp() for key in ("StartTime", "EndTime"))
    first = start // length * length
    return [first + number * length for number in range(int(min((end - first) / length + 1, 100_000))) if first + number * length < end]


@operation("cloudwatch", "PutMetricData")
def put_metric_data(call: Call) -> dict[str, Any]:
    for given in call.params.get("MetricData", []):
        metrics.datum(call, call.params["Namespace"], given)
    return {}


@operation("cloudwatch", "GetMetricData")
def get_metric_data(call: Call) -> dict[str, Any]:
    """Newest first, unless asked otherwise. A metric without data is there without values."""
    queries, wanted = call.params["MetricDataQueries"], call.params
    if wanted["StartTime"] >= wanted["EndTime"]:
        raise Refusal("ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
    length = float(max(period(each) for each in queries))
    starts = _starts(wanted, length)
    try:
        known = values(call, queries, starts, length)
    except expressions.ExpressionError as error:
        raise Refusal("ValidationError", f"Error in expression: {error}") from None
    backwards = wanted.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    found = []
    for query in (each for each in queries if each.get("ReturnData", True)):
        pairs = sorted(known.get(query["Id"], {}).items(), reverse=backwards)
        label = query.get("Label") or query.get("MetricStat", {}).get("Metric", {}).get("MetricName", query["Id"])
        times = [datetime.fromtimestamp(start, UTC) for start, _ in pairs]
        found.append(
            {"Id": query["Id"], "Label": label, "Timestamps": times, "Values": [each for _, each in pairs], "StatusCode": "Complete"}
        )
    return {"MetricDataResults": found, "Messages": []}


@operation("cloudwatch", "GetMetricStatistics")
def get_metric_statistics(call: Call) -> dict[str, Any]:
    wanted = call.params
    asked = [*wanted.get("Statistics", []), *wanted.get("ExtendedStatistics", [])]
    if not asked:
        raise Refusal("InvalidParameterCombination", "Must specify either Statistics or ExtendedStatistics")
    if wanted["StartTime"] >= wanted["EndTime"]:
        raise Refusal("InvalidParameterValue", "The parameter StartTime must be less than the parameter EndTime.")
    length = float(wanted["Period"])
    metric = metrics.name(wanted["Namespace"], wanted["MetricName"], wanted.get("Dimensions", []))
    points: dict[float, dict[str, Any]] = {}
    for statistic in asked:
        for start, value in metrics.series(call, metric, statistic, _starts(wanted, length), length).items():
            point = points.setdefault(start, {"Timestamp": datetime.fromtimestamp(start, UTC), "Unit": wanted.get("Unit", "None")})
            if statistic in wanted.get("Statistics", []):
                point[statistic] = value
            else:
                point.setdefault("ExtendedStatistics", {})[statistic] = value
    return {"Label": wanted["MetricName"], "Datapoints": list(points.values())}


@operation("cloudwatch", "ListMetrics")
def list_metrics(call: Call) -> dict[str, Any]:
    wanted, token = call.params, call.params.get("NextToken") or "0"
    filters = [(each["Name"], each.get("Value")) for each in wanted.get("Dimensions", [])]
    found = [
        {"Namespace": space, "MetricName": title, "Dimensions": [{"Name": key, "Value": text} for key, text in pairs]}
        for space, title, pairs in metrics.table(call)
        if wanted.get("Namespace", space) == space
        and wanted.get("MetricName", title) == title
        and all(any(key == name and value in (None, text) for key, text in pairs) for name, value in filters)
    ]
    if not token.isdigit():
        raise Refusal("InvalidParameterValue", "Request parameter NextToken is invalid")
    rest = {"NextToken": str(int(token) + PAGE)} if int(token) + PAGE < len(found) else {}
    return {"Metrics": found[int(token) : int(token) + PAGE], **rest}
