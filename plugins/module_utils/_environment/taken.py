# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds resources of other owners that have a name which the environment needs, before anything is written.

One call lists the resources with the environment's tags. Only names that it does not list are read, in threads: on a converge without
changes these are the roles, which GetResources does not list.
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os.path import commonprefix
from typing import Any

from .._codebuild import project
from .._codepipeline import pipeline
from .._core import aws, ownership, tags
from .._core.errors import RailyardError
from .._iam import role
from .problem import Problem

# Of an ARN: service and the form of the resource, whose first group is the name.
FORMS = {
    "vpc": ("ec2", r"vpc/.+"),
    "security group": ("ec2", r"security-group/.+"),
    "load balancer": ("elasticloadbalancing", r"loadbalancer/app/([^/]+)/.+"),
    "target group": ("elasticloadbalancing", r"targetgroup/([^/]+)/.+"),
    "ecs cluster": ("ecs", r"cluster/(.+)"),
    "ecs service": ("ecs", r"service/(.+)"),
    "ecs task definition": ("ecs", r"task-definition/([^:]+):\d+"),
    "codedeploy application": ("codedeploy", r"application:(.+)"),
    "database": ("rds", r"db:(.+)"),
    "database subnet group": ("rds", r"subgrp:(.+)"),
    "database parameter group": ("rds", r"pg:(.+)"),
    "image repository": ("ecr", r"repository/(.+)"),
    "log group": ("logs", r"log-group:(.+?)(?::\*)?"),
    "parameter": ("ssm", r"parameter(/.+)"),
    "session document": ("ssm", r"document/(.+)"),
    "bucket": ("s3", r"(.+)"),
    "build project": ("codebuild", r"project/(.+)"),
    "pipeline": ("codepipeline", r"([^:/]+)"),
    "event rule": ("events", r"rule/([^/]+)"),
    "topic": ("sns", r"([^:]+)"),
}
TYPES = [
    *("ec2:vpc", "ec2:security-group", "elasticloadbalancing:loadbalancer", "elasticloadbalancing:targetgroup"),
    *("ecs:cluster", "ecs:service", "ecs:task-definition", "codedeploy:application", "rds:db", "rds:subgrp", "rds:pg"),
    *("ecr:repository", "logs:log-group", "ssm:parameter", "ssm:document", "s3"),
    *("codebuild:project", "codepipeline", "events:rule", "sns"),
]
SERVICES = {"elasticloadbalancing": "elbv2"}
FAMILY = "ecs task definition"
# Kinds of which the names are told, by what they are called then.
NAMED = {"build_projects": "build project", "topics": "topic"}
WHERE = ("railyard_environment",)
# An environment has one of each, which AWS cannot rename, and the variable that names it.
ONLY_ONE = {
    "vpc": "vpc_name",
    "load balancer": "alb_name",
    "ecs cluster": "ecs_name",
    "codedeploy application": "codedeploy_name",
    "database": "rds_name",
    "pipeline": "pipeline_name",
}


@dataclass(frozen=True)
class Wanted:
    """`parts`: names by kind. `cidr`: the range of the VPC."""

    owner: dict[str, str]
    account_id: str
    region: str
    parts: dict[str, list[str]]
    cidr: str = ""


def look(client_of: Callable[[str], Any], wanted: Wanted) -> tuple[list[Problem], dict[str, Any]]:
    """A problem for each name that another owner's resource has, and for each resource of the environment under another name; and
    {roles, build_projects, topics}: the environment's roles as role.described returns them, and the names of its build projects and topics,
    None where the caller may not list them.

    `client_of(service)` makes a boto3 client.
    """
    listed = _owned(client_of("resourcegroupstaggingapi"), wanted.owner)
    own = listed or set()
    asked = [(kind, name) for kind, names in wanted.parts.items() for name in names if (kind, name) not in own]
    if listed is not None:
        # A cluster that is not ours has no services of ours; it is looked at itself.
        asked = [part for part in asked if part[0] != "ecs service" or ("ecs cluster", part[1].partition("/")[0]) in own]
    named = {kind: wanted.parts[kind] for kind in ONLY_ONE if kind in wanted.parts}
    others = [(kind, name) for kind, name in sorted(own) if kind in named and name and name not in named[kind]]
    clients = {service: client_of(service) for service in sorted({_service_of(kind) for kind, _unused in [*asked, *others]})}
    vpcs = {name for kind, name in own if kind == "vpc id"}
    families = [name for kind, name in asked if kind == FAMILY]
    with ThreadPoolExecutor(16) as pool:
        there = pool.submit(_there, clients["ecs"], families) if families else None
        work = [pool.submit(_problem, clients, wanted, vpcs, *part) for part in asked if part[0] != FAMILY]
        work += [pool.submit(_problem, clients, wanted, vpcs, FAMILY, name) for name in (there.result() if there else [])]
        work += [pool.submit(_renamed, clients, wanted, vpcs, *part) for part in others]
        found = [one.result() for one in work]
    known = {"roles": [one for one in found if isinstance(one, dict)], **{key: _names(listed, kind) for key, kind in NAMED.items()}}
    return [one for one in found if isinstance(one, Problem)], known


