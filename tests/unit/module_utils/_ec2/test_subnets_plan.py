"""From the live subnets and route tables of a VPC to the declared ones."""

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._core.plan import Output, Plan
from ansible_collections.railyard.fargate.plugins.module_utils._ec2 import subnets_plan

ZONES = ["eu-west-1a", "eu-west-1b"]
SUBNET = {
    "name": "one",
    "cidr": "10.0.0.0/20",
    "availability_zone": None,
    "zone_index": 1,
    "map_public_ip": False,
    "route_table": "out",
}
TABLE: dict[str, Any] = {"name": "out", "routes": []}
WANTED: dict[str, Any] = {
    "vpc_id": "vpc-1",
    "subnets": [SUBNET],
    "route_tables": [TABLE],
    "state": "present",
    "tags": None,
    "purge_tags": True,
}
LIVE_SUBNET = {
    "name": "one",
    "subnet_id": "subnet-1",
    "cidr": "10.0.0.0/20",
    "availability_zone": "eu-west-1c",
    "map_public_ip": False,
    "route_table": "out",
    "association_id": "rtbassoc-1",
    "tags": {"Name": "one", "team": "checkout"},
}
LIVE_TABLE = {"name": "out", "route_table_id": "rtb-1", "routes": [], "tags": {"Name": "out"}}
NEW = Output("CreateSubnet", "Subnet.SubnetId")


def plan(subnet: dict[str, Any] | None = None, table: dict[str, Any] | None = None, **changes: Any) -> Plan:
    live = {"subnets": [subnet] if subnet else [], "route_tables": [table] if table else []}
    return subnets_plan.make_plan({**WANTED, **changes}, live, ZONES)


def operations(planned: Plan) -> list[str]:
    return [step.operation for step in planned.steps]


def test_each_new_table_is_followed_by_the_subnets_that_use_it() -> None:
    tables = [{**TABLE, "name": name} for name in ("out", "in")]
    subnets = [
        {**SUBNET, "name": name, "cidr": f"10.0.{16 * number}.0/20", "route_table": table} for number, (name, table) in enumerate(PLACED)
    ]
    planned = plan(subnets=subnets, route_tables=tables)
    named = [step.params["TagSpecifications"][0]["Tags"][0]["Value"] for step in planned.steps if step.operation.startswith("Create")]
    assert named == ["four", "out", "one", "three", "in", "two"]
    assert [subnet["name"] for subnet in planned.after["subnets"]] == ["one", "two", "three", "four"]
    assert operations(planned).count("AssociateRouteTable") == 3


PLACED = [("one", "out"), ("two", "in"), ("three", "out"), ("four", None)]


@pytest.mark.parametrize(
    ("now", "declared", "steps"),
    [
        ({}, {}, []),
        ({"map_public_ip": True}, {}, ["ModifySubnetAttribute"]),
        ({}, {"name": "two"}, ["CreateTags"]),
        ({"route_table": None, "association_id": None}, {}, ["AssociateRouteTable"]),
        ({"route_table": "rtb-9"}, {}, ["ReplaceRouteTableAssociation"]),
        ({"route_table": "rtb-9"}, {"route_table": None}, []),
        ({}, {"zone_index": 7}, []),
        ({}, {"cidr": "10.0.3.4/20"}, []),
    ],
)
def test_a_live_subnet(now: dict[str, Any], declared: dict[str, Any], steps: list[str]) -> None:
    assert operations(plan({**LIVE_SUBNET, **now}, LIVE_TABLE, subnets=[{**SUBNET, **declared}])) == steps


@pytest.mark.parametrize(
    ("tags", "purge", "after"),
    [
        (None, True, {"Name": "one", "team": "checkout"}),
        ({}, True, {"Name": "one"}),
        ({"a": 1}, False, {"Name": "one", "team": "checkout", "a": "1"}),
        ({"Name": "other"}, True, {"Name": "one"}),
    ],
)
def test_name_is_a_tag_among_others(tags: dict[str, Any] | None, purge: bool, after: dict[str, str]) -> None:
    assert plan(LIVE_SUBNET, LIVE_TABLE, tags=tags, purge_tags=purge).after["subnets"][0]["tags"] == after


def test_a_new_subnet_takes_the_zone_of_its_number_and_the_live_table() -> None:
    planned = plan(None, LIVE_TABLE, subnets=[{**SUBNET, "map_public_ip": True}])
    assert operations(planned) == ["CreateSubnet", "ModifySubnetAttribute", "AssociateRouteTable"]
    assert planned.steps[0].params["AvailabilityZone"] == "eu-west-1b"
    assert planned.steps[2].params == {"RouteTableId": "rtb-1", "SubnetId": NEW}


@pytest.mark.parametrize(
    ("live", "changes", "words"),
    [
        (
            None,
            {"subnets": [{**SUBNET, "zone_index": 2}]},
            "zone_index 2, and the Region has 2 zones with Fargate: eu-west-1a, eu-west-1b; vpc_zone_count",
        ),
        (None, {"subnets": [{**SUBNET, "zone_index": None}]}, "availability_zone or zone_index must be given"),
        (None, {"subnets": [SUBNET, {**SUBNET, "name": "two", "cidr": "10.0.1.0/20"}]}, "cidr of subnets: 10.0.0.0/20 is there twice"),
        (None, {"subnets": [SUBNET, {**SUBNET, "cidr": "10.0.16.0/20"}]}, "name of subnets: one"),
        (None, {"route_tables": [TABLE, TABLE]}, "name of route_tables: out"),
        (None, {"route_tables": None}, "uses the route table out, which route_tables does not have"),
        (LIVE_SUBNET, {"subnets": [{**SUBNET, "availability_zone": "eu-west-1a"}]}, "is in eu-west-1c and cannot move to eu-west-1a"),
    ],
)
def test_invalid_subnets_are_refused(live: dict[str, Any] | None, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(RailyardError, match=words):
        plan(live, LIVE_TABLE, **changes)


def test_subnets_are_deleted_before_the_tables_that_they_use() -> None:
    planned = plan(LIVE_SUBNET, LIVE_TABLE, state="absent")
    assert operations(planned) == ["DeleteSubnet", "DeleteRouteTable"] and planned.after == {"subnets": [], "route_tables": []}
