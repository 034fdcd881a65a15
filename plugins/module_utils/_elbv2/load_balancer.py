# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Application Load Balancers. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancer.html"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .._core import aws, clock, shape, tags
from .._core.errors import RailyardError
from .._core.plan import Output, Plan, Propagation, Step
from .attributes import changed, find_tags, tag_steps, texts

PROTECTION = "deletion_protection.enabled"
SHOWN = (
    *("load_balancer_arn", "load_balancer_name", "dns_name", "canonical_hosted_zone_id", "created_time"),
    *("scheme", "vpc_id", "state", "type", "ip_address_type"),
)
# A bucket's policy that was made a moment ago is not known everywhere yet.
FRESH_POLICY = Propagation("InvalidConfigurationRequest", "Access Denied for bucket", 120)
NEW = Output("CreateLoadBalancer", "LoadBalancers[0].LoadBalancerArn")


def find(client: Any, wanted: dict[str, Any], seconds: int = 0) -> dict[str, Any] | None:
    """The load balancer of this name in our shape with its attributes and tags, or None.

    With `seconds` it looks until the load balancer is no more provisioned, or gone when `state` is absent. Raises RailyardError when that
    takes longer, when AWS could not set it up, and for a load balancer that is no Application Load Balancer.
    """
    name, gone = wanted["name"], wanted["state"] == "absent"

    def settled(found: dict[str, Any] | None) -> bool:
        return found is None if gone else found is not None and found["State"]["Code"] != "provisioning"

    found = clock.look_until(lambda: _described(client, name), settled, seconds)
    if seconds and not settled(found):
        raise RailyardError(
            f"load balancer {name} is not {'gone' if gone else 'active'} after {seconds} s; run again, or raise wait_timeout"
        )
    if found is None:
        return None
    if found["Type"] != "application":
        raise RailyardError(
            f"load balancer {name} is a {found['Type']} load balancer, and this is for application ones; choose another name"
        )
    if seconds and found["State"]["Code"] == "failed":
        raise RailyardError(f"load balancer {name} could not be set up: {found['State'].get('Reason', 'AWS gives no reason')}")
    return _complete(client, found)


def _described(client: Any, name: str) -> dict[str, Any] | None:
    found = aws.pages(client, "DescribeLoadBalancers", "LoadBalancers", {"LoadBalancerNotFound"}, Names=[name])
    return found[0] if found else None


def _complete(client: Any, found: dict[str, Any]) -> dict[str, Any]:
    arn = found["LoadBalancerArn"]
    with ThreadPoolExecutor(1) as pool:
        labels = pool.submit(find_tags, client, [arn])
        attributes = aws.call(client, "DescribeLoadBalancerAttributes", LoadBalancerArn=arn)["Attributes"]
    all_of_it = shape.ours(shape.output_shape(client, "DescribeLoadBalancers", "LoadBalancers").member, found)
    return {
        **{member: all_of_it[member] for member in SHOWN if member in all_of_it},
        "subnets": sorted(zone["SubnetId"] for zone in found["AvailabilityZones"]),
        "security_groups": sorted(found.get("SecurityGroups", [])),
        "attributes": tags.as_dict(attributes),
        "tags": labels.result()[arn],
    }


def make_plan(wanted: dict[str, Any], live: dict[str, Any] | None) -> Plan:
    """`wanted`: the options of elbv2_load_balancer. Raises RailyardError for rules ELB-1, ELB-2, ELB-5 and ELB-9."""
    if wanted["state"] == "absent":
        return Plan(live, None, _deletion(wanted, live) if live else ())
    _check(wanted, live)
    return _change(wanted, live) if live else _creation(wanted)


def _check(wanted: dict[str, Any], live: dict[str, Any] | None) -> None:
    name, subnets = wanted["name"], wanted["subnets"]
    if not re.fullmatch(r"(?!internal-)[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?", name):
        raise RailyardError(
            f"name {name!r} is no name of a load balancer; it has at most 32 letters, digits and hyphens, no hyphen at its ends, and does "
            "not begin with internal-"
        )
    if live is None and subnets is None:
        raise RailyardError(f"load balancer {name} does not exist yet, and to create it subnets must be given")
    if subnets is not None and len(subnets) < 2:
        raise RailyardError(f"load balancer {name}: subnets are {subnets}; it needs two or more, each in another availability zone")
    if live and wanted["scheme"] not in (None, live["scheme"]):
        raise RailyardError(
            f"load balancer {name}: scheme {live['scheme']} cannot become {wanted['scheme']}; choose another name, or delete it first",
            live=live,
            wanted={"scheme": wanted["scheme"]},
        )


