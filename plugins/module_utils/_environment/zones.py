# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the zones of an environment's subnets have Fargate and the database's class."""

from __future__ import annotations

from typing import Any

from .._ec2 import zones
from .problem import Problem, one_of

ZONES = ("vpc_zones",)


def problems(wanted: dict[str, Any], region: dict[str, str], offered: set[str]) -> list[Problem]:
    """A problem for each zone or number of zones that cannot be used. Pure.

    `wanted`: zones (names), zone_count, region, db_instance_class, multi_az. `region`: what `zones.find` returns. `offered`: names of the
    zones in which RDS offers the class and version.
    """
    usable, named = zones.with_fargate(region), wanted.get("zones") or []
    found = []
    for number, zone in enumerate(named):
        if zone not in region:
            what = f"{wanted['region']} has no available zone {zone}"
            found.append(Problem(what, (*ZONES, number), one_of(usable)))
        elif zone not in usable:
            found.append(Problem(f"Fargate is not in {zone} ({region[zone]})", (*ZONES, number), one_of(usable)))
    number = int(wanted.get("zone_count") or 2)
    if not named and len(usable) < number:
        what = f"{wanted['region']} has {len(usable)} zones with Fargate ({', '.join(usable)}), and vpc_zone_count is {number}"
        return [Problem(what, ("vpc_zone_count",), f"{len(usable)}, or the zones by name in vpc_zones")]
    return found or _of_database(wanted, named or usable[:number], usable, offered)


def _of_database(wanted: dict[str, Any], chosen: list[str], usable: list[str], offered: set[str]) -> list[Problem]:
    """A problem when RDS offers the class in too few zones of the subnets: it needs one, with a standby two."""
    needed = 2 if wanted["multi_az"] else 1
    # Where RDS names no zones, nothing is known.
    if not offered or len(offered & set(chosen)) >= needed:
        return []
    kind, there = wanted["db_instance_class"], [zone for zone in usable if zone in offered]
    what = f"RDS offers {kind} in {', '.join(sorted(offered))}, and the subnets are to be in {', '.join(chosen)}"
    what += "; a standby needs two of them" if needed == 2 else ""
    if len(there) < needed:
        return [Problem(what, ("railyard_database", "class"), "another class")]
    rest = [zone for zone in [*chosen, *usable] if zone not in there]
    right = [*there, *dict.fromkeys(rest)][: max(len(chosen), 2)]
    return [Problem(what, ZONES, f"vpc_zones: [{', '.join(sorted(right))}], or another class")]
