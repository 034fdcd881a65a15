"""Who still holds a subnet, a security group or a public address: load balancers, databases, tasks, interfaces of whatever kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ... import world
from ...wire import Call


@dataclass(frozen=True)
class Holder:
    """A network interface, real or implied: whose it is, where it is, under which security groups, and whether it has a public address."""

    owner: str
    subnets: frozenset[str]
    groups: frozenset[str]
    public: bool


def holders(call: Call) -> Iterator[Holder]:
    """Everything in this account and Region that has an address in a VPC."""
    yield from _interfaces(call)
    yield from _load_balancers(call)
    yield from _databases(call)
    yield from _tasks(call)


def _interfaces(call: Call) -> Iterator[Holder]:
    for interface in world.backend("ec2", call).enis.values():
        groups = frozenset(group.id for group in interface.group_set)
        yield Holder(interface.id, frozenset([interface.subnet.id]), groups, bool(interface.public_ip))


def _load_balancers(call: Call) -> Iterator[Holder]:
    for balancer in world.backend("elbv2", call).load_balancers.values():
        subnets = frozenset(subnet.id for subnet in balancer.subnets)
        yield Holder(balancer.arn, subnets, frozenset(balancer.security_groups or []), balancer.scheme == "internet-facing")


def _databases(call: Call) -> Iterator[Holder]:
    """An instance has its interface in one subnet of its group, a second one with Multi-AZ; a group alone holds nothing."""
    kept = world.store("rds", call)
    for item in kept.get("instances", {}).values():
        group = kept["subnet_groups"][item["_subnet_group"]]
        zones = {item.get("AvailabilityZone"), item.get("SecondaryAvailabilityZone")}
        here = [subnet for subnet in group["Subnets"] if subnet["SubnetAvailabilityZone"]["Name"] in zones]
        subnets = frozenset(subnet["SubnetIdentifier"] for subnet in here)
        groups = frozenset(entry["VpcSecurityGroupId"] for entry in item["VpcSecurityGroups"])
        yield Holder(item["DBInstanceArn"], subnets, groups, item["PubliclyAccessible"])


def _tasks(call: Call) -> Iterator[Holder]:
    for task in world.store("ecs", call).get("tasks", {}).values():
        network: dict[str, Any] = task.get("network") or {}
        if task["lastStatus"] == "STOPPED" or not network:
            continue
        subnets = [task["subnet"]] if task.get("subnet") else network.get("subnets", [])
        public = network.get("assignPublicIp") == "ENABLED"
        yield Holder(task["taskArn"], frozenset(subnets), frozenset(network.get("securityGroups", [])), public)


def subnets_of(call: Call, vpc: str) -> set[str]:
    zones = world.backend("ec2", call).subnets.values()
    return {subnet.id for zone in zones for subnet in zone.values() if subnet.vpc_id == vpc}
