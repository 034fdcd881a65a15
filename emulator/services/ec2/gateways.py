"""NAT gateways and endpoints take their time, and their network interfaces go only when they have gone."""

from __future__ import annotations

from functools import partial
from typing import Any

from ... import world
from ...refusal import Refusal
from ...registry import operation
from ...wire import Call
from .networks import describe

# Seconds of AWS's time.
NAT_PENDING = 90
NAT_DELETING = 60
NAT_SEEN = 3600
ENDPOINT_PENDING = 60
ENDPOINT_DELETING = 90


def _asked(call: Call) -> dict[str, Any]:
    """What makes a request the same as another with its ClientToken."""
    return {name: value for name, value in call.params.items() if name not in ("ClientToken", "DryRun")}


def repeated(call: Call) -> str | None:
    """The id of what a request with this ClientToken has made. Raises IdempotentParameterMismatch when it asked for something else.

    https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
    """
    token = call.params.get("ClientToken")
    asked, identifier = world.store("ec2", call).get("tokens", {}).get((call.operation, token), (None, None))
    if token is None or identifier is None:
        return None
    if asked != _asked(call):
        text = "Arguments on this idempotent request are inconsistent with arguments used in previous request(s)."
        raise Refusal("IdempotentParameterMismatch", text)
    return str(identifier)


def _remember(call: Call, identifier: str) -> None:
    if token := call.params.get("ClientToken"):
        world.store("ec2", call).setdefault("tokens", {})[call.operation, token] = (_asked(call), identifier)


def serve(interface: Any, kind: str, description: str) -> None:
    """An interface that AWS made for something: it is in use, and nobody but its service changes it."""
    interface.interface_type, interface.description = kind, description
    interface.requester_managed, interface.status = True, "in-use"


def _reachable(call: Call, vpc: str) -> bool:
    return any(each.vpc and each.vpc.id == vpc for each in world.backend("ec2", call).internet_gateways.values())


@operation("ec2", "CreateNatGateway")
def create_nat_gateway(call: Call) -> dict[str, Any]:
    """A public NAT gateway in a VPC without an internet gateway is made all the same, and fails."""
    backend = world.backend("ec2", call)
    if identifier := repeated(call):
        return {"NatGateway": _nat(call, identifier), "ClientToken": call.params["ClientToken"]}
    answer = world.forward(call)
    found = backend.nat_gateways[answer["NatGateway"]["NatGatewayId"]]
    found.state, found.connectivity_type = "pending", found.connectivity_type or "public"
    serve(found._eni, "nat_gateway", f"Interface for NAT Gateway {found.id}")
    _remember(call, found.id)

    def settled() -> None:
        if found.state != "pending":
            return
        found.state = "available"
        if found.connectivity_type == "public" and not _reachable(call, found.vpc_id):
            found.state = "failed"
            _let_go(backend, found)
            world.clock.after(NAT_SEEN, lambda: backend.nat_gateways.pop(found.id, None))

    world.clock.after(NAT_PENDING, settled)
    return {**answer, "NatGateway": _nat(call, found.id)}


def _nat(call: Call, identifier: str) -> dict[str, Any]:
    asked = world.aws(call, "ec2", "DescribeNatGateways", NatGatewayIds=[identifier])
    shown: dict[str, Any] = asked["NatGateways"][0]
    return shown


@operation("ec2", "DescribeNatGateways")
def describe_nat_gateways(call: Call) -> dict[str, Any]:
    """moto does not say when a gateway went, nor why it failed."""
    answer = describe(call)
    gone: dict[str, Any] = world.store("ec2", call).setdefault("nat_gone", {})
    for shown in answer["NatGateways"]:
        if shown["NatGatewayId"] in gone:
            shown["DeleteTime"] = gone[shown["NatGatewayId"]]
        if shown["State"] == "failed":
            shown["FailureCode"] = "Gateway.NotAttached"
            shown["FailureMessage"] = f"Network {shown['VpcId']} has no Internet gateway attached"
    return answer


