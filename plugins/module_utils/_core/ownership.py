# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose a resource is, by its tags. A name proves nothing: somebody else may have chosen the same one."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from typing import Any

from . import tags
from .errors import RailyardError

KEYS = ("application", "environment", "managed-by")
MANAGER = "railyard"
# Tags by which other tools and people say whose something is.
OWNER_TAGS = ("managed-by", "ManagedBy", "managed_by", "owner", "Owner", "team", "Team", "CreatedBy", "aws:cloudformation:stack-name")
# Members that name a resource in our shape, the most special first, and those by which AWS takes tags for it.
NAMES = (
    *("deployment_group_name", "application_name", "load_balancer_name", "target_group_name", "repository_name", "service_name"),
    *("cluster_name", "db_instance_identifier", "family", "resource_id", "name"),
)
HANDLES = (
    *("service_arn", "cluster_arn", "repository_arn", "target_group_arn", "listener_arn", "load_balancer_arn", "task_definition_arn"),
    *("db_instance_arn", "scalable_target_arn", "arn", "subnet_id", "route_table_id", "group_id", "internet_gateway_id", "id"),
)


def declared(labels: dict[str, Any] | None) -> dict[str, str]:
    """The three tags by which `labels` say whose a resource is, {} where they do not say so: then nobody's ownership is looked at."""
    found = {key: str((labels or {}).get(key, "")) for key in KEYS}
    return found if all(found.values()) and found["managed-by"] == MANAGER else {}


def of(application: str, environment: str) -> dict[str, str]:
    """The three tags of what belongs to an environment."""
    return {"application": application, "environment": environment, "managed-by": MANAGER}


def is_owned(owner: dict[str, str], labels: dict[str, str]) -> bool:
    return all(labels.get(key) == value for key, value in owner.items())


def tagged(live: Any) -> Iterator[dict[str, Any]]:
    """Each resource with tags in what is live: a resource, a list of them, or a dict of lists; also one within another."""
    if isinstance(live, list):
        for item in live:
            yield from tagged(item)
    elif isinstance(live, dict):
        if isinstance(live.get("tags"), dict):
            yield live
        for member, value in live.items():
            if member != "tags" and isinstance(value, (dict, list)):
                yield from tagged(value)


def foreign(owner: dict[str, str], live: Any) -> list[dict[str, Any]]:
    """The live resources that are not ours; none where `owner` is {}."""
    return [item for item in tagged(live) if owner and not is_owned(owner, item["tags"])]


def without_foreign(owner: dict[str, str], live: Any) -> Any:
    """What is live without what is not ours, so that a deletion never meets it."""
    if isinstance(live, list):
        return [kept for item in live if (kept := without_foreign(owner, item)) is not None or item is None]
    if not isinstance(live, dict):
        return live
    if isinstance(live.get("tags"), dict) and not is_owned(owner, live["tags"]):
        return None
    return {member: value if member == "tags" else without_foreign(owner, value) for member, value in live.items()}


def refuse(owner: dict[str, str], live: Any, service: str, kind: str, region: str) -> None:
    """Raises RailyardError where something that is live is not ours."""
    found = foreign(owner, live)
    if found:
        paragraphs = [f"{kind} {name_of(item)} {belongs(item['tags'])}; {ways(owner, item, service, region)}" for item in found]
        raise RailyardError("\n".join(paragraphs), foreign=[{"name": name_of(item), "tags": item["tags"]} for item in found])


def name_of(item: dict[str, Any]) -> str:
    name = next((str(item[member]) for member in NAMES if item.get(member)), "")
    return name or str(next((item[member] for member in HANDLES if item.get(member)), "without a name"))


def owner_of(labels: dict[str, str]) -> str:
    """Whose something is, as far as its tags tell: those that name an owner first."""
    told = [f"{key}: {labels[key]}" for key in OWNER_TAGS if labels.get(key)]
    rest = [f"{key}: {value}" for key, value in sorted(labels.items()) if key not in OWNER_TAGS]
    return f"its tags say {', '.join(told + rest)}" if labels else "it has no tags"


def belongs(labels: dict[str, str]) -> str:
    return f"is there already and is not ours; {owner_of(labels)}"