def _names(listed: set[tuple[str, str]] | None, kind: str) -> list[str] | None:
    return None if listed is None else sorted(name for one, name in listed if one == kind)


def _service_of(kind: str) -> str:
    """boto3's name of the service that has a kind of resource."""
    service = FORMS[kind][0] if kind in FORMS else "iam"
    return SERVICES.get(service, service)


def _there(ecs: Any, families: list[str]) -> list[str]:
    """The families that have an active revision, by one call; families of one-off tasks and consoles mostly have none."""
    prefix = commonprefix(families)  # noqa: RUF071, ECS wants the characters that all have
    try:
        listed = aws.pages(ecs, "ListTaskDefinitionFamilies", "families", familyPrefix=prefix, status="ACTIVE")
    except RailyardError:
        return families
    return [name for name in families if name in listed]


def _owned(client: Any, owner: dict[str, str]) -> set[tuple[str, str]] | None:
    """Kind and name of each resource with the environment's tags; None when the caller may not call GetResources."""
    filters = [{"Key": key, "Values": [value]} for key, value in owner.items()]
    try:
        listed = aws.pages(
            client, "GetResources", "ResourceTagMappingList", TagFilters=filters, ResourceTypeFilters=TYPES, ResourcesPerPage=100
        )
    except RailyardError:
        return None
    return {part for item in listed for part in _parts_of(item)}


def _parts_of(item: dict[str, Any]) -> list[tuple[str, str]]:
    service, _region, _account, resource = item["ResourceARN"].split(":", 5)[2:]
    for kind, (of, form) in FORMS.items():
        match = re.fullmatch(form, resource)
        if of == service and match:
            if of == "ec2":
                named = [(kind, tags.as_dict(item["Tags"]).get("Name", ""))]
                return [*named, ("vpc id", resource.partition("/")[2])] if kind == "vpc" else named
            return [(kind, match[1])]
    return []


def _problem(clients: dict[str, Any], wanted: Wanted, vpcs: set[str], kind: str, name: str) -> Problem | dict[str, Any] | None:
    """A problem of a name; a role of ours."""
    service = _service_of(kind)
    try:
        item = LOOKS[kind](clients[service], wanted, name, vpcs)
    except RailyardError as error:
        # What the caller may not read is for the role that makes it to say, except a bucket: its name may be another account's.
        return _of_another_account(name) if kind == "bucket" and error.code == "403" else None
    if item is None:
        return None
    if item.get("elsewhere"):
        return _elsewhere(f"{kind} {name}", item["elsewhere"], wanted.region)
    if ownership.is_owned(wanted.owner, item["tags"]):
        return item if kind == "role" else None
    ways = ownership.ways(wanted.owner, item, service, wanted.region)
    return Problem(f"the {kind} {name} {ownership.belongs(item['tags'])}", WHERE, ways)


def _renamed(clients: dict[str, Any], wanted: Wanted, vpcs: set[str], kind: str, name: str) -> Problem | None:
    """A problem for a resource that the environment has under another name than the inventory gives.

    It is read, because GetResources lists a deleted resource for a while.
    """
    try:
        item = LOOKS[kind](clients[_service_of(kind)], wanted, name, vpcs)
    except RailyardError:
        return None
    if item is None or not ownership.is_owned(wanted.owner, item["tags"]):
        return None
    new, variable = wanted.parts[kind][0], ONLY_ONE[kind]
    what = f"the environment has the {kind} {name}, and the inventory names it {new}: AWS cannot rename it, so there would be two"
    return Problem(what, (variable,), f"{variable}: {name}; or playbooks/destroy.yml under that name first")


