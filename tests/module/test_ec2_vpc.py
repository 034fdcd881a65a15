"""ec2_vpc against the emulated EC2."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulated import Emulated
from tests.support.walk import differences

NAME, CIDR = "shop-production", "10.20.0.0/16"
NAMED = [{"Key": "Name", "Value": NAME}]


def run(emulated: Emulated, **changes: Any) -> dict[str, Any]:
    return emulated.run("ec2_vpc", **{"name": NAME, "cidr": CIDR, "tags": {"application": "shop"}, **changes})


def without_ids(vpc: dict[str, Any]) -> dict[str, Any]:
    gateway = {key: value for key, value in vpc["internet_gateway"].items() if key != "internet_gateway_id"}
    return {**{key: value for key, value in vpc.items() if key != "id"}, "internet_gateway": gateway}


def gateways(emulated: Emulated) -> list[dict[str, Any]]:
    return list(emulated.client("ec2").describe_internet_gateways()["InternetGateways"])


def test_check_create_again_change_diff_delete(emulated: Emulated) -> None:
    before = emulated.writes()
    predicted = run(emulated, check=True)
    assert predicted["changed"] and emulated.writes() == before and differences("ec2_vpc", predicted) == []
    assert "id" not in predicted["vpc"]

    created = run(emulated, cidr="10.20.3.4/16")
    assert created["changed"] and differences("ec2_vpc", created) == []
    assert without_ids(created["vpc"]) == predicted["vpc"] == predicted["diff"]["after"]
    made = created["vpc"]
    assert made["tags"] == made["internet_gateway"]["tags"] == {"application": "shop", "Name": NAME}

    since = len(emulated.journal())
    again = run(emulated)
    assert not again["changed"] and again["vpc"] == made
    asked = sorted(entry["operation"] for entry in emulated.journal()[since:])
    assert asked == ["DescribeInternetGateways", "DescribeVpcAttribute", "DescribeVpcAttribute", "DescribeVpcs"]

    by_hand(emulated, made)
    seen = run(emulated, check=True)
    assert seen["changed"] and seen["vpc"] == made == seen["diff"]["after"]
    shown = seen["diff"]["before"]
    assert (shown["dns_support"], shown["dns_hostnames"]) == (False, False) and shown["tags"]["team"] == "web"
    assert shown["internet_gateway"]["attached"] is False and shown["internet_gateway"]["tags"] == {"Name": NAME}
    mended = run(emulated)
    assert mended["changed"] and mended["vpc"] == made and not run(emulated)["changed"]

    assert run(emulated, state="absent", check=True)["changed"]
    gone = run(emulated, state="absent")
    assert gone["changed"] and gone["vpc"] is None and not run(emulated, state="absent")["changed"]
    assert gateways(emulated) == [] and emulated.refused("ec2", "describe_vpcs", VpcIds=[made["id"]])[0] == "InvalidVpcID.NotFound"


def by_hand(emulated: Emulated, made: dict[str, Any]) -> None:
    """Somebody turns DNS off, takes the gateway away and changes the tags of both."""
    ec2, vpc, gateway = emulated.client("ec2"), made["id"], made["internet_gateway"]["internet_gateway_id"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": False})
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": False})
    ec2.detach_internet_gateway(VpcId=vpc, InternetGatewayId=gateway)
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "team", "Value": "web"}])
    ec2.delete_tags(Resources=[gateway], Tags=[{"Key": "application"}])


def test_dns_goes_and_comes_in_the_order_that_works(emulated: Emulated) -> None:
    run(emulated)
    off = run(emulated, dns_support=False, dns_hostnames=False)
    assert off["changed"] and (off["vpc"]["dns_support"], off["vpc"]["dns_hostnames"]) == (False, False)
    assert run(emulated)["vpc"]["dns_hostnames"] is True
    written = emulated.writes()
    assert "cannot have dns_hostnames without dns_support" in run(emulated, dns_support=False)["msg"]
    assert emulated.writes() == written


def test_a_run_that_was_killed_is_finished_by_the_next(emulated: Emulated) -> None:
    ec2 = emulated.client("ec2")
    vpc = ec2.create_vpc(CidrBlock=CIDR, TagSpecifications=[{"ResourceType": "vpc", "Tags": NAMED}])["Vpc"]["VpcId"]
    left = {"ResourceType": "internet-gateway", "Tags": NAMED}
    gateway = ec2.create_internet_gateway(TagSpecifications=[left])["InternetGateway"]["InternetGatewayId"]
    finished = run(emulated)
    assert finished["changed"] and finished["vpc"]["id"] == vpc
    assert finished["vpc"]["internet_gateway"]["internet_gateway_id"] == gateway and len(gateways(emulated)) == 1
    assert not run(emulated)["changed"]

    ec2.detach_internet_gateway(VpcId=vpc, InternetGatewayId=gateway)
    assert run(emulated, state="absent")["changed"] and gateways(emulated) == []


def test_vpc_in_use_is_not_deleted_and_returns_awss_code(emulated: Emulated) -> None:
    vpc = run(emulated)["vpc"]["id"]
    emulated.client("ec2").create_subnet(VpcId=vpc, CidrBlock="10.20.0.0/24")
    assert run(emulated, state="absent")["error_code"] == "DependencyViolation"


def test_others_stay_and_two_of_the_same_are_refused(emulated: Emulated) -> None:
    ec2 = emulated.client("ec2")
    named = [{"ResourceType": "vpc", "Tags": NAMED}]
    other = ec2.create_vpc(CidrBlock="10.30.0.0/16", TagSpecifications=named)["Vpc"]["VpcId"]
    mine = run(emulated)["vpc"]["id"]
    assert mine != other
    second = ec2.create_vpc(CidrBlock=CIDR, TagSpecifications=named)["Vpc"]["VpcId"]
    written = emulated.writes()
    for state in ("present", "absent"):
        failed = run(emulated, state=state)
        assert failed["failed"] and ", ".join(sorted([mine, second])) in failed["msg"]
    assert "between /16 and /28" in run(emulated, cidr="10.0.0.0/8")["msg"]
    assert "is no address range" in run(emulated, cidr="ten")["msg"]
    assert emulated.writes() == written


def vpcs(emulated: Emulated) -> list[str]:
    found = emulated.client("ec2").describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [NAME]}])["Vpcs"]
    return [vpc["VpcId"] for vpc in found]


@pytest.mark.parametrize(("fault", "operation"), [("lost", "*"), ("lost", "CreateInternetGateway"), ("error", "CreateVpc")])
def test_a_reply_that_never_comes_makes_nothing_twice(emulated: Emulated, fault: str, operation: str) -> None:
    emulated.faults({"fault": fault, "operation": f"ec2:{operation}", "first": 1})
    made = run(emulated)
    emulated.faults()
    assert made.get("changed") is True, made
    assert vpcs(emulated) == [made["vpc"]["id"]] and len(gateways(emulated)) == 1
    again = run(emulated)
    assert not again["changed"] and again["vpc"] == made["vpc"]


def test_throttling_is_still_gone_through_by_botocore(emulated: Emulated) -> None:
    emulated.faults({"fault": "throttle", "operation": "ec2:Create*", "first": 2})
    made = run(emulated)
    assert made.get("changed") is True, made
    assert [each["operation"] for each in emulated.journal() if each["operation"] == "CreateVpc"] == ["CreateVpc"] * 3


def test_duplicates_of_an_interrupted_run_are_deleted(emulated: Emulated) -> None:
    ec2, mine = emulated.client("ec2"), run(emulated)["vpc"]["id"]
    ec2.create_subnet(VpcId=mine, CidrBlock="10.20.0.0/24")
    ours = [*NAMED, {"Key": "application", "Value": "shop"}]
    ec2.create_vpc(CidrBlock=CIDR, TagSpecifications=[{"ResourceType": "vpc", "Tags": ours}])
    for labels in (ours, NAMED):
        ec2.create_internet_gateway(TagSpecifications=[{"ResourceType": "internet-gateway", "Tags": labels}])
    seen = run(emulated, check=True)
    assert seen["changed"] and len(seen["diff"]["before"]["leftovers"]) == 2 and len(vpcs(emulated)) == 2
    again = run(emulated)
    assert again["changed"] and again["vpc"]["leftovers"] == [] and vpcs(emulated) == [mine]
    assert len(gateways(emulated)) == 2 and not run(emulated)["changed"]


def test_a_gateway_that_was_left_alone_goes_too(emulated: Emulated) -> None:
    ours = [{"ResourceType": "internet-gateway", "Tags": [*NAMED, {"Key": "application", "Value": "shop"}]}]
    emulated.client("ec2").create_internet_gateway(TagSpecifications=ours)
    gone = run(emulated, state="absent")
    assert gone["changed"] and gone["vpc"] is None and gateways(emulated) == [] and not run(emulated, state="absent")["changed"]
    left = emulated.client("ec2").create_internet_gateway(TagSpecifications=ours)["InternetGateway"]["InternetGatewayId"]
    assert run(emulated)["vpc"]["internet_gateway"]["internet_gateway_id"] == left and len(gateways(emulated)) == 1


def test_deletions_whose_reply_is_lost(emulated: Emulated) -> None:
    run(emulated)
    emulated.faults({"fault": "lost", "operation": "ec2:De[lt]*", "first": 1})
    gone = run(emulated, state="absent")
    assert gone.get("changed") is True and gone["vpc"] is None, gone
