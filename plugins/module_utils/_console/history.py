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
from .._environment.naming import Names


def sessions(ssm: Any, names: Names) -> list[dict[str, Any]]:
    """Sessions with consoles of an environment, newest first: {session, requested_by, reason, since, until, minutes,
    status, document, log_url}.

    Those of ECS Exec are with tasks of its cluster. `until` and `minutes` are None while a session is open.
    """
    states = ("Active", "History")
    known = {item["SessionId"]: item for state in states for item in aws.pages(ssm, "DescribeSessions", "Sessions", State=state)}
    own = [item for item in known.values() if _is_of(names, item)]
    shown = (_shown(item, ssm.meta.region_name, names.log_groups["console"]) for item in own)
    return sorted(shown, key=lambda item: str(item["since"]), reverse=True)


def _is_of(names: Names, session: dict[str, Any]) -> bool:
    by_node = session.get("DocumentName") in names.documents.values()
    return by_node or str(session.get("Target", "")).startswith(f"ecs:{names.cluster}_")


def _shown(session: dict[str, Any], region: str, log_group: str) -> dict[str, Any]:
    began, ended = session.get("StartDate"), session.get("EndDate")
    place: LogStream = {"logGroupName": log_group, "logStreamName": session["SessionId"]}
    return {
        "session": session["SessionId"],
        "requested_by": re.split("[:/]", session.get("Owner", ""))[-1],
        "reason": session.get("Reason"),
        "since": began.isoformat() if began else None,
        "until": ended.isoformat() if ended else None,
        "minutes": round((ended - began).total_seconds() / 60, 1) if began and ended else None,
        "status": session["Status"],
        "document": session.get("DocumentName"),
        "log_url": stopped_task.log_url(region, place),
    }
