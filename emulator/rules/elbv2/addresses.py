"""What Elastic Load Balancing refuses of address types."""

from __future__ import annotations

from ... import world
from ...registry import rule
from ...services.elbv2 import load_balancers as balancers
from ...services.elbv2 import store
from ...wire import Call, Refusal
from .load_balancers import API, invalid, quiet


@rule("ELB-2", "elbv2", "CreateLoadBalancer", "SetSubnets", "SetIpAddressType", source=API + "API_SetIpAddressType.html")
def dualstack(call: Call) -> Refusal | None:
    """Both kinds of addresses want subnets that have both."""
    params = call.params
    found = quiet(store.load_balancer, call, params["LoadBalancerArn"]) if "LoadBalancerArn" in params else None
    kind = params.get("IpAddressType") or (found.ip_address_type if found else "ipv4")
    if not kind.startswith("dualstack"):
        return None
    wanted = balancers.subnet_ids(params) or [subnet.id for subnet in (found.subnets if found else [])]
    if all(world.backend("ec2", call).get_subnet(subnet).ipv6_cidr_block_associations for subnet in wanted):
        return None
    return invalid("You must specify subnets with an associated IPv6 CIDR block.")
