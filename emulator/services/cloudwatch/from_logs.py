"""Metric filters: what lines of logs make of metrics, from the time at which the filter was made.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...wire import Call
from ..logs import events
from ..logs.patterns import compiled
from ..logs.store import Event, Group
from . import metrics


def take(call: Call, group: Group, lines: Sequence[Event]) -> None:
    """What the filters of a group take from lines that have arrived."""
    for held in list(group.metric_filters.values()):
        match = compiled(held["filterPattern"])
        for line in lines:
            if (found := match(line.message)) is not None:
                for wanted in held["metricTransformations"]:
                    _record(call, wanted, found, line.timestamp / 1000)


def _record(call: Call, wanted: Mapping[str, Any], found: Mapping[str, str], moment: float) -> None:
    dimensions = {name: found.get(selector) for name, selector in wanted.get("dimensions", {}).items()}
    value = wanted["metricValue"]
    try:
        number = float(found[value] if value.startswith("$") else value)
    except (KeyError, ValueError):
        return
    if None not in dimensions.values():
        labels = {name: str(text) for name, text in dimensions.items()}
        metrics.record(call, wanted["metricNamespace"], wanted["metricName"], labels, number, moment)


events.arrived.append(take)
