# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who was in a console, when, why, and for how long: what Session Manager remembers of the last 30 days.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeSessions.html
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from .._core import aws

Item = dict[str, Any]


def sessions(ssm: Any, base: str, documents: list[str]) -> list[Item]:
    """Sessions with consoles of an environment, newest first: {session, who, why, since, until, minutes, status, document}.

    `documents`: the environment's session documents; sessions of ECS Exec are those with tasks of the cluster `base`. `until` and
    `minutes` are None while a session is open.
    """
    states = ("Active", "History")
    known = {item["SessionId"]: item for state in states for item in aws.pages(ssm, "DescribeSessions", "Sessions", State=state)}
    own = [item for item in known.values() if item.get("DocumentName") in documents or item.get("Target", "").startswith(f"ecs:{base}_")]
    return sorted((_shown(item) for item in own), key=lambda item: str(item["since"]), reverse=True)


def _shown(session: Item) -> Item:
    began, ended = session.get("StartDate"), session.get("EndDate")
    return {
        "session": session["SessionId"],
        "who": session.get("Owner", "").rpartition("/")[2],
        "why": session.get("Reason"),
        "since": began.isoformat() if began else None,
        "until": ended.isoformat() if ended else None,
        "minutes": round((ended - began).total_seconds() / 60, 1) if began and ended else None,
        "status": session["Status"],
        "document": session.get("DocumentName"),
    }


def log_url(region: str, log_group: str) -> str:
    """Where AWS's console shows what was said in sessions. Pure."""
    group = quote(quote(log_group, safe=""), safe="").replace("%", "$")
    return f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logsV2:log-groups/log-group/{group}"
