"""What has which tags, over all services of a Region. IAM's roles and users are not among it.

https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from typing import Any

from ... import world
from ...refusal import Refusal
from ...registry import operation
from ...wire import Call
from ..application_autoscaling import targets as autoscaling
from ..cloudwatch import store as cloudwatch
from ..codebuild import projects as codebuild
from ..codeconnections import tags as codeconnections
from ..codedeploy import state as codedeploy
from ..codepipeline import tags as codepipeline
from ..ecr import store as ecr
from ..ecs import state as ecs
from ..elbv2 import store as elbv2
from ..logs import store as logs
from ..rds import state as rds
from ..ssm import parameter_store as ssm

Tagged = Iterator[tuple[str, dict[str, str]]]


def _network(call: Call) -> Tagged:
    found: dict[str, dict[str, str]] = {}
    for tag in world.aws(call, "ec2", "DescribeTags")["Tags"]:
        found.setdefault(call.arn("ec2", f"{tag['ResourceType']}/{tag['ResourceId']}"), {})[tag["Key"]] = tag.get("Value", "")
    yield from found.items()


def _load_balancers(call: Call) -> Tagged:
    kept = elbv2.backend(call)
    arns = [*kept.load_balancers, *kept.target_groups, *(listener.arn for listener in elbv2.listeners(call))]
    yield from ((arn, elbv2.tags(call).tags.get(arn, {})) for arn in arns)


def _databases(call: Call) -> Tagged:
    yield from rds.table(call, "tags").items()


def _containers(call: Call) -> Tagged:
    yield from ecs.table(call, "tags").items()


def _deployments(call: Call) -> Tagged:
    yield from codedeploy.tagger(call).tags.items()


def _pipelines(call: Call) -> Tagged:
    yield from codepipeline.resources(call)


def _scaling(call: Call) -> Tagged:
    yield from autoscaling.table(call, "tags").items()


def _repositories(call: Call) -> Tagged:
    yield from ((call.arn("ecr", f"repository/{name}"), repository.tags) for name, repository in ecr.repositories(call).items())


def _log_groups(call: Call) -> Tagged:
    yield from ((call.arn("logs", f"log-group:{name}"), group.tags) for name, group in logs.groups(call).items())


def _parameters(call: Call) -> Tagged:
    yield from ((ssm.arn(call, name), parameter.tags) for name, parameter in ssm.parameters(call).items())


def _documents(call: Call) -> Tagged:
    labels = world.backend("ssm", call)._resource_tags.get("Document", {})
    yield from ((call.arn("ssm", f"document/{name}"), tags) for name, tags in labels.items())


def _buckets(call: Call) -> Tagged:
    """Those of the Region, though their ARNs name none."""
    kept = world.backend("s3", call)
    here = [bucket for bucket in kept.buckets.values() if bucket.region_name == call.region]
    yield from ((bucket.arn, kept.tagger.get_tag_dict_for_resource(bucket.arn)) for bucket in here)


def _topics(call: Call) -> Tagged:
    yield from ((arn, topic._tags) for arn, topic in world.backend("sns", call).topics.items())


def _rules(call: Call) -> Tagged:
    kept = world.backend("events", call)
    rules = [rule for bus in kept.event_buses.values() for rule in bus.rules.values()]
    yield from ((rule.arn, kept.tagger.get_tag_dict_for_resource(rule.arn)) for rule in rules)


BY_SERVICE: dict[str, Callable[[Call], Tagged]] = {
    "cloudwatch": cloudwatch.tagged,
    "ec2": _network,
    "elasticloadbalancing": _load_balancers,
    "rds": _databases,
    "ecs": _containers,
    "codebuild": codebuild.tagged,
    "codeconnections": codeconnections.tagged,
    # The same, by what the older name has in its ARNs.
    "codestar-connections": codeconnections.tagged,
    "codedeploy": _deployments,
    "codepipeline": _pipelines,
    "application-autoscaling": _scaling,
    "ecr": _repositories,
    "logs": _log_groups,
    "s3": _buckets,
    "events": _rules,
    "sns": _topics,
}
SOURCES = (*dict.fromkeys(BY_SERVICE.values()), _parameters, _documents)


def _is_of(arn: str, kinds: list[str]) -> bool:
    """Whether a resource is of one of the types, `ecs` or `ecs:service`."""
    _arn, _partition, service, _region, _account, resource = arn.split(":", 5)
    kind = f"{service}:{resource.replace('/', ':').partition(':')[0]}"
    return not kinds or any(wanted in (service, kind) for wanted in kinds)


def _has(labels: dict[str, str], filters: list[dict[str, Any]]) -> bool:
    """All filters hold; one without values asks for the key alone."""
    return all(one["Key"] in labels and (not one.get("Values") or labels[one["Key"]] in one["Values"]) for one in filters)


@operation("resourcegroupstaggingapi", "GetResources")
def get_resources(call: Call) -> dict[str, Any]:
    wanted = call.params
    kinds, arns = wanted.get("ResourceTypeFilters", []), wanted.get("ResourceARNList", [])
    if arns and (wanted.get("TagFilters") or kinds or wanted.get("ResourcesPerPage")):
        raise Refusal("InvalidParameterException", "ResourceARNList cannot be combined with other filters or pagination parameters.")
    found = sorted((arn, labels) for source in SOURCES for arn, labels in source(call) if labels)
    chosen = [
        {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in labels.items()]}
        for arn, labels in found
        if _has(labels, wanted.get("TagFilters", [])) and _is_of(arn, kinds) and (not arns or arn in arns)
    ]
    return _page(chosen, wanted.get("ResourcesPerPage", 50), wanted.get("PaginationToken", ""))


def _page(chosen: list[dict[str, Any]], size: int, token: str) -> dict[str, Any]:
    try:
        start = int(base64.b64decode(token, validate=True).decode()) if token else 0
    except (binascii.Error, ValueError):
        raise Refusal("PaginationTokenExpiredException", "The specified PaginationToken has expired.") from None
    more = base64.b64encode(str(start + size).encode()).decode() if start + size < len(chosen) else ""
    return {"ResourceTagMappingList": chosen[start : start + size], "PaginationToken": more}
