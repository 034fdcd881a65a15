# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Target groups. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroup.html"""

from __future__ import annotations

from typing import Any

from .._core import aws, shape, tags
from .._core.difference import differences
from .._core.errors import RailyardError
from .._core.plan import Output, Plan, Propagation, Step, apply_plan
from . import health
from .attributes import changed, find_tags, tag_steps, texts

DESCRIBE, GROUPS = "DescribeTargetGroups", "TargetGroups"
# Names that one call takes.
AT_ONCE = 20
IMMUTABLE = ("protocol", "protocol_version", "port", "vpc_id", "target_type")
# The last listener may be gone for a moment before AWS lets its groups go (rule ELB-9).
LET_GO = Propagation("ResourceInUse", "currently in use by a listener or a rule", 60)


def find(client: Any, names: list[str]) -> list[dict[str, Any]]:
    """The target groups of these names that exist, in their order and in our shape with their attributes and tags."""
    return _complete(client, sorted(described(client, names), key=lambda group: names.index(group["TargetGroupName"])))


def described(client: Any, names: list[str]) -> list[dict[str, Any]]:
    """In AWS's shape. One name that is not there fails the whole call; the names are then asked for one by one."""
    try:
        some = aws.batches(names, AT_ONCE)
        return [group for group in aws.concurrently(lambda few: aws.pages(client, DESCRIBE, GROUPS, Names=few), some) for group in group]
    except RailyardError as error:
        if error.code != "TargetGroupNotFound":
            raise
    found = aws.concurrently(lambda name: aws.pages(client, DESCRIBE, GROUPS, {"TargetGroupNotFound"}, Names=[name]), names)
    return [group for groups in found for group in groups]


def find_each(client: Any, wanted: list[dict[str, Any]]) -> list[dict[str, Any] | None]:
    """The target groups, None where there is none. Where a health check differs that `keep_in_use` keeps, also whether somebody is
    `in_use` of the group: it has targets."""
    found = {group["target_group_name"]: group for group in find(client, [one["name"] for one in wanted])}
    return aws.concurrently(lambda one: _with_use(client, one, found.get(one["name"])), wanted)


def _with_use(client: Any, wanted: dict[str, Any], live: dict[str, Any] | None) -> dict[str, Any] | None:
    if live is None or not wanted["keep_in_use"] or wanted["state"] == "absent":
        return live
    check = health.health(wanted["health_check"], wanted["protocol_version"] or live.get("protocol_version"))
    return {**live, "in_use": bool(different(check, live) and find_targets(client, live["target_group_arn"]))}


def find_all(client: Any, names: list[str] | None, load_balancer_arn: str | None, targets: bool = False) -> list[dict[str, Any]]:
    """Target groups by name, or behind a load balancer, or all; with their `targets` and health when asked."""
    filters = {"LoadBalancerArn": load_balancer_arn} if load_balancer_arn else {}
    groups = find(client, names) if names else _complete(client, aws.pages(client, DESCRIBE, GROUPS, {"LoadBalancerNotFound"}, **filters))
    if not targets:
        return groups
    return aws.concurrently(lambda group: {**group, "targets": find_targets(client, group["target_group_arn"])}, groups)


def find_targets(client: Any, arn: str) -> list[dict[str, Any]]:
    """The targets of a group with their health, in our shape: `[{target: {id, port}, target_health: {state, reason, description}}]`."""
    found = aws.call(client, "DescribeTargetHealth", TargetGroupArn=arn)["TargetHealthDescriptions"]
    answer: list[dict[str, Any]] = shape.ours(shape.output_shape(client, "DescribeTargetHealth", "TargetHealthDescriptions"), found)
    return answer


