"""What EC2 refuses of VPC endpoints (rule VPC-2)."""

from __future__ import annotations

import json
from typing import Any

from ... import world
from ...refusal import Refusal
from ...registry import rule
from ...services.ec2.gateways import repeated
from ...wire import Call
from .ids import ERRORS  # that an id is of something is asked first

GUIDE = "https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html"
GATEWAYS = ("s3", "dynamodb")
INTERFACES = frozenset(
    [
        "s3",
        "dynamodb",
        "ecr.api",
        "ecr.dkr",
        "ecs",
        "ecs-agent",
        "ecs-telemetry",
        "logs",
        "monitoring",
        "events",
        "ssm",
        "ssmmessages",
        "ec2",
        "ec2messages",
        "secretsmanager",
        "kms",
        "sts",
        "xray",
        "codebuild",
        "codedeploy",
        "codedeploy-commands-secure",
        "codepipeline",
        "codeconnections.api",
        "elasticloadbalancing",
        "application-autoscaling",
        "rds",
        "sns",
        "sqs",
        "execute-api",
        "autoscaling",
        "cloudformation",
        "servicediscovery",
        "acm-pca",
        "email-smtp",
        "lambda",
        "synthetics",
        "states",
        "scheduler",
        "backup",
        "evidently",
        "athena",
        "glue",
        "elasticache",
        "git-codecommit",
        "codecommit",
        "kinesis-streams",
        "kinesis-firehose",
        "appmesh-envoy-management",
        "bedrock-runtime",
        "guardduty-data",
        "efs",
        "elasticfilesystem",
        "wafv2",
        "signin",
        "oam",
    ]
)


def parameter(message: str) -> Refusal:
    return Refusal("InvalidParameter", message)


def _service(call: Call) -> str:
    return str(call.params.get("ServiceName", "")).removeprefix(f"com.amazonaws.{call.region}.")


@rule("VPC-2", "ec2", "CreateVpcEndpoint", source=ERRORS)
def service(call: Call) -> Refusal | None:
    """An endpoint is for a service that is there, in a way in which it can be reached. A gateway is what comes without a type."""
    name, kind = call.params.get("ServiceName"), call.params.get("VpcEndpointType", "Gateway")
    if name is None:
        return Refusal("MissingParameter", "The request must contain the parameter ServiceName")
    custom = {each.service_name for each in world.backend("ec2", call).configurations.values()}
    if name in custom or kind not in ("Gateway", "Interface"):
        return None
    short = _service(call)
    if not name.startswith(f"com.amazonaws.{call.region}.") or short not in INTERFACES:
        return Refusal("InvalidServiceName", f"The Vpc Endpoint Service '{name}' does not exist")
    if kind == "Gateway" and short not in GATEWAYS:
        return parameter("Endpoint type (Gateway) does not match available service types ([Interface]).")
    return None


@rule("VPC-2", "ec2", "CreateVpcEndpoint", source=GUIDE)
def members(call: Call) -> Refusal | None:
    """A gateway is in route tables; an interface is in subnets, under security groups."""
    wanted, kind = call.params, call.params.get("VpcEndpointType", "Gateway")
    if kind == "Gateway":
        for name in ("SubnetIds", "SecurityGroupIds", "PrivateDnsEnabled"):
            if wanted.get(name):
                return parameter(f"{name} is not supported for VPC endpoints of type Gateway.")
    if kind == "Interface" and wanted.get("RouteTableIds"):
        return parameter("Route table IDs are not supported for VPC endpoints of type Interface.")
    return None


@rule("VPC-2", "ec2", "CreateVpcEndpoint", "ModifyVpcEndpoint", source=ERRORS)
def policy(call: Call) -> Refusal | None:
    """An endpoint's policy is a policy document."""
    text = call.params.get("PolicyDocument")
    if not text:
        return None
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if isinstance(document, dict) and document.get("Statement"):
        return None
    return Refusal("InvalidPolicyDocument", "The policy document is not valid")


@rule("VPC-2", "ec2", "CreateVpcEndpoint", source=GUIDE)
def same_vpc(call: Call) -> Refusal | None:
    """Subnets, security groups and route tables are those of the endpoint's VPC; there is one subnet for an Availability Zone."""
    backend, vpc = world.backend("ec2", call), call.params["VpcId"]
    zones: set[str] = set()
    for identifier in call.params.get("SubnetIds", []):
        subnet = backend.get_subnet(identifier)
        if subnet.vpc_id != vpc:
            return parameter(f"Subnet {identifier} does not belong to VPC {vpc}")
        if subnet.availability_zone in zones:
            return Refusal(
                "DuplicateSubnetsInSameZone",
                f"Found another VPC endpoint subnet in the availability zone of {identifier}. "
                "VPC endpoint subnets should be in different availability zones supported by the VPC endpoint service.",
            )
        zones.add(subnet.availability_zone)
    for identifier in call.params.get("SecurityGroupIds", []):
        if identifier not in backend.groups.get(vpc, {}):
            return parameter(f"Security group {identifier} does not belong to VPC {vpc}")
    for identifier in call.params.get("RouteTableIds", []):
        if backend.route_tables[identifier].vpc_id != vpc:
            return parameter(f"Route table {identifier} does not belong to VPC {vpc}")
    return None


def _others(call: Call, kind: str) -> list[Any]:
    found = world.backend("ec2", call).vpc_end_points.values()
    wanted = (call.params["VpcId"], call.params.get("ServiceName"), kind)
    return [each for each in found if (each.vpc_id, each.service_name, each.vpc_endpoint_type) == wanted]


@rule("VPC-2", "ec2", "CreateVpcEndpoint", source=GUIDE)
def private_dns(call: Call) -> Refusal | None:
    """Private DNS, which is on by default, needs DNS in the VPC, and a name that no other endpoint of the VPC has."""
    if call.params.get("VpcEndpointType") != "Interface" or call.params.get("PrivateDnsEnabled") is False or repeated(call):
        return None
    vpc = call.params["VpcId"]
    found = world.backend("ec2", call).vpcs[vpc]
    if not (found.enable_dns_support and found.enable_dns_hostnames):
        return parameter(f"Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for {vpc}")
    if any(each.private_dns_enabled for each in _others(call, "Interface")):
        domain = f"{_service(call)}.{call.region}.amazonaws.com"
        return parameter(
            f"private-dns-enabled cannot be set because there is already a conflicting DNS domain for {domain} in the VPC {vpc}"
        )
    return None


@rule("VPC-2", "ec2", "CreateVpcEndpoint", source=GUIDE)
def routed(call: Call) -> Refusal | None:
    """A route table has one gateway endpoint for a service."""
    if call.params.get("VpcEndpointType", "Gateway") != "Gateway" or repeated(call):
        return None
    for other in _others(call, "Gateway"):
        for identifier in call.params.get("RouteTableIds", []):
            if identifier in (other.route_table_ids or []):
                prefix = other.destination_prefix_list_id
                text = f"route table {identifier} already has a route with destination-prefix-list-id {prefix}"
                return Refusal("RouteAlreadyExists", text)
    return None
