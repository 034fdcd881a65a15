# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What leads a VPC from its live subnets and route tables to the declared ones. Decides, and calls nothing."""

from __future__ import annotations

from typing import Any

from .._core.errors import RailyardError
from .._core.plan import Output, Plan, Step, in_lane
from . import labels, routes
from .routes import FRESH

NEW_SUBNET = Output("CreateSubnet", "Subnet.SubnetId")
NEW_TABLE = Output("CreateRouteTable", "RouteTable.RouteTableId")


def make_plan(wanted: dict[str, Any], live: dict[str, Any], zones: list[str]) -> Plan:
    """`wanted`: vpc_id, subnets, route_tables, state, tags, purge_tags. `zones`: the Region's, by which new subnets take theirs by number.

    A step knows only the last output of an operation in its lane, so that each table is followed by the subnets that use it.
    """
    if wanted["state"] == "absent":
        return Plan(live, {"subnets": [], "route_tables": []}, tuple(_deletion(live)))
    _check(wanted)
    tables = {table["name"]: table for table in live["route_tables"]}
    subnets = {subnet["cidr"]: subnet for subnet in live["subnets"]}
    after: dict[str, Any] = {"subnets": [], "route_tables": []}
    steps: dict[str | None, list[Step]] = {None: []}
    for table in wanted["route_tables"] or []:
        now = tables.get(table["name"])
        then = _declared_table(table, now, wanted)
        steps[then["name"]] = _table_steps(now, then, wanted)
        after["route_tables"].append(then)
    for subnet in wanted["subnets"] or []:
        now = subnets.get(routes.canonical(subnet["cidr"]))
        then = _declared_subnet(subnet, now, wanted, zones)
        table = tables.get(then["route_table"])
        steps[subnet["route_table"]] += _subnet_steps(now, then, table["route_table_id"] if table else NEW_TABLE, wanted)
        after["subnets"].append(then)
    return Plan(live, after, tuple(step for table, group in steps.items() for step in in_lane(table or "no table", group)))


def _check(wanted: dict[str, Any]) -> None:
    subnets, tables = wanted["subnets"] or [], wanted["route_tables"] or []
    for what, values in (
        ("cidr of subnets", [routes.canonical(subnet["cidr"]) for subnet in subnets]),
        ("name of subnets", [subnet["name"] for subnet in subnets]),
        ("name of route_tables", [table["name"] for table in tables]),
    ):
        if twice := sorted({value for value in values if values.count(value) > 1}):
            raise RailyardError(f"{what}: {', '.join(twice)} is there twice")
    names = [None, *(table["name"] for table in tables)]
    for subnet in subnets:
        if subnet["route_table"] not in names:
            raise RailyardError(f"subnet {subnet['name']} uses the route table {subnet['route_table']}, which route_tables does not have")


def _declared_table(table: dict[str, Any], now: dict[str, Any] | None, wanted: dict[str, Any]) -> dict[str, Any]:
    kept = now or {"tags": {}}
    then = {"name": table["name"], "routes": routes.declared(table["routes"]), "tags": labels.named(table["name"], kept["tags"], wanted)}
    return {**kept, **then}


def _declared_subnet(subnet: dict[str, Any], now: dict[str, Any] | None, wanted: dict[str, Any], zones: list[str]) -> dict[str, Any]:
    kept = now or {"tags": {}, "route_table": None}
    return {
        **kept,
        "name": subnet["name"],
        "cidr": routes.canonical(subnet["cidr"]),
        "availability_zone": _kept_zone(subnet, now) if now else _new_zone(subnet, zones),
        "map_public_ip": subnet["map_public_ip"],
        "route_table": subnet["route_table"] or kept["route_table"],
        "tags": labels.named(subnet["name"], kept["tags"], wanted),
    }


def _kept_zone(subnet: dict[str, Any], now: dict[str, Any]) -> str:
    live, declared = str(now["availability_zone"]), subnet["availability_zone"]
    if declared and declared != live:
        raise RailyardError(f"subnet {subnet['name']} ({now['cidr']}) is in {live} and cannot move to {declared}; delete it first")
    return live


def _new_zone(subnet: dict[str, Any], zones: list[str]) -> str:
    if subnet["availability_zone"]:
        return str(subnet["availability_zone"])
    number = subnet["zone_index"]
    if number is None:
        raise RailyardError(f"subnet {subnet['name']} does not exist yet, and to create it availability_zone or zone_index must be given")
    if not 0 <= number < len(zones):
        has = f"the Region has {len(zones)} zones with Fargate: {', '.join(zones)}"
        raise RailyardError(f"subnet {subnet['name']} has zone_index {number}, and {has}; vpc_zone_count, or vpc_zones by name")
    return str(zones[number])


def _table_steps(now: dict[str, Any] | None, then: dict[str, Any], wanted: dict[str, Any]) -> list[Step]:
    if now is None:
        params = {"VpcId": wanted["vpc_id"], "TagSpecifications": labels.specification("route-table", then["tags"])}
        return [Step("CreateRouteTable", params, propagation=FRESH, once=True), *routes.steps(NEW_TABLE, [], then["routes"])]
    identifier = now["route_table_id"]
    return [*routes.steps(identifier, now["routes"], then["routes"]), *labels.steps(identifier, now["tags"], then["tags"])]


def _subnet_steps(now: dict[str, Any] | None, then: dict[str, Any], table: str | Output, wanted: dict[str, Any]) -> list[Step]:
    identifier = now["subnet_id"] if now else NEW_SUBNET
    has = now or {"map_public_ip": False, "route_table": None, "association_id": None}
    steps = labels.steps(identifier, now["tags"], then["tags"]) if now else [_creation(then, wanted)]
    if then["map_public_ip"] != has["map_public_ip"]:
        change = {"SubnetId": identifier, "MapPublicIpOnLaunch": {"Value": then["map_public_ip"]}}
        steps.append(Step("ModifySubnetAttribute", change, propagation=FRESH))
    if then["route_table"] == has["route_table"]:
        return steps
    if has["association_id"]:
        return [*steps, Step("ReplaceRouteTableAssociation", {"AssociationId": has["association_id"], "RouteTableId": table})]
    associated = ("Resource.AlreadyAssociated",)
    return [*steps, Step("AssociateRouteTable", {"RouteTableId": table, "SubnetId": identifier}, already=associated, propagation=FRESH)]


def _creation(then: dict[str, Any], wanted: dict[str, Any]) -> Step:
    place = {"VpcId": wanted["vpc_id"], "CidrBlock": then["cidr"], "AvailabilityZone": then["availability_zone"]}
    params = {**place, "TagSpecifications": labels.specification("subnet", then["tags"])}
    return Step("CreateSubnet", params, already=("InvalidSubnet.Conflict",), propagation=FRESH)


def _deletion(live: dict[str, Any]) -> list[Step]:
    """Subnets first: a table that a subnet uses stays (rule VPC-3), and a deleted subnet uses none."""
    return [
        *(Step("DeleteSubnet", {"SubnetId": subnet["subnet_id"]}) for subnet in live["subnets"]),
        *(Step("DeleteRouteTable", {"RouteTableId": table["route_table_id"]}) for table in live["route_tables"]),
    ]
