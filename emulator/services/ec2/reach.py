"""Whether security groups let a connection through: out of where it begins, and into where it ends.

A group is stateful, so an answer needs no rule. https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_network
from typing import Any

from ... import world
from ...wire import Call

# Each is told when rules, or the groups of something, have changed.
changed: list[Callable[[Call], None]] = []


@dataclass(frozen=True)
class End:
    """One end of a connection: the networks that its address is in, and its security groups. Without groups (a Network Load Balancer of
    before 2023, for example) nothing is filtered there.
    """

    networks: tuple[str, ...]
    groups: frozenset[str]


def connects(call: Call, source: End, target: End, port: int) -> bool:
    """Whether a TCP connection from `source` arrives at a port of `target`."""
    out = not source.groups or _admits(_rules(call, source.groups, "egress_rules"), target, port)
    return out and (not target.groups or _admits(_rules(call, target.groups, "ingress_rules"), source, port))


def notice(call: Call) -> None:
    for hook in changed:
        hook(call)


def _rules(call: Call, groups: frozenset[str], kind: str) -> Iterable[Any]:
    for of_vpc in world.backend("ec2", call).groups.values():
        for group in of_vpc.values():
            if group.id in groups:
                yield from getattr(group, kind)


def _admits(rules: Iterable[Any], peer: End, port: int) -> bool:
    return any(_covers(rule, port) and _names(rule, peer) for rule in rules)


def _covers(rule: Any, port: int) -> bool:
    if rule.ip_protocol == "-1":
        return True
    return bool(rule.ip_protocol == "tcp" and rule.from_port <= port <= rule.to_port)


def _names(rule: Any, peer: End) -> bool:
    """By its group, or by a range of addresses that all of it is in."""
    if rule.source_group.get("GroupId") in peer.groups:
        return True
    cidr = rule.ip_range.get("CidrIp")
    return bool(cidr and peer.networks) and all(_inside(network, cidr) for network in peer.networks)


@lru_cache(maxsize=4096)
def _inside(network: str, cidr: str) -> bool:
    return ip_network(network).subnet_of(ip_network(cidr, strict=False))  # type: ignore[arg-type]


def interface(call: Call, address: str) -> End | None:
    """The end at an address in this account; None where no network interface has it."""
    found = next((each for each in world.backend("ec2", call).enis.values() if each.private_ip_address == address), None)
    return End((f"{address}/32",), frozenset(group.id for group in found.group_set)) if found else None


def load_balancer(balancer: Any) -> End:
    """The end of a load balancer, which has an address in each of its subnets (moto's object)."""
    return End(tuple(subnet.cidr_block for subnet in balancer.subnets), frozenset(balancer.security_groups or []))


def subnets(call: Call, names: Iterable[str]) -> tuple[str, ...]:
    """The ranges of subnets of these ids."""
    known = {name: subnet.cidr_block for zone in world.backend("ec2", call).subnets.values() for name, subnet in zone.items()}
    return tuple(known[name] for name in names if name in known)
