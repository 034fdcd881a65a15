"""What conditions of policies may ask of a request: the tags that it names, those of what it is about, and keys of single services.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..services.iam import authority, roles
from ..services.resource_groups_tagging import resources
from ..services.ssm import managed_nodes
from ..wire import Call

Context = dict[str, str | tuple[str, ...]]


def of_request(call: Call) -> Context:
    pairs = dict(_pairs(call.params))
    tags: Context = {f"aws:requesttag/{key.lower()}": value for key, value in pairs.items()}
    if pairs:
        tags["aws:tagkeys"] = tuple(pairs)
    return {**tags, **_own(call), "aws:sourceip": call.environ.get("REMOTE_ADDR", "127.0.0.1")}


def names_tags(call: Call) -> bool:
    return any(True for _ in _pairs(call.params))


def of_resource(call: Call, arn: str) -> Context:
    return {f"aws:resourcetag/{key.lower()}": value for key, value in _tags(call, arn).items()}


def _pairs(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Tags of a request, however its service writes them."""
    configured = params.get("CreateBucketConfiguration") or {}
    for given in (
        params.get("Tags"),
        params.get("tags"),
        configured.get("Tags"),
        *(one["Tags"] for one in params.get("TagSpecifications", ())),
    ):
        if isinstance(given, dict):
            yield from ((str(key), str(value)) for key, value in given.items())
        for tag in given if isinstance(given, list) else ():
            if isinstance(tag, dict):
                yield _of(tag, "key"), _of(tag, "value")


def _of(tag: dict[str, Any], name: str) -> str:
    return str(tag.get(name) or tag.get(name.capitalize()) or "")


def _own(call: Call) -> Context:
    """Keys of the service itself that the parameters tell."""
    known: Context = {}
    if call.service == "ecs" and (cluster := call.params.get("cluster")):
        known["ecs:cluster"] = cluster if cluster.startswith("arn:") else call.arn("ecs", f"cluster/{cluster}")
    for key, name in (("application-autoscaling:service-namespace", "ServiceNamespace"), ("iam:awsservicename", "AWSServiceName")):
        if call.service == key.partition(":")[0] and name in call.params:
            known[key] = str(call.params[name])
    if call.service == "iam" and (boundary := _boundary(call)):
        known["iam:permissionsboundary"] = boundary
    return known


def _boundary(call: Call) -> str:
    """The boundary that a role gets, or has."""
    found = roles.find(call, call.params.get("RoleName", ""))
    return str(call.params.get("PermissionsBoundary") or getattr(found, "permissions_boundary_arn", "") or "")


def _tags(call: Call, arn: str) -> Mapping[str, str]:
    service, rest = arn.split(":")[2], arn.split(":", 5)[5]
    if service == "ssm" and rest.startswith("managed-instance/"):
        node = managed_nodes.nodes(call).get(rest.partition("/")[2])
        return node["tags"] if node else {}
    if service == "iam":
        found = authority.by_arn(call, arn)
        return authority.tags(found) if found is not None else {}
    source = resources.BY_SERVICE.get(service)
    return next((labels for one, labels in source(call) if one == arn), {}) if source else {}
