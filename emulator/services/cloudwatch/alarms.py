"""Alarms: made, changed, shown and deleted. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""

from __future__ import annotations

import copy
import json
from typing import Any

from ... import world
from ...refusal import Refusal
from ...registry import operation
from ...wire import Call
from . import composites, states
from .store import Alarm, alarm, alarms, arn, page, tags

LISTS = ("OKActions", "AlarmActions", "InsufficientDataActions")
MOST_DELETED = 100


def _put(call: Call, composite: bool) -> Alarm:
    """The whole alarm is replaced, its state stays; tags are taken of a new one only (CW-2)."""
    name, found, moment = call.params["AlarmName"], alarms(call).get(call.params["AlarmName"]), world.clock.utc()
    given = {key: copy.deepcopy(value) for key, value in call.params.items() if key != "Tags"}
    shape = {"ActionsEnabled": True, **{key: [] for key in LISTS}, **({} if composite else {"Dimensions": []}), **given}
    if not composite and "Metrics" in shape:
        del shape["Dimensions"]
        shape["Metrics"] = [{"ReturnData": True, **each} for each in shape["Metrics"]]
    place = arn(call, "alarm", name)
    shape.update(AlarmArn=place, AlarmConfigurationUpdatedTimestamp=moment)
    if found is None:
        begun = {"StateValue": "INSUFFICIENT_DATA", "StateReason": "Unchecked: Initial alarm creation", "StateUpdatedTimestamp": moment}
        found = alarms(call)[name] = Alarm({**shape, **begun, "StateTransitionedTimestamp": moment}, call, composite)
        tags(call)[place] = {each["Key"]: each["Value"] for each in call.params.get("Tags", [])}
        states.note(found, "ConfigurationUpdate", f'Alarm "{name}" created')
    else:
        kept = {key: value for key, value in found.shape.items() if key.startswith("State")}
        found.shape, found.composite = {**shape, **kept}, composite
        states.note(found, "ConfigurationUpdate", f'Alarm "{name}" updated')
    states.watch(call)
    return found


@operation("cloudwatch", "PutMetricAlarm")
def put_metric_alarm(call: Call) -> dict[str, Any]:
    _put(call, composite=False)
    return {}


@operation("cloudwatch", "PutCompositeAlarm")
def put_composite_alarm(call: Call) -> dict[str, Any]:
    states.combine(_put(call, composite=True))
    return {}


@operation("cloudwatch", "DescribeAlarms")
def describe_alarms(call: Call) -> dict[str, Any]:
    """Without AlarmTypes metric alarms only."""
    wanted, types = call.params, call.params.get("AlarmTypes") or ["MetricAlarm"]
    chosen = [one for _, one in sorted(alarms(call).items()) if _is_wanted(wanted, one, types)]
    found, rest = page(chosen, wanted, wanted.get("MaxRecords", 50))
    return {
        "MetricAlarms": [one.shape for one in found if not one.composite],
        "CompositeAlarms": [one.shape for one in found if one.composite],
        **rest,
    }


def _is_wanted(wanted: dict[str, Any], one: Alarm, types: list[str]) -> bool:
    actions = [action for name in LISTS for action in one.shape.get(name, [])]
    return (
        ("CompositeAlarm" if one.composite else "MetricAlarm") in types
        and ("AlarmNames" not in wanted or one.name in wanted["AlarmNames"])
        and one.name.startswith(wanted.get("AlarmNamePrefix", ""))
        and wanted.get("StateValue", one.state) == one.state
        and ("ActionPrefix" not in wanted or any(action.startswith(wanted["ActionPrefix"]) for action in actions))
    )


@operation("cloudwatch", "DescribeAlarmsForMetric")
def describe_alarms_for_metric(call: Call) -> dict[str, Any]:
    wanted = call.params
    named = [one.shape for one in alarms(call).values() if not one.composite and one.shape.get("MetricName") == wanted["MetricName"]]
    return {"MetricAlarms": [shape for shape in named if shape["Namespace"] == wanted["Namespace"]]}


@operation("cloudwatch", "DescribeAlarmHistory")
def describe_alarm_history(call: Call) -> dict[str, Any]:
    """Newest first, of one alarm or of all."""
    wanted = call.params
    items = [item for one in alarms(call).values() if one.name == wanted.get("AlarmName", one.name) for item in one.history]
    items = [item for item in items if item["HistoryItemType"] == wanted.get("HistoryItemType", item["HistoryItemType"])]
    items.sort(key=lambda item: item["Timestamp"], reverse=wanted.get("ScanBy") != "TimestampAscending")
    found, rest = page(items, wanted, wanted.get("MaxRecords", 50))
    return {"AlarmHistoryItems": found, **rest}


@operation("cloudwatch", "DeleteAlarms")
def delete_alarms(call: Call) -> dict[str, Any]:
    """Those that exist are deleted. One that a composite alarm is about stays."""
    names = call.params["AlarmNames"]
    absent = [name for name in names if name not in alarms(call)]
    for name in names:
        if parents := [one.name for one in alarms(call).values() if one.composite and name in composites.children(one.shape["AlarmRule"])]:
            raise Refusal("ValidationError", f"Cannot delete {name} as there are alarms depending on it: {', '.join(parents)}")
    for name in names:
        if alarms(call).pop(name, None):
            tags(call).pop(arn(call, "alarm", name), None)
    if absent and len(absent) == len(names):
        raise Refusal("ResourceNotFound", f"The alarms do not exist: {', '.join(absent)}", 404)
    return {}


@operation("cloudwatch", "SetAlarmState")
def set_alarm_state(call: Call) -> dict[str, Any]:
    """Until the alarm is next held against its data."""
    wanted = call.params
    if "StateReasonData" in wanted:
        try:
            json.loads(wanted["StateReasonData"])
        except ValueError:
            raise Refusal("InvalidFormat", "StateReasonData is not JSON") from None
    states.change(alarm(call, wanted["AlarmName"]), wanted["StateValue"], wanted["StateReason"], wanted.get("StateReasonData", "{}"))
    for one in [one for one in alarms(call).values() if one.composite]:
        states.combine(one)
    return {}


@operation("cloudwatch", "EnableAlarmActions", "DisableAlarmActions")
def switch_alarm_actions(call: Call) -> dict[str, Any]:
    for name in call.params["AlarmNames"]:
        if name in alarms(call):
            alarms(call)[name].shape["ActionsEnabled"] = call.operation == "EnableAlarmActions"
    return {}
