"""Whether a task reaches what it needs: by a public address, a NAT gateway, or VPC endpoints (VPC-1).

A VPC in which nothing leads out at all, no default route and no endpoint, is not judged: there is no network to speak of yet.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html
"""

from __future__ import annotations

from typing import Any

from ... import world
from ...wire import Call
from . import needs
from . import task as ecs_task
from .shapes import ContainerDefinition, Task

ANYWHERE = "0.0.0.0/0"
CHECK = "Check your task network configuration."


def _of_vpc(vpc: str) -> list[dict[str, Any]]:
    return [{"Name": "vpc-id", "Values": [vpc]}]


def _table(tables: list[dict[str, Any]], subnet: str) -> dict[str, Any]:
    """The route table of a subnet: its own, else the main one of the VPC."""
    own = next((table for table in tables if any(item.get("SubnetId") == subnet for item in table.get("Associations", []))), None)
    return own or next(table for table in tables if any(item.get("Main") for item in table.get("Associations", [])))


def _outward(table: dict[str, Any]) -> dict[str, Any] | None:
    """The active default route of a table."""
    routes = [route for route in table.get("Routes", []) if route.get("DestinationCidrBlock") == ANYWHERE]
    return next((route for route in routes if route.get("State", "active") == "active"), None)


def _endpoints(call: Call, vpc: str, table: dict[str, Any]) -> set[str]:
    """The services that endpoints of the VPC lead to; a gateway endpoint counts for the route tables that it is attached to."""
    found = world.aws(call, "ec2", "DescribeVpcEndpoints", Filters=_of_vpc(vpc))["VpcEndpoints"]
    names = set()
    for endpoint in found:
        gateway = endpoint.get("VpcEndpointType", "Gateway") == "Gateway"
        if not gateway or table["RouteTableId"] in endpoint.get("RouteTableIds", []):
            name = endpoint["ServiceName"].split(f"{call.region}.", 1)[-1]
            # S3 through an interface endpoint does not serve ECR's layers.
            names.add(name if gateway or name != "s3" else "s3 (interface)")
    return names


def unreachable(call: Call, task: Task) -> tuple[str, str]:
    """Why the task cannot reach what it needs, and the container to blame if one is: ("", "") when it can."""
    subnet = ecs_task.subnet(call, task["subnet"]) if "subnet" in task else None
    if subnet is None:
        return "", ""
    vpc = subnet.vpc_id
    tables = world.aws(call, "ec2", "DescribeRouteTables", Filters=_of_vpc(vpc))["RouteTables"]
    table = _table(tables, task["subnet"])
    route = _outward(table)
    public = task["network"].get("assignPublicIp") == "ENABLED"
    if route is not None and (public or not route.get("GatewayId", "").startswith("igw-")):
        return "", ""
    endpoints = _endpoints(call, vpc, table)
    if not endpoints and not any(_outward(each) for each in tables):
        return "", ""
    for container in task["definition"]:
        if reason := _lacking(container, endpoints):
            return reason, container["name"] if reason.startswith("CannotPull") else ""
    return "", ""


def _lacking(container: ContainerDefinition, endpoints: set[str]) -> str:
    prefix = "ResourceInitializationError: unable to pull secrets or registry auth"
    match = needs.ECR_IMAGE.fullmatch(container["image"])
    if match and not {"ecr.api", "ecr.dkr"} <= endpoints:
        text = "The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR."
        return f"{prefix}: {text} {CHECK}"
    for secret in container.get("secrets", []):
        service = "secretsmanager" if ":secretsmanager:" in secret["valueFrom"] else "ssm"
        if service not in endpoints:
            name = {"ssm": "AWS Systems Manager", "secretsmanager": "AWS Secrets Manager"}[service]
            text = f"unable to retrieve secrets from {service}: There is a connection issue between the task and {name}."
            return f"{prefix}: execution resource retrieval failed: {text} {CHECK}"
    if not match or "s3" not in endpoints:
        return (
            f"CannotPullContainerError: The task cannot pull image '{container['image']}'. "
            f"There is a connection issue between the task and the registry. {CHECK}"
        )
    if needs.log_group(container) and "logs" not in endpoints:
        text = "There is a connection issue between the task and Amazon CloudWatch."
        return f"ResourceInitializationError: failed to validate logger args: {text} {CHECK}"
    return ""
