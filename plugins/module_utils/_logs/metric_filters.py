# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Metric filters, many at a time. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html"""

from __future__ import annotations

from typing import Any

from .._core import aws
from .._core.errors import RailyardError
from .._core.plan import Plan, Step, in_lane


def find(client: Any, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All filters that feed one of the metrics of `wanted`, whatever group they are of; by group and name.

    Of each {log_group, name, pattern, metric_namespace, metric_name, metric_value, unit}.
    """
    metrics = sorted({(one["metric_namespace"], one["metric_name"]) for one in wanted})

    def feeding(metric: tuple[str, str]) -> list[dict[str, Any]]:
        return aws.pages(client, "DescribeMetricFilters", "metricFilters", metricNamespace=metric[0], metricName=metric[1])

    found = [_ours(item) for some in aws.concurrently(feeding, metrics) for item in some]
    return sorted(found, key=_key)


def _key(one: dict[str, Any]) -> tuple[str, str]:
    return one["log_group"], one["name"]


def _ours(item: dict[str, Any]) -> dict[str, Any]:
    [feeds] = item["metricTransformations"]
    return {
        "log_group": item["logGroupName"],
        "name": item["filterName"],
        "pattern": item.get("filterPattern", ""),
        "metric_namespace": feeds["metricNamespace"],
        "metric_name": feeds["metricName"],
        "metric_value": feeds["metricValue"],
        "unit": feeds.get("unit", "None"),
    }


def make_plan(wanted: dict[str, Any], live: list[dict[str, Any]]) -> Plan:
    """`wanted`: filters, state. What feeds one of their metrics and is not among them is deleted."""
    if wanted["state"] == "absent":
        return Plan(live, [], tuple(map(_deletion, live)))
    declared = {_key(one): {**one, "metric_value": str(one["metric_value"]), "unit": one["unit"] or "None"} for one in wanted["filters"]}
    if len(declared) < len(wanted["filters"]):
        raise RailyardError("filters: there are two of the same name in one log group")
    found = {_key(one): one for one in live}
    steps = [_deletion(one) for key, one in found.items() if key not in declared]
    for key, one in declared.items():
        if found.get(key) != one:
            steps += in_lane("/".join(key), [_put(one)])
    return Plan(live, sorted(declared.values(), key=_key), tuple(steps))


def _deletion(one: dict[str, Any]) -> Step:
    params = {"logGroupName": one["log_group"], "filterName": one["name"]}
    return Step("DeleteMetricFilter", params, lane="/".join(_key(one)))


def _put(one: dict[str, Any]) -> Step:
    feeds = {"metricNamespace": one["metric_namespace"], "metricName": one["metric_name"], "metricValue": one["metric_value"]}
    transformation = {**feeds, **({"unit": one["unit"]} if one["unit"] != "None" else {})}
    named = {"logGroupName": one["log_group"], "filterName": one["name"], "filterPattern": one["pattern"]}
    return Step("PutMetricFilter", {**named, "metricTransformations": [transformation]})
