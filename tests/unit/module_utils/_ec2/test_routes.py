"""Routes in our shape, and what leads from some to others."""

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._ec2 import routes

LOCAL = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable"}
PROPAGATED = {"DestinationCidrBlock": "192.168.0.0/16", "GatewayId": "vgw-1", "Origin": "EnableVgwRoutePropagation"}
ENDPOINT = {"DestinationPrefixListId": "pl-1", "GatewayId": "vpce-1", "Origin": "CreateRoute"}
OUT = {"destination": "0.0.0.0/0", "gateway_id": "igw-1"}


def test_what_aws_keeps_is_nobodys_route() -> None:
    internet = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "Origin": "CreateRoute"}
    nat = {"DestinationIpv6CidrBlock": "64:ff9b::/96", "NatGatewayId": "nat-1", "Origin": "CreateRoute"}
    found = routes.ours([LOCAL, nat, PROPAGATED, ENDPOINT, internet])
    assert found == [OUT, {"destination": "64:ff9b::/96", "gateway_id": "nat-1"}]


@pytest.mark.parametrize(
    ("now", "then", "steps"),
    [
        ([], [], []),
        ([OUT], [OUT], []),
        ([], [OUT], [("CreateRoute", {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"})]),
        ([OUT], [], [("DeleteRoute", {"DestinationCidrBlock": "0.0.0.0/0"})]),
        ([OUT], [{**OUT, "gateway_id": "nat-1"}], [("ReplaceRoute", {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"})]),
        (
            [],
            [{"destination": "::/0", "gateway_id": "eigw-1"}],
            [("CreateRoute", {"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1"})],
        ),
        (
            [],
            [{"destination": "pl-1", "gateway_id": "tgw-1"}],
            [("CreateRoute", {"DestinationPrefixListId": "pl-1", "TransitGatewayId": "tgw-1"})],
        ),
    ],
)
def test_steps(now: list[dict[str, str]], then: list[dict[str, str]], steps: list[tuple[str, dict[str, Any]]]) -> None:
    planned = [(step.operation, step.params) for step in routes.steps("rtb-1", now, then)]
    assert planned == [(operation, {"RouteTableId": "rtb-1", **params}) for operation, params in steps]


def test_ranges_are_as_ec2_keeps_them() -> None:
    assert routes.declared([{"destination": "10.1.7.7/16", "gateway_id": "pcx-1"}]) == [
        {"destination": "10.1.0.0/16", "gateway_id": "pcx-1"}
    ]


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ([OUT, {"destination": "0.0.0.0/0", "gateway_id": "nat-1"}], "0.0.0.0/0 is there twice"),
        ([{"destination": "internet", "gateway_id": "igw-1"}], "no address range"),
        ([{"destination": "0.0.0.0/0", "gateway_id": "local"}], "no target"),
    ],
)
def test_invalid_routes_are_refused(declared: list[dict[str, str]], words: str) -> None:
    with pytest.raises(RailyardError, match=words):
        routes.steps("rtb-1", [], routes.declared(declared))
