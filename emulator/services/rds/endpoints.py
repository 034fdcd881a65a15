"""Who reaches the endpoint of a database, as far as security groups decide it."""

from __future__ import annotations

import ipaddress

from ...wire import Call
from ..ec2 import reach
from . import state as rds
from .state import Instance


def kept_out(call: Call, source: str, host: str, port: int) -> str:
    """The address of the database of this host, when security groups keep the network interface at `source` from that port; else "".

    Hosts and interfaces that this account does not have are not judged.
    """
    begins = reach.interface(call, source)
    found: Instance | None = next((each for each in rds.table(call, "instances").values() if _host(each) == host), None)
    if begins is None or found is None:
        return ""
    networks = _networks(call, found)
    groups = frozenset(entry["VpcSecurityGroupId"] for entry in found["VpcSecurityGroups"])
    if reach.connects(call, begins, reach.End(networks, groups), port):
        return ""
    return str(ipaddress.ip_network(networks[0])[10]) if networks else host


def reaches(call: Call, source: str, host: str, port: int) -> bool:
    return not kept_out(call, source, host, port)


def _host(instance: Instance) -> str:
    return str(instance.get("Endpoint", {}).get("Address", ""))


def _networks(call: Call, instance: Instance) -> tuple[str, ...]:
    """The ranges of the subnets of its group, in any of which it may be."""
    group = rds.table(call, "subnet_groups")[instance["_subnet_group"]]
    return reach.subnets(call, [subnet["SubnetIdentifier"] for subnet in group["Subnets"]])
