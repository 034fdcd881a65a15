# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resources of one environment in AWS: those with its tags, and those with one of its names and other tags."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from .._cloudwatch import alarms, dashboard
from .._codebuild import project
from .._codeconnections import connection
from .._core import ownership, tags
from .._core.aws import batches, call, concurrently, find, pages
from .._events import destination
from .._ssm import activation, node
from .naming import Names

Labels = dict[str, str]
CONFIGURATION = "codedeploy configuration"


@dataclass(frozen=True)
class Resource:
    """`kind`: as `ecs service`. `data`: whether a destroy keeps it by default. `owned`: whether it has the environment's tags.

    `owner`: the owner by the resource's tags when it is not owned, else "".
    """

    kind: str
    id: str
    data: bool
    owned: bool
    owner: str


Lister = Callable[[Any, Names], list[Resource]]


def _resource(names: Names, kind: str, identity: str, labels: Labels | None, data: bool = False) -> list[Resource]:
    """[the resource] when it has the environment's tags or exactly one of its names, else [].

    `labels`: its tags; None for a kind without tags.
    """
    owned = labels is None or ownership.is_owned(names.owner, labels)
    if not owned and not names.has(kind, identity):
        return []
    return [Resource(kind, identity, data, owned, "" if owned else ownership.owner_of(labels or {}))]


def _in_network(kind: str, operation: str, key: str, id_key: str) -> Lister:
    """A lister of EC2 resources, found by tags; a VPC also by its Name."""

    def lister(client: Any, names: Names) -> list[Resource]:
        tagged = [{"Name": f"tag:{tag}", "Values": [value]} for tag, value in names.found_by.items()]
        asked = [tagged, [{"Name": "tag:Name", "Values": [names.vpc]}]] if kind == "vpc" else [tagged]
        found = {item[id_key]: tags.as_dict(item.get("Tags")) for one in asked for item in pages(client, operation, key, Filters=one)}
        owned = {identity: ownership.is_owned(names.owner, labels) for identity, labels in found.items()}
        return [
            Resource(kind, identity, False, owned[identity], "" if owned[identity] else ownership.owner_of(labels))
            for identity, labels in found.items()
        ]

    return lister


def _each(names: Names, kind: str, candidates: Iterable[str], tags_of: Callable[[str], Labels], data: bool = False) -> list[Resource]:
    """The candidates that are the environment's, or have one of its names. Tags are read only for names that `may_have` accepts."""
    return [resource for name in candidates if names.may_have(name) for resource in _resource(names, kind, name, tags_of(name), data)]


def _pairs(client: Any, operation: str, key: str, absent: Iterable[str] = (), **params: Any) -> Labels:
    return tags.as_dict(pages(client, operation, key, absent, **params))


def _load_balancers(kind: str, operation: str, key: str) -> Lister:
    def lister(client: Any, names: Names) -> list[Resource]:
        arns = {item[f"{key}Name"]: item[f"{key}Arn"] for item in pages(client, operation, f"{key}s")}

        def tags_of(name: str) -> Labels:
            return tags.as_dict(call(client, "DescribeTags", ResourceArns=[arns[name]])["TagDescriptions"][0]["Tags"])

        return _each(names, kind, arns, tags_of)

    return lister


def _clusters(client: Any, names: Names) -> list[Resource]:
    """Clusters, and the services in one of the environment's name."""
    arns = [arn for arn in pages(client, "ListClusters", "clusterArns") if names.may_have(arn.rsplit("/", 1)[1])]
    items = call(client, "DescribeClusters", clusters=arns, include=["TAGS"])["clusters"] if arns else []
    labels = {item["clusterName"]: tags.as_dict(item.get("tags"), "key", "value") for item in items}
    found = _each(names, "ecs cluster", labels, lambda name: labels[name])
    return found + [service for cluster in found for service in _services(client, names, cluster.id)]


def _services(client: Any, names: Names, cluster: str) -> list[Resource]:
    arns = pages(client, "ListServices", "serviceArns", ("ClusterNotFoundException",), cluster=cluster)
    items = [
        item
        for some in batches(arns, 10)
        for item in call(client, "DescribeServices", cluster=cluster, services=some, include=["TAGS"])["services"]
    ]
    return [
        resource
        for item in items
        for resource in _resource(names, "ecs service", f"{cluster}/{item['serviceName']}", tags.as_dict(item.get("tags"), "key", "value"))
    ]


def _families(client: Any, names: Names) -> list[Resource]:
    def tags_of(name: str) -> Labels:
        found = find(client, "DescribeTaskDefinition", ("ClientException",), taskDefinition=name, include=["TAGS"]) or {}
        return tags.as_dict(found.get("tags"), "key", "value")

    families = pages(client, "ListTaskDefinitionFamilies", "families", familyPrefix=names.cluster, status="ACTIVE")
    return _each(names, "ecs task definition", families, tags_of)