def _of_another_account(name: str) -> Problem:
    what = f"the bucket {name} is there already and belongs to another account, or you may not read it; names are unique among all accounts"
    return Problem(what, WHERE, "another railyard_app or railyard_environment, or releases_bucket, or s3:ListBucket allowed for the caller")


def _elsewhere(part: str, region: str, wanted: str) -> Problem:
    what = f"the {part} is in {region}, not in {wanted}: names of buckets and IAM roles are per account, not per Region"
    return Problem(what, ("railyard_region",), f"another railyard_environment for {wanted}, or railyard_region: {region}")


def _by_arn(operation: str, parameter: str, key: str, resource: str, absent: tuple[str, ...]) -> Any:
    """A function that reads the tags of the ARN made from a name."""

    def find(client: Any, wanted: Wanted, name: str, _vpcs: set[str]) -> dict[str, Any] | None:
        service = client.meta.service_model.signing_name
        arn = f"arn:{client.meta.partition}:{service}:{wanted.region}:{wanted.account_id}:{resource}{name}"
        found = aws.find(client, operation, absent, **{parameter: arn})
        if found is None:
            return None
        labels = found[key]
        return {"name": name, "arn": arn, "tags": labels if isinstance(labels, dict) else tags.as_dict(labels)}

    return find


def _managed(kind: str) -> Any:
    def find(client: Any, _wanted: Wanted, name: str, _vpcs: set[str]) -> dict[str, Any] | None:
        found = aws.find(client, "ListTagsForResource", ("InvalidResourceId",), ResourceType=kind, ResourceId=name)
        return found and {"name": name, "tags": tags.as_dict(found.get("TagList"))}

    return find


def _front(operation: str, key: str) -> Any:
    def find(client: Any, _wanted: Wanted, name: str, _vpcs: set[str]) -> dict[str, Any] | None:
        found = aws.pages(client, operation, f"{key}s", (f"{key}NotFound",), Names=[name])
        if not found:
            return None
        arn = found[0][f"{key}Arn"]
        described = aws.call(client, "DescribeTags", ResourceArns=[arn])["TagDescriptions"]
        return {"name": name, "arn": arn, "tags": tags.as_dict(described[0]["Tags"])}

    return find


def _vpc(client: Any, wanted: Wanted, name: str, _vpcs: set[str]) -> dict[str, Any] | None:
    filters = [{"Name": "tag:Name", "Values": [name]}, {"Name": "cidr", "Values": [wanted.cidr]}]
    listed = aws.pages(client, "DescribeVpcs", "Vpcs", Filters=filters)
    found = [{"name": name, "id": vpc["VpcId"], "tags": tags.as_dict(vpc["Tags"])} for vpc in listed]
    return next((vpc for vpc in found if ownership.is_owned(wanted.owner, vpc["tags"])), found[0] if found else None)


def _group(client: Any, _wanted: Wanted, name: str, vpcs: set[str]) -> dict[str, Any] | None:
    """Only groups in the environment's VPC: a name is unique per VPC."""
    if not vpcs:
        return None
    filters = [{"Name": "vpc-id", "Values": sorted(vpcs)}, {"Name": "group-name", "Values": [name]}]
    for group in aws.pages(client, "DescribeSecurityGroups", "SecurityGroups", Filters=filters):
        return {"name": name, "group_id": group["GroupId"], "tags": tags.as_dict(group.get("Tags"))}
    return None


def _cluster(client: Any, _wanted: Wanted, name: str, _vpcs: set[str]) -> dict[str, Any] | None:
    for found in aws.call(client, "DescribeClusters", clusters=[name], include=["TAGS"])["clusters"]:
        if found["status"] == "ACTIVE":
            return {"name": name, "arn": found["clusterArn"], "tags": tags.as_dict(found.get("tags"), "key", "value")}
    return None


