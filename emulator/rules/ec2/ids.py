"""What EC2 refuses of ids: those that have not the form of an id, and those of nothing (rule VPC-3).

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ... import world
from ...refusal import Refusal
from ...registry import rule
from ...wire import Call

ERRORS = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"


@dataclass(frozen=True)
class Kind:
    """A kind of id: how it begins, what EC2 says of a wrong and of an unknown one, and where moto has what it names."""

    prefix: str
    malformed: str
    unknown: str
    message: str
    table: Callable[[Any], Any]


def _grouped(attribute: str) -> Callable[[Any], Any]:
    return lambda backend: {identifier for items in getattr(backend, attribute).values() for identifier in items}


def _table(attribute: str) -> Callable[[Any], Any]:
    return lambda backend: getattr(backend, attribute)


VPC = Kind("vpc", "InvalidVpcID.Malformed", "InvalidVpcID.NotFound", "The vpc ID '{}' does not exist", _table("vpcs"))
SUBNET = Kind("subnet", "InvalidSubnetID.Malformed", "InvalidSubnetID.NotFound", "The subnet ID '{}' does not exist", _grouped("subnets"))
GROUP = Kind("sg", "InvalidGroupId.Malformed", "InvalidGroup.NotFound", "The security group '{}' does not exist", _grouped("groups"))
TABLE = Kind(
    "rtb", "InvalidRouteTableId.Malformed", "InvalidRouteTableID.NotFound", "The routeTable ID '{}' does not exist", _table("route_tables")
)
INTERNET = Kind(
    "igw",
    "InvalidInternetGatewayId.Malformed",
    "InvalidInternetGatewayID.NotFound",
    "The internetGateway ID '{}' does not exist",
    _table("internet_gateways"),
)
ENDPOINT = Kind(
    "vpce",
    "InvalidVpcEndpointId.Malformed",
    "InvalidVpcEndpointId.NotFound",
    "The Vpc Endpoint Id '{}' does not exist",
    _table("vpc_end_points"),
)
NAT = Kind("nat", "NatGatewayMalformed", "NatGatewayNotFound", "NatGateway {} was not found", _table("nat_gateways"))
ADDRESS = Kind(
    "eipalloc",
    "InvalidAllocationID.Malformed",
    "InvalidAllocationID.NotFound",
    "The allocation ID '{}' does not exist",
    lambda backend: {address.allocation_id for address in backend.addresses},
)
INTERFACE = Kind(
    "eni",
    "InvalidNetworkInterfaceId.Malformed",
    "InvalidNetworkInterfaceID.NotFound",
    "The networkInterface ID '{}' does not exist",
    _table("enis"),
)
PREFIXES = Kind(
    "pl",
    "InvalidPrefixListId.Malformed",
    "InvalidPrefixListID.NotFound",
    "The prefix list ID '{}' does not exist",
    _table("managed_prefix_lists"),
)


def _rules(backend: Any) -> set[str]:
    groups = [group for items in backend.groups.values() for group in items.values()]
    return {each.id for group in groups for each in (*group.ingress_rules, *group.egress_rules)}


RULE = Kind(
    "sgr",
    "InvalidSecurityGroupRuleId.Malformed",
    "InvalidSecurityGroupRuleId.NotFound",
    "The security group rule ID '{}' does not exist",
    _rules,
)
MEMBERS = {
    "SecurityGroupRuleIds": RULE,
    "VpcId": VPC,
    "VpcIds": VPC,
    "SubnetId": SUBNET,
    "SubnetIds": SUBNET,
    "AddSubnetIds": SUBNET,
    "GroupId": GROUP,
    "GroupIds": GROUP,
    "SecurityGroupIds": GROUP,
    "AddSecurityGroupIds": GROUP,
    "RouteTableId": TABLE,
    "RouteTableIds": TABLE,
    "AddRouteTableIds": TABLE,
    "InternetGatewayId": INTERNET,
    "InternetGatewayIds": INTERNET,
    "VpcEndpointId": ENDPOINT,
    "NatGatewayId": NAT,
    "NatGatewayIds": NAT,
    "AllocationId": ADDRESS,
    "AllocationIds": ADDRESS,
    "NetworkInterfaceId": INTERFACE,
    "NetworkInterfaceIds": INTERFACE,
}
OPERATIONS = (
    *("CreateSubnet", "DeleteVpc", "DescribeVpcs", "DescribeVpcAttribute", "ModifyVpcAttribute", "CreateSecurityGroup"),
    *("DeleteSubnet", "DescribeSubnets", "ModifySubnetAttribute", "CreateRouteTable", "DeleteRouteTable", "DescribeRouteTables"),
    *("AssociateRouteTable", "CreateRoute", "DeleteRoute", "ReplaceRoute", "ReplaceRouteTableAssociation"),
    *("AttachInternetGateway", "DetachInternetGateway", "DeleteInternetGateway", "DescribeInternetGateways"),
    *("DescribeSecurityGroups", "DeleteSecurityGroup", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"),
    *("RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress", "ModifySecurityGroupRules", "DescribeSecurityGroupRules"),
    *("UpdateSecurityGroupRuleDescriptionsIngress", "UpdateSecurityGroupRuleDescriptionsEgress"),
    *("CreateVpcEndpoint", "ModifyVpcEndpoint", "CreateNatGateway", "DeleteNatGateway", "DescribeNatGateways"),
    *("ReleaseAddress", "DescribeAddresses", "DescribeNetworkInterfaces", "DeleteNetworkInterface", "CreateNetworkInterface"),
)


def ids(params: dict[str, Any]) -> Iterator[tuple[Kind, str]]:
    """Each id that a request names, those of rules' source groups too."""
    for member, kind in MEMBERS.items():
        value = params.get(member)
        for identifier in [value] if isinstance(value, str) else value or []:
            yield kind, identifier
    gateway = params.get("GatewayId", "")
    if gateway.startswith("igw-"):
        yield INTERNET, gateway
    for permission in params.get("IpPermissions", []):
        for pair in permission.get("UserIdGroupPairs", []):
            if "GroupId" in pair:
                yield GROUP, pair["GroupId"]
        for entry in permission.get("PrefixListIds", []):
            yield PREFIXES, entry.get("PrefixListId", "")


