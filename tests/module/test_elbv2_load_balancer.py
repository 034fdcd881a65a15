"""elbv2_load_balancer against the emulated load balancing."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.support.emulated import Emulated
from tests.support.walk import differences

NAME = "shop-production"
ATTRIBUTES = {"idle_timeout.timeout_seconds": 90, "routing.http.drop_invalid_header_fields.enabled": True}
PROTECTION = "deletion_protection.enabled"


class Place(NamedTuple):
    subnets: list[str]
    groups: list[str]


@pytest.fixture
def place(emulated: Emulated) -> Place:
    """Three subnets in three zones and two security groups of a VPC that has a way out."""
    ec2 = emulated.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    made = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"eu-west-1{zone}")
        for number, zone in enumerate("abc")
    ]
    groups = [ec2.create_security_group(VpcId=vpc, GroupName=name, Description=name)["GroupId"] for name in ("one", "two")]
    return Place([answer["Subnet"]["SubnetId"] for answer in made], groups)


def run(emulated: Emulated, place: Place, **changes: Any) -> dict[str, Any]:
    declared = {
        "name": NAME,
        "scheme": "internet-facing",
        "subnets": sorted(place.subnets[:2], reverse=True),
        "security_groups": place.groups[:1],
    }
    return emulated.run("elbv2_load_balancer", **{**declared, "attributes": ATTRIBUTES, "tags": {"application": "shop"}, **changes})


def test_check_create_again_change_diff_delete(emulated: Emulated, place: Place) -> None:
    before = emulated.writes()
    predicted = run(emulated, place, check=True)
    assert predicted["changed"] and emulated.writes() == before and differences("elbv2_load_balancer", predicted) == []

    created = run(emulated, place)
    made = created["load_balancer"]
    assert created["changed"] and differences("elbv2_load_balancer", created) == []
    known = {key: value for key, value in predicted["load_balancer"].items() if key != "attributes"}
    assert known.items() <= made.items() and predicted["load_balancer"]["attributes"].items() <= made["attributes"].items()
    assert made["dns_name"].endswith(".elb.amazonaws.com") and made["canonical_hosted_zone_id"] == "Z32O12XQLNTSW2"

    since = len(emulated.journal())
    again = run(emulated, place, subnets=sorted(place.subnets[:2]))
    assert not again["changed"] and again["load_balancer"]["load_balancer_arn"] == made["load_balancer_arn"]
    asked = sorted(entry["operation"] for entry in emulated.journal()[since:])
    assert asked == ["DescribeLoadBalancerAttributes", "DescribeLoadBalancers", "DescribeTags"]
    assert run(emulated, place, check=True)["load_balancer"]["dns_name"] == made["dns_name"]
    assert not emulated.run("elbv2_load_balancer", name=NAME)["changed"]

    wanted = {
        "subnets": place.subnets[1:],
        "security_groups": place.groups,
        "attributes": {"idle_timeout.timeout_seconds": 120},
        "tags": {"team": "web"},
    }
    checked = run(emulated, place, check=True, **wanted)
    changed = run(emulated, place, **wanted)
    assert checked["changed"] and checked["diff"] == changed["diff"] and settled(checked) == settled(changed)
    shown = changed["diff"]
    assert (shown["before"]["subnets"], shown["after"]["subnets"]) == (sorted(place.subnets[:2]), sorted(place.subnets[1:]))
    assert shown["after"]["attributes"]["idle_timeout.timeout_seconds"] == "120" and shown["after"]["tags"] == {"team": "web"}
    assert shown["after"]["attributes"]["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert not run(emulated, place, **wanted)["changed"]

    assert run(emulated, place, state="absent", check=True)["changed"]
    gone = run(emulated, place, state="absent")
    assert gone["changed"] and gone["load_balancer"] is None
    assert emulated.refused("elbv2", "describe_load_balancers", Names=[NAME])[0] == "LoadBalancerNotFound"
    assert not run(emulated, place, state="absent")["changed"]


def settled(result: dict[str, Any]) -> dict[str, Any]:
    """A load balancer without its state, which time changes."""
    return {key: value for key, value in result["load_balancer"].items() if key != "state"}


def test_module_waits_only_for_a_new_load_balancer(emulated: Emulated, place: Place) -> None:
    assert run(emulated, place, wait=True)["load_balancer"]["state"] == {"code": "active"}
    since = len(emulated.journal())
    assert not run(emulated, place, wait=True)["changed"]
    assert len(emulated.journal()) - since == 3
    assert run(emulated, place, state="absent", wait=True)["load_balancer"] is None


def test_protection_goes_only_when_told(emulated: Emulated, place: Place) -> None:
    run(emulated, place, attributes={PROTECTION: True})
    written = emulated.writes()
    for check in (True, False):
        failed = run(emulated, place, state="absent", check=check)
        assert failed["failed"] and f"give {PROTECTION}: false in attributes" in failed["msg"]
    assert emulated.writes() == written
    assert run(emulated, place, state="absent", attributes={PROTECTION: False})["changed"]
    assert emulated.refused("elbv2", "describe_load_balancers", Names=[NAME])[0] == "LoadBalancerNotFound"


def test_a_run_that_was_killed_is_finished_by_the_next(emulated: Emulated, place: Place) -> None:
    arguments = {"Subnets": sorted(place.subnets[:2], reverse=True), "SecurityGroups": place.groups[:1]}
    emulated.client("elbv2").create_load_balancer(Name=NAME, **arguments)
    finished = run(emulated, place)
    assert "elbv2:SetSubnets" not in emulated.writes()
    assert finished["changed"] and finished["load_balancer"]["tags"] == {"application": "shop"}
    assert finished["load_balancer"]["attributes"]["idle_timeout.timeout_seconds"] == "90" and not run(emulated, place)["changed"]


def test_wrong_options_are_refused_before_the_first_write(emulated: Emulated, place: Place) -> None:
    written = emulated.writes()
    for changes, words in (
        ({"name": "internal-shop"}, "does not begin with internal-"),
        ({"subnets": place.subnets[:1]}, "it needs two or more"),
        ({"subnets": None}, "to create it subnets must be given"),
    ):
        assert words in run(emulated, place, **changes)["msg"]
    assert emulated.writes() == written
    run(emulated, place)
    failed = run(emulated, place, scheme="internal")
    assert "scheme internet-facing cannot become internal" in failed["msg"] and failed["wanted"] == {"scheme": "internal"}
    emulated.client("elbv2").create_load_balancer(Name="net", Type="network", Subnets=place.subnets[:2])
    assert "is a network load balancer" in run(emulated, place, name="net", state="absent")["msg"]


def test_a_zone_is_kept_as_long_as_targets_are_there(emulated: Emulated, place: Place) -> None:
    elb, ec2 = emulated.client("elbv2"), emulated.client("ec2")
    vpc = ec2.describe_subnets(SubnetIds=place.subnets[:1])["Subnets"][0]["VpcId"]
    arn = run(emulated, place, subnets=place.subnets)["load_balancer"]["load_balancer_arn"]
    group = elb.create_target_group(Name="blue", Protocol="HTTP", Port=3000, VpcId=vpc, TargetType="ip")["TargetGroups"][0][
        "TargetGroupArn"
    ]
    elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])
    targets = [{"Id": "10.0.2.9", "Port": 3000}]
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": "10.0.1.9", "Port": 3000}, *targets])

    def kept(subnets: list[str], **more: Any) -> list[str]:
        return list(run(emulated, place, subnets=subnets, keep_in_use=True, **more)["load_balancer"]["subnets"])

    assert kept(place.subnets[:2], check=True) == kept(place.subnets[:2]) == sorted(place.subnets)
    assert not run(emulated, place, subnets=place.subnets[:2], keep_in_use=True)["changed"]
    assert kept(place.subnets[1:]) == sorted(place.subnets[1:]), "nobody is in the first zone"
    other = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.12.0/24", AvailabilityZone="eu-west-1c")["Subnet"]["SubnetId"]
    assert kept([place.subnets[1], other]) == sorted([place.subnets[1], other]), "another subnet of the same zone reaches the same targets"
    kept(place.subnets)
    elb.deregister_targets(TargetGroupArn=group, Targets=targets)
    emulated.advance(400)
    since = len(emulated.journal())
    assert kept(place.subnets[:2]) == sorted(place.subnets[:2]) == kept(place.subnets[:2])
    asked = [entry["operation"] for entry in emulated.journal()[since:]]
    assert asked.count("DescribeTargetGroups") < asked.count("DescribeLoadBalancers"), "nobody is asked when nothing would go"
