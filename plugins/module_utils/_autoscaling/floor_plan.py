# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Raises a floor and ends it: the bound, the scheduled action that brings the former one back, and the tags that note it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from .._core import aws
from .._core.errors import RailyardError
from .._core.plan import Plan, Propagation, Step
from . import floor, target
from .floor import Floor

CHANGING = Propagation("ConcurrentUpdateException", "", 60)
GONE = ("ObjectNotFoundException",)
MOST = timedelta(days=30)
NOW = "now"
SPAN = re.compile(r"\+?(\d+) ?(m|min|minutes?|h|hours?|d|days?)")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
TIME = re.compile(r"(\d{1,2}):(\d\d)")


def ends_at(text: str, now: datetime) -> datetime:
    """When a floor ends, in the words of a person: `18:00` (the next one), `2026-12-01T18:00`, `2h`, `90m`, `3d`. `now` has the time
    zone in which the words are. Raises RailyardError for other words, and for a moment that is over or too far away. Pure."""
    words = text.strip()
    if span := SPAN.fullmatch(words):
        until = now + timedelta(**{UNITS[span[2][0]]: int(span[1])})
    elif (time := TIME.fullmatch(words)) and int(time[1]) < 24 and int(time[2]) < 60:
        until = now.replace(hour=int(time[1]), minute=int(time[2]), second=0, microsecond=0)
        until = until if until > now else until + timedelta(days=1)
    else:
        try:
            until = datetime.fromisoformat(words)
        except ValueError:
            message = f"until is {text!r}; it must be 18:00, 2026-12-01T18:00, 2h, 90m or 3d, or {NOW} to end one"
            raise RailyardError(message) from None
        until = until if until.tzinfo else until.replace(tzinfo=now.tzinfo)
    if until <= now + timedelta(minutes=1) or until > now + MOST:
        message = f"until is {text}, which is {until:%Y-%m-%d %H:%M %Z}; it must be later than in a minute and within {MOST.days} days"
        raise RailyardError(f"{message}. What is to stay is min of the process in railyard_sizes")
    return until.astimezone(UTC).replace(microsecond=0)


def find(client: Any, wanted: Mapping[str, Any]) -> dict[str, Any] | None:
    """The scalable target in our shape with its `floor` and whether the action that ends it is there (`ends`); None without a target."""
    key = {name: wanted[name] for name in target.IDENTITY}
    (live,) = target.find_each(client, [key])
    if live is None:
        return None
    which = {"ServiceNamespace": key["service_namespace"], "ResourceId": key["resource_id"], "ScalableDimension": key["scalable_dimension"]}
    found = aws.call(client, "DescribeScheduledActions", **which, ScheduledActionNames=[floor.ACTION])["ScheduledActions"]
    shown = {name: live[name] for name in (*target.IDENTITY, "min_capacity", "max_capacity", "suspended_state", "scalable_target_arn")}
    return {**shown, "floor": floor.of_tags(live["tags"]), "ends": found[0]["Schedule"] if found else None}


def make_plan(wanted: Mapping[str, Any], live: dict[str, Any] | None, now: datetime) -> Plan:
    """`wanted`: the options of application_autoscaling_floor, with `until` a moment in UTC or None. The end is planned before the floor is
    raised: what a kill leaves ends by itself. Pure."""
    name = wanted["resource_id"]
    if live is None:
        if wanted["state"] == "absent":
            return Plan(None, None)
        raise RailyardError(f"{name} is no scalable target; site.yml makes it")
    which = {"ServiceNamespace": live["service_namespace"], "ResourceId": name, "ScalableDimension": live["scalable_dimension"]}
    return _ended(which, live) if wanted["state"] == "absent" else _raised(which, wanted, live, now)


def _ended(which: dict[str, str], live: dict[str, Any]) -> Plan:
    noted: Floor | None = live["floor"]
    steps: list[Step] = []
    after = {**live, "floor": None, "ends": None}
    if noted and live["min_capacity"] == noted["min"] != noted["before"]:
        steps.append(Step("RegisterScalableTarget", {**which, "MinCapacity": noted["before"]}, propagation=(CHANGING,)))
        after["min_capacity"] = noted["before"]
    if live["ends"]:
        steps.append(Step("DeleteScheduledAction", {**which, "ScheduledActionName": floor.ACTION}, already=GONE, propagation=(CHANGING,)))
    if noted:
        steps.append(Step("UntagResource", {"ResourceARN": live["scalable_target_arn"], "TagKeys": list(floor.TAGS)}))
    return Plan(live, after, tuple(steps))


def _raised(which: dict[str, str], wanted: Mapping[str, Any], live: dict[str, Any], now: datetime) -> Plan:
    noted: Floor | None = live["floor"]
    kept = noted is not None and live["min_capacity"] == noted["min"]
    before = noted["before"] if noted and kept else live["min_capacity"]
    least, most = wanted["min_capacity"], live["max_capacity"]
    if not before < least <= most:
        what = f"min {least} is not above {before}, which holds without a floor" if least <= before else f"min {least} is above max, {most}"
        raise RailyardError(f"{which['ResourceId']}: {what}; railyard_sizes in the inventory has the bounds that stay")
    if live["suspended_state"]["scheduled_scaling_suspended"]:
        message = f"scaling of {which['ResourceId']} is suspended, by a release mostly, and nothing would end a floor"
        raise RailyardError(f"{message}; wait until the release has ended. playbooks/status.yml shows it")
    new: Floor = {"min": least, "before": before, "until": wanted["until"].isoformat(), "requested_by": wanted["requested_by"]}
    if kept and live["ends"] == floor.schedule(new) and noted == new and floor.holds(noted, now):
        return Plan(live, live)
    action = {"ScheduledActionName": floor.ACTION, "Schedule": floor.schedule(new), "ScalableTargetAction": {"MinCapacity": before}}
    steps = (
        Step("PutScheduledAction", {**which, **action}, propagation=(CHANGING,)),
        Step("TagResource", {"ResourceARN": live["scalable_target_arn"], "Tags": floor.tags(new)}),
        Step("RegisterScalableTarget", {**which, "MinCapacity": least}, propagation=(CHANGING,)),
    )
    return Plan(live, {**live, "min_capacity": least, "floor": new, "ends": floor.schedule(new)}, steps)
