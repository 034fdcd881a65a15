# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules of the default event bus with their targets, many at a time.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
"""

from __future__ import annotations

import json
from typing import Any

from .._core import aws, tag_list, tags
from .._core.errors import RailyardError
from .._core.plan import Plan, Propagation, Step, in_lane

ABSENT = ("ResourceNotFoundException",)
MOST_TARGETS, LONGEST_NAME = 5, 64
# Members of a target by their names in our shape.
TARGET = {"id": "Id", "arn": "Arn", "role_arn": "RoleArn"}
ROLE_IS_NEW = Propagation("ValidationException", "cannot be assumed")


def find(client: Any, names: list[str], known_tags: tag_list.Known = tag_list.nothing) -> list[dict[str, Any]]:
    """The rules of these names that exist, in the order of `names`. One list for what their names begin with in common."""
    beginning = aws.beginning(names)
    given = {"NamePrefix": beginning} if beginning else {}
    listed = {one["Name"]: one for one in aws.pages(client, "ListRules", "Rules", **given)}
    found = [listed[name] for name in names if name in listed]
    known = known_tags([one["Arn"] for one in found])
    return aws.concurrently(lambda one: _ours(client, one, known.get(one["Arn"])), found)


def _ours(client: Any, one: dict[str, Any], labels: dict[str, str] | None) -> dict[str, Any]:
    targets = aws.pages(client, "ListTargetsByRule", "Targets", ABSENT, Rule=one["Name"])
    if labels is None:
        labels = tags.as_dict((aws.find(client, "ListTagsForResource", ABSENT, ResourceARN=one["Arn"]) or {}).get("Tags"))
    return {
        "name": one["Name"],
        "arn": one["Arn"],
        "description": one.get("Description") or "",
        "event_pattern": json.loads(one.get("EventPattern") or "{}"),
        "enabled": one["State"] == "ENABLED",
        "targets": sorted((_target(each) for each in targets), key=lambda each: str(each["id"])),
        "tags": labels,
    }


def _target(one: dict[str, Any]) -> dict[str, Any]:
    """What AWS has beside the members that are known here is kept under `other`, so that it shows as a difference."""
    found: dict[str, Any] = {name: one[member] for name, member in TARGET.items() if one.get(member)}
    transformer = one.get("InputTransformer") or {}
    if transformer:
        found |= {"input_paths": dict(transformer.get("InputPathsMap") or {}), "input_template": transformer["InputTemplate"]}
    other = {name: value for name, value in one.items() if name not in (*TARGET.values(), "InputTransformer") and value}
    return {**found, **({"other": other} if other else {})}


def make_plan(wanted: dict[str, Any], live: list[dict[str, Any]]) -> Plan:
    """`wanted`: rules (name, description, event_pattern, enabled, targets), state, tags, purge_tags. Their targets are exactly the declared
    ones. Pure."""
    if wanted["state"] == "absent":
        return Plan(live, [], tuple(step for one in live for step in in_lane(one["name"], _deletion(one))))
    found = {one["name"]: one for one in live}
    steps: list[Step] = []
    after = []
    for one in wanted["rules"]:
        _check(one)
        now = found.get(one["name"])
        then = _declared(one, wanted, now)
        steps += in_lane(one["name"], _changes(now, then, wanted["tags"]))
        after.append(then)
    return Plan(live, after, tuple(steps))


def _check(one: dict[str, Any]) -> None:
    name, targets = one["name"], one["targets"] or []
    if len(name) > LONGEST_NAME:
        raise RailyardError(f"rule {name} has a name of {len(name)} characters; AWS takes at most {LONGEST_NAME}")
    if not one["event_pattern"]:
        raise RailyardError(f"rule {name} has no event_pattern: which events it is for")
    if len({each["id"] for each in targets}) < len(targets) or len(targets) > MOST_TARGETS:
        raise RailyardError(f"rule {name} has {len(targets)} targets; AWS takes at most {MOST_TARGETS}, each with an id of its own")


def _declared(one: dict[str, Any], wanted: dict[str, Any], now: dict[str, Any] | None) -> dict[str, Any]:
    given = [{name: value for name, value in each.items() if value not in (None, "")} for each in one["targets"] or []]
    for each in given:
        if "input_template" in each:
            each.setdefault("input_paths", {})
    return {
        "name": one["name"],
        **({"arn": now["arn"]} if now else {}),
        "description": one["description"] or "",
        "event_pattern": one["event_pattern"],
        "enabled": one["enabled"],
        "targets": sorted(given, key=lambda each: str(each["id"])),
        "tags": tags.change(now["tags"] if now else {}, wanted["tags"], wanted["purge_tags"]).after,
    }


def _changes(now: dict[str, Any] | None, then: dict[str, Any], labels: dict[str, Any] | None) -> list[Step]:
    name, steps = then["name"], []
    if now is None or any(now[member] != then[member] for member in ("description", "event_pattern", "enabled")):
        # Tags count at creation only.
        given = {"Tags": tags.as_pairs(labels)} if now is None and labels else {}
        about = {"Description": then["description"]} if then["description"] else {}
        pattern = json.dumps(then["event_pattern"], sort_keys=True)
        state = "ENABLED" if then["enabled"] else "DISABLED"
        steps.append(Step("PutRule", {"Name": name, "EventPattern": pattern, "State": state, **about, **given}))
    before = {each["id"]: each for each in (now or {"targets": []})["targets"]}
    put = [_aws(each) for each in then["targets"] if before.get(each["id"]) != each]
    gone = sorted(before.keys() - {each["id"] for each in then["targets"]})
    if gone:
        steps.append(Step("RemoveTargets", {"Rule": name, "Ids": gone}))
    if put:
        steps.append(Step("PutTargets", {"Rule": name, "Targets": put}, propagation=(ROLE_IS_NEW,)))
    return [*steps, *(_tagging(now, then) if now else [])]


def _aws(target: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {member: target[name] for name, member in TARGET.items() if name in target}
    if "input_template" in target:
        paths = {"InputPathsMap": target["input_paths"]} if target["input_paths"] else {}
        found["InputTransformer"] = {**paths, "InputTemplate": target["input_template"]}
    return found


def _tagging(now: dict[str, Any], then: dict[str, Any]) -> list[Step]:
    change = tags.change(now["tags"], then["tags"], True)
    put = Step("TagResource", {"ResourceARN": now["arn"], "Tags": tags.as_pairs(change.put)})
    remove = Step("UntagResource", {"ResourceARN": now["arn"], "TagKeys": change.remove})
    return [*([put] if change.put else []), *([remove] if change.remove else [])]


def _deletion(one: dict[str, Any]) -> list[Step]:
    """A rule with targets is not deleted."""
    ids = [each["id"] for each in one["targets"]]
    first = [Step("RemoveTargets", {"Rule": one["name"], "Ids": ids})] if ids else []
    return [*first, Step("DeleteRule", {"Name": one["name"]})]