@operation("ec2", "DescribeRouteTables")
def describe_route_tables(call: Call) -> dict[str, Any]:
    """A route to a NAT gateway that has gone leads nowhere."""
    answer = describe(call)
    gateways = world.backend("ec2", call).nat_gateways
    for route in (route for table in answer["RouteTables"] for route in table["Routes"]):
        found = gateways.get(route.get("NatGatewayId", ""))
        if "NatGatewayId" in route and (found is None or found.state in ("deleted", "failed")):
            route["State"] = "blackhole"
    return answer


def _let_go(backend: Any, found: Any) -> None:
    """A gateway that has gone has neither address nor interface."""
    for address in backend.addresses:
        if address.eni is found._eni:
            address.eni = address.association_id = None
    backend.enis.pop(found._eni.id, None)


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
        world.store("ec2", call).setdefault("nat_gone", {})[identifier] = world.clock.utc()
        _let_go(backend, found)
        world.clock.after(NAT_SEEN, lambda: backend.nat_gateways.pop(identifier, None))

    world.clock.after(NAT_DELETING, deleted)
    return {"NatGatewayId": identifier}


@operation("ec2", "CreateVpcEndpoint")
def create_vpc_endpoint(call: Call) -> dict[str, Any]:
    """An interface endpoint is pending at first; private DNS is on unless it is switched off."""
    if identifier := repeated(call):
        asked = world.aws(call, "ec2", "DescribeVpcEndpoints", VpcEndpointIds=[identifier])
        return {"VpcEndpoint": asked["VpcEndpoints"][0], "ClientToken": call.params["ClientToken"]}
    params = dict(call.params)
    kind = params.get("VpcEndpointType", "Gateway")
    params["VpcEndpointType"] = kind
    if kind == "Interface":
        params.setdefault("PrivateDnsEnabled", True)
        if not params.get("SecurityGroupIds"):
            groups = world.backend("ec2", call).groups[params["VpcId"]].values()
            params["SecurityGroupIds"] = [group.id for group in groups if group.name == "default"]
    answer = world.forward(call, params)
    _remember(call, answer["VpcEndpoint"]["VpcEndpointId"])
    if kind != "Interface":
        return answer
    backend = world.backend("ec2", call)
    found = backend.vpc_end_points[answer["VpcEndpoint"]["VpcEndpointId"]]
    for identifier in found.network_interface_ids:
        serve(backend.enis[identifier], "vpc_endpoint", f"VPC Endpoint Interface {found.id}")
        backend.enis[identifier]._group_set = [backend.get_security_group_from_id(group) for group in found.security_group_ids]
    found.state = "pending"

    def available() -> None:
        if found.state == "pending":
            found.state = "available"

    world.clock.after(ENDPOINT_PENDING, available)
    return {**answer, "VpcEndpoint": {**answer["VpcEndpoint"], "State": "pending"}}


@operation("ec2", "ModifyVpcEndpoint")
def modify_vpc_endpoint(call: Call) -> dict[str, Any]:
    """The routes of a gateway follow its route tables."""
    answer = world.forward(call)
    backend = world.backend("ec2", call)
    found = backend.vpc_end_points[call.params["VpcEndpointId"]]
    for identifier in call.params.get("RemoveRouteTableIds", []):
        _unrouted(backend.route_tables[identifier], found)
    for identifier in call.params.get("AddRouteTableIds", []):
        if not any(route.gateway is found for route in backend.route_tables[identifier]._routes.values()):
            backend.create_route(identifier, None, gateway_id=found.id, destination_prefix_list_id=found.destination_prefix_list_id)
    return answer


def _unrouted(table: Any, found: Any) -> None:
    for key in [key for key, route in table._routes.items() if route.gateway is found]:
        del table._routes[key]


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
        _unrouted(table, found)
    for identifier in found.network_interface_ids:
        backend.enis.pop(identifier, None)
    backend.vpc_end_points.pop(found.id, None)
