# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes: AWS's many names for a destination and a target, and ours, one of each.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html
"""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

from .._core.errors import RailyardError
from .._core.plan import Output, Propagation, Step

DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
TARGETS = {
    "igw": "GatewayId",
    "vgw": "GatewayId",
    "nat": "NatGatewayId",
    "eigw": "EgressOnlyInternetGatewayId",
    "tgw": "TransitGatewayId",
    "pcx": "VpcPeeringConnectionId",
    "eni": "NetworkInterfaceId",
}
# EC2 shows what was made a moment ago not everywhere at once (rule VPC-3).
FRESH = tuple(
    Propagation(f"Invalid{kind}.NotFound", "", 30)
    for kind in ("VpcID", "SubnetID", "RouteTableID", "RouteTableId", "InternetGatewayID", "GatewayID", "Group")
)


def canonical(text: str) -> str:
    """An address range as EC2 keeps it, 10.0.0.0/16 for 10.0.1.7/16. Raises RailyardError for what is none."""
    try:
        return str(ip_network(text, strict=False))
    except ValueError as error:
        raise RailyardError(f"{text!r} is no address range: {error}; 10.0.0.0/20 is one") from error


def ours(routes: list[dict[str, Any]]) -> list[dict[str, str]]:
    """The routes that a person makes: not the local ones, not those that a virtual private gateway or a gateway endpoint keeps."""
    own = [route for route in routes if route.get("Origin", "CreateRoute") == "CreateRoute" and not _of_endpoint(route)]
    pairs = [{"destination": _first(route, DESTINATIONS), "gateway_id": _first(route, TARGETS.values())} for route in own]
    return sorted(pairs, key=lambda pair: pair["destination"])


def _of_endpoint(route: dict[str, Any]) -> bool:
    return str(route.get("GatewayId", "")).startswith("vpce-")


def _first(route: dict[str, Any], names: Any) -> str:
    return next((str(route[name]) for name in names if route.get(name)), "")


def declared(routes: list[dict[str, str]]) -> list[dict[str, str]]:
    """Declared routes with destinations as EC2 keeps them. Raises RailyardError for a destination that is there twice."""
    pairs = [{"destination": _destination(route["destination"]), "gateway_id": route["gateway_id"]} for route in routes]
    names = [pair["destination"] for pair in pairs]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise RailyardError(f"a route table has one route for each destination, and {', '.join(twice)} is there twice")
    return sorted(pairs, key=lambda pair: pair["destination"])


def _destination(text: str) -> str:
    return text if text.startswith("pl-") else canonical(text)


def steps(table: str | Output, now: list[dict[str, str]], then: list[dict[str, str]]) -> list[Step]:
    """What leads a table from the routes `now` to exactly the routes `then`."""
    has, wants = ({route["destination"]: route["gateway_id"] for route in routes} for routes in (now, then))
    gone = [Step("DeleteRoute", _params(table, name)) for name in has if name not in wants]
    made = [
        Step("CreateRoute", _params(table, name, gateway), already=("RouteAlreadyExists",), propagation=FRESH)
        for name, gateway in wants.items()
        if name not in has
    ]
    moved = [
        Step("ReplaceRoute", _params(table, name, gateway), propagation=FRESH)
        for name, gateway in wants.items()
        if name in has and has[name] != gateway
    ]
    return [*gone, *moved, *made]


def _params(table: str | Output, destination: str, gateway: str = "") -> dict[str, Any]:
    kind = DESTINATIONS[2 if destination.startswith("pl-") else 1 if ":" in destination else 0]
    named = {"RouteTableId": table, kind: destination}
    if not gateway:
        return named
    prefix = gateway.partition("-")[0]
    if prefix not in TARGETS:
        raise RailyardError(f"{gateway!r} is no target of a route; one begins with {', '.join(f'{known}-' for known in TARGETS)}")
    return {**named, TARGETS[prefix]: gateway}
