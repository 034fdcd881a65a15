"""Tags of pipelines, custom action types and webhooks.

https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_TagResource.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...registry import operation
from ...wire import Call, Refusal
from . import state

MOST = 50


def resources(call: Call) -> Iterator[tuple[str, dict[str, str]]]:
    """ARN and tags of everything here that can have tags."""
    yield from ((kept.arn, kept.tags) for kept in state.pipelines(call).values())
    yield from ((call.arn("codepipeline", f"webhook:{name}"), hook["tags"]) for name, hook in state.table(call, "webhooks").items())
    for (category, provider, version), kind in state.table(call, "action_types").items():
        yield call.arn("codepipeline", f"actiontype:Custom/{category}/{provider}/{version}"), kind["tags"]


def _tagged(call: Call) -> dict[str, str]:
    """The tags of what a call names (CP-19)."""
    arn = call.params["resourceArn"]
    region, account, name = arn.split(":", 5)[3:]
    if (region, account) != (call.region, call.account):
        raise Refusal("InvalidArnException", f"The specified resource ARN is invalid: {arn}")
    for one, labels in resources(call):
        if one == arn:
            return labels
    text = f"The account with id '{call.account}' does not include a pipeline with the name '{name}'"
    raise Refusal("ResourceNotFoundException", text)


@operation("codepipeline", "TagResource")
def tag_resource(call: Call) -> dict[str, Any]:
    labels = _tagged(call)
    given = {tag["key"]: tag["value"] for tag in call.params["tags"]}
    if len(labels.keys() | given.keys()) > MOST:
        raise Refusal("TooManyTagsException", f"Tag limit exceeded for resource [{call.params['resourceArn']}].")
    labels.update(given)
    return {}


@operation("codepipeline", "UntagResource")
def untag_resource(call: Call) -> dict[str, Any]:
    labels = _tagged(call)
    for key in call.params["tagKeys"]:
        labels.pop(key, None)
    return {}


@operation("codepipeline", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> dict[str, Any]:
    found = [{"key": key, "value": value} for key, value in sorted(_tagged(call).items())]
    return state.page(call, found, "tags")
