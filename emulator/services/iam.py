"""Lists of IAM in pages, as IAM gives them: 100 entries unless told otherwise."""

from __future__ import annotations

from typing import Any

from .. import world
from ..refusal import Refusal
from ..registry import operation
from ..wire import Call

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