def _service(client: Any, _wanted: Wanted, name: str, _vpcs: set[str]) -> dict[str, Any] | None:
    cluster, _slash, service = name.partition("/")
    found = aws.find(client, "DescribeServices", ("ClusterNotFoundException",), cluster=cluster, services=[service], include=["TAGS"])
    for one in (found or {}).get("services", []):
        if one["status"] == "ACTIVE":
            return {"name": service, "arn": one["serviceArn"], "tags": tags.as_dict(one.get("tags"), "key", "value")}
    return None


def _family(client: Any, _wanted: Wanted, name: str, _vpcs: set[str]) -> dict[str, Any] | None:
    found = aws.find(client, "DescribeTaskDefinition", ("ClientException",), taskDefinition=name, include=["TAGS"])
    if not found or found["taskDefinition"].get("status") != "ACTIVE":
        return None
    return {"family": name, "arn": found["taskDefinition"]["taskDefinitionArn"], "tags": tags.as_dict(found.get("tags"), "key", "value")}


def _role(client: Any, wanted: Wanted, name: str, _vpcs: set[str]) -> dict[str, Any] | None:
    """Names of roles are unique per account; an environment's roles can be assumed in its Region only."""
    found = role.described(client, name)
    if found is None:
        return None
    regions = set(re.findall(r"arn:[a-z-]+:[a-z]+:([a-z]+(?:-[a-z]+)+-\d):", json.dumps(found["trust"])))
    if regions and wanted.region not in regions and ownership.is_owned(wanted.owner, found["tags"]):
        return {"elsewhere": min(regions), "tags": found["tags"]}
    return found


def _bucket(client: Any, wanted: Wanted, name: str, _vpcs: set[str]) -> dict[str, Any] | None:
    head = aws.find(client, "HeadBucket", ("404", "NoSuchBucket"), Bucket=name)
    if head is None:
        return None
    if head.get("BucketRegion", wanted.region) != wanted.region:
        return {"elsewhere": head["BucketRegion"], "tags": {}}
    return {"name": name, "tags": tags.as_dict((aws.find(client, "GetBucketTagging", ("NoSuchTagSet",), Bucket=name) or {}).get("TagSet"))}


def _project(client: Any, _wanted: Wanted, name: str, _vpcs: set[str]) -> dict[str, Any] | None:
    return next(iter(project.find_all(client, [name])), None)


def _pipeline(client: Any, _wanted: Wanted, name: str, _vpcs: set[str]) -> dict[str, Any] | None:
    return pipeline.find(client, name)


NO_DATABASE = ("DBInstanceNotFound", "DBInstanceNotFoundFault")
NO_SUBNETS = ("DBSubnetGroupNotFound", "DBSubnetGroupNotFoundFault")
NO_SETTINGS = ("DBParameterGroupNotFound", "DBParameterGroupNotFoundFault")
LOOKS: dict[str, Callable[[Any, Wanted, str, set[str]], dict[str, Any] | None]] = {
    "event rule": _by_arn("ListTagsForResource", "ResourceARN", "Tags", "rule/", ("ResourceNotFoundException",)),
    "vpc": _vpc,
    "security group": _group,
    "load balancer": _front("DescribeLoadBalancers", "LoadBalancer"),
    "target group": _front("DescribeTargetGroups", "TargetGroup"),
    "ecs cluster": _cluster,
    "ecs service": _service,
    "ecs task definition": _family,
    "codedeploy application": _by_arn("ListTagsForResource", "ResourceArn", "Tags", "application:", ("ApplicationDoesNotExistException",)),
    "database": _by_arn("ListTagsForResource", "ResourceName", "TagList", "db:", NO_DATABASE),
    "database subnet group": _by_arn("ListTagsForResource", "ResourceName", "TagList", "subgrp:", NO_SUBNETS),
    "database parameter group": _by_arn("ListTagsForResource", "ResourceName", "TagList", "pg:", NO_SETTINGS),
    "image repository": _by_arn("ListTagsForResource", "resourceArn", "tags", "repository/", ("RepositoryNotFoundException",)),
    "role": _role,
    "log group": _by_arn("ListTagsForResource", "resourceArn", "tags", "log-group:", ("ResourceNotFoundException",)),
    "parameter": _managed("Parameter"),
    "session document": _managed("Document"),
    "bucket": _bucket,
    "build project": _project,
    "pipeline": _pipeline,
}
