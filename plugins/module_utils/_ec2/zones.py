# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Availability zones of a Region, and in which of them Fargate is. Names are an account's own; IDs are the same for everybody.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate-Regions.html
"""

from __future__ import annotations

from typing import Any

from .._core import aws

# Regions in which Fargate is not in every zone, by the beginning of the IDs of their zones.
FARGATE = {
    "usw1-": ("usw1-az1", "usw1-az3"),
    "apne1-": ("apne1-az1", "apne1-az2", "apne1-az4"),
    "cnn1-": ("cnn1-az1", "cnn1-az2"),
}


def find(client: Any) -> dict[str, str]:
    """IDs of the Region's available zones by their names, in the order of the names."""
    usable = [{"Name": "state", "Values": ["available"]}, {"Name": "zone-type", "Values": ["availability-zone"]}]
    listed = aws.pages(client, "DescribeAvailabilityZones", "AvailabilityZones", Filters=usable)
    return {zone["ZoneName"]: zone.get("ZoneId", "") for zone in sorted(listed, key=lambda zone: str(zone["ZoneName"]))}


def has_fargate(zone_id: str) -> bool:
    """Whether Fargate is in a zone, as far as AWS's documentation says otherwise. Pure."""
    return all(zone_id in known for beginning, known in FARGATE.items() if zone_id.startswith(beginning))


def with_fargate(zones: dict[str, str]) -> list[str]:
    """Those of `find` in which Fargate is. Pure."""
    return [name for name, zone_id in zones.items() if has_fargate(zone_id)]
