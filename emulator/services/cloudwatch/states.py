"""Alarms change their states: once a minute each is held against its data, and a change has actions.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ... import world
from ...wire import Call
from ..sns import delivery as sns
from . import composites, evaluation, metrics, mute
from .store import Alarm, alarms

# (namespace, metric, dimensions, value): how things are at the moment.
Gauge = tuple[str, str, Mapping[str, str], float]
gauges: list[Callable[[Call], Iterator[Gauge]]] = []
ACTIONS = {"OK": "OKActions", "ALARM": "AlarmActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
# So many minutes are measured when time has been moved on by more; what is older no alarm of today looks at.
MEASURED = 20
# Seconds of real time between two looks, at the least: time may be so fast that a minute is none.
LEAST = 0.05


def watch(call: Call) -> None:
    """From now on the alarms of an account and Region are looked at."""
    kept = world.store("cloudwatch", call)
    if "ticked" not in kept:
        kept["ticked"] = world.clock.now()
        _again(call)


def _again(call: Call) -> None:
    """At the end of the next minute, or later when time is moved on by much."""
    length = max(metrics.minute(), LEAST)
    now = world.clock.now()
    due = (math.floor(now / length + 0.01) + 1) * length
    due = max(due, math.floor(world.clock.reached() / length - MEASURED) * length)
    world.clock.after((due - now) * world.clock.speed, lambda: tick(call))


def tick(call: Call) -> None:
    kept = world.store("cloudwatch", call)
    if not alarms(call):
        kept.pop("ticked", None)
        return
    now, length = world.clock.now(), metrics.minute()
    minutes = min(MEASURED, max(1, round((now - kept["ticked"]) / length)))
    kept["ticked"] = now
    measure(call, [now - (number + 0.5) * length for number in range(minutes)])
    look(call)
    _again(call)


def measure(call: Call, moments: list[float]) -> None:
    """How things are now, as what was measured at some moments."""
    for source in gauges:
        for namespace, metric, dimensions, value in source(call):
            for moment in moments:
                metrics.record(call, namespace, metric, dimensions, value, moment)


def look(call: Call) -> None:
    """Hold all alarms against their data, composite ones against the others."""
    for alarm in [one for one in alarms(call).values() if not one.composite]:
        state, reason, details = evaluation.judged(call, alarm.shape)
        if state is not None:
            change(alarm, state, reason, details)
    for alarm in [one for one in alarms(call).values() if one.composite]:
        combine(alarm)


def combine(alarm: Alarm) -> None:
    states = {name: one.state for name, one in alarms(alarm.call).items()}
    state = "ALARM" if composites.holds(alarm.shape["AlarmRule"], states) else "OK"
    change(alarm, state, f"{alarm.shape['AlarmArn']} transitioned to {state} at {world.clock.utc():%A %d %B, %Y %H:%M:%S} UTC", "{}")


def change(alarm: Alarm, state: str, reason: str, details: str) -> None:
    """Only a change of the state is told."""
    before = alarm.state
    if before == state:
        return
    moment = world.clock.utc()
    alarm.shape.update(StateValue=state, StateReason=reason, StateReasonData=details)
    alarm.shape.update(StateUpdatedTimestamp=moment, StateTransitionedTimestamp=moment)
    note(alarm, "StateUpdate", f"Alarm updated from {before} to {state}")
    if not alarm.shape["ActionsEnabled"] or mute.is_muted(alarm.call, alarm.name):
        return
    for action in alarm.shape.get(ACTIONS[state], []):
        _act(alarm, action, before)


def note(alarm: Alarm, kind: str, summary: str) -> None:
    item = {"AlarmName": alarm.name, "Timestamp": world.clock.utc(), "HistoryItemType": kind, "HistorySummary": summary}
    alarm.history.append({**item, "AlarmType": "CompositeAlarm" if alarm.composite else "MetricAlarm", "HistoryData": "{}"})


def _act(alarm: Alarm, action: str, before: str) -> None:
    """A topic is told. Other actions belong to services that look for themselves."""
    if action.split(":")[2] != "sns":
        return
    shape, state = alarm.shape, alarm.state
    subject = f'{state}: "{alarm.name}" in {alarm.call.region}'
    taken = sns.publish(alarm.call, "cloudwatch.amazonaws.com", action, shape["AlarmArn"], json.dumps(_message(alarm, before)), subject)
    note(alarm, "Action", f"{'Successfully executed' if taken else 'Failed to execute'} action {action}")


def _message(alarm: Alarm, before: str) -> dict[str, Any]:
    shape = alarm.shape
    trigger = ("MetricName", "Namespace", "Statistic", "Period", "EvaluationPeriods", "ComparisonOperator", "Threshold", "TreatMissingData")
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": shape.get("AlarmDescription"),
        "AWSAccountId": alarm.call.account,
        "NewStateValue": alarm.state,
        "NewStateReason": shape["StateReason"],
        "StateChangeTime": world.clock.utc().strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "Region": alarm.call.region,
        "AlarmArn": shape["AlarmArn"],
        "OldStateValue": before,
        "Trigger": {name: shape[name] for name in trigger if name in shape},
    }