def _complete(client: Any, groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    members: Any = shape.output_shape(client, DESCRIBE, GROUPS)
    arns = [group["TargetGroupArn"] for group in groups]
    labels = find_tags(client, arns)

    def attributes(arn: str) -> dict[str, str]:
        return tags.as_dict(aws.call(client, "DescribeTargetGroupAttributes", TargetGroupArn=arn)["Attributes"])

    every = zip(groups, arns, aws.concurrently(attributes, arns), strict=True)
    return [{**shape.ours(members.member, group), "attributes": some, "tags": labels[arn]} for group, arn, some in every]


def make_plan(client: Any, wanted: dict[str, Any], live: dict[str, Any] | None) -> Plan:
    """`wanted`: the options of elbv2_target_group for one group. Raises RailyardError for rules ELB-2 to ELB-5."""
    health.validate(wanted, live)
    if wanted["state"] == "absent":
        return Plan(live, None, _delete(live) if live else (), {"release_difference": {}})
    if missing := [option for option in ("port", "vpc_id") if wanted[option] is None]:
        raise RailyardError(f"target group {wanted['name']}: {' and '.join(missing)} must be given, unless state is absent")
    check = health.health(wanted["health_check"], wanted["protocol_version"] or (live or {}).get("protocol_version"))
    return _change(client, wanted, live, check) if live else _create(client, wanted, check)


def _delete(live: dict[str, Any]) -> tuple[Step, ...]:
    # A group that a load balancer still has is in use, and waiting would not help.
    patience = () if live["load_balancer_arns"] else (LET_GO,)
    return (Step("DeleteTargetGroup", {"TargetGroupArn": live["target_group_arn"]}, propagation=patience),)


def _create(client: Any, wanted: dict[str, Any], check: dict[str, Any]) -> Plan:
    attributes = texts(wanted["attributes"])
    identity = {member: wanted[member] for member in IMMUTABLE if wanted[member] is not None}
    params = shape.aws(shape.input_shape(client, "CreateTargetGroup"), {"name": wanted["name"], **identity, **check})
    if wanted["tags"]:
        params["Tags"] = tags.as_pairs(wanted["tags"])
    after = {
        "target_group_name": wanted["name"],
        **identity,
        **check,
        "attributes": attributes,
        "tags": tags.change({}, wanted["tags"], False).after,
    }
    arn = Output("CreateTargetGroup", "TargetGroups[0].TargetGroupArn")
    create = Step("CreateTargetGroup", params, already=("DuplicateTargetGroupName",))
    return Plan(None, after, (create, *_attribute_steps(arn, attributes)), {"release_difference": {}})


def _change(client: Any, wanted: dict[str, Any], live: dict[str, Any], check: dict[str, Any]) -> Plan:
    _refuse_replacement(wanted, live)
    arn = live["target_group_arn"]
    kept = bool(wanted.get("keep_in_use") and live.get("in_use"))
    waits = different(check, live)
    sent = {} if kept else waits
    attributes = changed(live["attributes"], wanted["attributes"])
    tag_change = tags.change(live["tags"], wanted["tags"], wanted["purge_tags"])
    steps = []
    if sent:
        steps.append(modification(client, arn, sent))
    after = {**live, **sent, "attributes": {**live["attributes"], **attributes}, "tags": tag_change.after}
    notes = {"release_difference": differences({member: live.get(member) for member in waits}, waits) if kept else {}}
    return Plan(live, after, (*steps, *_attribute_steps(arn, attributes), *tag_steps(arn, tag_change)), notes)


def different(check: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    """The members of a health check that a group has otherwise."""
    return {member: value for member, value in check.items() if live.get(member) != value}


def modification(client: Any, arn: str, members: dict[str, Any]) -> Step:
    return Step("ModifyTargetGroup", {"TargetGroupArn": arn, **shape.aws(shape.input_shape(client, "ModifyTargetGroup"), members)})


def set_health_check(client: Any, arn: str, check: dict[str, Any]) -> None:
    """Give a group, which nobody reaches, the health check that its next targets are to answer."""
    found = aws.call(client, "DescribeTargetGroups", TargetGroupArns=[arn])["TargetGroups"][0]
    live = shape.ours(shape.output_shape(client, "DescribeTargetGroups", "TargetGroups").member, found)
    if members := different(check, live):
        apply_plan(client, Plan(live, None, (modification(client, arn, members),)))


def _refuse_replacement(wanted: dict[str, Any], live: dict[str, Any]) -> None:
    """Rule ELB-3. An empty vpc_id is that of a VPC which check mode has only predicted."""
    kept = ("port",) if wanted.get("keep_in_use") else ()
    asked = {member: wanted[member] for member in IMMUTABLE if wanted[member] not in (None, "") and member not in kept}
    wrong = {member: value for member, value in asked.items() if live.get(member, value) != value}
    if wrong:
        differences = ", ".join(f"{member} {live[member]} cannot become {value}" for member, value in wrong.items())
        raise RailyardError(
            f"target group {wanted['name']}: {differences}; choose another name, or delete the group first", live=live, wanted=wrong
        )


def _attribute_steps(arn: str | Output, attributes: dict[str, str]) -> list[Step]:
    pairs = tags.as_pairs(attributes)
    return [Step("ModifyTargetGroupAttributes", {"TargetGroupArn": arn, "Attributes": pairs})] if attributes else []
