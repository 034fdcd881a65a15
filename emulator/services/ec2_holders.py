"""Who still holds a subnet, a security group or a public address: load balancers, databases, tasks, interfaces of whatever kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .. import world
from ..wire import Call


@dataclass(frozen=True)
class Holder:
    """A network interface, real or implied: whose it is, where it is, under which security groups, and whether it has a public address."""

    owner: str
    subnets: frozenset[str]
    groups: frozenset[str]
    public: bool


def linger(call: Call, seconds: float, owner: str, subnets: list[str], groups: list[str], public: bool) -> None:
    """For services that delete something: its network interfaces stay for some seconds of AWS's time."""
    holder = Holder(owner, frozenset(subnets), frozenset(groups), public)
    lingering = world.store("ec2", call).setdefault("lingering", [])
    lingering.append(holder)
    world.clock.after(seconds, lambda: lingering.remove(holder))


def holders(call: Call) -> Iterator[Holder]:
    """Everything in this account and Region that has an address in a VPC."""
    yield from world.store("ec2", call).get("lingering", [])
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
    kept = world.store("rds", call)
    for group in kept.get("subnet_groups", {}).values():
        subnets = frozenset(subnet["SubnetIdentifier"] for subnet in group["Subnets"])
        yield Holder(group["DBSubnetGroupArn"], subnets, frozenset(), False)
    for item in kept.get("instances", {}).values():
        group = kept["subnet_groups"][item["_subnet_group"]]
        subnets = frozenset(subnet["SubnetIdentifier"] for subnet in group["Subnets"])
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