def ways(owner: dict[str, str], item: dict[str, Any], service: str, region: str) -> str:
    """What a person can do about it."""
    command = command_to_tag(owner, item, service, region)
    return f"choose another name, or, if it is to become a part of this environment, tag it: {command}"


def command_to_tag(owner: dict[str, str], item: dict[str, Any], service: str, region: str) -> str:
    """The command that makes a resource ours."""
    handle = next((str(item[member]) for member in HANDLES if item.get(member)), name_of(item))
    return f"aws {COMMANDS[service](owner, item, handle)} --region {region}"


def _pairs(labels: dict[str, str], key: str = "Key", value: str = "Value") -> str:
    return " ".join(shlex.quote(f"{key}={pair[key]},{value}={pair[value]}") for pair in tags.as_pairs(labels, key, value))


def _map(labels: dict[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in labels.items())


def _of_bucket(owner: dict[str, str], item: dict[str, Any], _handle: str) -> str:
    """S3 knows only all tags at once."""
    pairs = json.dumps({"TagSet": tags.as_pairs({**item["tags"], **owner})})
    return f"s3api put-bucket-tagging --bucket {name_of(item)} --tagging {shlex.quote(pairs)}"


def _of_systems_manager(owner: dict[str, str], item: dict[str, Any], _handle: str) -> str:
    kind = "Parameter" if name_of(item).startswith("/") else "Document"
    return f"ssm add-tags-to-resource --resource-type {kind} --resource-id {name_of(item)} --tags {_pairs(owner)}"


def _of_project(owner: dict[str, str], item: dict[str, Any], _handle: str) -> str:
    """CodeBuild knows only all tags of a project at once."""
    return f"codebuild update-project --name {name_of(item)} --tags {_pairs({**item['tags'], **owner}, 'key', 'value')}"


def _of_events(owner: dict[str, str], item: dict[str, Any], handle: str) -> str:
    """Connections and API destinations have no tags; their descriptions say the same."""
    if handle.startswith("arn:"):
        return f"events tag-resource --resource-arn {handle} --tags {_pairs(owner)}"
    return f"events update-connection --name {name_of(item)} --description {shlex.quote(' '.join(_map(owner).split(',')))}"


# How each service takes tags.
COMMANDS: dict[str, Callable[[dict[str, str], dict[str, Any], str], str]] = {
    "application-autoscaling": lambda o, _item, arn: f"application-autoscaling tag-resource --resource-arn {arn} --tags {_map(o)}",
    "cloudwatch": lambda o, _item, arn: f"cloudwatch tag-resource --resource-arn {arn} --tags {_pairs(o)}",
    "codebuild": _of_project,
    "codeconnections": lambda o, _item, arn: f"codeconnections tag-resource --resource-arn {arn} --tags {_pairs(o)}",
    "codedeploy": lambda o, _item, arn: f"deploy tag-resource --resource-arn {arn} --tags {_pairs(o)}",
    "codepipeline": lambda o, _item, arn: f"codepipeline tag-resource --resource-arn {arn} --tags {_pairs(o, 'key', 'value')}",
    "ec2": lambda o, _item, identifier: f"ec2 create-tags --resources {identifier} --tags {_pairs(o)}",
    "ecr": lambda o, _item, arn: f"ecr tag-resource --resource-arn {arn} --tags {_pairs(o)}",
    "ecs": lambda o, _item, arn: f"ecs tag-resource --resource-arn {arn} --tags {_pairs(o, 'key', 'value')}",
    "elbv2": lambda o, _item, arn: f"elbv2 add-tags --resource-arns {arn} --tags {_pairs(o)}",
    "events": _of_events,
    "iam": lambda o, item, _handle: f"iam tag-role --role-name {name_of(item)} --tags {_pairs(o)}",
    "logs": lambda o, _item, arn: f"logs tag-resource --resource-arn {arn} --tags {_map(o)}",
    "rds": lambda o, _item, arn: f"rds add-tags-to-resource --resource-name {arn} --tags {_pairs(o)}",
    "s3": _of_bucket,
    "sns": lambda o, _item, arn: f"sns tag-resource --resource-arn {arn} --tags {_pairs(o)}",
    "ssm": _of_systems_manager,
}
