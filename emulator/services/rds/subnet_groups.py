"""DB subnet groups: subnets of one VPC in at least two Availability Zones."""

from __future__ import annotations

from typing import Any

from ... import world
from ...refusal import Refusal
from ...registry import operation
from ...wire import Call
from ..iam import service_linked_roles
from . import state as rds
from .state import Instance, SubnetGroup

SERVICE = "rds.amazonaws.com"


def find(call: Call, name: str) -> SubnetGroup | None:
    return rds.table(call, "subnet_groups").get(name.lower())


def subnets(call: Call, identifiers: list[str]) -> list[Any]:
    """moto's subnets. Raises InvalidSubnet."""
    known = {subnet.id: subnet for zone in world.backend("ec2", call).subnets.values() for subnet in zone.values()}
    absent = sorted(set(identifiers) - set(known))
    if absent:
        raise Refusal("InvalidSubnet", f"Some input subnets in :[{', '.join(sorted(identifiers))}] are invalid.")
    return [known[identifier] for identifier in dict.fromkeys(identifiers)]


def coverage(found: list[Any]) -> None:
    """Refuse subnets of several VPCs or of one Availability Zone."""
    if len({subnet.vpc_id for subnet in found}) > 1:
        raise rds.invalid("The specified DB subnet group contains subnets of more than one VPC.")
    zones = sorted({subnet.availability_zone for subnet in found})
    if len(zones) < 2:
        raise Refusal(
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. "
            f"Current AZ coverage: {', '.join(zones)}. Add subnets to cover at least 2 AZs.",
        )


def _shape(found: list[Any]) -> list[dict[str, Any]]:
    return [
        {
            "SubnetIdentifier": subnet.id,
            "SubnetAvailabilityZone": {"Name": subnet.availability_zone},
            "SubnetOutpost": {},
            "SubnetStatus": "Active",
        }
        for subnet in found
    ]


def make(call: Call, name: str, description: str, found: list[Any]) -> SubnetGroup:
    group: SubnetGroup = {
        "DBSubnetGroupName": name,
        "DBSubnetGroupDescription": description,
        "VpcId": found[0].vpc_id,
        "SubnetGroupStatus": "Complete",
        "Subnets": _shape(found),
        "DBSubnetGroupArn": rds.arn(call, "subgrp", name),
        "SupportedNetworkTypes": ["IPV4"],
    }
    rds.table(call, "subnet_groups")[name] = group
    return group


def default(call: Call) -> SubnetGroup:
    """The group "default", which RDS makes of the default VPC's subnets when an instance names no group."""
    group = find(call, "default")
    if group is not None:
        return group
    backend = world.backend("ec2", call)
    vpcs = {identifier for identifier, vpc in backend.vpcs.items() if vpc.is_default}
    found = [subnet for zone in backend.subnets.values() for subnet in zone.values() if subnet.vpc_id in vpcs and subnet.default_for_az]
    if len({subnet.availability_zone for subnet in found}) < 2:
        raise Refusal("DBSubnetGroupNotFoundFault", "DBSubnetGroup doesn't exist: default", 404)
    return make(call, "default", "default", found)


@operation("rds", "CreateDBSubnetGroup")
def create_db_subnet_group(call: Call) -> dict[str, Any]:
    name = call.params["DBSubnetGroupName"].lower()
    if find(call, name) is not None:
        raise Refusal("DBSubnetGroupAlreadyExists", f"The DB subnet group '{name}' already exists.")
    found = subnets(call, call.params["SubnetIds"])
    coverage(found)
    service_linked_roles.ensure(call, SERVICE)
    group = make(call, name, call.params["DBSubnetGroupDescription"], found)
    rds.set_tags(call, group["DBSubnetGroupArn"], call.params.get("Tags"))
    return {"DBSubnetGroup": group}


@operation("rds", "DescribeDBSubnetGroups")
def describe_db_subnet_groups(call: Call) -> dict[str, Any]:
    groups = rds.table(call, "subnet_groups")
    if name := call.params.get("DBSubnetGroupName"):
        if name.lower() not in groups:
            raise rds.missing_subnet_group(name)
        return {"DBSubnetGroups": [groups[name.lower()]]}
    return rds.page(call, [groups[name] for name in sorted(groups)], "DBSubnetGroups")


def users(call: Call, name: str) -> list[Instance]:
    return [item for item in rds.table(call, "instances").values() if item["_subnet_group"] == name]


@operation("rds", "ModifyDBSubnetGroup")
def modify_db_subnet_group(call: Call) -> dict[str, Any]:
    name = call.params["DBSubnetGroupName"]
    group = find(call, name)
    if group is None:
        raise rds.missing_subnet_group(name)
    found = subnets(call, call.params["SubnetIds"])
    coverage(found)
    if found[0].vpc_id != group["VpcId"]:
        raise rds.invalid("The new Subnets are not in the same Vpc as the existing subnet group")
    for item in users(call, group["DBSubnetGroupName"]):
        if item["AvailabilityZone"] not in {subnet.availability_zone for subnet in found}:
            raise Refusal("SubnetAlreadyInUse", "The DB subnet is already in use in the Availability Zone.")
    group["Subnets"] = _shape(found)
    group["DBSubnetGroupDescription"] = call.params.get("DBSubnetGroupDescription", group["DBSubnetGroupDescription"])
    return {"DBSubnetGroup": group}


@operation("rds", "DeleteDBSubnetGroup")
def delete_db_subnet_group(call: Call) -> dict[str, Any]:
    name = call.params["DBSubnetGroupName"].lower()
    group = find(call, name)
    if group is None:
        raise rds.missing_subnet_group(name)
    used = users(call, name)
    if used:
        raise Refusal(
            "InvalidDBSubnetGroupStateFault",
            f"Cannot delete the subnet group '{name}' because at least one database instance: "
            f"{used[0]['DBInstanceIdentifier']} is still using it.",
        )
    if name == "default":
        raise Refusal("InvalidDBSubnetGroupStateFault", "Cannot delete the default subnet group.")
    del rds.table(call, "subnet_groups")[name]
    rds.forget_tags(call, group["DBSubnetGroupArn"])
    return {}