def _applications(client: Any, names: Names) -> list[Resource]:
    """A configuration has no tags and says in its name what it does."""
    here = f"arn:{client.meta.partition}:codedeploy:{client.meta.region_name}:{names.account_id}"
    configs = [name for name in pages(client, "ListDeploymentConfigs", "deploymentConfigsList") if names.has(CONFIGURATION, name)]
    applications = _each(
        names,
        "codedeploy application",
        pages(client, "ListApplications", "applications"),
        lambda name: _pairs(client, "ListTagsForResource", "Tags", ResourceArn=f"{here}:application:{name}"),
    )
    return applications + [Resource(CONFIGURATION, name, False, True, "") for name in configs]


def _scaling(client: Any, names: Names) -> list[Resource]:
    targets = pages(client, "DescribeScalableTargets", "ScalableTargets", ServiceNamespace="ecs")
    found: list[Resource] = []
    for item in (item for item in targets if item["ResourceId"].split("/")[1] == names.cluster):
        arn = item.get("ScalableTargetARN")
        labels = call(client, "ListTagsForResource", ResourceARN=arn)["Tags"] if arn else {}
        found += _resource(names, "scalable target", item["ResourceId"], labels)
    return found


def _databases(kind: str, key: str, member: str, data: bool = False, **params: Any) -> Lister:
    def lister(client: Any, names: Names) -> list[Resource]:
        # A snapshot is called as a person likes; it is known by its instance.
        items = pages(client, f"Describe{key}s", f"{key}s", **params)
        near = {item[member]: item for item in items if names.may_have(item.get("DBInstanceIdentifier", item[member]))}

        def tags_of(item: dict[str, Any]) -> Labels:
            known = item.get("TagList")
            return (
                tags.as_dict(known)
                if known is not None
                else _pairs(client, "ListTagsForResource", "TagList", ResourceName=item[f"{key}Arn"])
            )

        return [resource for name, item in near.items() for resource in _resource(names, kind, name, tags_of(item), data)]

    return lister


def _repositories(client: Any, names: Names) -> list[Resource]:
    arns = {item["repositoryName"]: item["repositoryArn"] for item in pages(client, "DescribeRepositories", "repositories")}
    return _each(names, "image repository", arns, lambda name: _pairs(client, "ListTagsForResource", "tags", resourceArn=arns[name]), True)


def _roles(client: Any, names: Names) -> list[Resource]:
    found = [item["RoleName"] for item in pages(client, "ListRoles", "Roles")]
    return _each(names, "role", found, lambda name: _pairs(client, "ListRoleTags", "Tags", ("NoSuchEntity",), RoleName=name))


def _log_groups(client: Any, names: Names) -> list[Resource]:
    prefixes = (f"{names.path}/", f"/aws/rds/instance/{names.database}/", *names.build_log_groups.values(), names.pipeline_log_group)
    items = [item for prefix in prefixes for item in pages(client, "DescribeLogGroups", "logGroups", logGroupNamePrefix=prefix)]
    found: list[Resource] = []
    for item in items:
        arn = item.get("logGroupArn") or item["arn"].removesuffix(":*")
        answer = find(client, "ListTagsForResource", ("ResourceNotFoundException",), resourceArn=arn) or {}
        found += _resource(names, "log group", item["logGroupName"], answer.get("tags", {}), True)
    return found


def _parameters(client: Any, names: Names) -> list[Resource]:
    found = [item["Name"] for item in pages(client, "GetParametersByPath", "Parameters", Path=names.path, Recursive=True)]
    return [resource for name in found for resource in _resource(names, "parameter", name, _of_manager(client, "Parameter", name), True)]


def _documents(client: Any, names: Names) -> list[Resource]:
    listed = pages(client, "ListDocuments", "DocumentIdentifiers", Filters=[{"Key": "Owner", "Values": ["Self"]}])
    return _each(names, "session document", [item["Name"] for item in listed], lambda name: _of_manager(client, "Document", name))


def _of_manager(client: Any, kind: str, name: str) -> Labels:
    return _pairs(client, "ListTagsForResource", "TagList", ("InvalidResourceId",), ResourceType=kind, ResourceId=name)


def _activations(client: Any, names: Names) -> list[Resource]:
    return [Resource("hybrid activation", item["activation_id"], False, True, "") for item in activation.find(client, names.found_by)]


def _nodes(client: Any, names: Names) -> list[Resource]:
    return [Resource("managed node", item["instance_id"], False, True, "") for item in node.find(client, tags=names.found_by)]


def _projects(client: Any, names: Names) -> list[Resource]:
    near = [name for name in pages(client, "ListProjects", "projects") if names.may_have(name)]
    found = project.find_all(client, near)
    return [resource for item in found for resource in _resource(names, "build project", item["name"], item["tags"])]


def _pipelines(client: Any, names: Names) -> list[Resource]:
    here = f"arn:{client.meta.partition}:codepipeline:{client.meta.region_name}:{names.account_id}"

    def tags_of(name: str) -> Labels:
        return tags.as_dict(pages(client, "ListTagsForResource", "tags", resourceArn=f"{here}:{name}"), "key", "value")

    return _each(names, "pipeline", [item["name"] for item in pages(client, "ListPipelines", "pipelines")], tags_of)


