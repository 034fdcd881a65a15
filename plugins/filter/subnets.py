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
positional: zones
options:
  _input:
    description: The range of the VPC, at most /16 and at least /23. A load balancer needs subnets of /27 or more.
    type: str
    required: true
  zones:
    description: Names of availability zones, at most eight.
    type: list
    elements: str
    required: true
author:
  - Railyard contributors
"""

EXAMPLES = r"""
subnets: "{{ '10.20.0.0/16' | railyard.fargate.subnets(['eu-west-1a', 'eu-west-1b']) }}"
# [{kind: public, zone: eu-west-1a, cidr: 10.20.0.0/20}, {kind: public, zone: eu-west-1b, cidr: 10.20.16.0/20},
#  {kind: private, zone: eu-west-1a, cidr: 10.20.128.0/20}, {kind: private, zone: eu-west-1b, cidr: 10.20.144.0/20}]
"""

RETURN = r"""
_value:
  description: One dict with kind, zone and cidr for each subnet, the public ones first.
  type: list
  elements: dict
"""


def subnets(cidr: str, zones: list[str]) -> list[dict[str, Any]]:
    try:
        network = IPv4Network(cidr)
    except ValueError as error:
        raise AnsibleFilterError(f"{cidr!r} is no address range for a VPC: {error}; 10.20.0.0/16 is one") from error
    if not 16 <= network.prefixlen <= 23:
        raise AnsibleFilterError(f"{cidr} is a /{network.prefixlen}; a VPC that is cut into sixteen subnets has /16 to /23")
    if len(zones) > 8:
        raise AnsibleFilterError(f"at most eight availability zones, not {len(zones)}")
    blocks = [str(block) for block in network.subnets(prefixlen_diff=4)]
    starts = {"public": 0, "private": 8}
    return [
        {"kind": kind, "zone": zone, "cidr": blocks[start + number]} for kind, start in starts.items() for number, zone in enumerate(zones)
    ]


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"subnets": subnets}
