"""rds_subnet_group against the emulated RDS."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulated import Emulated
from tests.support.walk import differences


@pytest.fixture
def subnets(emulated: Emulated) -> list[str]:
    """Three subnets of a VPC in three zones, sorted."""
    ec2 = emulated.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"eu-west-1{zone}")
        for number, zone in enumerate("abc")
    ]
    return sorted(answer["Subnet"]["SubnetId"] for answer in made)


def run(emulated: Emulated, own: list[str], **changes: Any) -> dict[str, Any]:
    given = {"name": "Shop", "description": "Private subnets", "subnets": own[:2], "tags": {"application": "shop"}}
    return emulated.run("rds_subnet_group", **{**given, **changes})


def test_check_create_again_change_diff_delete(emulated: Emulated, subnets: list[str]) -> None:
    before = emulated.writes()
    predicted = run(emulated, subnets, check=True)
    assert predicted["changed"] and emulated.writes() == before and differences("rds_subnet_group", predicted) == []

    created = run(emulated, subnets)
    assert created["changed"] and differences("rds_subnet_group", created) == []
    assert predicted["subnet_group"].items() <= created["subnet_group"].items() and created["subnet_group"]["name"] == "shop"
    since = len(emulated.journal())
    again = run(emulated, subnets, subnets=subnets[1::-1])
    assert not again["changed"] and again["subnet_group"] == created["subnet_group"]
    assert [entry["operation"] for entry in emulated.journal()[since:]] == ["DescribeDBSubnetGroups", "ListTagsForResource"]

    wanted = {"subnets": subnets[:0:-1], "description": "Other subnets", "tags": {"team": "checkout"}}
    checked = run(emulated, subnets, check=True, **wanted)
    changed = run(emulated, subnets, **wanted)
    assert changed["changed"] and checked["diff"] == changed["diff"] and checked["subnet_group"] == changed["subnet_group"]
    shown = changed["diff"]
    assert (shown["before"]["subnets"], shown["after"]["subnets"]) == (subnets[:2], subnets[1:])
    assert (shown["before"]["tags"], shown["after"]["tags"]) == ({"application": "shop"}, {"team": "checkout"})
    assert shown["after"]["description"] == "Other subnets" and not run(emulated, subnets, **wanted)["changed"]

    assert run(emulated, subnets, state="absent", check=True)["changed"]
    gone = run(emulated, subnets, state="absent")
    assert gone["changed"] and gone["subnet_group"] is None and not run(emulated, subnets, state="absent")["changed"]


def test_wrong_options_are_refused_before_the_first_write(emulated: Emulated, subnets: list[str]) -> None:
    written = emulated.writes()
    for changes, words in (
        ({"name": "default"}, "is no name of a subnet group"),
        ({"name": "shop/production"}, "is no name of a subnet group"),
        ({"description": " "}, "is empty"),
        ({"subnets": subnets[:1]}, "it needs two or more"),
    ):
        assert words in run(emulated, subnets, **changes)["msg"]
    assert emulated.writes() == written
