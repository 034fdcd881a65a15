# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What leads a VPC from its live security groups to the declared ones. Decides, and calls nothing."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from .._core.errors import RailyardError
from .._core.plan import Output, Plan, Step, in_lane
from . import labels
from . import security_group_rules as rules
from .routes import FRESH

DIRECTIONS = ("ingress", "egress")


def make_plan(wanted: dict[str, Any], live: list[dict[str, Any]], first_egress: list[rules.Rule]) -> Plan:
    """`wanted`: vpc_id, security_groups, state, tags, purge_tags. `first_egress`: what EC2 gives a new group.

    All groups are made before any rule, so that rules can name each of them, in a circle too.
    """
    if wanted["state"] == "absent":
        return Plan(live, [], tuple(_deletion(live)))
    _check(wanted)
    found = {group["name"]: group for group in live}
    names = [group["name"] for group in wanted["security_groups"]]
    ids = {name: found[name]["group_id"] if name in found else Output(name, "GroupId") for name in names}
    after, made, changed = [], [], []
    for group in wanted["security_groups"]:
        new = {"description": group["description"] or group["name"], "ingress": [], "egress": first_egress, "tags": {}}
        now = found.get(group["name"], new)
        then = _declared(group, now, wanted, set(names))
        after.append(then)
        if now is new:
            made.append(_creation(then, wanted))
        else:
            changed += in_lane(group["name"], labels.steps(now["group_id"], now["tags"], then["tags"]))
        changed += in_lane(group["name"], _rules(ids[group["name"]], now, then, ids))
    return Plan(live, after, (*made, *changed, *_shown(made)))


def _check(wanted: dict[str, Any]) -> None:
    names = [group["name"] for group in wanted["security_groups"]]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise RailyardError(f"name of security_groups: {', '.join(twice)} is there twice")
    for group in wanted["security_groups"]:
        name = rules.plain(group["name"], "the name of a security group")
        rules.plain(group["description"] or "", f"the description of {name}")
        if not name or name.startswith("sg-") or name.lower() == "default":
            raise RailyardError(f"a security group cannot be called {name!r}: names are not empty, not default and do not begin with sg-")


def _declared(group: dict[str, Any], now: dict[str, Any], wanted: dict[str, Any], names: set[str]) -> dict[str, Any]:
    then = {"name": group["name"], **now, "tags": labels.named(group["name"], now["tags"], wanted)}
    for direction in DIRECTIONS:
        if group[direction] is not None:
            then[direction] = rules.declared(group[direction], now[direction], names, f"{direction} of {group['name']}")
    return then


def _creation(then: dict[str, Any], wanted: dict[str, Any]) -> Step:
    params = {"GroupName": then["name"], "Description": then["description"], "VpcId": wanted["vpc_id"]}
    tagged = {"TagSpecifications": labels.specification("security-group", then["tags"])}
    return Step("CreateSecurityGroup", {**params, **tagged}, ("InvalidGroup.Duplicate",), FRESH, then["name"])


def _shown(made: list[Step]) -> list[Step]:
    """EC2 lists new groups a while after it knows them; asked by id it says that it does not find one (rule VPC-3)."""
    return (
        [Step("DescribeSecurityGroups", {"GroupIds": [Output(step.name, "GroupId") for step in made]}, propagation=FRESH)] if made else []
    )


def _rules(group: str | Output, now: dict[str, Any], then: dict[str, Any], ids: Mapping[str, str | Output]) -> list[Step]:
    return [step for direction in DIRECTIONS for step in rules.steps(group, direction.title(), now[direction], then[direction], ids)]


def _deletion(live: list[dict[str, Any]]) -> list[Step]:
    """Groups that refer to others first: one that a rule of another group names stays (rule VPC-3). A circle is opened before."""
    ids = {group["name"]: group["group_id"] for group in live}
    references = {group["name"]: _references(group) & (set(ids) - {group["name"]}) for group in live}
    try:
        order = list(TopologicalSorter({name: [other for other in ids if name in references[other]] for name in ids}).static_order())
        opened = []
    except CycleError:
        order = list(ids)
        opened = [step for group in live for step in _rules(group["group_id"], group, _without(group, references[group["name"]]), ids)]
    return [*opened, *(Step("DeleteSecurityGroup", {"GroupId": ids[name]}) for name in order)]


def _references(group: dict[str, Any]) -> set[str]:
    return {rule["peer"] for direction in DIRECTIONS for rule in group[direction]}


def _without(group: dict[str, Any], peers: set[str]) -> dict[str, Any]:
    return {direction: [rule for rule in group[direction] if rule["peer"] not in peers] for direction in DIRECTIONS}