@rule("VPC-3", "ec2", *OPERATIONS, source=ERRORS)
def malformed(call: Call) -> Refusal | None:
    """An id is its kind's prefix and 8 or 17 hexadecimal digits."""
    for kind, identifier in ids(call.params):
        if not re.fullmatch(rf"{kind.prefix}-([0-9a-f]{{8}}|[0-9a-f]{{17}})", identifier):
            return Refusal(kind.malformed, f'Invalid id: "{identifier}" (expecting "{kind.prefix}-...")')
    return None


@rule("VPC-3", "ec2", *OPERATIONS, source=ERRORS)
def unknown(call: Call) -> Refusal | None:
    """An id that is well formed may still be of nothing."""
    backend = world.backend("ec2", call)
    for kind, identifier in ids(call.params):
        if identifier not in kind.table(backend):
            return Refusal(kind.unknown, kind.message.format(identifier))
    return None


@rule("VPC-3", "ec2", "CreateTags", source=ERRORS)
def tagged(call: Call) -> Refusal | None:
    """Tags are for things that are there."""
    backend = world.backend("ec2", call)
    kinds = {kind.prefix: kind for kind in MEMBERS.values()}
    for identifier in call.params["Resources"]:
        kind = kinds.get(identifier.rsplit("-", 1)[0])
        if kind and identifier not in kind.table(backend):
            return Refusal(kind.unknown, kind.message.format(identifier))
        if kind is None and "-" not in identifier:
            return Refusal("InvalidID", f"The ID '{identifier}' is not valid")
    return None


PAGES = {
    "DescribeVpcs": "VpcIds",
    "DescribeSubnets": "SubnetIds",
    "DescribeSecurityGroups": "GroupIds",
    "DescribeSecurityGroupRules": "SecurityGroupRuleIds",
    "DescribeNetworkAcls": "NetworkAclIds",
    "DescribeRouteTables": "RouteTableIds",
    "DescribeInternetGateways": "InternetGatewayIds",
    "DescribeNetworkInterfaces": "NetworkInterfaceIds",
    "DescribeNatGateways": "NatGatewayIds",
    "DescribeVpcEndpoints": "VpcEndpointIds",
}


@rule("VPC-3", "ec2", *PAGES, source="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html#api-pagination")
def page(call: Call) -> Refusal | None:
    """A page has 5 to 1000 entries, 100 for route tables, and is not for those who name what they want."""
    size = call.params.get("MaxResults")
    if size is None:
        return None
    most = 100 if call.operation == "DescribeRouteTables" else 1000
    if not 5 <= size <= most:
        bound = "greater than 5" if size < 5 else f"less than or equal to {most}"
        return Refusal("InvalidParameterValue", f"Value ( {size} ) for parameter maxResults is invalid. Expecting a value {bound}.")
    if call.params.get(PAGES[call.operation]) and call.operation not in ("DescribeNatGateways", "DescribeVpcEndpoints"):
        name = PAGES[call.operation]
        text = f"The parameter {name[0].lower() + name[1:]} cannot be used with the parameter maxResults"
        return Refusal("InvalidParameterCombination", text)
    return None
