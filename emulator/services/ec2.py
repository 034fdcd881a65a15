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
        raise Refusal("InvalidNextToken", "The specified NextToken is not valid.")
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
    answer = world.forward(call, params)
    return {**answer, "Vpc": {**answer["Vpc"], "State": "pending"}}


def _canonical(permissions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rules as EC2 stores them: 100.68.0.18/18 is 100.68.0.0/18."""
    return [
        {**each, "IpRanges": [{**peer, "CidrIp": canonical(peer["CidrIp"])} for peer in each.get("IpRanges", [])]} for each in permissions
    ]


@operation(
    "ec2",
    *("AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress"),
    *("UpdateSecurityGroupRuleDescriptionsIngress", "UpdateSecurityGroupRuleDescriptionsEgress"),
)
def security_group_rules(call: Call) -> dict[str, Any]:
    params = dict(call.params)
    if "CidrIp" in params:
        params["CidrIp"] = canonical(params["CidrIp"])
    if "IpPermissions" in params:
        params["IpPermissions"] = _canonical(params["IpPermissions"])
    answer = world.forward(call, params)
    if call.operation.startswith("Authorize"):
        answer["SecurityGroupRules"] = [{"GroupOwnerId": call.account, **each} for each in answer.get("SecurityGroupRules", [])]
    return answer


@operation("ec2", "CreateRoute", "ReplaceRoute", "DeleteRoute")
def routes(call: Call) -> dict[str, Any]:
    params = dict(call.params)
    if "DestinationCidrBlock" in params:
        params["DestinationCidrBlock"] = canonical(params["DestinationCidrBlock"])
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
