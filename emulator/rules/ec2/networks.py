"""What EC2 refuses of VPCs, subnets, routes and gateways (rule VPC-3)."""

from __future__ import annotations

import ipaddress
from typing import Any

from ... import world
from ...refusal import Refusal
from ...registry import rule
from ...services.ec2.gateways import repeated
from ...services.ec2.holders import holders, subnets_of
from ...wire import Call
from .ids import ERRORS  # that an id is of something is asked first

GUIDE = "https://docs.aws.amazon.com/vpc/latest/userguide/"


def network(text: str) -> ipaddress.IPv4Network | None:
    """The network of an IPv4 CIDR block, or None when the text is none."""
    try:
        return ipaddress.IPv4Network(text, strict=False) if "/" in text else None
    except ValueError:
        return None


def dependency(text: str) -> Refusal:
    return Refusal("DependencyViolation", text)


@rule("VPC-3", "ec2", "CreateVpc", "CreateSubnet", "AssociateVpcCidrBlock", source=GUIDE + "vpc-cidr-blocks.html")
def block(call: Call) -> Refusal | None:
    """A VPC or subnet is a CIDR block of /16 to /28."""
    text = call.params.get("CidrBlock")
    if text is None:
        given = any(name.startswith(("Ipv4", "Ipv6", "AmazonProvidedIpv6")) for name in call.params)
        return None if given else Refusal("MissingParameter", "The request must contain the parameter cidrBlock")
    found = network(text)
    if found is None:
        return Refusal("InvalidParameterValue", f"Value ({text}) for parameter cidrBlock is invalid. This is not a valid CIDR block.")
    if not 16 <= found.prefixlen <= 28:
        code = "InvalidSubnet.Range" if call.operation == "CreateSubnet" else "InvalidVpc.Range"
        return Refusal(code, f"The CIDR '{text}' is invalid.")
    return None


@rule("VPC-3", "ec2", "CreateSubnet", source=GUIDE + "subnet-sizing.html")
def subnet(call: Call) -> Refusal | None:
    """A subnet is inside its VPC, beside its other subnets, in an Availability Zone of the Region."""
    vpc = world.backend("ec2", call).vpcs.get(call.params["VpcId"])
    found = network(call.params.get("CidrBlock", ""))
    if vpc is None or found is None:
        return None
    inside = [network(each["cidr_block"]) for each in vpc.get_cidr_block_association_set()]
    if not any(each is not None and found.subnet_of(each) for each in inside):
        return Refusal("InvalidSubnet.Range", f"The CIDR '{call.params['CidrBlock']}' is invalid.")
    backend = world.backend("ec2", call)
    if any(backend.get_subnet(each).cidr.overlaps(found) for each in subnets_of(call, vpc.id)):
        return Refusal("InvalidSubnet.Conflict", f"The CIDR '{call.params['CidrBlock']}' conflicts with another subnet")
    zones = [zone.name for zone in backend.describe_availability_zones()]
    zone = call.params.get("AvailabilityZone")
    if zone is not None and zone not in zones:
        text = "Subnets can currently only be created in the following availability zones"
        return Refusal("InvalidParameterValue", f"Value ({zone}) for parameter availabilityZone is invalid. {text}: {', '.join(zones)}.")
    return None


@rule("VPC-3", "ec2", "DeleteSubnet", source=GUIDE + "delete-subnet.html")
def held_subnet(call: Call) -> Refusal | None:
    """A subnet in which something still has an address stays."""
    identifier = call.params["SubnetId"]
    if any(identifier in holder.subnets for holder in holders(call)):
        return dependency(f"The subnet '{identifier}' has dependencies and cannot be deleted.")
    return None


@rule("VPC-3", "ec2", "DeleteVpc", source=GUIDE + "delete-vpc.html")
def held_vpc(call: Call) -> Refusal | None:
    """A VPC goes only when nothing but what came with it is left."""
    backend, vpc = world.backend("ec2", call), call.params["VpcId"]
    left = [
        *subnets_of(call, vpc),
        *(gateway.id for gateway in backend.internet_gateways.values() if gateway.vpc and gateway.vpc.id == vpc),
        *(group.id for group in backend.groups.get(vpc, {}).values() if group.name != "default"),
        *(table.id for table in backend.route_tables.values() if table.vpc_id == vpc and not table.main_association_id),
        *(endpoint.id for endpoint in backend.vpc_end_points.values() if endpoint.vpc_id == vpc),
        *(acl.id for acl in backend.network_acls.values() if acl.vpc_id == vpc and not acl.default),
        *(gateway.id for gateway in backend.egress_only_internet_gateways.values() if gateway.vpc_id == vpc),
        *(gateway.id for gateway in backend.vpn_gateways.values() for place in gateway.vpc_attachments if _held(place, vpc)),
    ]
    return dependency(f"The vpc '{vpc}' has dependencies and cannot be deleted.") if left else None


