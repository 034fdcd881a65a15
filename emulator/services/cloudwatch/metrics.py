"""Metrics: what was measured, kept in minutes of AWS's time, and the statistics over a period.

A minute of AWS's time is shorter when time is: metrics are kept, and alarms look, by the clock that the other services have.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
"""

from __future__ import annotations

import bisect
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ... import world
from ...refusal import Refusal
from ...wire import Call

# Minutes that are kept of a metric, and different values of a minute that percentiles are made of.
MINUTES, VALUES = 3000, 1000
PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")
Name = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass
class Minute:
    """What was measured in a minute. `values`: how often each value was measured, as far as it is known."""

    start: float
    count: float = 0.0
    total: float = 0.0
    low: float = math.inf
    high: float = -math.inf
    values: dict[float, float] = field(default_factory=dict)

    def add(self, value: float, count: float = 1.0) -> None:
        self.merge(Minute(self.start, count, value * count, value, value, {value: count}))

    def merge(self, other: Minute) -> None:
        self.count += other.count
        self.total += other.total
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        for value, count in other.values.items():
            if value in self.values or len(self.values) < VALUES:
                self.values[value] = self.values.get(value, 0.0) + count


def minute() -> float:
    """How long a minute of AWS's time is by the clock."""
    return 60.0 / world.clock.speed


def table(call: Call) -> dict[Name, list[Minute]]:
    """The metrics of an account and Region, each in the order of time."""
    found: dict[Name, list[Minute]] = world.store("cloudwatch", call).setdefault("metrics", {})
    return found


def name(namespace: str, metric: str, dimensions: Mapping[str, str] | Iterable[Mapping[str, str]]) -> Name:
    pairs = dimensions.items() if isinstance(dimensions, Mapping) else ((each["Name"], each["Value"]) for each in dimensions)
    return namespace, metric, tuple(sorted(pairs))


def at(call: Call, metric: Name, moment: float) -> Minute:
    """The minute of a metric in which a moment is; a new one is empty."""
    kept, length = table(call).setdefault(metric, []), minute()
    start = math.floor(moment / length) * length
    place = bisect.bisect_right(kept, start + length / 2, key=lambda one: one.start)
    if place and kept[place - 1].start > start - length / 2:
        return kept[place - 1]
    kept.insert(place, Minute(start))
    if len(kept) > MINUTES:
        del kept[0]
        place -= 1
    return kept[place]


def record(call: Call, namespace: str, metric: str, dimensions: Mapping[str, str], value: float, moment: float | None = None) -> None:
    """One measurement, now or at a moment."""
    at(call, name(namespace, metric, dimensions), world.clock.now() if moment is None else moment).add(value)


def statistic(kept: Minute, wanted: str) -> float:
    """Of what was measured: Sum, Average, Minimum, Maximum, SampleCount or a percentile."""
    simple = {"SampleCount": kept.count, "Sum": kept.total, "Minimum": kept.low, "Maximum": kept.high}
    if wanted in simple:
        return simple[wanted]
    if wanted == "Average":
        return kept.total / kept.count if kept.count else 0.0
    if not (percent := PERCENTILE.fullmatch(wanted)):
        raise Refusal("InvalidParameterValue", f"The value {wanted} for parameter Stat is not supported by the emulator.")
    rank, seen = float(percent[1]) / 100 * sum(kept.values.values()), 0.0
    for value, count in sorted(kept.values.items()):
        seen += count
        if seen >= rank:
            return value
    return kept.high


def series(call: Call, metric: Name, wanted: str, starts: Sequence[float], length: float) -> dict[float, float]:
    """The statistic of each period that has data, by the period's start. `length`: of a period, by the clock."""
    kept, found = table(call).get(metric, []), {}
    for start in starts:
        # Starts of periods and of minutes are computed apart: a hundredth of a minute is no difference.
        slack = minute() / 100
        low = bisect.bisect_left(kept, start - slack, key=lambda one: one.start)
        high = bisect.bisect_left(kept, start + length - slack, key=lambda one: one.start)
        if low < high:
            whole = Minute(start)
            for one in kept[low:high]:
                whole.merge(one)
            found[start] = statistic(whole, wanted)
    return found


def datum(call: Call, namespace: str, given: Mapping[str, Any]) -> None:
    """What PutMetricData says of one metric."""
    moment = given["Timestamp"].timestamp() if "Timestamp" in given else world.clock.now()
    kept = at(call, name(namespace, given["MetricName"], given.get("Dimensions", [])), moment)
    if "StatisticValues" in given:
        said = given["StatisticValues"]
        kept.merge(Minute(kept.start, said["SampleCount"], said["Sum"], said["Minimum"], said["Maximum"]))
    elif "Values" in given:
        for value, count in zip(given["Values"], given.get("Counts") or [1.0] * len(given["Values"]), strict=True):
            kept.add(value, count)
    else:
        kept.add(given["Value"])
