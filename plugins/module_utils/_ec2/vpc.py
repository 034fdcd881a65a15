# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VPCs with their internet gateway.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Vpc.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InternetGateway.html
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .._core import aws, clock, tags
from .._core.errors import RailyardError
from .._core.plan import Output, Plan, Step
from . import labels
from .routes import FRESH, canonical

Item = dict[str, Any]
# Our name → AWS's of the attribute, and what a new VPC has.
DNS = {"dns_support": ("EnableDnsSupport", True), "dns_hostnames": ("EnableDnsHostnames", False)}
NEW_VPC = Output("CreateVpc", "Vpc.VpcId")
NEW_GATEWAY = Output("CreateInternetGateway", "InternetGateway.InternetGatewayId")


def find(client: Any, wanted: Item, seconds: int = 0) -> Item | None:
    """The VPC with this Name and this range in our shape, with its `internet_gateway`, or None.

    With `seconds` it looks until EC2 shows one that is available: what was made a moment ago is not seen everywhere at once (rule VPC-3).
    Raises RailyardError when there are several.
    """

    def settled(found: Item | None) -> bool:
        return found is not None and found["State"] == "available"

    found = clock.look_until(lambda: _described(client, wanted), settled, seconds)
    return _complete(client, found) if found else None


def _described(client: Any, wanted: Item) -> Item | None:
    name, cidr = wanted["name"], canonical(wanted["cidr"])
    filters = [{"Name": "tag:Name", "Values": [name]}, {"Name": "cidr", "Values": [cidr]}]
    found = aws.pages(client, "DescribeVpcs", "Vpcs", Filters=filters)
    if len(found) > 1:
        ids = ", ".join(sorted(vpc["VpcId"] for vpc in found))
        raise RailyardError(
            f"{len(found)} VPCs are called {name} and have the range {cidr}: {ids}; rename or delete those that are not meant"
        )
    return found[0] if found else None


def _complete(client: Any, found: Item) -> Item:
    identifier, names = found["VpcId"], tags.as_dict(found.get("Tags"))
    with ThreadPoolExecutor(len(DNS)) as pool:
        dns = {option: pool.submit(_attribute, client, identifier, attribute) for option, (attribute, _first) in DNS.items()}
        gateway = _gateway(client, identifier, names["Name"])
    return {
        "id": identifier,
        "name": names["Name"],
        "cidr": found["CidrBlock"],
        **{option: answer.result() for option, answer in dns.items()},
        "internet_gateway": gateway,
        "tags": names,
    }


def _attribute(client: Any, identifier: str, attribute: str) -> bool:
    asked = attribute[0].lower() + attribute[1:]
    return bool(aws.call(client, "DescribeVpcAttribute", VpcId=identifier, Attribute=asked)[attribute]["Value"])


def _gateway(client: Any, identifier: str, name: str) -> Item | None:
    """The gateway of a VPC; where it has none, one of its name that has no VPC: a run was ended before it could attach or delete it."""
    attached = [{"Name": "attachment.vpc-id", "Values": [identifier]}]
    for gateway in aws.pages(client, "DescribeInternetGateways", "InternetGateways", Filters=attached):
        return _shape(gateway)
    called = aws.pages(client, "DescribeInternetGateways", "InternetGateways", Filters=[{"Name": "tag:Name", "Values": [name]}])
    free = [_shape(gateway) for gateway in called if not gateway.get("Attachments")]
    return min(free, key=lambda gateway: str(gateway["internet_gateway_id"]), default=None)


def _shape(gateway: Item) -> Item:
    return {
        "internet_gateway_id": gateway["InternetGatewayId"],
        "attached": bool(gateway.get("Attachments")),
        "tags": tags.as_dict(gateway.get("Tags")),
    }


def make_plan(wanted: Item, live: Item | None) -> Plan:
    """`wanted`: name, cidr, dns_support, dns_hostnames, state, tags, purge_tags. Raises RailyardError for what EC2 would refuse."""
    cidr = canonical(wanted["cidr"])
    if wanted["state"] == "absent":
        return Plan(live, None, tuple(_deletion(live)) if live else ())
    if not 16 <= int(cidr.partition("/")[2]) <= 28 or ":" in cidr:
        raise RailyardError(f"cidr of the VPC {wanted['name']} is {wanted['cidr']}; it must be an IPv4 range between /16 and /28")
    if wanted["dns_hostnames"] and not wanted["dns_support"]:
        raise RailyardError(f"the VPC {wanted['name']} cannot have dns_hostnames without dns_support; turn dns_support on, or both off")
    now = live or {"tags": {}, "internet_gateway": None, **{option: first for option, (_attribute, first) in DNS.items()}}
    gateway = now["internet_gateway"] or {"tags": {}, "attached": False}
    after = {
        **now,
        "name": wanted["name"],
        "cidr": cidr,
        "dns_support": wanted["dns_support"],
        "dns_hostnames": wanted["dns_hostnames"],
        "internet_gateway": {**gateway, "attached": True, "tags": labels.named(wanted["name"], gateway["tags"], wanted)},
        "tags": labels.named(wanted["name"], now["tags"], wanted),
    }
    return Plan(live, after, (*_vpc_steps(live, now, after), *_gateway_steps(live, now["internet_gateway"], after["internet_gateway"])))


def _vpc_steps(live: Item | None, now: Item, then: Item) -> list[Step]:
    identifier = live["id"] if live else NEW_VPC
    if live:
        steps = labels.steps(identifier, now["tags"], then["tags"])
    else:
        params = {"CidrBlock": then["cidr"], "TagSpecifications": labels.specification("vpc", then["tags"])}
        steps = [Step("CreateVpc", params)]
    # Names for hosts need the support, and it cannot go before them.
    order = list(DNS) if then["dns_support"] else list(reversed(DNS))
    for option in order:
        if then[option] != now[option]:
            change = {"VpcId": identifier, DNS[option][0]: {"Value": then[option]}}
            steps.append(Step("ModifyVpcAttribute", change, propagation=FRESH))
    return steps


def _gateway_steps(live: Item | None, now: Item | None, then: Item) -> list[Step]:
    identifier = now["internet_gateway_id"] if now else NEW_GATEWAY
    if now:
        steps = labels.steps(identifier, now["tags"], then["tags"])
    else:
        steps = [Step("CreateInternetGateway", {"TagSpecifications": labels.specification("internet-gateway", then["tags"])})]
    if now is None or not now["attached"]:
        attached = ("Resource.AlreadyAssociated", "InvalidParameterValue: already has an internet gateway")
        place = {"InternetGatewayId": identifier, "VpcId": live["id"] if live else NEW_VPC}
        steps.append(Step("AttachInternetGateway", place, already=attached, propagation=FRESH))
    return steps


def _deletion(live: Item) -> list[Step]:
    """The gateway first: a VPC that has one stays, and an attached gateway too (rule VPC-3)."""
    steps, gateway = [], live["internet_gateway"]
    if gateway:
        one = {"InternetGatewayId": gateway["internet_gateway_id"]}
        if gateway["attached"]:
            steps.append(Step("DetachInternetGateway", {**one, "VpcId": live["id"]}, already=("Gateway.NotAttached",)))
        steps.append(Step("DeleteInternetGateway", one, already=("InvalidInternetGatewayID.NotFound",)))
    return [*steps, Step("DeleteVpc", {"VpcId": live["id"]}, already=("InvalidVpcID.NotFound",))]
