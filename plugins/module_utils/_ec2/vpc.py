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

# Our name → AWS's of the attribute, and what a new VPC has.
DNS = {"dns_support": ("EnableDnsSupport", True), "dns_hostnames": ("EnableDnsHostnames", False)}
NOTHING: dict[str, Any] = {
    "id": None,
    "tags": {},
    "internet_gateway": None,
    "leftovers": [],
    **{option: first for option, (_attribute, first) in DNS.items()},
}
NEW_VPC = Output("CreateVpc", "Vpc.VpcId")
NEW_GATEWAY = Output("CreateInternetGateway", "InternetGateway.InternetGatewayId")


# Seconds that a new VPC may be pending.
PENDING = 60


def find(client: Any, wanted: dict[str, Any]) -> dict[str, Any] | None:
    """The VPC with this Name and this range in our shape, with its `internet_gateway`, or None when nothing is there.

    `leftovers` are IDs of VPCs that have nothing in them, and of gateways without a VPC, of the same Name and with all `tags`: earlier
    runs lost the answer in which they were. With them alone, `id` is None. Raises RailyardError when several VPCs are in use.
    """
    vpcs = clock.look_until(lambda: _described(client, wanted), lambda found: all(vpc["State"] == "available" for vpc in found), PENDING)
    found, spare = _chosen(client, wanted, vpcs)
    if found:
        return _complete(client, wanted, found, spare)
    gateway, free = _gateways(client, wanted, None)
    leftovers = [each["internet_gateway_id"] for each in [*([gateway] if gateway else []), *free] if _ours(wanted, each["tags"])]
    if gateway is None or (wanted["state"] == "absent" and not leftovers):
        return None
    return {**NOTHING, "internet_gateway": gateway, "leftovers": leftovers}


