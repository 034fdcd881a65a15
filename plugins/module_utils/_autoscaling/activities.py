# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scaling activities: what Application Auto Scaling did, and what it did not do and why.

https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scaling-activities.html
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, TypedDict

from .._core import aws

COUNT = re.compile(r"[Ss]etting desired count to (\d+)")
# AWS's codes for what it did not do.
NOT_SCALED = {
    "AlreadyAtMaxCapacity": "it is at the upper bound, {MaxCapacity}",
    "AlreadyAtMinCapacity": "it is at the lower bound, {MinCapacity}",
    "AlreadyAtDesiredCapacity": "it has as many tasks already, {CurrentCapacity}",
    "AutoScalingAnticipatedFlapping": "it would be raised again at once",
    "TargetServicePutResourceAsUnscalable": "the service says that it cannot be scaled now",
}


class Activity(TypedDict):
    """`count`: the desired count that it set or wanted, None where AWS names none. `cause`, `message`: AWS's words. `not_scaled`: why
    nothing was done, in words, else []. `at`: ISO 8601."""

    at: str
    status: str
    count: int | None
    cause: str
    message: str
    not_scaled: list[str]


def read(client: Any, resource: str, most: int = 10) -> list[Activity]:
    """The newest activities of a service, what was not scaled among them, the newest first. AWS keeps them for six weeks."""
    which = {"ServiceNamespace": "ecs", "ResourceId": resource, "IncludeNotScaledActivities": True, "MaxResults": most}
    found = aws.call(client, "DescribeScalingActivities", **which)["ScalingActivities"]
    return sorted((_shape(one) for one in found), key=lambda one: one["at"], reverse=True)


def _shape(found: dict[str, Any]) -> Activity:
    count = COUNT.search(found.get("Description", ""))
    moment: datetime = found["StartTime"]
    return {
        "at": moment.isoformat(timespec="seconds"),
        "status": found["StatusCode"],
        "count": int(count[1]) if count else None,
        "cause": found.get("Cause", ""),
        "message": found.get("StatusMessage", ""),
        "not_scaled": [_why(reason) for reason in found.get("NotScaledReasons", [])],
    }


def _why(reason: dict[str, Any]) -> str:
    """AWS's code in words. Pure."""
    known = {name: reason.get(name, "?") for name in ("MaxCapacity", "MinCapacity", "CurrentCapacity")}
    return NOT_SCALED[reason["Code"]].format(**known) if reason["Code"] in NOT_SCALED else str(reason["Code"])
