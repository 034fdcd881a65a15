"""VPCs and subnets, where moto answers otherwise than EC2 does: canonical CIDRs, Availability Zones, pages."""

from __future__ import annotations

import ipaddress
from typing import Any

from .. import world
from ..refusal import Refusal
from ..registry import operation
from ..wire import Call

# Operations that answer in pages, and the list in their answer.
PAGED = {
    "DescribeVpcs": "Vpcs",
    "DescribeSubnets": "Subnets",
    "DescribeSecurityGroups": "SecurityGroups",
    "DescribeSecurityGroupRules": "SecurityGroupRules",
    "DescribeRouteTables": "RouteTables",
    "DescribeInternetGateways": "InternetGateways",
    "DescribeNetworkAcls": "NetworkAcls",
    "DescribeNetworkInterfaces": "NetworkInterfaces",
    "DescribeNatGateways": "NatGateways",
    "DescribeVpcEndpoints": "VpcEndpoints",
}


@operation("ec2", *PAGED)
def describe(call: Call) -> dict[str, Any]:
    """One page of what moto says; moto itself takes no notice of MaxResults."""
    key = PAGED[call.operation]
    params = {name: value for name, value in call.params.items() if name not in ("MaxResults", "NextToken")}
    answer = world.forward(call, params)
    size: int | None = call.params.get("MaxResults")
    token: str = call.params.get("NextToken") or "0"
    if not token.isdigit():
        raise Refusal("InvalidParameterValue", f"Value ( {token} ) for parameter nextToken is invalid.")
    start = int(token)
    items = answer.get(key, [])[start:]
    answer.pop("NextToken", None)
    if size is None or size >= len(items):
        return {**answer, key: items}
    return {**answer, key: items[:size], "NextToken": str(start + size)}


def canonical(cidr: str) -> str:
    """EC2 stores 10.0.1.7/16 as 10.0.0.0/16."""
    return str(ipaddress.IPv4Network(cidr, strict=False))


@operation("ec2", "CreateVpc")
def create_vpc(call: Call) -> dict[str, Any]:
    params = dict(call.params)
    if "CidrBlock" in params:
        params["CidrBlock"] = canonical(params["CidrBlock"])
    return world.forward(call, params)


@operation("ec2", "CreateSubnet")
def create_subnet(call: Call) -> dict[str, Any]:
    """A subnet that somebody makes is nobody's default and gives no public addresses by itself."""
    params = dict(call.params)
    if "CidrBlock" in params:
        params["CidrBlock"] = canonical(params["CidrBlock"])
    if "AvailabilityZone" not in params and "AvailabilityZoneId" not in params:
        params["AvailabilityZone"] = f"{call.region}a"
    identifier = world.forward(call, params)["Subnet"]["SubnetId"]
    subnet = world.backend("ec2", call).get_subnet(identifier)
    subnet.default_for_az = subnet.map_public_ip_on_launch = False
    made = world.aws(call, "ec2", "DescribeSubnets", SubnetIds=[identifier])["Subnets"][0]
    return {"Subnet": made}


@operation("ec2", "DeleteSubnet")
def delete_subnet(call: Call) -> dict[str, Any]:
    """A deleted subnet uses no route table any more."""
    answer, identifier = world.forward(call), call.params["SubnetId"]
    for table in world.backend("ec2", call).route_tables.values():
        table._associations = {key: subnet for key, subnet in table._associations.items() if subnet != identifier}
    return answer
