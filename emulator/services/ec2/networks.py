"""VPCs and subnets, where moto answers otherwise than EC2 does: canonical CIDRs, Availability Zones, pages."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import Any

from ... import world
from ...refusal import Refusal
from ...registry import operation
from ...wire import Call
from . import reach

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

# Peers of security group rules, and what says who they are.
LISTS = ("IpRanges", "Ipv6Ranges", "UserIdGroupPairs")
KEYS = ("CidrIp", "CidrIpv6", "GroupId")


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
    _default_group(call, answer["Vpc"]["VpcId"])
    return {**answer, "Vpc": {**answer["Vpc"], "State": "pending"}}


def _default_group(call: Call, vpc: str) -> None:
    """Those that are in the default group of a VPC reach each other."""
    group = world.backend("ec2", call).get_security_group_from_name("default", vpc_id=vpc).id
    own = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group, "UserId": call.account}]}]
    world.aws(call, "ec2", "AuthorizeSecurityGroupIngress", GroupId=group, IpPermissions=own)


def _canonical(permissions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rules as EC2 stores them: 100.68.0.18/18 is 100.68.0.0/18."""
    return [
        {**each, "IpRanges": [{**peer, "CidrIp": canonical(peer["CidrIp"])} for peer in each.get("IpRanges", [])]} for each in permissions
    ]


def _live(call: Call, permission: dict[str, Any], peer: dict[str, str]) -> dict[str, str] | None:
    """Of the rule with this protocol, these ports and this peer, whatever its description: the peer as moto keeps it."""
    group = world.backend("ec2", call).get_security_group_from_id(call.params.get("GroupId", ""))
    if group is None:
        return None
    wanted = [peer[key] for key in KEYS if key in peer]
    for each in group.ingress_rules if call.operation.endswith("Ingress") else group.egress_rules:
        traffic = each.ip_protocol == "-1" or (each.from_port, each.to_port) == (permission.get("FromPort"), permission.get("ToPort"))
        kept: dict[str, str] = each.ip_range or each.source_group
        if each.ip_protocol == permission["IpProtocol"] and traffic and wanted == [kept[key] for key in KEYS if key in kept]:
            return kept
    return None


@operation("ec2", "UpdateSecurityGroupRuleDescriptionsIngress", "UpdateSecurityGroupRuleDescriptionsEgress")
def descriptions(call: Call) -> dict[str, Any]:
    """A rule is found by all but its description, and has none any more when none is given."""
    peers = [(each, peer) for each in _canonical(call.params.get("IpPermissions", [])) for key in LISTS for peer in each.get(key, [])]
    found = [_live(call, each, peer) for each, peer in peers]
    for kept, (_permission, peer) in zip(found, peers, strict=True):
        if kept is None:
            raise Refusal("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
        kept.pop("Description", None)
        kept.update({"Description": peer["Description"]} if "Description" in peer else {})
    return {"Return": True}


@operation("ec2", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress")
def revoke(call: Call) -> dict[str, Any]:
    """A rule is revoked without saying its description; moto compares that of a group."""
    permissions = [
        {**each, "UserIdGroupPairs": [_as_kept(pair, _live(call, each, pair) or {}) for pair in each.get("UserIdGroupPairs", [])]}
        for each in call.params.get("IpPermissions", [])
    ]
    return security_group_rules(replace(call, params={**call.params, "IpPermissions": permissions}) if permissions else call)


def _as_kept(pair: dict[str, str], kept: dict[str, str]) -> dict[str, str]:
    bare = {key: value for key, value in pair.items() if key != "Description"}
    return {**bare, "Description": kept["Description"]} if "Description" in kept else bare


@operation("ec2", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress")
def security_group_rules(call: Call) -> dict[str, Any]:
    params = dict(call.params)
    if "CidrIp" in params:
        params["CidrIp"] = canonical(params["CidrIp"])
    if "IpPermissions" in params:
        params["IpPermissions"] = _canonical(params["IpPermissions"])
    answer = world.forward(call, params)
    reach.notice(call)
    if call.operation.startswith("Authorize"):
        answer["SecurityGroupRules"] = [{"GroupOwnerId": call.account, **each} for each in answer.get("SecurityGroupRules", [])]
    return answer


@operation("ec2", "ModifyNetworkInterfaceAttribute", "ModifySecurityGroupRules")
def regrouped(call: Call) -> dict[str, Any]:
    answer = world.forward(call)
    reach.notice(call)
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


@operation("ec2", "CreateRouteTable")
def create_route_table(call: Call) -> dict[str, Any]:
    """A token that was used before answers with what was made then."""
    known = world.store("ec2", call).setdefault("route-table-tokens", {})
    token = call.params.get("ClientToken")
    if token is None or token not in known:
        known[token] = world.forward(call, {name: value for name, value in call.params.items() if name != "ClientToken"})
    return dict(known[token])


@operation("ec2", "DeleteSubnet")
def delete_subnet(call: Call) -> dict[str, Any]:
    """A deleted subnet uses no route table any more."""
    answer, identifier = world.forward(call), call.params["SubnetId"]
    for table in world.backend("ec2", call).route_tables.values():
        table._associations = {key: subnet for key, subnet in table._associations.items() if subnet != identifier}
    return answer
