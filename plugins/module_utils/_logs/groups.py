# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log groups, many at a time. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html"""

from __future__ import annotations

from typing import Any

from .._core import aws, tag_list, tags
from .._core.errors import RailyardError
from .._core.plan import Plan, Step, in_lane

# The only days that AWS takes (rule LOG-1); 0 stands for never.
DAYS = (0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
ABSENT = ("ResourceNotFoundException",)


def find(client: Any, names: list[str], known_tags: tag_list.Known = tag_list.nothing) -> list[dict[str, Any]]:
    """The groups of these names that exist, in the order of `names`. One list for what their names begin with in common."""
    prefix = aws.beginning(names)
    given = {"logGroupNamePrefix": prefix} if prefix else {}
    listed = {group["logGroupName"]: group for group in aws.pages(client, "DescribeLogGroups", "logGroups", **given)}
    found = [listed[name] for name in names if name in listed]
    known = known_tags([_arn(group) for group in found])

    def labels(group: dict[str, Any]) -> dict[str, str]:
        arn = _arn(group)
        tagged = {"tags": known[arn]} if arn in known else aws.find(client, "ListTagsForResource", ABSENT, resourceArn=arn)
        return dict((tagged or {}).get("tags", {}))

    return [_ours(group, some) for group, some in zip(found, aws.concurrently(labels, found), strict=True)]


def _arn(group: dict[str, Any]) -> str:
    """The ARN that tagging takes, without the `:*` that policies take."""
    return str(group.get("logGroupArn") or group["arn"].removesuffix(":*"))


def _ours(group: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    own = {key: value for key, value in labels.items() if not key.startswith("aws:")}
    return {"name": group["logGroupName"], "arn": _arn(group), "retention_days": group.get("retentionInDays", 0), "tags": own}


def make_plan(wanted: dict[str, Any], live: list[dict[str, Any]]) -> Plan:
    """`wanted`: names, state, retention_days, tags, purge_tags."""
    if wanted["state"] == "absent":
        return Plan(live, [], tuple(Step("DeleteLogGroup", {"logGroupName": group["name"]}, lane=group["name"]) for group in live))
    days = wanted["retention_days"]
    if days is not None and days not in DAYS:
        raise RailyardError(f"retention_days is {days}; AWS keeps log lines for {', '.join(map(str, DAYS[1:]))} days, or for ever with 0")
    found = {group["name"]: group for group in live}
    steps: list[Step] = []
    after = []
    for name in wanted["names"]:
        group = found.get(name)
        then = _declared(name, wanted, group)
        own = _changes(group or {"name": name, "retention_days": 0, "tags": then["tags"]}, then)
        if group is None:
            own.insert(0, Step("CreateLogGroup", _creation(name, wanted["tags"]), already=("ResourceAlreadyExistsException",)))
        steps += in_lane(name, own)
        after.append(then)
    return Plan(live, after, tuple(steps))


def _creation(name: str, labels: dict[str, Any] | None) -> dict[str, Any]:
    texts = {key: str(value) for key, value in (labels or {}).items()}
    return {"logGroupName": name, **({"tags": texts} if texts else {})}


def _declared(name: str, wanted: dict[str, Any], group: dict[str, Any] | None) -> dict[str, Any]:
    kept = group or {"name": name, "retention_days": 0, "tags": {}}
    days = kept["retention_days"] if wanted["retention_days"] is None else wanted["retention_days"]
    return {**kept, "retention_days": days, "tags": tags.change(kept["tags"], wanted["tags"], wanted["purge_tags"]).after}


def _changes(now: dict[str, Any], then: dict[str, Any]) -> list[Step]:
    named = {"logGroupName": now["name"]}
    steps = []
    if now["retention_days"] != then["retention_days"]:
        days = then["retention_days"]
        steps.append(Step("PutRetentionPolicy", {**named, "retentionInDays": days}) if days else Step("DeleteRetentionPolicy", named))
    change = tags.change(now["tags"], then["tags"], True)
    if change.put:
        steps.append(Step("TagResource", {"resourceArn": now["arn"], "tags": change.put}))
    if change.remove:
        steps.append(Step("UntagResource", {"resourceArn": now["arn"], "tagKeys": change.remove}))
    return steps
