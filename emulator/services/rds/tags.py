"""Tags of what the emulated RDS itself keeps; the rest has moto's."""

from __future__ import annotations

from typing import Any

from ... import world
from ...refusal import Refusal
from ...registry import operation
from ...wire import Call
from . import parameter_groups, subnet_groups
from . import state as rds

OURS = {"db", "snapshot", "subgrp", "pg"}


def _ours(call: Call) -> str | None:
    """The ARN of the request when it is of something that we keep. Raises the NotFound of its kind, or InvalidParameterValue."""
    arn: str = call.params["ResourceName"]
    parts = arn.split(":", 6)
    if len(parts) != 7 or parts[0] != "arn" or parts[2] != "rds":
        raise rds.invalid(f"Invalid resource name: {arn}")
    kind, name = parts[5], parts[6]
    if kind not in OURS:
        return None
    if kind == "db":
        rds.instance(call, name)
    elif kind == "snapshot":
        rds.snapshot(call, name)
    elif kind == "pg":
        parameter_groups.group(call, name)
    elif subnet_groups.find(call, name) is None:
        raise rds.missing_subnet_group(name)
    return arn


@operation("rds", "AddTagsToResource")
def add_tags_to_resource(call: Call) -> dict[str, Any]:
    arn = _ours(call)
    if arn is None:
        return world.forward(call)
    kept = rds.table(call, "tags").get(arn, {})
    if len({*kept, *(tag["Key"] for tag in call.params["Tags"])}) > 50:
        raise Refusal("InvalidParameterValue", "The number of tags on a resource cannot exceed 50.")
    rds.set_tags(call, arn, call.params["Tags"])
    return {}


@operation("rds", "RemoveTagsFromResource")
def remove_tags_from_resource(call: Call) -> dict[str, Any]:
    arn = _ours(call)
    if arn is None:
        return world.forward(call)
    for key in call.params["TagKeys"]:
        rds.table(call, "tags").get(arn, {}).pop(key, None)
    return {}


@operation("rds", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> dict[str, Any]:
    arn = _ours(call)
    return world.forward(call) if arn is None else {"TagList": rds.tags(call, arn)}
