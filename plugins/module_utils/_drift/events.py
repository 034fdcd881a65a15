# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who changed something, and when: the write events of CloudTrail that name it.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html: two requests a second, 50 events each, 90 days, about a
quarter of an hour late. It takes one attribute. Events of ECS often name no resource, so that the text of all writes is searched.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from .._core import aws
from .collected import Collected
from .compare import Drifted, key

PAUSE, PAGES, DAYS = 0.5, 20, 90
# Global services are written down in one Region alone.
GLOBAL = {"iam": "us-east-1"}
HANDLES = ("_arn", "_id", "arn", "id")


def find(client: Any, since: str | None) -> tuple[list[dict[str, Any]], bool]:
    """Writes since then (ISO 8601), the newest first, in our shape; and whether those are all of them."""
    now = datetime.now(UTC)
    start = max(datetime.fromisoformat(since) if since else now - timedelta(days=DAYS), now - timedelta(days=DAYS))
    asked: dict[str, Any] = {"LookupAttributes": [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}], "StartTime": start}
    found: list[dict[str, Any]] = []
    for number in range(PAGES):
        if number:
            time.sleep(PAUSE)
        answer = aws.call(client, "LookupEvents", MaxResults=50, **asked)
        found += [_ours(event) for event in answer.get("Events", [])]
        asked["NextToken"] = answer.get("NextToken")
        if not asked["NextToken"]:
            return found, True
    return found, False


def _ours(event: dict[str, Any]) -> dict[str, Any]:
    """{operation, at, by, through, text}. `by`: the name of the session or of the user; `through`: the service that did it for somebody."""
    detail = json.loads(event.get("CloudTrailEvent") or "{}")
    identity = detail.get("userIdentity") or {}
    who = str(identity.get("arn") or event.get("Username") or identity.get("type") or "somebody")
    return {
        "operation": event.get("EventName", ""),
        "at": event["EventTime"].astimezone(UTC).isoformat(timespec="seconds"),
        "by": who.split(":", 5)[-1],
        "through": str(identity.get("invokedBy") or ""),
        "failed": bool(detail.get("errorCode")),
        "text": json.dumps(detail.get("requestParameters") or {}) + json.dumps(event.get("Resources") or []),
    }


def assign(drifted: Sequence[Drifted], collected: Sequence[Collected], events: Sequence[dict[str, Any]]) -> None:
    """Give each resource the writes that name it, the newest first, at most five."""
    known = {key(one): one for one in collected}
    for one in drifted:
        words = set(_words(known[f"{one['kind']} {one['name']}"]))
        fits = [event for event in events if not event["failed"] and any(f'"{word}"' in event["text"] for word in words)]
        one["events"] = [{member: event[member] for member in ("operation", "at", "by", "through")} for event in fits[:5]]


def _words(one: Collected) -> Iterator[str]:
    """By what requests name a resource."""
    yield one["name"]
    for side in (one["live"], one["declared"]):
        for member, value in (side or {}).items():
            if (
                isinstance(value, str)
                and member.endswith(HANDLES)
                and not member.startswith(("vpc_id", "cluster_arn", "load_balancer_arn_of"))
            ):
                yield value