def _connections(client: Any, names: Names) -> list[Resource]:
    """Names of connections are not unique: only those with the environment's tags are its own."""
    found: list[Resource] = []
    for item in connection.listed(client):
        if names.may_have(item["ConnectionName"]):
            labels = _pairs(client, "ListTagsForResource", "Tags", ("ResourceNotFoundException",), ResourceArn=item["ConnectionArn"])
            if ownership.is_owned(names.owner, labels):
                found.append(Resource("connection", item["ConnectionArn"], False, True, ""))
    return found


def _alarms(client: Any, names: Names) -> list[Resource]:
    found = alarms.owned(client, names.alarm_prefix)
    return [resource for item in found for resource in _resource(names, "alarm", item["name"], item["tags"])]


def _dashboards(client: Any, names: Names) -> list[Resource]:
    found = dashboard.find(client, names.dashboard)
    return _resource(names, "dashboard", names.dashboard, found["tags"]) if found else []


def _topics(client: Any, names: Names) -> list[Resource]:
    arns = {item["TopicArn"].rpartition(":")[2]: item["TopicArn"] for item in pages(client, "ListTopics", "Topics")}
    absent = ("ResourceNotFound", "ResourceNotFoundException")
    return _each(names, "topic", arns, lambda name: _pairs(client, "ListTagsForResource", "Tags", absent, ResourceArn=arns[name]))


def _event_rules(client: Any, names: Names) -> list[Resource]:
    listed = pages(client, "ListRules", "Rules", NamePrefix=f"{names.environment_name}-")
    arns = {item["Name"]: item["Arn"] for item in listed}
    absent = ("ResourceNotFoundException",)
    return _each(names, "event rule", arns, lambda name: _pairs(client, "ListTagsForResource", "Tags", absent, ResourceARN=arns[name]))


def _chats(client: Any, names: Names) -> list[Resource]:
    """They have no tags; their descriptions say whose they are."""
    found = destination.find(client, names.api_destination, "")
    return _resource(names, "api destination", names.api_destination, found["tags"]) if found else []


def _buckets(client: Any, names: Names) -> list[Resource]:
    absent = ("NoSuchTagSet", "NoSuchBucket")
    found = [item["Name"] for item in pages(client, "ListBuckets", "Buckets")]
    return _each(names, "bucket", found, lambda name: _pairs(client, "GetBucketTagging", "TagSet", absent, Bucket=name), True)


LISTERS: dict[str, tuple[Lister, ...]] = {
    "ec2": (
        _in_network("vpc", "DescribeVpcs", "Vpcs", "VpcId"),
        _in_network("subnet", "DescribeSubnets", "Subnets", "SubnetId"),
        _in_network("internet gateway", "DescribeInternetGateways", "InternetGateways", "InternetGatewayId"),
        _in_network("route table", "DescribeRouteTables", "RouteTables", "RouteTableId"),
        _in_network("security group", "DescribeSecurityGroups", "SecurityGroups", "GroupId"),
    ),
    "elbv2": (
        _load_balancers("load balancer", "DescribeLoadBalancers", "LoadBalancer"),
        _load_balancers("target group", "DescribeTargetGroups", "TargetGroup"),
    ),
    "ecs": (_clusters, _families),
    "cloudwatch": (_alarms, _dashboards),
    "codebuild": (_projects,),
    "codeconnections": (_connections,),
    "codedeploy": (_applications,),
    "codepipeline": (_pipelines,),
    "application-autoscaling": (_scaling,),
    "rds": (
        _databases("database", "DBInstance", "DBInstanceIdentifier"),
        _databases("database subnet group", "DBSubnetGroup", "DBSubnetGroupName"),
        _databases("database parameter group", "DBParameterGroup", "DBParameterGroupName"),
        _databases("database snapshot", "DBSnapshot", "DBSnapshotIdentifier", True, SnapshotType="manual"),
    ),
    "ecr": (_repositories,),
    "events": (_event_rules, _chats),
    "iam": (_roles,),
    "logs": (_log_groups,),
    "ssm": (_parameters, _documents, _activations, _nodes),
    "sns": (_topics,),
    "s3": (_buckets,),
}


def find_all(client_of: Callable[[str], Any], names: Names, services: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Everything that exists of the environment, or what of it is of some services, sorted by kind and id.

    `client_of(service)` makes a boto3 client.

    The services are called in threads; the clients are made before, because boto3's sessions are not thread-safe.
    """
    asked = {service: listers for service, listers in LISTERS.items() if not services or service in services}
    work = [(lister, client) for service, listers in asked.items() for client in [client_of(service)] for lister in listers]
    found = concurrently(lambda pair: pair[0](pair[1], names), work)
    resources = {resource for part in found for resource in part}
    return [asdict(resource) for resource in sorted(resources, key=lambda one: (one.kind, one.id))]
