# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is live in a VPC: its subnets and route tables, each kind read with one call.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Subnet.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RouteTable.html
"""

from __future__ import annotations

from typing import Any

from .._core import aws, tags
from .._core.errors import RailyardError
from . import routes, zones


def find(client: Any, wanted: dict[str, Any]) -> dict[str, Any]:
    """`subnets` and `route_tables` of the VPC that are declared in `wanted`, in that order.

    A subnet is known by its range, a route table by its Name. What is not declared is left out, but when `state` is absent an option
    that was left out means all. Raises RailyardError where a name is not what it seems.
    """
    if not wanted["vpc_id"]:
        return {"subnets": [], "route_tables": []}
    inside = [{"Name": "vpc-id", "Values": [wanted["vpc_id"]]}]
    tables = aws.pages(client, "DescribeRouteTables", "RouteTables", Filters=inside)
    used = {entry["SubnetId"]: (table, entry) for table in tables for entry in table.get("Associations", []) if entry.get("SubnetId")}
    listed = aws.pages(client, "DescribeSubnets", "Subnets", Filters=inside)
    subnets = [_subnet(subnet, *used.get(subnet["SubnetId"], ({}, {}))) for subnet in listed]
    # The main route table goes only with its VPC.
    ours = [_table(table) for table in tables if wanted["state"] == "present" or not _main(table)]
    return {
        "subnets": _declared_subnets(subnets, wanted["subnets"], wanted["state"]),
        "route_tables": _declared_tables(ours, wanted["route_tables"], wanted["state"]),
    }


def _main(table: dict[str, Any]) -> bool:
    return any(entry.get("Main") for entry in table.get("Associations", []))


def _subnet(subnet: dict[str, Any], table: dict[str, Any], association: dict[str, Any]) -> dict[str, Any]:
    labels = tags.as_dict(subnet.get("Tags"))
    return {
        "name": labels.get("Name", ""),
        "subnet_id": subnet["SubnetId"],
        "cidr": subnet["CidrBlock"],
        "availability_zone": subnet["AvailabilityZone"],
        "map_public_ip": subnet["MapPublicIpOnLaunch"],
        "route_table": _name(table),
        "association_id": association.get("RouteTableAssociationId"),
        "tags": labels,
    }


def _table(table: dict[str, Any]) -> dict[str, Any]:
    labels = tags.as_dict(table.get("Tags"))
    return {
        "name": labels.get("Name", ""),
        "route_table_id": table["RouteTableId"],
        "routes": routes.ours(table["Routes"]),
        "tags": labels,
    }


def _name(table: dict[str, Any]) -> str | None:
    return tags.as_dict(table.get("Tags")).get("Name", table["RouteTableId"]) if table else None


def _declared_subnets(live: list[dict[str, Any]], wanted: list[dict[str, Any]] | None, state: str) -> list[dict[str, Any]]:
    if wanted is None:
        return live if state == "absent" else []
    ranges = {subnet["cidr"]: subnet for subnet in live}
    declared = {routes.canonical(subnet["cidr"]): subnet["name"] for subnet in wanted}
    others = {subnet["name"]: subnet["cidr"] for subnet in live if subnet["cidr"] not in declared}
    if state == "present" and (moved := [name for cidr, name in declared.items() if cidr not in ranges and name in others]):
        raise RailyardError(
            f"the range of a subnet cannot change: {', '.join(f'{name} has {others[name]}' for name in moved)}; declare another name, or "
            "delete the old subnet first"
        )
    return [ranges[cidr] for cidr in declared if cidr in ranges]


def _declared_tables(live: list[dict[str, Any]], wanted: list[dict[str, Any]] | None, state: str) -> list[dict[str, Any]]:
    if wanted is None:
        return live if state == "absent" else []
    found = []
    for name in (table["name"] for table in wanted):
        called = [table for table in live if table["name"] == name]
        if len(called) > 1:
            ids = ", ".join(table["route_table_id"] for table in called)
            raise RailyardError(f"{len(called)} route tables are called {name}: {ids}; rename or delete those that are not meant")
        found += called
    return found


def numbered_zones(client: Any, wanted: dict[str, Any], live: dict[str, Any]) -> list[str]:
    """Zones with Fargate in the order of their names; [] without a call when no new subnet takes its zone by number."""
    has = {subnet["cidr"] for subnet in live["subnets"]}
    numbered = [subnet for subnet in wanted["subnets"] or [] if subnet["zone_index"] is not None]
    if wanted["state"] == "absent" or all(routes.canonical(subnet["cidr"]) in has for subnet in numbered):
        return []
    return zones.with_fargate(zones.find(client))
