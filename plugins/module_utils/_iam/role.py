# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles that AWS's services take on, whole: trust, inline policies, attached policies, tags.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from .._core import aws, policy, tags
from .._core.plan import Plan, Step, in_lane

ABSENT = ("NoSuchEntity", "NoSuchEntityException")
EXISTS = ("EntityAlreadyExists", "EntityAlreadyExistsException")


def find(client: Any, names: list[str], known: Sequence[dict[str, Any]] = ()) -> list[dict[str, Any]]:
    """The roles of these names that exist, in the order of `names`; read side by side.

    What `described` has told of some in this run is not asked again.
    """
    told = {one["name"]: one for one in known}
    return [role for role in aws.concurrently(lambda name: _find(client, name, told.get(name)), names) if role]


def described(client: Any, name: str) -> dict[str, Any] | None:
    """A role without its policies, or None."""
    found = aws.find(client, "GetRole", ABSENT, RoleName=name)
    if found is None:
        return None
    role = found["Role"]
    return {
        "name": name,
        "arn": role["Arn"],
        "description": role.get("Description", ""),
        "trust": role["AssumeRolePolicyDocument"],
        "permissions_boundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""),
        "tags": tags.as_dict(role.get("Tags")),
    }


def _find(client: Any, name: str, known: dict[str, Any] | None) -> dict[str, Any] | None:
    role = known or described(client, name)
    if role is None:
        return None
    inline = aws.pages(client, "ListRolePolicies", "PolicyNames", RoleName=name)
    attached = aws.pages(client, "ListAttachedRolePolicies", "AttachedPolicies", RoleName=name)
    documents = {one: aws.call(client, "GetRolePolicy", RoleName=name, PolicyName=one)["PolicyDocument"] for one in inline}
    own = {"policies": dict(sorted(documents.items())), "managed_policies": sorted(one["PolicyArn"] for one in attached)}
    return {**role, **own}


def make_plan(wanted: dict[str, Any], live: list[dict[str, Any]]) -> Plan:
    """`wanted`: roles (name, description, trust, policies, managed_policies), permissions_boundary, state, tags, purge_tags.

    What is live beside it goes, but for a boundary where none is wanted.
    """
    found = {role["name"]: role for role in live}
    if wanted["state"] == "absent":
        return Plan(live, [], tuple(step for role in live for step in in_lane(role["name"], _deletion(role))))
    steps, after = [], []
    for role in wanted["roles"]:
        now = found.get(role["name"])
        then = _declared(role, wanted, now)
        steps += in_lane(role["name"], _changes(now, then, wanted) if now else _creation(then))
        after.append(then)
    return Plan(live, after, tuple(steps))


def _declared(role: dict[str, Any], wanted: dict[str, Any], now: dict[str, Any] | None) -> dict[str, Any]:
    """The role as it will be; a document that says the same as the live one stays the live one, so that a diff shows differences only."""
    kept = now or {"trust": None, "policies": {}, "permissions_boundary": "", "tags": {}}
    then = {
        "name": role["name"],
        "description": role["description"] or "",
        "trust": kept["trust"] if policy.same(kept["trust"], role["trust"]) else role["trust"],
        "policies": {
            name: kept["policies"][name] if policy.same(kept["policies"].get(name), document) else document
            for name, document in sorted((role["policies"] or {}).items())
        },
        "managed_policies": sorted(role["managed_policies"] or []),
        "permissions_boundary": wanted["permissions_boundary"] or kept["permissions_boundary"],
        "tags": tags.change(kept["tags"], wanted["tags"], wanted["purge_tags"]).after,
    }
    return {**then, "arn": now["arn"]} if now else then


def _creation(then: dict[str, Any]) -> list[Step]:
    named = {"RoleName": then["name"]}
    role = {**named, "AssumeRolePolicyDocument": json.dumps(then["trust"]), "Description": then["description"]}
    if then["permissions_boundary"]:
        role["PermissionsBoundary"] = then["permissions_boundary"]
    create = Step("CreateRole", {**role, "Tags": tags.as_pairs(then["tags"])}, already=EXISTS)
    attach = [Step("AttachRolePolicy", {**named, "PolicyArn": arn}) for arn in then["managed_policies"]]
    return [create, *(_put(then["name"], name, document) for name, document in then["policies"].items()), *attach]


def _put(role: str, name: str, document: Any) -> Step:
    return Step("PutRolePolicy", {"RoleName": role, "PolicyName": name, "PolicyDocument": json.dumps(document)})


def _changes(now: dict[str, Any], then: dict[str, Any], wanted: dict[str, Any]) -> list[Step]:
    named = {"RoleName": now["name"]}
    steps = []
    if now["trust"] != then["trust"]:
        steps.append(Step("UpdateAssumeRolePolicy", {**named, "PolicyDocument": json.dumps(then["trust"])}))
    if now["permissions_boundary"] != then["permissions_boundary"]:
        steps.append(Step("PutRolePermissionsBoundary", {**named, "PermissionsBoundary": then["permissions_boundary"]}))
    if now["description"] != then["description"]:
        steps.append(Step("UpdateRole", {**named, "Description": then["description"]}))
    steps += [_put(now["name"], key, text) for key, text in then["policies"].items() if now["policies"].get(key) != text]
    steps += [Step("DeleteRolePolicy", {**named, "PolicyName": key}) for key in now["policies"] if key not in then["policies"]]
    attached, declared = set(now["managed_policies"]), set(then["managed_policies"])
    steps += [Step("AttachRolePolicy", {**named, "PolicyArn": arn}) for arn in sorted(declared - attached)]
    steps += [Step("DetachRolePolicy", {**named, "PolicyArn": arn}) for arn in sorted(attached - declared)]
    change = tags.change(now["tags"], wanted["tags"], wanted["purge_tags"])
    if change.put:
        steps.append(Step("TagRole", {**named, "Tags": tags.as_pairs(change.put)}))
    if change.remove:
        steps.append(Step("UntagRole", {**named, "TagKeys": change.remove}))
    return steps


def _deletion(role: dict[str, Any]) -> list[Step]:
    """IAM deletes only a role that has nothing any more (rule IAM-9)."""
    named = {"RoleName": role["name"]}
    return [
        *(Step("DetachRolePolicy", {**named, "PolicyArn": arn}) for arn in role["managed_policies"]),
        *(Step("DeleteRolePolicy", {**named, "PolicyName": name}) for name in role["policies"]),
        Step("DeleteRole", named),
    ]
