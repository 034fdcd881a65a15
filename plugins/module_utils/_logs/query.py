# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One query of Logs Insights, from its start to its whole answer.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from .._core import aws
from .._core.clock import REAL, Clock
from .._core.errors import RailyardError
from .._core.interruption import Interrupted
from .._core.progress import Say

UNDER_WAY = ("Scheduled", "Running")
PAGE = 10_000
FIRST, LONGEST, REPORT = 0.3, 3.0, 5.0
# As many queries as an account may have are under way: those of dashboards and alarms among them.
BUSY, PATIENCE = "LimitExceededException", 120.0
# AWS's words for a range in which none of the groups had begun.
BEFORE = "before the log groups creation time"


class Answer(TypedDict):
    """`rows`: fields and their values, which are texts, without `@ptr`. `statistics`: AWS's numbers by its names in snake_case."""

    query_id: str
    status: str
    rows: list[dict[str, str]]
    statistics: dict[str, float]


def ask(
    logs: Any,
    groups: Sequence[str],
    query: str,
    start: int,
    end: int,
    say: Say,
    limit: int = 0,
    wait_timeout: float = 900,
    clock: Clock = REAL,
) -> Answer:
    """What a query finds from `start` to `end`, seconds since the epoch, both included. Raises RailyardError.

    Rows of a query that still runs are a part, and are not returned. An interrupted one is stopped, since AWS bills what it reads.
    """
    identity = _started(logs, groups, query, start, end, limit, clock)
    if identity is None:
        return {"query_id": "", "status": "Complete", "rows": [], "statistics": {}}
    try:
        first = _ended(logs, identity, say, wait_timeout, clock)
    except (Interrupted, RailyardError):
        aws.find(logs, "StopQuery", {"InvalidParameterException", "ResourceNotFoundException"}, queryId=identity)
        raise
    found, token = list(first["results"]), first.get("nextToken")
    while token:
        page = aws.call(logs, "GetQueryResults", queryId=identity, nextToken=token, maxItems=PAGE)
        found += page["results"]
        token = page.get("nextToken")
    rows = [{each["field"]: each.get("value", "") for each in row if each["field"] != "@ptr"} for row in found]
    return {"query_id": identity, "status": first["status"], "rows": rows, "statistics": _numbers(first.get("statistics", {}))}


def _numbers(statistics: dict[str, float]) -> dict[str, float]:
    names = {"bytesScanned": "bytes_scanned", "recordsScanned": "records_scanned", "recordsMatched": "records_matched"}
    return {ours: float(statistics.get(name, 0)) for name, ours in names.items()}


def _started(logs: Any, groups: Sequence[str], query: str, start: int, end: int, limit: int, clock: Clock) -> str | None:
    """None when no group had begun by then."""
    params: dict[str, Any] = {"logGroupNames": list(groups), "queryString": query, "startTime": start, "endTime": end}
    if limit:
        params["limit"] = limit
    began, pause = clock.now(), FIRST
    while True:
        try:
            return str(aws.call(logs, "StartQuery", **params)["queryId"])
        except RailyardError as error:
            if BEFORE in error.message:
                return None
            if error.code == "MalformedQueryException":
                raise RailyardError(f"Logs Insights does not understand the query: {error.message}\n  {query}", error.code) from error
            if error.code != BUSY or clock.now() - began > PATIENCE:
                raise
        clock.sleep(pause)
        pause = min(pause * 2, LONGEST)


def _ended(logs: Any, identity: str, say: Say, wait_timeout: float, clock: Clock) -> dict[str, Any]:
    began = spoke = clock.now()
    pause = FIRST
    while True:
        clock.sleep(pause)
        answer = aws.call(logs, "GetQueryResults", queryId=identity)
        status = answer["status"]
        if status == "Complete":
            return answer
        if status not in UNDER_WAY:
            raise RailyardError(f"the query {identity} ended as {status}: ask for a shorter time", status=status)
        if clock.now() - began > wait_timeout:
            raise RailyardError(f"the query {identity} has not ended after {wait_timeout:.0f} s, and was stopped: ask for a shorter time")
        if clock.now() - spoke >= REPORT:
            read = answer.get("statistics", {}).get("bytesScanned", 0)
            say(f"Logs Insights is at it, {clock.now() - began:.0f} s, {read / 1e6:.1f} MB read")
            spoke = clock.now()
        pause = min(pause * 1.5, LONGEST)
