"""NAT gateways and endpoints take their time, and their network interfaces go only when they have gone."""

from __future__ import annotations

from functools import partial
from typing import Any

from .. import world
from ..registry import operation
from ..wire import Call

# Seconds of AWS's time.
NAT_PENDING = 90
NAT_DELETING = 60
NAT_SEEN = 3600
ENDPOINT_PENDING = 60
ENDPOINT_DELETING = 90


@operation("ec2", "CreateNatGateway")
def create_nat_gateway(call: Call) -> dict[str, Any]:
    answer = world.forward(call)
    backend = world.backend("ec2", call)
    found = backend.nat_gateways[answer["NatGateway"]["NatGatewayId"]]
    found.state = "pending"

    def available() -> None:
        if found.state == "pending":
            found.state = "available"

    world.clock.after(NAT_PENDING, available)
    return {**answer, "NatGateway": {**answer["NatGateway"], "State": "pending"}}


@operation("ec2", "DeleteNatGateway")
def delete_nat_gateway(call: Call) -> dict[str, Any]:
    """A deleted NAT gateway is still described for about an hour; its address is free as soon as it is deleted."""
    identifier = call.params["NatGatewayId"]
    backend = world.backend("ec2", call)
    found = backend.nat_gateways[identifier]
    if found.state in ("deleting", "deleted"):
        return {"NatGatewayId": identifier}
    found.state = "deleting"

    def deleted() -> None:
        found.state = "deleted"
        for address in backend.addresses:
            if address.eni is found._eni:
                address.eni = address.association_id = None
        backend.enis.pop(found._eni.id, None)
        world.clock.after(NAT_SEEN, lambda: backend.nat_gateways.pop(identifier, None))

    world.clock.after(NAT_DELETING, deleted)
    return {"NatGatewayId": identifier}


@operation("ec2", "CreateVpcEndpoint")
def create_vpc_endpoint(call: Call) -> dict[str, Any]:
    """An interface endpoint is pending at first; private DNS is on unless it is switched off."""
    params = dict(call.params)
    kind = params.get("VpcEndpointType", "Gateway")
    params["VpcEndpointType"] = kind
    if kind == "Interface":
        params.setdefault("PrivateDnsEnabled", True)
        if not params.get("SecurityGroupIds"):
            groups = world.backend("ec2", call).groups[params["VpcId"]].values()
            params["SecurityGroupIds"] = [group.id for group in groups if group.name == "default"]
    answer = world.forward(call, params)
    if kind != "Interface":
        return answer
    backend = world.backend("ec2", call)
    found = backend.vpc_end_points[answer["VpcEndpoint"]["VpcEndpointId"]]
    for identifier in found.network_interface_ids:
        backend.enis[identifier]._group_set = [backend.get_security_group_from_id(group) for group in found.security_group_ids]
    found.state = "pending"

    def available() -> None:
        if found.state == "pending":
            found.state = "available"

    world.clock.after(ENDPOINT_PENDING, available)
    return {**answer, "VpcEndpoint": {**answer["VpcEndpoint"], "State": "pending"}}


@operation("ec2", "DeleteVpcEndpoints")
def delete_vpc_endpoints(call: Call) -> dict[str, Any]:
    """What cannot be deleted comes back in the answer; that is no error of the request."""
    backend = world.backend("ec2", call)
    failures = []
    for identifier in call.params["VpcEndpointIds"]:
        found = backend.vpc_end_points.get(identifier)
        if found is None:
            error = {"Code": "InvalidVpcEndpoint.NotFound", "Message": f"The VpcEndPoint Id '{identifier}' does not exist"}
            failures.append({"ResourceId": identifier, "Error": error})
        elif found.vpc_endpoint_type == "Interface":
            found.state = "deleting"
            world.clock.after(ENDPOINT_DELETING, partial(_gone, backend, found))
        else:
            _gone(backend, found)
    return {"Unsuccessful": failures}


def _gone(backend: Any, found: Any) -> None:
    for table in backend.route_tables.values():
        for key in [key for key, route in table._routes.items() if route.gateway is found]:
            del table._routes[key]
    for identifier in found.network_interface_ids:
        backend.enis.pop(identifier, None)
    backend.vpc_end_points.pop(found.id, None)
