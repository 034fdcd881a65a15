"""Scheduled actions and tags of Application Auto Scaling.

https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScheduledAction.html
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from . import targets as scaling

MOST_TAGS = 50
CHANGED = ("Schedule", "Timezone", "StartTime", "EndTime", "ScalableTargetAction")


@operation("application-autoscaling", "PutScheduledAction")
def put_scheduled_action(call: Call) -> dict[str, Any]:
    """Putting an action of a known name changes what is given; its ARN stays."""
    params = call.params
    scaling.needed(call)
    name = (*scaling.key(params), params["ScheduledActionName"])
    actions = scaling.table(call, "actions")
    if name not in actions:
        actions[name] = {
            **{member: params[member] for member in (*scaling.KEY, "ScheduledActionName")},
            "ScheduledActionARN": scaling.arn(call, "scheduledAction", params["ScheduledActionName"], str(uuid.uuid4())),
            "CreationTime": world.clock.utc(),
        }
    actions[name].update({member: params[member] for member in CHANGED if member in params})
    _plan(call, name, actions[name])
    return {}


def _plan(call: Call, name: tuple[str, ...], action: dict[str, Any]) -> None:
    """An action with `at(…)` happens at that time, in UTC unless it names a time zone. Others are only kept."""
    schedule = action.get("Schedule", "")
    if not schedule.startswith("at("):
        return
    zone = ZoneInfo(action["Timezone"]) if action.get("Timezone") else UTC
    moment = datetime.fromisoformat(schedule[3:-1]).replace(tzinfo=zone)
    seconds = (moment - world.clock.utc()).total_seconds()
    world.clock.after(max(0.0, seconds), partial(_happens, call, name, schedule))


def _happens(call: Call, name: tuple[str, ...], schedule: str) -> None:
    """The bounds become those of the action for good; nothing happens while scheduled scaling is suspended, or when it has changed."""
    action, found = scaling.table(call, "actions").get(name), scaling.table(call, "targets").get(name[:3])
    if action is None or found is None or action["Schedule"] != schedule or found["SuspendedState"]["ScheduledScalingSuspended"]:
        return
    found.update({member: value for member, value in action["ScalableTargetAction"].items() if member in ("MinCapacity", "MaxCapacity")})
    found["MaxCapacity"] = max(found["MaxCapacity"], found["MinCapacity"])
    # AWS keeps no action that will not happen again.
    del scaling.table(call, "actions")[name]
    scaling.keep_within(call, found, f"scheduled action name {name[3]} was triggered")


@operation("application-autoscaling", "DescribeScheduledActions")
def describe_scheduled_actions(call: Call) -> dict[str, Any]:
    names = call.params.get("ScheduledActionNames")
    items = [
        found
        for found in scaling.table(call, "actions").values()
        if scaling.matches(call, found, *scaling.KEY) and (not names or found["ScheduledActionName"] in names)
    ]
    return scaling.page(call, "ScheduledActions", items)


@operation("application-autoscaling", "DeleteScheduledAction")
def delete_scheduled_action(call: Call) -> dict[str, Any]:
    name = (*scaling.key(call.params), call.params["ScheduledActionName"])
    if scaling.table(call, "actions").pop(name, None) is None:
        raise scaling.absent(call, f"No scheduled action found with name {call.params['ScheduledActionName']}")
    return {}


def _tags(call: Call) -> dict[str, str]:
    arn = call.params["ResourceARN"]
    found: dict[str, str] | None = scaling.table(call, "tags").get(arn)
    if found is None:
        raise Refusal("ResourceNotFoundException", f"Resource not found: {arn}", ResourceName=arn)
    return found


@operation("application-autoscaling", "TagResource")
def tag_resource(call: Call) -> dict[str, Any]:
    tags = _tags(call)
    if len({**tags, **call.params["Tags"]}) > MOST_TAGS:
        raise Refusal("TooManyTagsException", f"The resource has more than {MOST_TAGS} tags", ResourceName=call.params["ResourceARN"])
    tags.update(call.params["Tags"])
    return {}


@operation("application-autoscaling", "UntagResource")
def untag_resource(call: Call) -> dict[str, Any]:
    """Removing a tag that is not there is no error."""
    tags = _tags(call)
    for name in call.params["TagKeys"]:
        tags.pop(name, None)
    return {}


@operation("application-autoscaling", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> dict[str, Any]:
    return {"Tags": dict(_tags(call))}
