# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: subnets
version_added: 0.1.0
short_description: Cut the address range of a VPC into public and private subnets
description:
  - Cuts the range into sixteen blocks of one size. Public subnets take the first ones, private subnets those from the ninth on, so that
    another zone later moves nobody.
  - The result is what O(railyard.fargate.ec2_vpc_subnets#module:subnets) takes.
positional: zones, name
options:
  _input:
    description: The range of the VPC, at most /16 and at least /23. A load balancer needs subnets of /27 or more.
    type: str
    required: true
  zones:
    description: Names of availability zones, or a number of zones; at most eight.
    type: raw
    required: true
  name:
    description: Name of the VPC, with which the names of subnets and route tables begin.
    type: str
    required: true
author:
  - Railyard contributors (@railyard)
"""

EXAMPLES = r"""
subnets: "{{ '10.20.0.0/16' | railyard.fargate.subnets(2, 'shop') }}"
# [{name: shop-public-1, cidr: 10.20.0.0/20, route_table: shop-public, zone_index: 0},
#  {name: shop-public-2, cidr: 10.20.16.0/20, route_table: shop-public, zone_index: 1},
#  {name: shop-private-1, cidr: 10.20.128.0/20, route_table: shop-private, zone_index: 0},
#  {name: shop-private-2, cidr: 10.20.144.0/20, route_table: shop-private, zone_index: 1}]
"""

RETURN = r"""
_value:
  description: >-
    One dict with C(name), C(cidr), C(route_table), and C(availability_zone) or C(zone_index) for each subnet, the public ones first.
  type: list
  elements: dict
"""

KINDS = {"public": 0, "private": 8}


def subnets(cidr: str, zones: list[str] | int, name: str) -> list[dict[str, Any]]:
    try:
        network = IPv4Network(cidr)
    except ValueError as error:
        raise AnsibleFilterError(f"{cidr!r} is no address range for a VPC: {error}; 10.20.0.0/16 is one") from error
    if not 16 <= network.prefixlen <= 23:
        raise AnsibleFilterError(f"{cidr} is a /{network.prefixlen}; a VPC that is cut into sixteen subnets has /16 to /23")
    places = _places(zones)
    if len(places) > 8:
        raise AnsibleFilterError(f"at most eight availability zones, not {len(places)}")
    blocks = [str(block) for block in network.subnets(prefixlen_diff=4)]
    return [
        {"name": f"{name}-{kind}-{number + 1}", "cidr": blocks[start + number], "route_table": f"{name}-{kind}", **place}
        for kind, start in KINDS.items()
        for number, place in enumerate(places)
    ]


def _places(zones: list[str] | int) -> list[dict[str, Any]]:
    if isinstance(zones, list):
        return [{"availability_zone": zone} for zone in zones]
    try:
        return [{"zone_index": number} for number in range(int(zones))]
    except (TypeError, ValueError):
        raise AnsibleFilterError(f"{zones!r} are no availability zones; a list of names is, or their number") from None


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"subnets": subnets}
