"""IAM where moto answers otherwise: ids, accounts in trust policies, and lists in pages of 100 entries unless told otherwise."""

from __future__ import annotations

import json
import re
import secrets
import string
from typing import Any

from ... import world
from ...refusal import Refusal
from ...registry import operation
from ...wire import Call

PAGED = {
    "ListRoles": "Roles",
    "ListRolePolicies": "PolicyNames",
    "ListAttachedRolePolicies": "AttachedPolicies",
    "ListRoleTags": "Tags",
    "ListPolicies": "Policies",
    "ListPolicyVersions": "Versions",
    "ListPolicyTags": "Tags",
    "ListInstanceProfiles": "InstanceProfiles",
    "ListInstanceProfilesForRole": "InstanceProfiles",
    "ListUsers": "Users",
    "ListGroups": "Groups",
}


# How AWS's ids of a kind of thing begin.
PREFIXES = {"CreateInstanceProfile": ("InstanceProfile", "AIPA"), "CreateUser": ("User", "AIDA"), "CreatePolicy": ("Policy", "ANPA")}


def find(call: Call, name: str) -> Any:
    """moto's role of a name, case ignored, or None."""
    return next((role for role in world.backend("iam", call).get_roles() if role.name.lower() == name.lower()), None)


@operation("iam", *PREFIXES)
def created(call: Call) -> dict[str, Any]:
    """moto's ids do not say of what they are."""
    key, prefix = PREFIXES[call.operation]
    answer = world.forward(call)
    backend, arn = world.backend("iam", call), answer[key]["Arn"]
    made = [*backend.instance_profiles.values(), *backend.users.values(), *backend.managed_policies.values()]
    found = next(each for each in made if each.arn == arn)
    identifier = prefix + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(17))
    answer[key][f"{key}Id"] = found.id = identifier
    return answer


@operation("iam", "CreateRole", "UpdateAssumeRolePolicy")
def trust(call: Call) -> dict[str, Any]:
    """IAM keeps an account that a trust policy names by its number as that account's root."""
    member = "AssumeRolePolicyDocument" if call.operation == "CreateRole" else "PolicyDocument"
    document = json.loads(call.params[member])
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    changed = False
    for principal in (statement.get("Principal") for statement in statements):
        if isinstance(principal, dict) and "AWS" in principal:
            given = principal["AWS"]
            principal["AWS"] = _root(given) if isinstance(given, str) else [_root(each) for each in given]
            changed = changed or principal["AWS"] != given
    return world.forward(call, {**call.params, member: json.dumps(document)} if changed else None)


def _root(value: str) -> str:
    return f"arn:aws:iam::{value}:root" if re.fullmatch(r"\d{12}", value) else value


@operation("iam", *PAGED)
def listed(call: Call) -> dict[str, Any]:
    """One page of everything that moto has; moto cuts only some of its lists."""
    key = PAGED[call.operation]
    params = {name: value for name, value in call.params.items() if name not in ("Marker", "MaxItems")}
    if call.operation == "ListPolicies":
        params["MaxItems"] = 1000
    items: list[Any] = []
    while True:
        answer = world.forward(call, params)
        items += answer.get(key, [])
        if not answer.get("IsTruncated"):
            break
        params["Marker"] = answer["Marker"]
    return _page(call, key, items)


def _page(call: Call, key: str, items: list[Any]) -> dict[str, Any]:
    marker, size = call.params.get("Marker") or "0", call.params.get("MaxItems", 100)
    if not marker.isdigit():
        raise Refusal("ValidationError", "Invalid Marker.")
    start = int(marker)
    more = start + size < len(items)
    return {key: items[start : start + size], "IsTruncated": more, **({"Marker": str(start + size)} if more else {})}
