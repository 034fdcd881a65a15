"""What the emulated EC2 does with networks in AWS's time."""

from __future__ import annotations

import pytest

from tests.support.emulated import Emulated

from .test_ec2_refusals import Network

pytestmark = pytest.mark.usefixtures("slowly")


def test_an_account_has_a_default_vpc(emulated: Emulated) -> None:
    ec2 = emulated.client("ec2")
    vpc = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
    assert vpc["CidrBlock"] == "172.31.0.0/16"
    assert len({subnet["AvailabilityZone"] for subnet in subnets}) == 3
    assert all(subnet["MapPublicIpOnLaunch"] and subnet["DefaultForAz"] for subnet in subnets)


def test_nat_gateways_take_their_time(emulated: Emulated) -> None:
    net = Network(emulated)
    address = net.ec2.allocate_address(Domain="vpc")["AllocationId"]
    made = net.ec2.create_nat_gateway(SubnetId=net.subnets[0], AllocationId=address)["NatGateway"]

    def state() -> str:
        return str(net.ec2.describe_nat_gateways(NatGatewayIds=[made["NatGatewayId"]])["NatGateways"][0]["State"])

    assert made["State"] == state() == "pending"
    emulated.advance(100)
    assert state() == "available"
    net.ec2.delete_nat_gateway(NatGatewayId=made["NatGatewayId"])
    assert state() == "deleting" and net.refused("delete_subnet", SubnetId=net.subnets[0]) == "DependencyViolation"
    emulated.advance(70)
    assert state() == "deleted"
    net.ec2.delete_subnet(SubnetId=net.subnets[0])
    net.ec2.release_address(AllocationId=address)


def test_endpoints_take_their_time(emulated: Emulated) -> None:
    net = Network(emulated)
    net.ec2.modify_vpc_attribute(VpcId=net.vpc, EnableDnsHostnames={"Value": True})
    service = {"VpcId": net.vpc, "VpcEndpointType": "Interface", "ServiceName": "com.amazonaws.eu-west-1.logs"}
    made = net.ec2.create_vpc_endpoint(**service, SubnetIds=net.subnets, SecurityGroupIds=[net.group])["VpcEndpoint"]
    assert made["State"] == "pending" and made["PrivateDnsEnabled"] and len(made["NetworkInterfaceIds"]) == 2
    emulated.advance(70)
    assert net.ec2.describe_vpc_endpoints()["VpcEndpoints"][0]["State"] == "available"
    net.ec2.delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])
    assert net.ec2.describe_vpc_endpoints()["VpcEndpoints"][0]["State"] == "deleting"
    assert net.refused("delete_subnet", SubnetId=net.subnets[0]) == "DependencyViolation"
    emulated.advance(100)
    assert net.ec2.describe_vpc_endpoints()["VpcEndpoints"] == []
    net.ec2.delete_subnet(SubnetId=net.subnets[0])


def test_a_gateway_endpoint_is_a_route(emulated: Emulated) -> None:
    net = Network(emulated)
    service = {"VpcId": net.vpc, "ServiceName": "com.amazonaws.eu-west-1.s3"}
    made = net.ec2.create_vpc_endpoint(**service, RouteTableIds=[net.table])["VpcEndpoint"]

    def targets() -> list[str]:
        routes = net.ec2.describe_route_tables(RouteTableIds=[net.table])["RouteTables"][0]["Routes"]
        return [route.get("GatewayId", "") for route in routes]

    assert (made["VpcEndpointType"], made["State"]) == ("Gateway", "available") and made["VpcEndpointId"] in targets()
    assert net.ec2.delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])["Unsuccessful"] == []
    assert made["VpcEndpointId"] not in targets()
    failed = net.ec2.delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])["Unsuccessful"]
    assert failed[0]["Error"]["Code"] == "InvalidVpcEndpoint.NotFound"


def test_pages_hold_everything_once(emulated: Emulated) -> None:
    net = Network(emulated)
    for number in range(2, 14):
        net.subnet(f"10.0.{number}.0/24", "eu-west-1a")
    pages = list(net.ec2.get_paginator("describe_subnets").paginate(PaginationConfig={"PageSize": 5}))
    found = [subnet["SubnetId"] for page in pages for subnet in page["Subnets"]]
    assert len(pages) == 4 and len(found) == len(set(found)) == 17


def test_a_canonical_block(emulated: Emulated) -> None:
    assert emulated.client("ec2").create_vpc(CidrBlock="10.1.2.3/16")["Vpc"]["CidrBlock"] == "10.1.0.0/16"


def test_a_deleted_subnet_uses_no_route_table(emulated: Emulated) -> None:
    net = Network(emulated)
    table = net.ec2.create_route_table(VpcId=net.vpc)["RouteTable"]["RouteTableId"]
    net.ec2.associate_route_table(RouteTableId=table, SubnetId=net.subnets[0])
    assert net.refused("delete_route_table", RouteTableId=table) == "DependencyViolation"
    net.ec2.delete_subnet(SubnetId=net.subnets[0])
    net.ec2.delete_route_table(RouteTableId=table)
