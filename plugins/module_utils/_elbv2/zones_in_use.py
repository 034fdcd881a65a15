# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Zones that a load balancer must not leave yet, because its targets are there: in a zone that is not enabled it reaches none of them.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-subnets.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._core import aws


def keep(client: Any, connect: Callable[[], Any], wanted: dict[str, Any], live: dict[str, Any] | None) -> dict[str, Any]:
    """`wanted` with the live subnets beside the declared ones whose zones have targets.

    `connect` makes the client of EC2, when it has to be asked in which zones subnets are. A load balancer has one subnet in each, and a
    declared one comes first.
    """
    if live is None or wanted["state"] == "absent" or not wanted["keep_in_use"] or wanted["subnets"] is None:
        return wanted
    leaving = sorted(set(live["subnets"]) - set(wanted["subnets"]))
    used = _used(client, live["load_balancer_arn"]) if leaving else set()
    if not used:
        return wanted
    zones = _zones(connect(), [*leaving, *wanted["subnets"]])
    free = used - {zones.get(subnet, "") for subnet in wanted["subnets"]}
    return {**wanted, "subnets": [*wanted["subnets"], *(subnet for subnet in leaving if zones.get(subnet) in free)]}


def _used(client: Any, arn: str) -> set[str]:
    """The zones in which targets are registered, whatever their health: one that drains finishes its requests."""
    groups = aws.pages(client, "DescribeTargetGroups", "TargetGroups", {"LoadBalancerNotFound"}, LoadBalancerArn=arn)
    health = [aws.call(client, "DescribeTargetHealth", TargetGroupArn=group["TargetGroupArn"]) for group in groups]
    targets = [item["Target"] for answer in health for item in answer["TargetHealthDescriptions"]]
    return {target["AvailabilityZone"] for target in targets if target.get("AvailabilityZone")}


def _zones(client: Any, subnets: list[str]) -> dict[str, str]:
    """The zone of each subnet; one that check mode has only predicted has none."""
    filters = [{"Name": "subnet-id", "Values": sorted(set(subnets))}]
    return {found["SubnetId"]: found["AvailabilityZone"] for found in aws.pages(client, "DescribeSubnets", "Subnets", Filters=filters)}
