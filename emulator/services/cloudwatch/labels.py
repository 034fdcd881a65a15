"""Tags of alarms, dashboards and mute rules. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_TagResource.html"""

from __future__ import annotations

from typing import Any

from ... import world
from ...refusal import Refusal
from ...registry import operation
from ...wire import Call
from .store import tags


def _tags(call: Call) -> dict[str, str]:
    place = call.params["ResourceARN"]
    if place not in tags(call):
        raise Refusal("ResourceNotFoundException", f"The resource {place} does not exist.", 404)
    return tags(call)[place]


def _is_ours(call: Call) -> bool:
    """moto has the rules of Contributor Insights and the metric streams."""
    return call.params["ResourceARN"].split(":", 5)[5].replace("/", ":").partition(":")[0] in ("alarm", "dashboard", "alarm-mute-rule")


@operation("cloudwatch", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> dict[str, Any]:
    if not _is_ours(call):
        return world.forward(call)
    return {"Tags": [{"Key": key, "Value": value} for key, value in _tags(call).items()]}


@operation("cloudwatch", "TagResource")
def tag_resource(call: Call) -> dict[str, Any]:
    if not _is_ours(call):
        return world.forward(call)
    _tags(call).update({each["Key"]: each["Value"] for each in call.params["Tags"]})
    return {}


@operation("cloudwatch", "UntagResource")
def untag_resource(call: Call) -> dict[str, Any]:
    if not _is_ours(call):
        return world.forward(call)
    for key in call.params["TagKeys"]:
        _tags(call).pop(key, None)
    return {}
