# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DB subnet groups. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBSubnetGroup.html"""

from __future__ import annotations

import re
from typing import Any

from .._core import aws, tags
from .._core.errors import RailyardError
from .._core.plan import Plan, Propagation, Step
from . import labels

# AWS's model and its answers spell the codes with and without Fault.
ABSENT = ("DBSubnetGroupNotFoundFault", "DBSubnetGroupNotFound")
EXISTS = ("DBSubnetGroupAlreadyExists", "DBSubnetGroupAlreadyExistsFault")

# Subnets and AWS's own role for RDS that were made a moment ago are not known everywhere yet (rule IAM-11).
FRESH = (
    Propagation("InvalidParameterValue", "Missing necessary credentials", 120),
    Propagation("InvalidParameterValue", "service linked role", 120),
    Propagation("InvalidSubnet", "", 30),
)


def find(client: Any, name: str) -> dict[str, Any] | None:
    """The group in our shape, `subnets` as sorted IDs, or None."""
    found = aws.find(client, "DescribeDBSubnetGroups", ABSENT, DBSubnetGroupName=name.lower())
    if not found or not found["DBSubnetGroups"]:
        return None
    group = found["DBSubnetGroups"][0]
    return {
        "name": group["DBSubnetGroupName"],
        "arn": group["DBSubnetGroupArn"],
        "description": group["DBSubnetGroupDescription"],
        "vpc_id": group["VpcId"],
        "subnets": sorted(subnet["SubnetIdentifier"] for subnet in group["Subnets"]),
        "tags": labels.find(client, group["DBSubnetGroupArn"]),
    }


def make_plan(wanted: dict[str, Any], live: dict[str, Any] | None) -> Plan:
    """`wanted`: name, description, subnets, state, tags, purge_tags. Raises RailyardError for a name or subnets that RDS would refuse."""
    name = wanted["name"].lower()
    if wanted["state"] == "absent":
        return Plan(live, None, (Step("DeleteDBSubnetGroup", {"DBSubnetGroupName": name}, already=ABSENT),) if live else ())
    _check(wanted)
    has = live or {"name": name, "tags": {}}
    change = tags.change(has["tags"], wanted["tags"], wanted["purge_tags"])
    after = {**has, "description": wanted["description"], "subnets": sorted(set(wanted["subnets"])), "tags": change.after}
    params = {"DBSubnetGroupName": name, "DBSubnetGroupDescription": after["description"], "SubnetIds": after["subnets"]}
    if live is None:
        create = Step("CreateDBSubnetGroup", {**params, "Tags": tags.as_pairs(after["tags"])}, already=EXISTS, propagation=FRESH)
        return Plan(None, after, (create,))
    different = any(live[member] != after[member] for member in ("description", "subnets"))
    modify = [Step("ModifyDBSubnetGroup", params)] if different else []
    return Plan(live, after, (*modify, *labels.steps(live["arn"], change)))


def _check(wanted: dict[str, Any]) -> None:
    """Rule RDS-1."""
    name = wanted["name"]
    if name.lower() == "default" or not re.fullmatch(r"[A-Za-z0-9._ -]{1,255}", name):
        raise RailyardError(
            f"name {name!r} is no name of a subnet group; it has at most 255 letters, digits, periods, underscores, spaces and hyphens, "
            "and is not default"
        )
    if not wanted["description"].strip():
        raise RailyardError(f"description of the subnet group {name} is empty; it must say something")
    if len(wanted["subnets"]) < 2:
        raise RailyardError(f"subnets of the subnet group {name} are {wanted['subnets']}; it needs two or more, in two availability zones")
