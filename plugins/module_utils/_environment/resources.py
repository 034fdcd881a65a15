# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What exists of one environment in AWS, whoever made it: by its name where names are ours, by its tags in EC2."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from .._core.aws import pages
from .._ssm import activation, node


@dataclass(frozen=True)
class Environment:
    """`application` and `environment` as in the tags; `name` is the prefix of what is named after both."""

    application: str
    environment: str

    @property
    def name(self) -> str:
        return f"{self.application}-{self.environment}"

    @property
    def path(self) -> str:
        return f"/{self.application}/{self.environment}/"

    def owns(self, name: str) -> bool:
        """`shop-staging` and `shop-staging-web` are ours, `shop-staging2` is another environment's."""
        return name == self.name or name.startswith(f"{self.name}-")


@dataclass(frozen=True)
class Resource:
    """`kind` in AWS's words (`ecs service`); `data` says that a destroy keeps it unless told."""

    kind: str
    id: str
    data: bool = False


Lister = Callable[[Any, Environment], list[Resource]]


def _tagged(kind: str, operation: str, key: str, id_key: str) -> Lister:
    def lister(client: Any, env: Environment) -> list[Resource]:
        filters = [{"Name": f"tag:{tag}", "Values": [value]} for tag, value in _tags(env).items()]
        return [Resource(kind, item[id_key]) for item in pages(client, operation, key, Filters=filters)]

    return lister


def _tags(env: Environment) -> dict[str, str]:
    return {"application": env.application, "environment": env.environment}


def _named(kind: str, operation: str, key: str, name_key: str, data: bool = False, **params: Any) -> Lister:
    def lister(client: Any, env: Environment) -> list[Resource]:
        items = pages(client, operation, key, **params)
        return [Resource(kind, item[name_key], data) for item in items if env.owns(item[name_key])]

    return lister


def _under_path(kind: str, operation: str, key: str, name_key: str, parameter: str, data: bool) -> Lister:
    def lister(client: Any, env: Environment) -> list[Resource]:
        return [Resource(kind, item[name_key], data) for item in pages(client, operation, key, **{parameter: env.path})]

    return lister


def _clusters(client: Any, env: Environment) -> list[Resource]:
    arns = [arn for arn in pages(client, "ListClusters", "clusterArns") if env.owns(arn.rsplit("/", 1)[1])]
    services = [
        Resource("ecs service", service.split("service/", 1)[1])
        for arn in arns
        for service in pages(client, "ListServices", "serviceArns", ("ClusterNotFoundException",), cluster=arn)
    ]
    families = pages(client, "ListTaskDefinitionFamilies", "families", familyPrefix=env.name, status="ACTIVE")
    found = [Resource("ecs cluster", arn.rsplit("/", 1)[1]) for arn in arns] + services
    return found + [Resource("ecs task definition", family) for family in families if env.owns(family)]


def _applications(client: Any, env: Environment) -> list[Resource]:
    applications = [name for name in pages(client, "ListApplications", "applications") if env.owns(name)]
    configs = [name for name in pages(client, "ListDeploymentConfigs", "deploymentConfigsList") if env.owns(name)]
    return [Resource("codedeploy application", name) for name in applications] + [
        Resource("codedeploy configuration", name) for name in configs
    ]


def _scaling(client: Any, env: Environment) -> list[Resource]:
    targets = pages(client, "DescribeScalableTargets", "ScalableTargets", ServiceNamespace="ecs")
    return [Resource("scalable target", t["ResourceId"]) for t in targets if env.owns(t["ResourceId"].split("/")[1])]


def _secrets(client: Any, env: Environment) -> list[Resource]:
    parameters = pages(client, "GetParametersByPath", "Parameters", Path=env.path, Recursive=True)
    return [Resource("parameter", item["Name"], True) for item in parameters]


def _activations(client: Any, env: Environment) -> list[Resource]:
    return [Resource("hybrid activation", item["activation_id"]) for item in activation.find(client, _tags(env))]


def _nodes(client: Any, env: Environment) -> list[Resource]:
    return [Resource("managed node", item["instance_id"]) for item in node.find(client, tags=_tags(env))]


def _documents(client: Any, env: Environment) -> list[Resource]:
    documents = pages(client, "ListDocuments", "DocumentIdentifiers", Filters=[{"Key": "Owner", "Values": ["Self"]}])
    return [Resource("session document", item["Name"]) for item in documents if env.owns(item["Name"])]


LISTERS: dict[str, tuple[Lister, ...]] = {
    "ec2": (
        _tagged("vpc", "DescribeVpcs", "Vpcs", "VpcId"),
        _tagged("subnet", "DescribeSubnets", "Subnets", "SubnetId"),
        _tagged("internet gateway", "DescribeInternetGateways", "InternetGateways", "InternetGatewayId"),
        _tagged("route table", "DescribeRouteTables", "RouteTables", "RouteTableId"),
        _tagged("security group", "DescribeSecurityGroups", "SecurityGroups", "GroupId"),
    ),
    "elbv2": (
        _named("load balancer", "DescribeLoadBalancers", "LoadBalancers", "LoadBalancerName"),
        _named("target group", "DescribeTargetGroups", "TargetGroups", "TargetGroupName"),
    ),
    "ecs": (_clusters,),
    "codedeploy": (_applications,),
    "application-autoscaling": (_scaling,),
    "rds": (
        _named("database", "DescribeDBInstances", "DBInstances", "DBInstanceIdentifier"),
        _named("database subnet group", "DescribeDBSubnetGroups", "DBSubnetGroups", "DBSubnetGroupName"),
        _named("database parameter group", "DescribeDBParameterGroups", "DBParameterGroups", "DBParameterGroupName"),
        _named("database snapshot", "DescribeDBSnapshots", "DBSnapshots", "DBSnapshotIdentifier", True, SnapshotType="manual"),
    ),
    "ecr": (_named("image repository", "DescribeRepositories", "repositories", "repositoryName", True),),
    "iam": (_named("role", "ListRoles", "Roles", "RoleName"),),
    "logs": (_under_path("log group", "DescribeLogGroups", "logGroups", "logGroupName", "logGroupNamePrefix", True),),
    "ssm": (_secrets, _documents, _activations, _nodes),
    "s3": (_named("bucket", "ListBuckets", "Buckets", "Name", True),),
}


def find(client_of: Callable[[str], Any], env: Environment) -> list[dict[str, Any]]:
    """Everything that exists of the environment, sorted by kind and id. `client_of(service)` makes a boto3 client.

    The services are asked side by side; clients are made beforehand because boto3's session is not for many threads.
    """
    work = [(lister, client) for service, listers in LISTERS.items() for client in [client_of(service)] for lister in listers]
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda pair: pair[0](pair[1], env), work)
        resources = {resource for part in found for resource in part}
    return [asdict(resource) for resource in sorted(resources, key=lambda one: (one.kind, one.id))]
