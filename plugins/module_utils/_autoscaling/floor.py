# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A floor: a lower bound that a person has raised for a while. Tags of the scalable target note it, and a scheduled action ends it.

A scheduled action changes the bounds for good, so that the floor is two writes: the raised bound now, and an action that brings the former
one back. https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scheduled-scaling.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypedDict

ACTION = "railyard-floor-ends"
MIN, BEFORE, UNTIL, BY = "floor", "floor-before", "floor-until", "floor-requested-by"
TAGS = (MIN, BEFORE, UNTIL, BY)


class Floor(TypedDict):
    """`min`: tasks at least, until `until` (ISO 8601, UTC); `before`: the bound that comes back then. `requested_by`: who wants it."""

    min: int
    before: int
    until: str
    requested_by: str


def of_tags(labels: Mapping[str, str] | None) -> Floor | None:
    """The floor that a target's tags note; None without one, and where they are not ours to read. Pure."""
    known = labels or {}
    try:
        until = datetime.fromisoformat(known[UNTIL])
        return {"min": int(known[MIN]), "before": int(known[BEFORE]), "until": until.isoformat(), "requested_by": known.get(BY, "")}
    except (KeyError, ValueError):
        return None


def tags(floor: Floor) -> dict[str, str]:
    """The tags that note it. Pure."""
    return {MIN: str(floor["min"]), BEFORE: str(floor["before"]), UNTIL: floor["until"], BY: floor["requested_by"]}


def holds(floor: Floor | None, now: datetime | None = None) -> bool:
    """Whether it has not ended. Pure but for the time."""
    return floor is not None and datetime.fromisoformat(floor["until"]) > (now or datetime.now(UTC))


def schedule(floor: Floor) -> str:
    """When it ends, as a scheduled action has it, in UTC. Pure."""
    return f"at({datetime.fromisoformat(floor['until']).astimezone(UTC):%Y-%m-%dT%H:%M:%S})"