def _held(attachment: Any, vpc: str) -> bool:
    return bool(attachment.vpc_id == vpc and attachment.state != "detached")


@rule("VPC-3", "ec2", "DeleteRouteTable", source=GUIDE + "WorkWithRouteTables.html")
def held_table(call: Call) -> Refusal | None:
    """A VPC's main route table, and one that a subnet uses, stay."""
    table = world.backend("ec2", call).route_tables[call.params["RouteTableId"]]
    if table.main_association_id or table._associations:
        return dependency(f"The routeTable '{table.id}' has dependencies and cannot be deleted.")
    return None


@rule("VPC-3", "ec2", "AssociateRouteTable", source=GUIDE + "WorkWithRouteTables.html")
def association(call: Call) -> Refusal | None:
    """A subnet has one route table, of its own VPC; the same again is no error."""
    identifier, table_id = call.params.get("SubnetId"), call.params["RouteTableId"]
    backend = world.backend("ec2", call)
    if identifier is None:
        return None
    if backend.get_subnet(identifier).vpc_id != backend.route_tables[table_id].vpc_id:
        return Refusal("InvalidParameterValue", f"route table {table_id} and subnet {identifier} belong to different networks")
    for table in backend.route_tables.values():
        if table.id != table_id and identifier in table._associations.values():
            text = f"the specified association for route table {table_id} conflicts with an existing association"
            return Refusal("Resource.AlreadyAssociated", text)
    return None


@rule("VPC-3", "ec2", "DisassociateRouteTable", source=GUIDE + "WorkWithRouteTables.html")
def main_association(call: Call) -> Refusal | None:
    """A VPC always has its main route table."""
    wanted = call.params["AssociationId"]
    if any(table.main_association_id == wanted for table in world.backend("ec2", call).route_tables.values()):
        return Refusal("InvalidParameterValue", f"cannot disassociate the main route table association {wanted}")
    return None


@rule("VPC-3", "ec2", "DeleteNetworkInterface", source=ERRORS)
def interface(call: Call) -> Refusal | None:
    """The interface of a load balancer, gateway or endpoint goes with what it serves."""
    backend, wanted = world.backend("ec2", call), call.params["NetworkInterfaceId"]
    found = backend.enis[wanted]
    served = [nat._eni.id for nat in backend.nat_gateways.values()]
    served += [each for endpoint in backend.vpc_end_points.values() for each in endpoint.network_interface_ids or []]
    if found.requester_managed or found.attachment_id or wanted in served:
        return Refusal("InvalidParameterValue", f"Network interface '{wanted}' is currently in use.")
    return None


TARGETS = ("GatewayId", "NatGatewayId", "NetworkInterfaceId", "InstanceId", "TransitGatewayId", "VpcPeeringConnectionId")
OTHER_TARGETS = ("EgressOnlyInternetGatewayId", "LocalGatewayId", "CarrierGatewayId", "VpcEndpointId", "CoreNetworkArn", "OdbNetworkArn")


@rule("VPC-3", "ec2", "CreateRoute", source=GUIDE + "VPC_Route_Tables.html")
def route(call: Call) -> Refusal | None:
    """A route has a destination that is new to its table, and one target, which is in the same VPC."""
    wanted, backend = call.params, world.backend("ec2", call)
    destination = wanted.get("DestinationCidrBlock")
    if not {"DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"} & set(wanted):
        text = "The request must contain exactly one of destinationCidrBlock, destinationIpv6CidrBlock or destinationPrefixListId"
        return Refusal("MissingParameter", text)
    if destination is not None and network(destination) is None:
        text = f"Value ({destination}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block."
        return Refusal("InvalidParameterValue", text)
    targets = [name for name in (*TARGETS, *OTHER_TARGETS) if wanted.get(name)]
    if len(targets) != 1:
        code = "InvalidParameterCombination" if targets else "MissingParameter"
        return Refusal(
            code, "The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId, instanceId and their like"
        )
    table = backend.route_tables[wanted["RouteTableId"]]
    if destination is not None and _taken(table, destination):
        return Refusal("RouteAlreadyExists", f"The route identified by {destination} already exists.")
    return _target(backend, table, wanted)


def _taken(table: Any, destination: str) -> bool:
    return any(network(each.destination_cidr_block or "") == network(destination) for each in table._routes.values())


