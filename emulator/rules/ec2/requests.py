"""What EC2 refuses of requests of every kind: unknown filters, tags, and dry runs (rule VPC-3)."""

from __future__ import annotations

import re
from functools import cache

from ... import world
from ...refusal import Refusal
from ...registry import rule
from ...wire import Call, service_model
from .ids import ERRORS  # that an id is of something is asked first

FILTERING = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html"
TAGGING = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html"
FILTERED = (
    *("DescribeVpcs", "DescribeSubnets", "DescribeSecurityGroups", "DescribeSecurityGroupRules", "DescribeRouteTables"),
    *("DescribeInternetGateways", "DescribeNetworkAcls", "DescribeNetworkInterfaces", "DescribeNatGateways", "DescribeVpcEndpoints"),
    *("DescribeAddresses", "DescribeAvailabilityZones", "DescribeDhcpOptions", "DescribePrefixLists", "DescribeManagedPrefixLists"),
    *("DescribeRegions", "DescribeTags"),
)
# Filters that EC2 takes and its model does not list.
UNLISTED = {
    "DescribeVpcs": {"isDefault", "cidr-block"},
    "DescribeSubnets": {"availabilityZone", "defaultForAz", "cidr", "cidrBlock", "subnetArn"},
}
# What each operation makes that can carry tags.
MADE = {
    "CreateVpc": "vpc",
    "CreateSubnet": "subnet",
    "CreateSecurityGroup": "security-group",
    "CreateRouteTable": "route-table",
    "CreateInternetGateway": "internet-gateway",
    "CreateNatGateway": "natgateway",
    "CreateVpcEndpoint": "vpc-endpoint",
    "AllocateAddress": "elastic-ip",
    "CreateNetworkInterface": "network-interface",
}
# Operations that change something and that a dry run may ask about.
DRY = (
    *MADE,
    *("DeleteVpc", "DeleteSubnet", "DeleteSecurityGroup", "DeleteRouteTable", "DeleteInternetGateway", "DeleteNatGateway"),
    *("DeleteVpcEndpoints", "ReleaseAddress", "AttachInternetGateway", "DetachInternetGateway", "CreateRoute", "DeleteRoute"),
    *("ReplaceRoute", "AssociateRouteTable", "DisassociateRouteTable", "ModifyVpcEndpoint", "CreateTags", "DeleteTags"),
    *("AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress"),
)


def invalid(message: str) -> Refusal:
    return Refusal("InvalidParameterValue", message)


@cache
def filters(operation: str) -> frozenset[str]:
    """The filters of an operation, as its own model lists them; `tag` stands for `tag:<key>`."""
    shape = service_model("ec2").operation_model(operation).input_shape
    members = shape.members if shape else {}  # type: ignore[attr-defined]
    text = (members.get("Filters") or members["Filter"]).documentation
    return frozenset(re.findall(r"<li>\s*<p>\s*<code>([^<]+)</code>", text)) | frozenset(UNLISTED.get(operation, ()))


@rule("VPC-3", "ec2", *FILTERED, source=FILTERING)
def filtered(call: Call) -> Refusal | None:
    """Each operation has its own filters."""
    for given in call.params.get("Filters") or call.params.get("Filter") or []:
        name = given.get("Name", "")
        if name not in filters(call.operation) and not re.match(r"tag:.", name):
            return invalid(f"The filter '{name}' is invalid")
    return None


def _tags(tags: list[dict[str, str]]) -> Refusal | None:
    keys = [tag.get("Key", "") for tag in tags]
    for tag in tags:
        key, value = tag.get("Key", ""), tag.get("Value", "")
        if key.lower().startswith("aws:"):
            return invalid("Tag keys starting with 'aws:' are reserved for internal use")
        if len(key) > 128:
            return invalid("Tag key exceeds the maximum length of 128 characters")
        if len(value) > 256:
            return invalid("Tag value exceeds the maximum length of 256 characters")
        if keys.count(key) > 1:
            return invalid(f"Duplicate tag key '{key}' specified.")
    return Refusal("TagLimitExceeded", "More than 50 tags specified") if len(keys) > 50 else None


@rule("VPC-3", "ec2", "CreateTags", source=TAGGING)
def tags(call: Call) -> Refusal | None:
    """A key is given once and is not AWS's; keys have 128 characters, values 256."""
    if not call.params.get("Tags"):
        return Refusal("MissingParameter", "The request must contain the parameter tagSet")
    return _tags(call.params["Tags"])


@rule("VPC-3", "ec2", *MADE, source=TAGGING)
def new_tags(call: Call) -> Refusal | None:
    """The tags of something new are for what the operation makes."""
    for given in call.params.get("TagSpecifications", []):
        kind = given.get("ResourceType", "")
        if kind not in (MADE[call.operation], "security-group-rule" if call.operation == "CreateSecurityGroup" else None):
            return invalid(f"'{kind}' is not a valid taggable resource type for this operation.")
        if refusal := _tags(given.get("Tags", [])):
            return refusal
    return None


@rule("VPC-3", "ec2", "DescribeAvailabilityZones", source=ERRORS)
def zones(call: Call) -> Refusal | None:
    """A zone that is named is one of the Region's."""
    known = {zone.name for zone in world.backend("ec2", call).describe_availability_zones()}
    absent = [name for name in call.params.get("ZoneNames", []) if name not in known]
    return invalid(f"Invalid availability zone: [{absent[0]}]") if absent else None


@rule("VPC-3", "ec2", "ModifyVpcAttribute", "ModifySubnetAttribute", source=ERRORS)
def one_attribute(call: Call) -> Refusal | None:
    """One attribute at a time."""
    given = sorted(set(call.params) - {"VpcId", "SubnetId", "DryRun"})
    if len(given) == 1 or (
        call.operation == "ModifySubnetAttribute" and set(given) <= {"MapCustomerOwnedIpOnLaunch", "CustomerOwnedIpv4Pool"}
    ):
        return None
    if given:
        return Refusal("InvalidParameterCombination", f"Fields for multiple attribute types specified: {', '.join(given)}")
    return Refusal("InvalidParameterCombination", "No attributes specified.")


@rule("VPC-3", "ec2", *DRY, source="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html")
def dry_run(call: Call) -> Refusal | None:
    """A dry run ends with the error that says that the request would have succeeded."""
    if call.params.get("DryRun"):
        return Refusal("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
    return None
