"""ec2_vpc_subnets against the emulated EC2."""

from typing import Any

import pytest

from tests.support.emulated import REGION, Emulated
from tests.support.walk import differences

SUBNETS = [
    {"name": "shop-public-1", "cidr": "10.0.0.0/20", "zone_index": 0, "map_public_ip": True, "route_table": "shop-public"},
    {"name": "shop-public-2", "cidr": "10.0.16.0/20", "zone_index": 1, "map_public_ip": True, "route_table": "shop-public"},
    {"name": "shop-private-1", "cidr": "10.0.128.0/20", "zone_index": 0, "route_table": "shop-private"},
]


@pytest.fixture
def vpc(emulated: Emulated) -> str:
    return str(emulated.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])


@pytest.fixture
def gateway(emulated: Emulated, vpc: str) -> str:
    ec2 = emulated.client("ec2")
    made = str(ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"])
    ec2.attach_internet_gateway(InternetGatewayId=made, VpcId=vpc)
    return made


def run(emulated: Emulated, vpc: str, gateway: str = "igw-00000000000000000", **changes: Any) -> dict[str, Any]:
    tables = [{"name": "shop-public", "routes": [{"destination": "0.0.0.0/0", "gateway_id": gateway}]}, {"name": "shop-private"}]
    params = {"vpc_id": vpc, "subnets": SUBNETS, "route_tables": tables, "tags": {"application": "shop"}, **changes}
    return emulated.run("ec2_vpc_subnets", **params)


def calls(emulated: Emulated, since: int) -> list[str]:
    return [entry["operation"] for entry in emulated.journal()[since:]]


def test_where_there_is_no_vpc_yet_all_is_predicted_as_new(emulated: Emulated) -> None:
    predicted = run(emulated, "", check=True)
    assert predicted["changed"] and differences("ec2_vpc_subnets", predicted) == []
    assert [subnet["availability_zone"] for subnet in predicted["network"]["subnets"]] == [f"{REGION}a", f"{REGION}b", f"{REGION}a"]
    assert predicted["diff"]["before"] == {"subnets": [], "route_tables": []} and predicted["diff"]["after"] == predicted["network"]
    assert calls(emulated, 0) == ["DescribeAvailabilityZones"]
    assert "only in check mode" in run(emulated, "")["msg"] and not emulated.writes()
    assert not run(emulated, "", state="absent")["changed"]


def test_check_create_again_change_diff_delete(emulated: Emulated, vpc: str, gateway: str) -> None:
    ec2 = emulated.client("ec2")
    other = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.240.0/20")["Subnet"]["SubnetId"]
    written = emulated.writes()
    predicted = run(emulated, vpc, gateway, check=True)
    assert predicted["changed"] and emulated.writes() == written

    created = run(emulated, vpc, gateway)
    assert created["changed"] and differences("ec2_vpc_subnets", created) == []
    without = {"subnet_id", "route_table_id", "association_id"}
    for kind in ("subnets", "route_tables"):
        made = [{key: value for key, value in item.items() if key not in without} for item in created["network"][kind]]
        assert made == predicted["network"][kind]
    since = len(emulated.journal())
    again = run(emulated, vpc, gateway)
    assert not again["changed"] and again["network"] == created["network"]
    assert sorted(calls(emulated, since)) == ["DescribeRouteTables", "DescribeSubnets"]

    by_hand(ec2, created["network"], gateway)
    seen = run(emulated, vpc, gateway, check=True)
    before, after = seen["diff"]["before"], seen["diff"]["after"]
    assert seen["changed"] and (before["subnets"][0]["map_public_ip"], after["subnets"][0]["map_public_ip"]) == (False, True)
    assert (before["subnets"][2]["route_table"], after["subnets"][2]["route_table"]) == ("shop-public", "shop-private")
    assert before["subnets"][1]["route_table"] is None and before["subnets"][1]["tags"] == {"Name": "mine", "a": "b"}
    assert before["route_tables"][0]["routes"] == [] and len(before["route_tables"][1]["routes"]) == 1
    mended = run(emulated, vpc, gateway)
    assert mended["changed"] and not run(emulated, vpc, gateway)["changed"]
    assert forget(mended["network"]) == forget(created["network"])

    gone = run(emulated, vpc, gateway, state="absent")
    assert gone["changed"] and gone["network"] == {"subnets": [], "route_tables": []} and not run(emulated, vpc, state="absent")["changed"]
    inside = [{"Name": "vpc-id", "Values": [vpc]}]
    assert [subnet["SubnetId"] for subnet in ec2.describe_subnets(Filters=inside)["Subnets"]] == [other]
    assert emulated.run("ec2_vpc_subnets", vpc_id=vpc, state="absent")["changed"]
    assert ec2.describe_subnets(Filters=inside)["Subnets"] == [] and len(ec2.describe_route_tables(Filters=inside)["RouteTables"]) == 1


def by_hand(ec2: Any, network: dict[str, Any], gateway: str) -> None:
    """Somebody changes routes, associations, an attribute and tags."""
    public, private = (table["route_table_id"] for table in network["route_tables"])
    first, second, third = network["subnets"]
    ec2.modify_subnet_attribute(SubnetId=first["subnet_id"], MapPublicIpOnLaunch={"Value": False})
    ec2.disassociate_route_table(AssociationId=second["association_id"])
    ec2.replace_route_table_association(AssociationId=third["association_id"], RouteTableId=public)
    ec2.delete_route(RouteTableId=public, DestinationCidrBlock="0.0.0.0/0")
    ec2.create_route(RouteTableId=private, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.create_tags(Resources=[second["subnet_id"]], Tags=[{"Key": "Name", "Value": "mine"}, {"Key": "a", "Value": "b"}])
    ec2.delete_tags(Resources=[second["subnet_id"]], Tags=[{"Key": "application"}])


def forget(network: dict[str, Any]) -> dict[str, Any]:
    """Without the associations' ids: a repaired association is another one."""
    return {**network, "subnets": [{**subnet, "association_id": None} for subnet in network["subnets"]]}


def test_what_is_there_keeps_its_zone(emulated: Emulated, vpc: str) -> None:
    emulated.client("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/20", AvailabilityZone=f"{REGION}c")
    one = {"name": "shop-public-1", "cidr": "10.0.0.0/20"}
    taken = run(emulated, vpc, subnets=[{**one, "zone_index": 0}], route_tables=[])
    assert taken["network"]["subnets"][0]["availability_zone"] == f"{REGION}c"
    assert "cannot move" in run(emulated, vpc, subnets=[{**one, "availability_zone": f"{REGION}a"}], route_tables=[])["msg"]
    moved = run(emulated, vpc, subnets=[{**one, "cidr": "10.0.16.0/20", "zone_index": 0}], route_tables=[])
    assert "the range of a subnet cannot change: shop-public-1 has 10.0.0.0/20" in moved["msg"]


def test_two_tables_of_one_name_are_an_error(emulated: Emulated, vpc: str, gateway: str) -> None:
    called = [{"ResourceType": "route-table", "Tags": [{"Key": "Name", "Value": "shop-public"}]}]
    for _ in range(2):
        emulated.client("ec2").create_route_table(VpcId=vpc, TagSpecifications=called)
    assert "2 route tables are called shop-public" in run(emulated, vpc, gateway)["msg"]
