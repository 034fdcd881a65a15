# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an execution of a pipeline cost, in USD. Pure.

https://aws.amazon.com/codepipeline/pricing/ (type V2): each action by its begun minutes, approvals are free. The hundred free minutes of an
account are not taken off, as nobody knows which they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from .._codebuild import cost as build_cost

PER_MINUTE = 0.002


class Cost(TypedDict):
    """Minutes, and USD. `build_usd` and `total_usd` are of what has a known price; `unknown` says what has none."""

    action_minutes: int
    action_usd: float
    build_minutes: int
    build_usd: float
    total_usd: float
    unknown: list[str]


class Charged(TypedDict):
    """An attempt of an action: its name, its kind, how long it took; of one that builds, type and size of the machine, else ""."""

    name: str
    category: str
    seconds: float
    environment_type: str
    compute_type: str
    build_seconds: float


def of_execution(attempts: Iterable[Charged], pipeline_type: str = "V2") -> Cost:
    """Every attempt is charged. A pipeline of type V1 costs by the month, and its actions nothing."""
    listed = list(attempts)
    paid = [one for one in listed if one["category"] != "Approval"] if pipeline_type == "V2" else []
    minutes = sum(build_cost.minutes(one["seconds"]) for one in paid)
    built, prices, unknown = 0, 0.0, []
    for one in (one for one in listed if one["compute_type"]):
        built += build_cost.minutes(one["build_seconds"])
        price = build_cost.of_build(one["environment_type"], one["compute_type"], one["build_seconds"])
        if price is None:
            unknown.append(f"{one['name']}: {one['environment_type']} {one['compute_type']}")
        prices += price or 0.0
    actions = round(minutes * PER_MINUTE, 4)
    return {
        "action_minutes": minutes,
        "action_usd": actions,
        "build_minutes": built,
        "build_usd": round(prices, 4),
        "total_usd": round(actions + prices, 4),
        "unknown": sorted(set(unknown)),
    }
