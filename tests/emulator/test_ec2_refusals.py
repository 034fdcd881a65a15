"""What the emulated EC2 refuses of networks, with AWS's codes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulated import Emulated

pytestmark = pytest.mark.usefixtures("slowly")

NONE = "0123456789abcdef0"
VALUE = "InvalidParameterValue"


class Network:
    """A VPC with two subnets, an internet gateway and a security group."""

    def __init__(self, emulated: Emulated) -> None:
        self.emulated, self.ec2 = emulated, emulated.client("ec2")
        self.vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [self.subnet(f"10.0.{number}.0/24", f"eu-west-1{zone}") for number, zone in enumerate("ab")]
        self.gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)
        self.table = self.ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
        self.group = self.named_group("web")

    def subnet(self, cidr: str, zone: str) -> str:
        return str(self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=cidr, AvailabilityZone=zone)["Subnet"]["SubnetId"])

    def named_group(self, name: str) -> str:
        return str(self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"])

    def refused(self, operation: str, **params: Any) -> str:
        return self.emulated.refused("ec2", operation, **params)[0]


@pytest.fixture
def net(emulated: Emulated) -> Network:
    return Network(emulated)


IDS = [
    ("describe_vpcs", "VpcIds", "vpc", "InvalidVpcID"),
    ("delete_vpc", "VpcId", "vpc", "InvalidVpcID"),
    ("describe_subnets", "SubnetIds", "subnet", "InvalidSubnetID"),
    ("delete_subnet", "SubnetId", "subnet", "InvalidSubnetID"),
    ("delete_internet_gateway", "InternetGatewayId", "igw", "InvalidInternetGatewayID"),
    ("describe_internet_gateways", "InternetGatewayIds", "igw", "InvalidInternetGatewayID"),
    ("delete_route_table", "RouteTableId", "rtb", "InvalidRouteTableID"),
    ("describe_route_tables", "RouteTableIds", "rtb", "InvalidRouteTableID"),
    ("delete_security_group", "GroupId", "sg", "InvalidGroup"),
    ("describe_security_groups", "GroupIds", "sg", "InvalidGroup"),
    ("release_address", "AllocationId", "eipalloc", "InvalidAllocationID"),
    ("describe_network_interfaces", "NetworkInterfaceIds", "eni", "InvalidNetworkInterfaceID"),
]


@pytest.mark.parametrize(("operation", "member", "prefix", "code"), IDS)
def test_ids(emulated: Emulated, operation: str, member: str, prefix: str, code: str) -> None:
    def refused(identifier: str) -> str:
        value = [identifier] if member.endswith("s") else identifier
        return emulated.refused("ec2", operation, **{member: value})[0]

    assert refused(f"{prefix}-{NONE}") == f"{code}.NotFound"
    assert refused("nonsense").lower() in (f"{code}.malformed".lower(), "invalidgroupid.malformed")


def test_nat_gateway_ids_have_codes_of_their_own(emulated: Emulated) -> None:
    assert emulated.refused("ec2", "delete_nat_gateway", NatGatewayId=f"nat-{NONE}")[0] == "NatGatewayNotFound"
    assert emulated.refused("ec2", "delete_nat_gateway", NatGatewayId="nat-1")[0] == "NatGatewayMalformed"


@pytest.mark.parametrize(
    ("cidr", "code"),
    [
        ("10.0.0.0", VALUE),
        ("10.0.0.0/33", VALUE),
        ("nonsense", VALUE),
        ("10.0.0.0/15", "InvalidVpc.Range"),
        ("10.0.0.0/29", "InvalidVpc.Range"),
    ],
)
def test_the_block_of_a_vpc(emulated: Emulated, cidr: str, code: str) -> None:
    refused = emulated.refused("ec2", "create_vpc", CidrBlock=cidr)
    assert refused[0] == code
    if code == VALUE:
        assert refused[1] == f"Value ({cidr}) for parameter cidrBlock is invalid. This is not a valid CIDR block."


def test_subnets(net: Network) -> None:
    def refused(cidr: str, **more: Any) -> str:
        return net.refused("create_subnet", **{"VpcId": net.vpc, "CidrBlock": cidr, **more})

    assert refused("10.1.0.0/24") == "InvalidSubnet.Range"
    assert refused("10.0.9.0/29") == "InvalidSubnet.Range"
    assert refused("10.0.0.128/25") == "InvalidSubnet.Conflict"
    assert refused("10.0.9.0") == VALUE
    assert refused("10.0.9.0/24", AvailabilityZone="us-east-1a") == VALUE
    assert refused("10.0.9.0/24", VpcId=f"vpc-{NONE}") == "InvalidVpcID.NotFound"
    made = net.ec2.create_subnet(VpcId=net.vpc, CidrBlock="10.0.9.7/24")["Subnet"]
    assert made["CidrBlock"] == "10.0.9.0/24" and made["AvailabilityZone"].startswith("eu-west-1")
    assert not made["MapPublicIpOnLaunch"] and not made["DefaultForAz"]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"GroupName": "web"}, "InvalidGroup.Duplicate"),
        ({"GroupName": "default"}, "InvalidGroup.Reserved"),
        ({"GroupName": "sg-web"}, VALUE),
        ({"Description": "é"}, VALUE),
        ({"Description": "x" * 256}, VALUE),
        ({"GroupName": "x" * 256}, VALUE),
    ],
)
def test_security_groups(net: Network, params: dict[str, Any], code: str) -> None:
    assert net.refused("create_security_group", **{"GroupName": "new", "Description": "new", "VpcId": net.vpc, **params}) == code


RULE = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({}, "InvalidPermission.Duplicate"),
        ({"IpProtocol": "carrier-pigeon"}, VALUE),
        ({"FromPort": 90}, VALUE),
        ({"ToPort": 70000}, VALUE),
        ({"IpRanges": []}, VALUE),
        ({"IpRanges": [{"CidrIp": "0.0.0.0"}]}, VALUE),
        ({"IpRanges": [], "UserIdGroupPairs": [{"GroupId": f"sg-{NONE}"}]}, "InvalidGroup.NotFound"),
        ({"IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "é"}]}, VALUE),
    ],
)
def test_rules_of_security_groups(net: Network, wrong: dict[str, Any], code: str) -> None:
    net.ec2.authorize_security_group_ingress(GroupId=net.group, IpPermissions=[RULE])
    assert net.refused("authorize_security_group_ingress", GroupId=net.group, IpPermissions=[{**RULE, **wrong}]) == code


def test_a_rule_that_is_not_there_is_not_revoked(net: Network) -> None:
    assert net.refused("revoke_security_group_ingress", GroupId=net.group, IpPermissions=[RULE]) == "InvalidPermission.NotFound"


def test_sixty_rules_are_the_most(net: Network) -> None:
    ranges = [{"CidrIp": f"10.0.{number}.0/24"} for number in range(61)]
    assert net.refused("authorize_security_group_ingress", GroupId=net.group, IpPermissions=[{**RULE, "IpRanges": ranges}]) == (
        "RulesPerSecurityGroupLimitExceeded"
    )


def test_routes(net: Network) -> None:
    route = {"RouteTableId": net.table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": net.gateway}
    other = net.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    assert net.refused("create_route", **{**route, "GatewayId": other}) == VALUE
    assert net.refused("create_route", **{**route, "GatewayId": f"igw-{NONE}"}) == "InvalidInternetGatewayID.NotFound"
    assert net.refused("create_route", **{**route, "DestinationCidrBlock": "0.0.0.0"}) == VALUE
    assert net.refused("create_route", RouteTableId=net.table, GatewayId=net.gateway) == "MissingParameter"
    assert net.refused("create_route", RouteTableId=net.table, DestinationCidrBlock="0.0.0.0/0") == "MissingParameter"
    net.ec2.create_route(**route)
    assert net.refused("create_route", **route) == "RouteAlreadyExists"
    assert net.refused("delete_route", RouteTableId=net.table, DestinationCidrBlock="9.0.0.0/8") == "InvalidRoute.NotFound"
    assert net.refused("delete_route", RouteTableId=net.table, DestinationCidrBlock="10.0.0.0/16") == VALUE


def test_associations(net: Network) -> None:
    first = net.ec2.associate_route_table(RouteTableId=net.table, SubnetId=net.subnets[0])["AssociationId"]
    assert net.ec2.associate_route_table(RouteTableId=net.table, SubnetId=net.subnets[0])["AssociationId"] == first
    other = net.ec2.create_route_table(VpcId=net.vpc)["RouteTable"]["RouteTableId"]
    assert net.refused("associate_route_table", RouteTableId=other, SubnetId=net.subnets[0]) == "Resource.AlreadyAssociated"
    assert net.refused("delete_route_table", RouteTableId=net.table) == "DependencyViolation"
    assert net.refused("disassociate_route_table", AssociationId=f"rtbassoc-{NONE}") == "InvalidAssociationID.NotFound"


def test_internet_gateways(net: Network) -> None:
    attach = {"InternetGatewayId": net.gateway, "VpcId": net.vpc}
    assert net.refused("attach_internet_gateway", **attach) == "Resource.AlreadyAssociated"
    other = net.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    assert net.refused("attach_internet_gateway", InternetGatewayId=other, VpcId=net.vpc) == VALUE
    assert net.refused("detach_internet_gateway", InternetGatewayId=other, VpcId=net.vpc) == "Gateway.NotAttached"
    assert net.refused("delete_internet_gateway", InternetGatewayId=net.gateway) == "DependencyViolation"


def test_what_a_vpc_still_holds(net: Network) -> None:
    acl = net.ec2.create_network_acl(VpcId=net.vpc)["NetworkAcl"]["NetworkAclId"]
    made = net.ec2.create_egress_only_internet_gateway(VpcId=net.vpc)["EgressOnlyInternetGateway"]
    egress = made["EgressOnlyInternetGatewayId"]
    vpn = net.ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    net.ec2.attach_vpn_gateway(VpnGatewayId=vpn, VpcId=net.vpc)
    for left, delete in [
        (net.subnets[0], {"delete_subnet": {"SubnetId": net.subnets[0]}}),
        (net.subnets[1], {"delete_subnet": {"SubnetId": net.subnets[1]}}),
        (net.group, {"delete_security_group": {"GroupId": net.group}}),
        (net.table, {"delete_route_table": {"RouteTableId": net.table}}),
        (net.gateway, {"detach_internet_gateway": {"InternetGatewayId": net.gateway, "VpcId": net.vpc}}),
        (acl, {"delete_network_acl": {"NetworkAclId": acl}}),
        (egress, {"delete_egress_only_internet_gateway": {"EgressOnlyInternetGatewayId": egress}}),
        (vpn, {"detach_vpn_gateway": {"VpnGatewayId": vpn, "VpcId": net.vpc}}),
    ]:
        assert net.refused("delete_vpc", VpcId=net.vpc) == "DependencyViolation", left
        for operation, params in delete.items():
            getattr(net.ec2, operation)(**params)
    net.ec2.delete_vpc(VpcId=net.vpc)


def test_a_load_balancer_holds_subnets_group_and_gateway(net: Network) -> None:
    balancers = net.emulated.client("elbv2")
    net.ec2.create_route(RouteTableId=net.table, DestinationCidrBlock="0.0.0.0/0", GatewayId=net.gateway)
    for subnet in net.subnets:
        net.ec2.associate_route_table(RouteTableId=net.table, SubnetId=subnet)
    balancers.create_load_balancer(Name="shop", Subnets=net.subnets, SecurityGroups=[net.group])
    assert net.refused("delete_subnet", SubnetId=net.subnets[0]) == "DependencyViolation"
    assert net.refused("delete_security_group", GroupId=net.group) == "DependencyViolation"
    assert net.refused("detach_internet_gateway", InternetGatewayId=net.gateway, VpcId=net.vpc) == "DependencyViolation"


def test_a_database_holds_subnets_and_group(net: Network) -> None:
    rds = net.emulated.client("rds")
    spare = net.subnet("10.0.8.0/24", "eu-west-1c")
    rds.create_db_subnet_group(DBSubnetGroupName="shop", DBSubnetGroupDescription="shop", SubnetIds=[*net.subnets, spare])
    net.ec2.delete_subnet(SubnetId=spare)
    rds.create_db_instance(
        DBInstanceIdentifier="shop", Engine="postgres", DBInstanceClass="db.t4g.micro", AllocatedStorage=20, MasterUsername="shop",
        MasterUserPassword="correct-horse", DBSubnetGroupName="shop", VpcSecurityGroupIds=[net.group],
        AvailabilityZone="eu-west-1a",
    )  # fmt: skip
    net.ec2.delete_subnet(SubnetId=net.subnets[1])
    assert net.refused("delete_subnet", SubnetId=net.subnets[0]) == "DependencyViolation"
    assert net.refused("delete_security_group", GroupId=net.group) == "DependencyViolation"


def test_a_group_that_another_names_stays(net: Network) -> None:
    other = net.named_group("db")
    pair = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": net.group}]}
    net.ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=[pair])
    assert net.refused("delete_security_group", GroupId=net.group) == "DependencyViolation"
    net.ec2.delete_security_group(GroupId=other)
    net.ec2.delete_security_group(GroupId=net.group)
    default = net.ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [net.vpc]}])["SecurityGroups"][0]["GroupId"]
    assert net.refused("delete_security_group", GroupId=default) == "CannotDelete"


def endpoint(net: Network, service: str, **more: Any) -> str:
    return net.refused("create_vpc_endpoint", VpcId=net.vpc, ServiceName=f"com.amazonaws.eu-west-1.{service}", **more)


def test_endpoints(net: Network) -> None:
    interface = {"VpcEndpointType": "Interface", "SubnetIds": net.subnets}
    assert endpoint(net, "none") == "InvalidServiceName"
    assert endpoint(net, "logs") == "InvalidParameter"
    assert endpoint(net, "s3", SubnetIds=net.subnets) == "InvalidParameter"
    assert endpoint(net, "logs", **interface, RouteTableIds=[net.table]) == "InvalidParameter"
    assert endpoint(net, "logs", **interface) == "InvalidParameter"
    net.ec2.modify_vpc_attribute(VpcId=net.vpc, EnableDnsHostnames={"Value": True})
    twin = net.subnet("10.0.7.0/24", "eu-west-1a")
    assert endpoint(net, "logs", **{**interface, "SubnetIds": [*net.subnets, twin]}) == "DuplicateSubnetsInSameZone"
    assert endpoint(net, "logs", **interface, SecurityGroupIds=[net.group]) == ""
    assert endpoint(net, "logs", **interface) == "InvalidParameter"
    assert endpoint(net, "s3", RouteTableIds=[net.table]) == ""
    assert endpoint(net, "s3", RouteTableIds=[net.table]) == "RouteAlreadyExists"
    assert net.refused("delete_subnet", SubnetId=net.subnets[0]) == "DependencyViolation"
    assert net.refused("delete_security_group", GroupId=net.group) == "DependencyViolation"


def test_nat_gateways(net: Network) -> None:
    assert net.refused("create_nat_gateway", SubnetId=net.subnets[0]) == "MissingParameter"
    assert net.refused("create_nat_gateway", SubnetId=net.subnets[0], AllocationId=f"eipalloc-{NONE}") == "InvalidAllocationID.NotFound"
    address = net.ec2.allocate_address(Domain="vpc")["AllocationId"]
    net.ec2.create_nat_gateway(SubnetId=net.subnets[0], AllocationId=address)
    assert net.refused("create_nat_gateway", SubnetId=net.subnets[0], AllocationId=address) == "Resource.AlreadyAssociated"
    assert net.refused("release_address", AllocationId=address) == "InvalidIPAddress.InUse"
    assert net.refused("detach_internet_gateway", InternetGatewayId=net.gateway, VpcId=net.vpc) == "DependencyViolation"


def test_pages(net: Network) -> None:
    assert net.refused("describe_subnets", MaxResults=4) == VALUE
    assert net.refused("describe_route_tables", MaxResults=101) == VALUE
    assert net.refused("describe_subnets", MaxResults=5, SubnetIds=net.subnets) == "InvalidParameterCombination"


def test_tags(net: Network) -> None:
    assert net.refused("create_tags", Resources=[f"vpc-{NONE}"], Tags=[{"Key": "a", "Value": "b"}]) == "InvalidVpcID.NotFound"
    assert net.refused("create_tags", Resources=[net.vpc], Tags=[{"Key": "aws:a", "Value": "b"}]) == VALUE
    assert net.refused("create_tags", Resources=[net.vpc]) == "MissingParameter"
