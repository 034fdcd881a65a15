"""Tags of connections, hosts and repository links.
https://docs.aws.amazon.com/codeconnections/latest/APIReference/API_TagResource.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...registry import operation
from ...wire import Call, Refusal
from . import store


def tagged(call: Call) -> Iterator[tuple[str, dict[str, str]]]:
    """ARN and tags of all that may have some."""
    for name, member in (("connections", "ConnectionArn"), ("hosts", "HostArn"), ("links", "RepositoryLinkArn")):
        yield from ((each[member], each["Tags"]) for each in store.table(call, name).values())


def _find(call: Call) -> dict[str, str]:
    arn = call.params["ResourceArn"]
    found = next((tags for known, tags in tagged(call) if known == arn), None)
    if found is None:
        raise Refusal("ResourceNotFoundException", f"Resource with ARN {arn} not found")
    return found


@operation("codeconnections", "TagResource")
def tag_resource(call: Call) -> dict[str, Any]:
    tags, given = _find(call), store.tags(call.params["Tags"])
    if len({*tags, *given}) > store.MOST_TAGS:
        raise Refusal("LimitExceededException", f"The number of tags exceeds the limit of {store.MOST_TAGS}")
    tags.update(given)
    return {}


@operation("codeconnections", "UntagResource")
def untag_resource(call: Call) -> dict[str, Any]:
    tags = _find(call)
    for key in call.params["TagKeys"]:
        tags.pop(key, None)
    return {}


@operation("codeconnections", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> dict[str, Any]:
    return {"Tags": store.written(_find(call))}
