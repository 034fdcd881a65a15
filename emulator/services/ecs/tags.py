"""Tags of everything that ECS keeps. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TagResource.html"""

from __future__ import annotations

import re
from typing import Any

from ...registry import operation
from ...wire import Call, Refusal
from . import state as ecs

ARN = re.compile(r"arn:aws:ecs:[\w-]+:\d{12}:(cluster|service|task|task-definition|task-set|container-instance|capacity-provider)/(.+)")
MOST = 50


def _exists(call: Call, kind: str, rest: str, arn: str) -> bool:
    parts = rest.split("/")
    match kind:
        case "service":
            found = ecs.find_service(call, parts[0] if len(parts) > 1 else None, parts[-1])
            return found is not None and found["status"] != "INACTIVE"
        case "task":
            return arn in ecs.table(call, "tasks")
        case "task-definition":
            return ecs.find_definition(call, arn) is not None
        case "task-set":
            sets = [run for service in ecs.table(call, "services").values() for run in service["taskSets"]]
            return any(run["taskSetArn"] == arn for run in sets)
    return False


def _resource(call: Call) -> str:
    """The ARN of the call, if there is such a thing."""
    arn: str = call.params["resourceArn"]
    match = ARN.fullmatch(arn)
    if match is None or (match[1] == "task-definition" and ":" not in match[2]):
        raise ecs.invalid("Invalid resource ARN. Specify a valid resource ARN and try again.")
    if match[1] == "cluster":
        ecs.cluster(call, arn)
    elif not _exists(call, match[1], match[2], arn):
        text = f"The specified {match[1].replace('-', ' ')} is inactive. Specify an active {match[1].replace('-', ' ')} and try again."
        raise Refusal("InvalidParameterException", text)
    return arn


@operation("ecs", "TagResource")
def tag_resource(call: Call) -> dict[str, Any]:
    arn = _resource(call)
    keys = set(ecs.table(call, "tags").get(arn, {})) | {tag["key"] for tag in call.params["tags"]}
    if len(keys) > MOST:
        raise ecs.invalid(f"The maximum number of tags per resource is {MOST}.")
    ecs.set_tags(call, arn, call.params["tags"])
    return {}


@operation("ecs", "UntagResource")
def untag_resource(call: Call) -> dict[str, Any]:
    """Removing a tag that is not there is no error."""
    known = ecs.table(call, "tags").get(_resource(call), {})
    for key in call.params["tagKeys"]:
        known.pop(key, None)
    return {}


@operation("ecs", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> dict[str, Any]:
    return {"tags": ecs.tags(call, _resource(call))}
