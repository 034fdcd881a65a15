# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who was in a console, when, why, and for how long: what Session Manager remembers of the last 30 days.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeSessions.html
"""

from __future__ import annotations

import re
from typing import Any

from .._core import aws
from .._ecs import stopped_task
from .._ecs.stopped_task import LogStream


def sessions(ssm: Any, environment_name: str, documents: list[str], log_group: str | None) -> list[dict[str, Any]]:
    """Sessions with consoles of an environment, newest first: {session, requested_by, reason, since, until, minutes,
    status, document, log_url}.

    `documents`: the environment's session documents; sessions of ECS Exec are those with tasks of the cluster
    `environment_name`. `until` and `minutes` are None while a session is open, `log_url` without a `log_group`.
    """
    states = ("Active", "History")
    known = {item["SessionId"]: item for state in states for item in aws.pages(ssm, "DescribeSessions", "Sessions", State=state)}
    own = [
        item
        for item in known.values()
        if item.get("DocumentName") in documents or item.get("Target", "").startswith(f"ecs:{environment_name}_")
    ]
    return sorted((_shown(item, ssm.meta.region_name, log_group) for item in own), key=lambda item: str(item["since"]), reverse=True)


def _shown(session: dict[str, Any], region: str, log_group: str | None) -> dict[str, Any]:
    began, ended = session.get("StartDate"), session.get("EndDate")
    place: LogStream | None = {"logGroupName": log_group, "logStreamName": session["SessionId"]} if log_group else None
    return {
        "session": session["SessionId"],
        "requested_by": re.split("[:/]", session.get("Owner", ""))[-1],
        "reason": session.get("Reason"),
        "since": began.isoformat() if began else None,
        "until": ended.isoformat() if ended else None,
        "minutes": round((ended - began).total_seconds() / 60, 1) if began and ended else None,
        "status": session["Status"],
        "document": session.get("DocumentName"),
        "log_url": stopped_task.log_url(region, place) if place else None,
    }
