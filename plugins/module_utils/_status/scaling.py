# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many tasks each process may have, and why it has as many as it has."""

from __future__ import annotations

from functools import partial
from typing import Any, TypedDict

from .._autoscaling import activities, floor, suspension, target
from .._autoscaling.activities import Activity
from .._autoscaling.floor import Floor
from .._core import aws
from .._environment.naming import Names
from .parts import Absent, Reading


class Scaling(TypedDict):
    """Of a process: its bounds, how many tasks it wants, whether AWS does not scale it now (`suspended`), a floor that holds or that should
    have ended, and the `reason` for which it wants as many. `activities`: the newest ones."""

    process: str
    min: int
    max: int
    desired: int | None
    suspended: bool
    floor: Floor | None
    floor_holds: bool
    policies: list[str]
    reason: str
    activities: list[Activity]


def read(clients: dict[str, Any], names: Names, reading: Reading) -> list[Scaling]:
    """Of each process that has a scalable target."""
    client, resources = clients["application-autoscaling"], names.scalable_targets
    wanted = [wanted_of(names.cluster, process) for process in resources]
    found, acted = aws.together(
        lambda: target.find_each(client, wanted), lambda: aws.concurrently(partial(activities.read, client), resources.values())
    )
    if not any(found):
        raise Absent("no service is scaled; site.yml makes it")
    desired = {one["name"]: one["desired"] for one in reading.part("services")}
    every = zip(resources, found, acted, strict=True)
    return [_shape(process, live, desired.get(process), some) for process, live, some in every if live is not None]


def wanted_of(cluster: str, process: str) -> dict[str, Any]:
    """A process's scalable target as target.find_each is asked for it. Pure."""
    named = suspension.identity(cluster, process)
    return {
        "resource_id": named["ResourceId"],
        "service_namespace": named["ServiceNamespace"],
        "scalable_dimension": named["ScalableDimension"],
    }


def _shape(process: str, live: dict[str, Any], desired: int | None, acted: list[Activity]) -> Scaling:
    suspended = any(live["suspended_state"].values())
    noted = floor.of_tags(live["tags"])
    low, high = live["min_capacity"], live["max_capacity"]
    shown = noted if floor.holds(noted) or (noted and noted["min"] == low != noted["before"]) else None
    return {
        "process": process,
        "min": low,
        "max": high,
        "desired": desired,
        "suspended": suspended,
        "floor": shown,
        "floor_holds": floor.holds(shown),
        "policies": [one["policy_name"] for one in live["policies"]],
        "reason": why(desired, low, high, acted),
        "activities": acted,
    }


def why(desired: int | None, low: int, high: int, acted: list[Activity]) -> str:
    """Why a service wants as many tasks: the scaler's words, or a bound, or else somebody. `acted`: the newest first. Pure."""
    if desired is None:
        return ""
    last = next((one for one in acted if one["count"] is not None and not one["not_scaled"]), None)
    if last is not None and last["count"] == desired and last["status"] in ("Successful", "InProgress", "Pending"):
        return f"{last['cause'].rstrip('.')}, {last['at'][:16].replace('T', ' ')} UTC"
    if desired < low or desired > high:
        return f"outside of its bounds: AWS will set {low if desired < low else high}"
    if low == high:
        return "its bounds allow nothing else"
    if desired in (low, high):
        return "at its lower bound" if desired == low else "at its upper bound"
    return "set by a person or a release, not by scaling"
