"""What the emulated EC2 refuses of requests of every kind, and what it makes of a request that comes twice."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulated import Emulated

from .test_ec2_refusals import NONE, VALUE, Network

pytestmark = pytest.mark.usefixtures("slowly")


@pytest.fixture
def net(emulated: Emulated) -> Network:
    return Network(emulated)


def tagged(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs]


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        (tagged(("a", "b"), ("a", "c")), VALUE),
        (tagged(("a" * 129, "b")), VALUE),
        (tagged(("a", "b" * 257)), VALUE),
        (tagged(("aws:a", "b")), VALUE),
        (tagged(*((f"a{number}", "b") for number in range(51))), "TagLimitExceeded"),
    ],
)
def test_tags_of_something_there_and_of_something_new(net: Network, tags: list[dict[str, str]], code: str) -> None:
    assert net.refused("create_tags", Resources=[net.vpc], Tags=tags) == code
    assert net.refused("create_vpc", CidrBlock="10.1.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": tags}]) == code
    assert net.refused("create_vpc", CidrBlock="10.1.0.0/16", TagSpecifications=[{"ResourceType": "subnet", "Tags": tags}]) == VALUE


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        *(
            (f"describe_{name}", {"Filters": [{"Name": "nonsense", "Values": ["x"]}]}, VALUE)
            for name in ("vpcs", "subnets", "security_groups", "security_group_rules", "route_tables", "internet_gateways")
        ),
        ("describe_nat_gateways", {"Filter": [{"Name": "nonsense", "Values": ["x"]}]}, VALUE),
        ("describe_vpcs", {"Filters": [{"Name": "tag:Name", "Values": ["x"]}]}, ""),
        ("describe_vpcs", {"NextToken": "nonsense"}, "InvalidNextToken"),
        ("describe_availability_zones", {"ZoneNames": ["nonsense"]}, VALUE),
        ("describe_security_groups", {"GroupNames": ["nonsense"]}, "InvalidGroup.NotFound"),
        ("describe_security_group_rules", {"SecurityGroupRuleIds": [f"sgr-{NONE}"]}, "InvalidSecurityGroupRuleId.NotFound"),
        ("describe_security_group_rules", {"SecurityGroupRuleIds": ["nonsense"]}, "InvalidSecurityGroupRuleId.Malformed"),
        ("create_vpc", {"CidrBlock": "10.1.0.0/16", "DryRun": True}, "DryRunOperation"),
    ],
)
def test_requests(emulated: Emulated, operation: str, params: dict[str, Any], code: str) -> None:
    assert emulated.refused("ec2", operation, **params)[0] == code


def test_one_attribute_at_a_time(net: Network) -> None:
    both: dict[str, Any] = {"EnableDnsSupport": {"Value": True}, "EnableDnsHostnames": {"Value": True}}
    assert net.refused("modify_vpc_attribute", VpcId=net.vpc, **both) == "InvalidParameterCombination"
    assert net.refused("modify_vpc_attribute", VpcId=net.vpc) == "InvalidParameterCombination"


def test_a_rule_is_there_once_and_canonical(net: Network) -> None:
    def allow(*cidrs: str, **more: Any) -> str:
        peers = [{"CidrIp": cidr, **more} for cidr in cidrs]
        permission = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": peers}
        return net.refused("authorize_security_group_ingress", GroupId=net.group, IpPermissions=[permission])

    assert allow("10.1.2.3/16") == ""
    assert allow("10.1.0.0/16", Description="again") == "InvalidPermission.Duplicate"
    assert allow("10.2.0.0/16", "10.1.0.0/16") == "InvalidPermission.Duplicate"
    assert allow("10.2.0.0/16", "10.2.0.0/16") == VALUE
    (kept,) = net.ec2.describe_security_groups(GroupIds=[net.group])["SecurityGroups"][0]["IpPermissions"]
    assert [peer["CidrIp"] for peer in kept["IpRanges"]] == ["10.1.0.0/16"]


def test_a_rule_is_found_whatever_its_description(net: Network) -> None:
    def rule(**described: str) -> list[dict[str, Any]]:
        peers = {"IpRanges": [{"CidrIp": "10.0.0.0/8", **described}], "UserIdGroupPairs": [{"GroupId": net.group, **described}]}
        return [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, **peers}]

    def described() -> list[str | None]:
        (kept,) = net.ec2.describe_security_groups(GroupIds=[net.group])["SecurityGroups"][0]["IpPermissions"]
        return [kept[member][0].get("Description") for member in ("IpRanges", "UserIdGroupPairs")]

    describe = net.ec2.update_security_group_rule_descriptions_ingress
    net.ec2.authorize_security_group_ingress(GroupId=net.group, IpPermissions=rule(Description="users"))
    describe(GroupId=net.group, IpPermissions=rule(Description="others"))
    assert described() == ["others", "others"]
    describe(GroupId=net.group, IpPermissions=rule())
    assert described() == [None, None]
    describe(GroupId=net.group, IpPermissions=rule(Description="again"))
    net.ec2.revoke_security_group_ingress(GroupId=net.group, IpPermissions=rule())
    absent = "InvalidPermission.NotFound"
    assert net.refused("update_security_group_rule_descriptions_ingress", GroupId=net.group, IpPermissions=rule(Description="x")) == absent
    assert net.refused("revoke_security_group_ingress", GroupId=net.group, IpPermissions=rule()) == absent


def test_a_nat_gateway_without_an_internet_gateway_fails(net: Network) -> None:
    net.ec2.detach_internet_gateway(InternetGatewayId=net.gateway, VpcId=net.vpc)
    wanted = {"SubnetId": net.subnets[0], "AllocationId": net.ec2.allocate_address(Domain="vpc")["AllocationId"], "ClientToken": "once"}
    made = net.ec2.create_nat_gateway(**wanted)["NatGateway"]
    assert net.ec2.create_nat_gateway(**wanted)["NatGateway"]["NatGatewayId"] == made["NatGatewayId"]
    assert net.refused("create_nat_gateway", **{**wanted, "SubnetId": net.subnets[1]}) == "IdempotentParameterMismatch"
    net.ec2.create_route(RouteTableId=net.table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=made["NatGatewayId"])
    net.emulated.advance(100)
    found = net.ec2.describe_nat_gateways(NatGatewayIds=[made["NatGatewayId"]])["NatGateways"][0]
    assert (found["State"], found["FailureCode"]) == ("failed", "Gateway.NotAttached")
    routes = net.ec2.describe_route_tables(RouteTableIds=[net.table])["RouteTables"][0]["Routes"]
    assert [route["State"] for route in routes] == ["active", "blackhole"]
    net.ec2.release_address(AllocationId=wanted["AllocationId"])
