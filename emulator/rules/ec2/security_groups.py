"""What EC2 refuses of security groups and their rules (rule VPC-3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ... import world
from ...refusal import Refusal
from ...registry import rule
from ...services.ec2.holders import holders
from ...wire import Call
from .ids import ERRORS
from .networks import network

GUIDE = "https://docs.aws.amazon.com/vpc/latest/userguide/creating-security-groups.html"
TEXT = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]*")
RULES = ("AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress")
PROTOCOLS = {"tcp", "udp", "icmp", "icmpv6", "-1", "all", "6", "17", "1", "58"}
NAMES = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1"}
# With these protocols a rule has ports.
PORTED = {"tcp", "udp", "6", "17"}


def invalid(message: str) -> Refusal:
    return Refusal("InvalidParameterValue", message)


@rule("VPC-3", "ec2", "CreateSecurityGroup", source=GUIDE)
def group(call: Call) -> Refusal | None:
    """A group has a name of its own in its VPC, neither default nor like an id, and a description in plain characters."""
    name, backend = call.params["GroupName"], world.backend("ec2", call)
    if name.lower() == "default":
        return Refusal("InvalidGroup.Reserved", "Cannot use reserved security group name: default")
    if name.startswith("sg-"):
        return invalid(f"Value ({name}) for parameter GroupName is invalid. Group names cannot begin with sg-")
    for parameter, value in (("GroupName", name), ("GroupDescription", call.params["Description"])):
        if not value:
            return Refusal("MissingParameter", f"The request must contain the parameter {parameter}")
        if len(value) > 255:
            return invalid(f"Value ({value}) for parameter {parameter} is invalid. It exceeds the limit of 255 characters")
        if not TEXT.fullmatch(value):
            allowed = "Valid characters are a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+=&;{}!$*"
            return invalid(f"Value ({value}) for parameter {parameter} is invalid. {allowed}")
    vpc = call.params.get("VpcId") or next((each.id for each in backend.vpcs.values() if each.is_default), None)
    if vpc is None:
        return Refusal("VPCIdNotSpecified", "No default VPC for this user")
    if any(each.name == name for each in backend.groups.get(vpc, {}).values()):
        return Refusal("InvalidGroup.Duplicate", f"The security group '{name}' already exists for VPC '{vpc}'")
    return None


@rule("VPC-3", "ec2", "DeleteSecurityGroup", source="https://docs.aws.amazon.com/vpc/latest/userguide/deleting-security-groups.html")
def held(call: Call) -> Refusal | None:
    """A group that something uses or another group's rule names stays, and so does a VPC's default group."""
    backend = world.backend("ec2", call)
    groups = [each for items in backend.groups.values() for each in items.values()]
    wanted = call.params.get("GroupId")
    found = next((each for each in groups if wanted in (each.id, None) and (wanted or each.name == call.params.get("GroupName"))), None)
    if found is None:
        return None
    if found.name == "default":
        return Refusal("CannotDelete", f'the specified group: "{found.id}" name: "default" cannot be deleted by a user')
    used = any(found.id in holder.groups for holder in holders(call))
    named = any(found.id in _sources(each) for each in groups if each is not found)
    if used or named:
        return Refusal("DependencyViolation", f"resource {found.id} has a dependent object")
    return None


@rule(
    "VPC-3",
    "ec2",
    "DescribeSecurityGroups",
    source="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html",
)
def named(call: Call) -> Refusal | None:
    """Groups are asked for by name in the default VPC only."""
    backend = world.backend("ec2", call)
    default = next((each.id for each in backend.vpcs.values() if each.is_default), "")
    known = {each.name for each in backend.groups.get(default, {}).values()}
    for name in call.params.get("GroupNames", []):
        if name not in known:
            return Refusal("InvalidGroup.NotFound", f"The security group '{name}' does not exist in default VPC '{default}'")
    return None


def _sources(found: Any) -> set[str]:
    rules = [*found.ingress_rules, *found.egress_rules]
    return {each.source_group["GroupId"] for each in rules if each.source_group and "GroupId" in each.source_group}


def permissions(params: dict[str, Any]) -> list[dict[str, Any]]:
    """The rules of a request: a list of them, or one that is written out."""
    if params.get("IpPermissions"):
        return list(params["IpPermissions"])
    if "IpProtocol" not in params:
        return []
    one: dict[str, Any] = {name: params[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in params}
    return [{**one, "IpRanges": [{"CidrIp": params["CidrIp"]}] if "CidrIp" in params else []}]


@rule("VPC-3", "ec2", *RULES, source=GUIDE)
def protocol(call: Call) -> Refusal | None:
    """A rule says which protocol, with TCP and UDP which ports, and who."""
    wanted = permissions(call.params)
    if not wanted:
        return Refusal("MissingParameter", "Either 'ipPermissions' or 'ipProtocol' should be provided")
    for permission in wanted:
        if refusal := _ports(permission):
            return refusal
        peers = [permission.get(name) for name in ("IpRanges", "Ipv6Ranges", "UserIdGroupPairs", "PrefixListIds")]
        if not any(peers):
            text = "Source group/CIDR missing: the request must contain at least one of ipRanges, ipv6Ranges, groups and prefixListIds"
            return invalid(text)
    return None


def _ports(permission: dict[str, Any]) -> Refusal | None:
    name = str(permission.get("IpProtocol", ""))
    if name.lower() not in PROTOCOLS and not (name.isdigit() and int(name) < 256):
        return invalid(f"Invalid value '{name}' for IP protocol. Unknown protocol.")
    if name.lower() not in PORTED:
        return None
    low, high = permission.get("FromPort"), permission.get("ToPort")
    if low is None or high is None:
        return invalid("Invalid value for portRange. Must specify both from and to ports with TCP/UDP.")
    if not (0 <= low <= 65535 and 0 <= high <= 65535):
        return invalid(f"Invalid value '{low}-{high}' for portRange. Ports must be between 0 and 65535.")
    if low > high:
        return invalid("Invalid TCP/UDP port range: from port is greater than to port.")
    return None


def _each(permission: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """What distinguishes the rules that one permission is."""
    name = NAMES.get(str(permission["IpProtocol"]).lower(), str(permission["IpProtocol"]).lower())
    ports = (None, None) if name == "-1" else (permission.get("FromPort"), permission.get("ToPort"))
    for peer in permission.get("IpRanges", []):
        yield name, *ports, str(network(peer.get("CidrIp", "")))
    for member, key in (("Ipv6Ranges", "CidrIpv6"), ("UserIdGroupPairs", "GroupId"), ("PrefixListIds", "PrefixListId")):
        for peer in permission.get(member, []):
            yield name, *ports, peer.get(key)


def _present(found: Any) -> tuple[Any, ...]:
    """The same of a rule that is there."""
    cidr = found.ip_range.get("CidrIp")
    peer = str(network(cidr)) if cidr else found.ip_range.get("CidrIpv6") or found.source_group.get("GroupId") or found.prefix_list_id
    return found.ip_protocol, found.from_port, found.to_port, peer


@rule("VPC-3", "ec2", *RULES, source=ERRORS)
def twice(call: Call) -> Refusal | None:
    """A rule is there once, whatever its description; a request with one that is there already adds none of its rules."""
    wanted = [key for permission in permissions(call.params) for key in _each(permission)]
    if len(set(wanted)) < len(wanted):
        return invalid("The same permission must not appear multiple times")
    groups = (each for items in world.backend("ec2", call).groups.values() for each in items.values())
    found = next((each for each in groups if each.id == call.params.get("GroupId")), None)
    if found is None:
        return None
    kept = found.ingress_rules if call.operation.endswith("Ingress") else found.egress_rules
    for key in wanted:
        if key in {_present(each) for each in kept}:
            text = f'the specified rule "peer: {key[3]}, {key[0]}, from port: {key[1]}, to port: {key[2]}, ALLOW" already exists'
            return Refusal("InvalidPermission.Duplicate", text)
    return None


@rule("VPC-3", "ec2", *RULES, source=GUIDE)
def peers(call: Call) -> Refusal | None:
    """A peer is a CIDR block without host bits; a description is plain."""
    for permission in permissions(call.params):
        for peer in permission.get("IpRanges", []):
            if network(peer.get("CidrIp", "")) is None:
                return invalid(f"CIDR block {peer.get('CidrIp', '')} is malformed")
        described = [*permission.get("IpRanges", []), *permission.get("UserIdGroupPairs", [])]
        for text in (peer.get("Description", "") for peer in described):
            if len(text) > 255 or not TEXT.fullmatch(text):
                return invalid(
                    "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set: "
                    "a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
                )
    return None
