# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is live of the security groups of a VPC, read with one call.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroup.html
"""

from __future__ import annotations

from typing import Any

from .._core import aws, tags
from . import security_group_rules as rules


def find(client: Any, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """The groups of the VPC that are declared in `wanted` and exist, in that order."""
    if not wanted["vpc_id"]:
        return []
    inside = [{"Name": "vpc-id", "Values": [wanted["vpc_id"]]}]
    listed = {group["GroupName"]: group for group in aws.pages(client, "DescribeSecurityGroups", "SecurityGroups", Filters=inside)}
    declared = [listed[group["name"]] for group in wanted["security_groups"] if group["name"] in listed]
    names = {group["GroupId"]: group["GroupName"] for group in declared}
    return [_shape(group, names) for group in declared]


def _shape(group: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {
        "name": group["GroupName"],
        "group_id": group["GroupId"],
        "description": group["Description"],
        "ingress": rules.ours(group["IpPermissions"], names, group["OwnerId"]),
        "egress": rules.ours(group["IpPermissionsEgress"], names, group["OwnerId"]),
        "tags": tags.as_dict(group.get("Tags")),
    }


def first_egress(client: Any, wanted: dict[str, Any], live: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rules that EC2 gives a new group: everything out, by IPv6 too where the VPC has it. Asks only when there will be a new group.

    https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
    """
    ranges = ["0.0.0.0/0"]
    if wanted["vpc_id"] and wanted["state"] == "present" and len(live) < len(wanted["security_groups"]):
        (vpc,) = aws.call(client, "DescribeVpcs", VpcIds=[wanted["vpc_id"]])["Vpcs"]
        blocks = vpc.get("Ipv6CidrBlockAssociationSet", [])
        ranges += ["::/0"] if any(block["Ipv6CidrBlockState"]["State"] == "associated" for block in blocks) else []
    return [rules.everything(peer) for peer in ranges]
