# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must stay for now because targets of a load balancer use it: zones of the load balancer, and ports of rules of security groups.

A target that drains is still registered, and finishes its requests. In a zone that is not enabled a load balancer reaches no target.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-register-targets.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-subnets.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._core import aws


def keep_zones(client: Any, connect: Callable[[], Any], wanted: dict[str, Any], live: dict[str, Any] | None) -> dict[str, Any]:
    """`wanted` (a load balancer) with the live subnets beside the declared ones whose zones have targets.

    `connect` makes the client of EC2, when it has to be asked in which zones subnets are. A load balancer has one subnet in each, and a
    declared one comes first.
    """
    if live is None or wanted["state"] == "absent" or not wanted["keep_in_use"] or wanted["subnets"] is None:
        return wanted
    leaving = sorted(set(live["subnets"]) - set(wanted["subnets"]))
    targets = _targets(client, {"LoadBalancerArn": live["load_balancer_arn"]}) if leaving else []
    used = {target["AvailabilityZone"] for target in targets if target.get("AvailabilityZone")}
    if not used:
        return wanted
    zones = _zones(connect(), [*leaving, *wanted["subnets"]])
    free = used - {zones.get(subnet, "") for subnet in wanted["subnets"]}
    return {**wanted, "subnets": [*wanted["subnets"], *(subnet for subnet in leaving if zones.get(subnet) in free)]}


def _zones(client: Any, subnets: list[str]) -> dict[str, str]:
    """The zone of each subnet; one that check mode has only predicted has none."""
    filters = [{"Name": "subnet-id", "Values": sorted(set(subnets))}]
    return {found["SubnetId"]: found["AvailabilityZone"] for found in aws.pages(client, "DescribeSubnets", "Subnets", Filters=filters)}


def keep_ports(connect: Callable[[], Any], wanted: dict[str, Any], live: list[dict[str, Any]]) -> dict[str, Any]:
    """`wanted` (security groups) with the ports that are in use beside the declared ones.

    `connect` makes the client of elbv2, when it has to be asked.
    """
    if wanted["state"] == "absent":
        return wanted
    found = {group["name"]: group for group in live}
    groups = [{**group, "ingress": _kept(connect, group["ingress"], found.get(group["name"]))} for group in wanted["security_groups"]]
    return {**wanted, "security_groups": groups}


def _kept(connect: Callable[[], Any], entries: list[dict[str, Any]] | None, group: dict[str, Any] | None) -> list[dict[str, Any]] | None:
    if not entries or group is None:
        return entries
    return [entry for each in entries for entry in (each, *_more(connect, each, entries, group["ingress"]))]


def _more(
    connect: Callable[[], Any], entry: dict[str, Any], entries: list[dict[str, Any]], rules: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The entry once more with each live port of its peers that nobody declares and that is in use."""
    if not entry.get("keep_in_use"):
        return []
    declared = {(str(port), peer) for each in entries for port in each["ports"] or [] for peer in each["peers"]}
    leaving = [
        rule
        for rule in rules
        if rule["protocol"] == entry["protocol"] and rule["peer"] in entry["peers"] and (_text(rule), rule["peer"]) not in declared
    ]
    used = _in_use(connect(), entry["keep_in_use"]) if leaving else set()
    staying = [rule for rule in leaving if any(rule["from_port"] <= port <= rule["to_port"] for port in used)]
    return [{**entry, "ports": [_text(rule)], "peers": [rule["peer"]], "description": rule["description"]} for rule in staying]


def _text(rule: dict[str, Any]) -> str:
    low, high = rule["from_port"], rule["to_port"]
    return str(low) if low == high else f"{low}-{high}"


def _in_use(client: Any, names: list[str]) -> set[int]:
    """The ports with which targets of the target groups of these names are registered."""
    targets = _targets(client, *({"Names": [name]} for name in names))
    return {target["Port"] for target in targets if target.get("Port")}


def _targets(client: Any, *which: dict[str, Any]) -> list[dict[str, Any]]:
    """The registered targets, whatever their health, of the target groups that DescribeTargetGroups finds by any of `which`."""
    absent = {"LoadBalancerNotFound", "TargetGroupNotFound"}
    found = aws.concurrently(lambda one: aws.pages(client, "DescribeTargetGroups", "TargetGroups", absent, **one), which)
    arns = [group["TargetGroupArn"] for groups in found for group in groups]
    health = aws.concurrently(lambda arn: aws.call(client, "DescribeTargetHealth", TargetGroupArn=arn), arns)
    return [item["Target"] for answer in health for item in answer["TargetHealthDescriptions"]]
