"""Log groups: class, retention, key, tags, protection. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/"""

from __future__ import annotations

import re
from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from .store import Group, groups, named, now, page


@operation("logs", "CreateLogGroup")
def create_log_group(call: Call) -> dict[str, Any]:
    name = call.params["logGroupName"]
    if name in groups(call):
        raise Refusal("ResourceAlreadyExistsException", "The specified log group already exists")
    groups(call)[name] = Group(
        name,
        call.arn("logs", f"log-group:{name}"),
        now(),
        kind=call.params.get("logGroupClass", "STANDARD"),
        key=call.params.get("kmsKeyId", ""),
        protected=bool(call.params.get("deletionProtectionEnabled")),
        tags=dict(call.params.get("tags", {})),
    )
    return {}


@operation("logs", "DeleteLogGroup")
def delete_log_group(call: Call) -> dict[str, Any]:
    del groups(call)[named(call, call.params["logGroupName"]).name]
    return {}


def described(group: Group) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "logGroupName": group.name,
        "creationTime": group.created,
        "metricFilterCount": len(group.metric_filters),
        "arn": f"{group.arn}:*",
        "logGroupArn": group.arn,
        "storedBytes": 0,
        "logGroupClass": group.kind,
        "deletionProtectionEnabled": group.protected,
    }
    if group.retention:
        answer["retentionInDays"] = group.retention
    if group.key:
        answer["kmsKeyId"] = group.key
    return answer


def _sorted(call: Call) -> list[Group]:
    return [group for _, group in sorted(groups(call).items())]


@operation("logs", "DescribeLogGroups")
def describe_log_groups(call: Call) -> dict[str, Any]:
    """By prefix, by a part of the name, by class or by identifiers, in pages of 50 at most."""
    wanted = call.params
    prefix, part, kind = wanted.get("logGroupNamePrefix", ""), wanted.get("logGroupNamePattern", ""), wanted.get("logGroupClass")
    names = {reference.removesuffix(":*").rsplit(":log-group:", 1)[-1] for reference in wanted.get("logGroupIdentifiers", [])}
    found = [
        described(group)
        for group in _sorted(call)
        if group.name.startswith(prefix) and part in group.name and kind in (None, group.kind) and (not names or group.name in names)
    ]
    return page(found, wanted, "logGroups")


@operation("logs", "ListLogGroups")
def list_log_groups(call: Call) -> dict[str, Any]:
    pattern, kind = call.params.get("logGroupNamePattern"), call.params.get("logGroupClass")
    found = [
        {"logGroupName": group.name, "logGroupArn": group.arn, "logGroupClass": group.kind}
        for group in _sorted(call)
        if (not pattern or re.search(pattern, group.name)) and kind in (None, group.kind)
    ]
    return page(found, call.params, "logGroups")


@operation("logs", "PutRetentionPolicy")
def put_retention_policy(call: Call) -> dict[str, Any]:
    named(call, call.params["logGroupName"]).retention = call.params["retentionInDays"]
    return {}


@operation("logs", "DeleteRetentionPolicy")
def delete_retention_policy(call: Call) -> dict[str, Any]:
    named(call, call.params["logGroupName"]).retention = None
    return {}


@operation("logs", "PutLogGroupDeletionProtection")
def put_log_group_deletion_protection(call: Call) -> dict[str, Any]:
    named(call, call.params["logGroupIdentifier"]).protected = call.params["deletionProtectionEnabled"]
    return {}


@operation("logs", "AssociateKmsKey")
def associate_kms_key(call: Call) -> dict[str, Any]:
    if "logGroupName" in call.params:
        named(call, call.params["logGroupName"]).key = call.params["kmsKeyId"]
    return {}


@operation("logs", "DisassociateKmsKey")
def disassociate_kms_key(call: Call) -> dict[str, Any]:
    if "logGroupName" in call.params:
        named(call, call.params["logGroupName"]).key = ""
    return {}


@operation("logs", "TagLogGroup", "UntagLogGroup", "ListTagsLogGroup")
def old_tags(call: Call) -> dict[str, Any]:
    """The old operations name the group."""
    return _tags(call, named(call, call.params["logGroupName"]), call.params.get("tags", {}))


@operation("logs", "TagResource", "UntagResource", "ListTagsForResource")
def tags(call: Call) -> dict[str, Any]:
    """The new ones take the ARN. Destinations have tags too; moto holds those."""
    if ":log-group:" not in call.params["resourceArn"]:
        return world.forward(call)
    return _tags(call, named(call, call.params["resourceArn"]), call.params.get("tags", {}))


def _tags(call: Call, group: Group, wanted: Any) -> dict[str, Any]:
    if call.operation.startswith("List"):
        return {"tags": dict(group.tags)}
    if call.operation.startswith("Untag"):
        for key in call.params.get("tagKeys", wanted):
            group.tags.pop(key, None)
        return {}
    if len({**group.tags, **wanted}) > 50:
        code = "TooManyTagsException" if call.operation == "TagResource" else "InvalidParameterException"
        raise Refusal(code, "The maximum number of tags for a resource is 50.")
    group.tags.update(wanted)
    return {}


@operation("logs", "CreateExportTask", "StartLiveTail")
def not_here(call: Call) -> dict[str, Any]:
    """moto answers these and writes or sends nothing: an answer that AWS would not give."""
    raise world.unknown(call)