def _deletion(wanted: dict[str, Any], live: dict[str, Any]) -> tuple[Step, ...]:
    """Protection goes only when `attributes` says so."""
    arn, delete = live["load_balancer_arn"], Step("DeleteLoadBalancer", {"LoadBalancerArn": live["load_balancer_arn"]})
    if live["attributes"].get(PROTECTION) != "true":
        return (delete,)
    if texts(wanted["attributes"]).get(PROTECTION) != "false":
        raise RailyardError(
            f"load balancer {wanted['name']} is protected against deletion; to delete it, give {PROTECTION}: false in attributes"
        )
    return (*_attribute_steps(arn, {PROTECTION: "false"}), delete)


def _creation(wanted: dict[str, Any]) -> Plan:
    groups, kind = wanted["security_groups"], wanted["ip_address_type"]
    place = {
        "scheme": wanted["scheme"] or "internet-facing",
        "subnets": sorted(set(wanted["subnets"])),
        **({"security_groups": sorted(set(groups))} if groups is not None else {}),
        "ip_address_type": kind or "ipv4",
    }
    params = {
        "Name": wanted["name"],
        "Type": "application",
        "Scheme": place["scheme"],
        "Subnets": place["subnets"],
        **({"SecurityGroups": place["security_groups"]} if groups else {}),
        "IpAddressType": place["ip_address_type"],
        **({"Tags": tags.as_pairs(wanted["tags"])} if wanted["tags"] else {}),
    }
    attributes = texts(wanted["attributes"])
    labels = tags.change({}, wanted["tags"], False).after
    after = {"load_balancer_name": wanted["name"], "type": "application", **place, "attributes": attributes, "tags": labels}
    create = Step("CreateLoadBalancer", params, already=("DuplicateLoadBalancerName",))
    return Plan(None, after, (create, *_attribute_steps(NEW, attributes)))


def _change(wanted: dict[str, Any], live: dict[str, Any]) -> Plan:
    arn = live["load_balancer_arn"]
    declared = {
        "subnets": None if wanted["subnets"] is None else sorted(set(wanted["subnets"])),
        "security_groups": None if wanted["security_groups"] is None else sorted(set(wanted["security_groups"])),
        "ip_address_type": wanted["ip_address_type"],
    }
    different = {member: value for member, value in declared.items() if value is not None and value != live[member]}
    attributes = changed(live["attributes"], wanted["attributes"])
    labels = tags.change(live["tags"], wanted["tags"], wanted["purge_tags"])
    after = {**live, **different, "attributes": {**live["attributes"], **attributes}, "tags": labels.after}
    return Plan(live, after, (*_place_steps(arn, different), *_attribute_steps(arn, attributes), *tag_steps(arn, labels)))


def _place_steps(arn: str, different: dict[str, Any]) -> list[Step]:
    """Subnets and address type in one call: both kinds of addresses want subnets that have both."""
    params = {
        **({"Subnets": different["subnets"]} if "subnets" in different else {}),
        **({"IpAddressType": different["ip_address_type"]} if "ip_address_type" in different else {}),
    }
    steps = [Step("SetSubnets" if "subnets" in different else "SetIpAddressType", {"LoadBalancerArn": arn, **params})] if params else []
    if "security_groups" in different:
        steps.append(Step("SetSecurityGroups", {"LoadBalancerArn": arn, "SecurityGroups": different["security_groups"]}))
    return steps


def _attribute_steps(arn: str | Output, attributes: dict[str, str]) -> list[Step]:
    pairs = tags.as_pairs(attributes)
    params = {"LoadBalancerArn": arn, "Attributes": pairs}
    return [Step("ModifyLoadBalancerAttributes", params, propagation=(FRESH_POLICY,))] if attributes else []