def _described(client: Any, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    filters = [{"Name": "tag:Name", "Values": [wanted["name"]]}, {"Name": "cidr", "Values": [canonical(wanted["cidr"])]}]
    found = aws.pages(client, "DescribeVpcs", "Vpcs", Filters=filters)
    return sorted(found, key=lambda vpc: str(vpc["VpcId"]))


def _chosen(client: Any, wanted: dict[str, Any], vpcs: list[dict[str, Any]]) -> tuple[dict[str, Any] | None, list[str]]:
    """The one that is meant, and those that nobody will miss: EC2 deletes no VPC that has anything in it."""
    if len(vpcs) < 2:
        return (vpcs[0] if vpcs else None), []
    ids = [vpc["VpcId"] for vpc in vpcs]
    used = {subnet["VpcId"] for subnet in aws.pages(client, "DescribeSubnets", "Subnets", Filters=[{"Name": "vpc-id", "Values": ids}])}
    attached = [{"Name": "attachment.vpc-id", "Values": ids}]
    for gateway in aws.pages(client, "DescribeInternetGateways", "InternetGateways", Filters=attached):
        used |= {attachment["VpcId"] for attachment in gateway["Attachments"]}
    empty = [vpc for vpc in vpcs if vpc["VpcId"] not in used and _ours(wanted, tags.as_dict(vpc.get("Tags")))]
    kept = [vpc for vpc in vpcs if vpc not in empty] or empty[:1]
    if len(kept) > 1:
        what = f"{len(kept)} VPCs are called {wanted['name']} and have the range {canonical(wanted['cidr'])}"
        raise RailyardError(f"{what}: {', '.join(vpc['VpcId'] for vpc in kept)}; rename or delete those that are not meant")
    return kept[0], [vpc["VpcId"] for vpc in empty if vpc not in kept]


def _ours(wanted: dict[str, Any], names: dict[str, str]) -> bool:
    """Whether something carries all declared tags; without any nobody can tell."""
    return bool(wanted["tags"]) and (wanted["tags"].items() <= names.items())


def _complete(client: Any, wanted: dict[str, Any], found: dict[str, Any], spare: list[str]) -> dict[str, Any]:
    identifier, names = found["VpcId"], tags.as_dict(found.get("Tags"))
    with ThreadPoolExecutor(len(DNS)) as pool:
        dns = {option: pool.submit(_attribute, client, identifier, attribute) for option, (attribute, _first) in DNS.items()}
        gateway, free = _gateways(client, wanted, identifier)
    return {
        "id": identifier,
        "name": names["Name"],
        "cidr": found["CidrBlock"],
        **{option: answer.result() for option, answer in dns.items()},
        "internet_gateway": gateway,
        "tags": names,
        "leftovers": [*spare, *(each["internet_gateway_id"] for each in free if _ours(wanted, each["tags"]))],
    }


def _attribute(client: Any, identifier: str, attribute: str) -> bool:
    asked = attribute[0].lower() + attribute[1:]
    return bool(aws.call(client, "DescribeVpcAttribute", VpcId=identifier, Attribute=asked)[attribute]["Value"])


def _gateways(client: Any, wanted: dict[str, Any], identifier: str | None) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """The gateway of a VPC, whatever its name, else one of its name that has no VPC; and the others that have none."""
    named = [{"Name": "tag:Name", "Values": [wanted["name"]]}]
    called = aws.pages(client, "DescribeInternetGateways", "InternetGateways", Filters=named)
    free = sorted((gateway for gateway in called if not gateway.get("Attachments")), key=lambda each: str(each["InternetGatewayId"]))
    attached = [gateway for gateway in called if any(each["VpcId"] == identifier for each in gateway.get("Attachments", []))]
    if identifier and not attached:
        inside = [{"Name": "attachment.vpc-id", "Values": [identifier]}]
        attached = aws.pages(client, "DescribeInternetGateways", "InternetGateways", Filters=inside)
    mine, *others = [*attached, *free] or [None]
    return (_shape(mine) if mine else None), [_shape(gateway) for gateway in others]


def _shape(gateway: dict[str, Any]) -> dict[str, Any]:
    return {
        "internet_gateway_id": gateway["InternetGatewayId"],
        "attached": bool(gateway.get("Attachments")),
        "tags": tags.as_dict(gateway.get("Tags")),
    }


def make_plan(wanted: dict[str, Any], live: dict[str, Any] | None) -> Plan:
    """`wanted`: name, cidr, dns_support, dns_hostnames, state, tags, purge_tags. Raises RailyardError for what EC2 would refuse."""
    cidr = canonical(wanted["cidr"])
    if wanted["state"] == "absent":
        return Plan(live, None, tuple(_deletion(live)) if live else ())
    if not 16 <= int(cidr.partition("/")[2]) <= 28 or ":" in cidr:
        raise RailyardError(f"cidr of the VPC {wanted['name']} is {wanted['cidr']}; it must be an IPv4 range between /16 and /28")
    if wanted["dns_hostnames"] and not wanted["dns_support"]:
        raise RailyardError(f"the VPC {wanted['name']} cannot have dns_hostnames without dns_support; turn dns_support on, or both off")
    now = live or NOTHING
    made = live if live and live["id"] else None
    gateway = now["internet_gateway"] or {"tags": {}, "attached": False}
    after = {
        **now,
        "name": wanted["name"],
        "cidr": cidr,
        "dns_support": wanted["dns_support"],
        "dns_hostnames": wanted["dns_hostnames"],
        "internet_gateway": {**gateway, "attached": True, "tags": labels.named(wanted["name"], gateway["tags"], wanted)},
        "tags": labels.named(wanted["name"], now["tags"], wanted),
        "leftovers": [],
    }
    if not made:
        after.pop("id")
    left = [identifier for identifier in now["leftovers"] if identifier != gateway.get("internet_gateway_id")]
    gateways = _gateway_steps(made, now["internet_gateway"], after["internet_gateway"])
    return Plan(live, after, (*_vpc_steps(made, now, after), *gateways, *map(_delete, left)))


def _vpc_steps(live: dict[str, Any] | None, now: dict[str, Any], then: dict[str, Any]) -> list[Step]:
    identifier = live["id"] if live else NEW_VPC
    if live:
        steps = labels.steps(identifier, now["tags"], then["tags"])
    else:
        params = {"CidrBlock": then["cidr"], "TagSpecifications": labels.specification("vpc", then["tags"])}
        steps = [Step("CreateVpc", params, once=True)]
    # Names for hosts need the support, and it cannot go before them.
    order = list(DNS) if then["dns_support"] else list(reversed(DNS))
    for option in order:
        if then[option] != now[option]:
            change = {"VpcId": identifier, DNS[option][0]: {"Value": then[option]}}
            steps.append(Step("ModifyVpcAttribute", change, propagation=FRESH))
    return steps


def _gateway_steps(live: dict[str, Any] | None, now: dict[str, Any] | None, then: dict[str, Any]) -> list[Step]:
    identifier = now["internet_gateway_id"] if now else NEW_GATEWAY
    if now:
        steps = labels.steps(identifier, now["tags"], then["tags"])
    else:
        tagged = {"TagSpecifications": labels.specification("internet-gateway", then["tags"])}
        steps = [Step("CreateInternetGateway", tagged, once=True)]
    if now is None or not now["attached"]:
        attached = ("Resource.AlreadyAssociated", "InvalidParameterValue: already has an internet gateway")
        place = {"InternetGatewayId": identifier, "VpcId": live["id"] if live else NEW_VPC}
        steps.append(Step("AttachInternetGateway", place, already=attached, propagation=FRESH))
    return steps


def _deletion(live: dict[str, Any]) -> list[Step]:
    """The gateway first: a VPC that has one stays, and an attached gateway too (rule VPC-3)."""
    left, gateway = [_delete(identifier) for identifier in live["leftovers"]], live["internet_gateway"]
    if not live["id"]:
        return left
    steps = []
    if gateway:
        one = {"InternetGatewayId": gateway["internet_gateway_id"]}
        if gateway["attached"]:
            steps.append(Step("DetachInternetGateway", {**one, "VpcId": live["id"]}))
        steps.append(_delete(gateway["internet_gateway_id"]))
    return [*left, *steps, _delete(live["id"])]


def _delete(identifier: str) -> Step:
    if identifier.startswith("vpc-"):
        return Step("DeleteVpc", {"VpcId": identifier})
    return Step("DeleteInternetGateway", {"InternetGatewayId": identifier})
