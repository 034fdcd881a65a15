"""Mute rules: for a while, changes of some alarms have no actions. Their states change all the same.

Schedules of the form at(…) begin once; cron(…) is kept and never begins here.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutAlarmMuteRule.html
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ... import world
from ...refusal import Refusal
from ...registry import operation
from ...wire import Call
from .store import arn, page, table, tags

AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d)\)")
DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")


def duration(text: str) -> timedelta | None:
    found = DURATION.fullmatch(text)
    if not found or not any(found.groups()):
        return None
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def window(rule: dict[str, Any]) -> tuple[datetime, datetime] | None:
    """From when to when a rule mutes; None for one that comes again."""
    schedule = rule["Rule"]["Schedule"]
    begin, length = AT.fullmatch(schedule["Expression"]), duration(schedule["Duration"])
    if begin is None or length is None:
        return None
    start = datetime.fromisoformat(begin[1]).replace(tzinfo=ZoneInfo(schedule.get("Timezone", "UTC")))
    end = start + length
    if expires := rule.get("ExpireDate"):
        end = min(end, expires if expires.tzinfo else expires.replace(tzinfo=UTC))
    return start, end


def status(rule: dict[str, Any]) -> str:
    found, now = window(rule), world.clock.utc()
    if found is None or now < found[0]:
        return "SCHEDULED"
    return "ACTIVE" if now < found[1] else "EXPIRED"


def is_muted(call: Call, alarm: str) -> bool:
    rules = table(call, "mute_rules").values()
    return any(alarm in rule.get("MuteTargets", {}).get("AlarmNames", []) and status(rule) == "ACTIVE" for rule in rules)


def _shown(rule: dict[str, Any]) -> dict[str, Any]:
    return {**{key: value for key, value in rule.items() if key != "Tags"}, "Status": status(rule), "MuteType": "ALARM_ACTIONS"}


@operation("cloudwatch", "PutAlarmMuteRule")
def put_alarm_mute_rule(call: Call) -> dict[str, Any]:
    """It replaces one of the same name; tags are taken of a new one only."""
    name, place = call.params["Name"], arn(call, "alarm-mute-rule", call.params["Name"])
    if name not in table(call, "mute_rules"):
        tags(call)[place] = {each["Key"]: each["Value"] for each in call.params.get("Tags", [])}
    table(call, "mute_rules")[name] = {**call.params, "AlarmMuteRuleArn": place, "LastUpdatedTimestamp": world.clock.utc()}
    return {}


@operation("cloudwatch", "GetAlarmMuteRule")
def get_alarm_mute_rule(call: Call) -> dict[str, Any]:
    found = table(call, "mute_rules").get(call.params["AlarmMuteRuleName"])
    if found is None:
        raise Refusal("ResourceNotFoundException", f"The alarm mute rule {call.params['AlarmMuteRuleName']} does not exist.", 404)
    return _shown(found)


@operation("cloudwatch", "ListAlarmMuteRules")
def list_alarm_mute_rules(call: Call) -> dict[str, Any]:
    wanted = call.params
    rules = [_shown(rule) for _, rule in sorted(table(call, "mute_rules").items())]
    chosen = [
        rule
        for rule in rules
        if wanted.get("AlarmName") in (None, *rule.get("MuteTargets", {}).get("AlarmNames", []))
        and rule["Status"] in wanted.get("Statuses", [rule["Status"]])
    ]
    found, rest = page(chosen, wanted, wanted.get("MaxRecords", 50))
    return {"AlarmMuteRuleSummaries": found, **rest}


@operation("cloudwatch", "DeleteAlarmMuteRule")
def delete_alarm_mute_rule(call: Call) -> dict[str, Any]:
    table(call, "mute_rules").pop(call.params["AlarmMuteRuleName"], None)
    tags(call).pop(arn(call, "alarm-mute-rule", call.params["AlarmMuteRuleName"]), None)
    return {}
