"""From a live VPC and its internet gateway to the declared ones."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._ec2.vpc import NEW_GATEWAY, NEW_VPC, make_plan

WANTED: dict[str, Any] = {
    "name": "shop",
    "cidr": "10.0.0.0/16",
    "dns_support": True,
    "dns_hostnames": True,
    "state": "present",
    "tags": None,
    "purge_tags": True,
}
GATEWAY = {"internet_gateway_id": "igw-1", "attached": True, "tags": {"Name": "shop", "team": "web"}}
LIVE: dict[str, Any] = {
    "id": "vpc-1",
    "name": "shop",
    "cidr": "10.0.0.0/16",
    "dns_support": True,
    "dns_hostnames": True,
    "internet_gateway": GATEWAY,
    "tags": {"Name": "shop"},
    "leftovers": [],
}
FREE = {**GATEWAY, "attached": False}
OFF = {"dns_support": False, "dns_hostnames": False}


def steps(live: dict[str, Any] | None, **changes: Any) -> list[str]:
    """Each operation, for an attribute with which one."""
    planned = make_plan({**WANTED, **changes}, live).steps
    return [" ".join([step.operation, *(key for key in step.params if key.startswith("Enable"))]) for step in planned]


@pytest.mark.parametrize(
    ("now", "declared", "expected"),
    [
        ({}, {}, []),
        ({}, {"cidr": "10.0.3.4/16"}, []),
        ({}, {"tags": {"team": "web"}}, ["CreateTags"]),
        ({}, {"tags": {}}, ["DeleteTags"]),
        ({}, {"tags": {}, "purge_tags": False}, []),
        (OFF, {}, ["ModifyVpcAttribute EnableDnsSupport", "ModifyVpcAttribute EnableDnsHostnames"]),
        ({}, OFF, ["ModifyVpcAttribute EnableDnsHostnames", "ModifyVpcAttribute EnableDnsSupport"]),
        ({"internet_gateway": None}, {}, ["CreateInternetGateway", "AttachInternetGateway"]),
        ({"internet_gateway": FREE}, {}, ["AttachInternetGateway"]),
        ({}, {"state": "absent"}, ["DetachInternetGateway", "DeleteInternetGateway", "DeleteVpc"]),
        ({"internet_gateway": FREE}, {"state": "absent"}, ["DeleteInternetGateway", "DeleteVpc"]),
        ({"internet_gateway": None}, {"state": "absent"}, ["DeleteVpc"]),
        ({"leftovers": ["vpc-2", "igw-2"]}, {}, ["DeleteVpc", "DeleteInternetGateway"]),
        ({"leftovers": ["igw-2"], "id": None}, {"state": "absent"}, ["DeleteInternetGateway"]),
    ],
)
def test_a_live_vpc(now: dict[str, Any], declared: dict[str, Any], expected: list[str]) -> None:
    assert steps({**LIVE, **now}, **declared) == expected


def test_a_new_one_has_dns_support_already() -> None:
    plan = make_plan({**WANTED, "cidr": "10.0.3.4/16", "tags": {"team": "web"}}, None)
    assert [step.operation for step in plan.steps] == ["CreateVpc", "ModifyVpcAttribute", "CreateInternetGateway", "AttachInternetGateway"]
    create, hostnames, _gateway, attach = plan.steps
    assert create.params["CidrBlock"] == "10.0.0.0/16" and hostnames.params == {"VpcId": NEW_VPC, "EnableDnsHostnames": {"Value": True}}
    assert attach.params == {"InternetGatewayId": NEW_GATEWAY, "VpcId": NEW_VPC}
    labels = {"team": "web", "Name": "shop"}
    shape = {key: value for key, value in LIVE.items() if key != "id"}
    assert plan.after == {**shape, "internet_gateway": {"attached": True, "tags": labels}, "tags": labels}
    assert steps(None, state="absent") == []


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({"cidr": "10.0.0.0/8"}, "between /16 and /28"),
        ({"cidr": "10.0.0.0/29"}, "between /16 and /28"),
        ({"cidr": "fd00::/24"}, "between /16 and /28"),
        ({"cidr": "ten"}, "is no address range"),
        ({"dns_support": False}, "cannot have dns_hostnames without dns_support"),
    ],
)
def test_invalid_vpcs_are_refused(declared: dict[str, Any], words: str) -> None:
    with pytest.raises(RailyardError, match=words):
        make_plan({**WANTED, **declared}, None)