def _target(backend: Any, table: Any, wanted: dict[str, Any]) -> Refusal | None:
    gateway = backend.internet_gateways.get(wanted.get("GatewayId", ""))
    if gateway is not None and (gateway.vpc is None or gateway.vpc.id != table.vpc_id):
        return Refusal("InvalidParameterValue", f"route table {table.id} and network gateway {gateway.id} belong to different networks")
    nat = wanted.get("NatGatewayId")
    if nat and nat in backend.nat_gateways and backend.nat_gateways[nat].vpc_id != table.vpc_id:
        return Refusal("InvalidParameterValue", f"route table {table.id} and network gateway {nat} belong to different networks")
    return None


@rule("VPC-3", "ec2", "DeleteRoute", source=GUIDE + "VPC_Route_Tables.html")
def local_route(call: Call) -> Refusal | None:
    """The route inside the VPC cannot be deleted."""
    destination = call.params.get("DestinationCidrBlock")
    table = world.backend("ec2", call).route_tables[call.params["RouteTableId"]]
    for each in table._routes.values():
        if each.local and each.destination_cidr_block == destination:
            return Refusal("InvalidParameterValue", f"cannot remove local route {destination} in route table {table.id}")
    return None


@rule("VPC-3", "ec2", "AttachInternetGateway", source=GUIDE + "VPC_Internet_Gateway.html")
def attach(call: Call) -> Refusal | None:
    """An internet gateway is for one VPC, and a VPC has one internet gateway."""
    backend = world.backend("ec2", call)
    gateway, vpc = backend.internet_gateways[call.params["InternetGatewayId"]], call.params["VpcId"]
    if gateway.vpc is not None:
        return Refusal("Resource.AlreadyAssociated", f"resource {gateway.id} is already attached to network {gateway.vpc.id}")
    if any(each.vpc and each.vpc.id == vpc for each in backend.internet_gateways.values()):
        return Refusal("InvalidParameterValue", f"Network {vpc} already has an internet gateway attached")
    return None


@rule("VPC-3", "ec2", "DetachInternetGateway", source=GUIDE + "VPC_Internet_Gateway.html")
def detach(call: Call) -> Refusal | None:
    """As long as something in a VPC has a public address, its internet gateway stays."""
    gateway = world.backend("ec2", call).internet_gateways[call.params["InternetGatewayId"]]
    vpc = call.params["VpcId"]
    if gateway.vpc is None or gateway.vpc.id != vpc:
        return Refusal("Gateway.NotAttached", f"resource {gateway.id} is not attached to network {vpc}")
    inside = subnets_of(call, vpc)
    if any(holder.public and holder.subnets & inside for holder in holders(call)):
        return dependency(
            f"Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway."
        )
    return None


@rule("VPC-3", "ec2", "DeleteInternetGateway", source=GUIDE + "VPC_Internet_Gateway.html")
def attached(call: Call) -> Refusal | None:
    """An attached internet gateway is not deleted."""
    gateway = world.backend("ec2", call).internet_gateways[call.params["InternetGatewayId"]]
    if gateway.vpc is not None:
        return dependency(f"The internetGateway '{gateway.id}' has dependencies and cannot be deleted.")
    return None


@rule("VPC-3", "ec2", "CreateNatGateway", source=GUIDE + "nat-gateway-basics.html")
def nat(call: Call) -> Refusal | None:
    """A public NAT gateway needs an address that nobody else uses; a private one has none."""
    allocation, backend = call.params.get("AllocationId"), world.backend("ec2", call)
    if call.params.get("ConnectivityType", "public") == "private":
        if allocation:
            return Refusal("InvalidParameterCombination", "AllocationId cannot be specified for a private NAT gateway")
        return None
    if not allocation:
        return Refusal("MissingParameter", "The request must contain the parameter AllocationId")
    if repeated(call):
        return None
    address = next(each for each in backend.addresses if each.allocation_id == allocation)
    if address.association_id:
        return Refusal("Resource.AlreadyAssociated", f"Elastic IP address [{allocation}] is already associated")
    return None


@rule("VPC-3", "ec2", "ReleaseAddress", source=ERRORS)
def address(call: Call) -> Refusal | None:
    """An address that is in use is not given back."""
    for each in world.backend("ec2", call).addresses:
        if each.allocation_id == call.params.get("AllocationId") and each.association_id:
            return Refusal(
                "InvalidIPAddress.InUse", f"The address with allocation id [{each.allocation_id}] cannot be released because it is in use"
            )
    return None
