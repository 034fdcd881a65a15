# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Alarms over metrics, many at a time. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html"""

from __future__ import annotations

from typing import Any

from .._core import aws, shape, tag_list, tags
from .._core.errors import RailyardError
from .._core.plan import Plan, Step, in_lane

ABSENT = ("ResourceNotFoundException", "ResourceNotFound")
# What AWS says of an alarm beside what it was told to be.
STATE = {"state_value": "state", "state_reason": "state_reason"}
# As AWS has it where nothing is said.
UNSAID: dict[str, Any] = {
    "actions_enabled": True,
    "alarm_actions": [],
    "ok_actions": [],
    "insufficient_data_actions": [],
    "dimensions": [],
    "metrics": [],
    "treat_missing_data": "missing",
    "alarm_description": "",
}
# So many alarms AWS deletes in one call.
AT_ONCE = 100


def find(client: Any, names: list[str], prefix: str = "", known_tags: tag_list.Known = tag_list.nothing) -> list[dict[str, Any]]:
    """The alarms of these names, and those that begin with `prefix` and are known to have the declared tags; by their names.

    Of each {name, arn, state, state_reason, tags} and what it was told to be, as PutMetricAlarm takes it. One list finds them all.
    """
    given = {"AlarmNamePrefix": start} if (start := prefix or aws.beginning(names)) else {"AlarmNames": names}
    listed = {item["AlarmName"]: item for item in aws.pages(client, "DescribeAlarms", "MetricAlarms", AlarmTypes=["MetricAlarm"], **given)}
    near = [item for name, item in sorted(listed.items()) if name in names or (prefix and name.startswith(prefix))]
    known = known_tags([item["AlarmArn"] for item in near])
    chosen = [item for item in near if item["AlarmName"] in names or item["AlarmArn"] in known]

    def labels(item: dict[str, Any]) -> dict[str, str]:
        found = known.get(item["AlarmArn"])
        return labels_of(client, item["AlarmArn"]) if found is None else found

    return [_ours(client, item, some) for item, some in zip(chosen, aws.concurrently(labels, chosen), strict=True)]


def owned(client: Any, prefix: str) -> list[dict[str, Any]]:
    """All alarms that begin with `prefix`, with their tags, whosever they are."""
    listed = aws.pages(client, "DescribeAlarms", "MetricAlarms", AlarmTypes=["MetricAlarm"], AlarmNamePrefix=prefix)
    found = aws.concurrently(lambda item: labels_of(client, item["AlarmArn"]), listed)
    return [_ours(client, item, some) for item, some in zip(listed, found, strict=True)]


def labels_of(client: Any, arn: str) -> dict[str, str]:
    """The tags of an alarm or a dashboard; {} when it is not there any more."""
    answer = aws.find(client, "ListTagsForResource", ABSENT, ResourceARN=arn)
    return tags.as_dict((answer or {}).get("Tags"))


def _ours(client: Any, item: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    """AWS's alarm in our shape."""
    described = shape.output_shape(client, "DescribeAlarms", "MetricAlarms").member
    found = shape.ours(described, item)
    own = {key: value for key, value in found.items() if key in _members(client) and key != "alarm_name"}
    said = {name: found.get(member, "") for member, name in STATE.items()}
    return {"name": found["alarm_name"], "arn": found["alarm_arn"], **said, **_normal(own), "tags": labels}


def _members(client: Any) -> set[str]:
    taken = shape.input_shape(client, "PutMetricAlarm")
    return set(shape.ours(taken, dict.fromkeys(taken.members))) - {"tags"}


def _normal(alarm: dict[str, Any]) -> dict[str, Any]:
    """What an alarm was told to be, without what means nothing, with dimensions and metrics in one order."""
    said = {key: value for key, value in alarm.items() if value is not None and (key not in UNSAID or value != UNSAID[key])}
    if "dimensions" in said:
        said["dimensions"] = _sorted(said["dimensions"])
    if "metrics" in said:
        said["metrics"] = [_metric(each) for each in said["metrics"]]
    return said


def _sorted(dimensions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(dimensions, key=lambda each: str(each["name"]))


def _metric(given: dict[str, Any]) -> dict[str, Any]:
    found = {"return_data": True, **{key: value for key, value in given.items() if value is not None}}
    if "metric_stat" in found:
        metric = found["metric_stat"]["metric"]
        found["metric_stat"] = {**found["metric_stat"], "metric": {**metric, "dimensions": _sorted(metric.get("dimensions", []))}}
    return found


def make_plan(client: Any, wanted: dict[str, Any], live: list[dict[str, Any]]) -> Plan:
    """`wanted`: alarms, state, tags, purge_tags. What is live and not wanted is deleted."""
    if wanted["state"] == "absent":
        return Plan(live, [], tuple(_deletions(live)))
    declared = {alarm["name"]: alarm for alarm in wanted["alarms"]}
    if len(declared) < len(wanted["alarms"]):
        raise RailyardError("alarms: there are two of the same name")
    found = {alarm["name"]: alarm for alarm in live}
    steps, after = _deletions([alarm for name, alarm in found.items() if name not in declared]), []
    for name, alarm in sorted(declared.items()):
        then = _declared(client, wanted, alarm, found.get(name))
        steps += in_lane(name, _changes(client, wanted, found.get(name), then))
        after.append(then)
    return Plan(live, after, tuple(steps))


def _deletions(alarms: list[dict[str, Any]]) -> list[Step]:
    return [Step("DeleteAlarms", {"AlarmNames": some}) for some in aws.batches([alarm["name"] for alarm in alarms], AT_ONCE)]


def _declared(client: Any, wanted: dict[str, Any], alarm: dict[str, Any], live: dict[str, Any] | None) -> dict[str, Any]:
    taken = shape.input_shape(client, "PutMetricAlarm")
    given = {("alarm_name" if key == "name" else key): value for key, value in alarm.items()}
    typed = shape.ours(taken, shape.aws(taken, given, f"alarm {alarm['name']}"))
    labels = tags.change((live or {"tags": {}})["tags"], wanted["tags"], wanted["purge_tags"]).after
    kept = {key: live[key] for key in ("arn", *STATE.values())} if live else {"state": "INSUFFICIENT_DATA", "state_reason": ""}
    return {"name": typed.pop("alarm_name"), **kept, **_normal(typed), "tags": labels}


def _changes(client: Any, wanted: dict[str, Any], now: dict[str, Any] | None, then: dict[str, Any]) -> list[Step]:
    """AWS replaces an alarm whole, and takes tags of a new one only."""
    taken = shape.input_shape(client, "PutMetricAlarm")
    said = _said(then)
    params = shape.aws(taken, {"alarm_name": then["name"], **said})
    if now is None:
        labels = tags.as_pairs(wanted["tags"])
        return [Step("PutMetricAlarm", {**params, **({"Tags": labels} if labels else {})})]
    steps = [] if _said(now) == said else [Step("PutMetricAlarm", params)]
    change = tags.change(now["tags"], then["tags"], True)
    if change.put:
        steps.append(Step("TagResource", {"ResourceARN": now["arn"], "Tags": tags.as_pairs(change.put)}))
    if change.remove:
        steps.append(Step("UntagResource", {"ResourceARN": now["arn"], "TagKeys": change.remove}))
    return steps


def _said(alarm: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in alarm.items() if key not in ("name", "arn", "tags", *STATE.values())}
