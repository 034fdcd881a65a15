"""Queries of Logs Insights: begun, asked for, stopped; and saved ones.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from .insights import commands, records
from .insights.words import Malformed
from .store import Group, kept, named, now, page

INVALID = "InvalidParameterException"
# Seconds until a query runs, and until it has ended.
WAITS, TAKES = 0.3, 2.0
AT_ONCE, GROUPS, PAGE = 100, 50, 10_000
UNDER_WAY = ("Scheduled", "Running")


@dataclass
class Asked:
    """A query with its whole answer; while it runs a part of it is shown."""

    identity: str
    text: str
    group: str
    created: int
    results: list[list[dict[str, str]]]
    statistics: dict[str, float]
    who: str
    status: str = "Scheduled"
    ended: int = field(default=0)

    def become(self, status: str) -> None:
        if self.status in UNDER_WAY:
            self.status, self.ended = status, now()


def _asked(call: Call) -> dict[str, Asked]:
    held: dict[str, Asked] = world.store("logs", call).setdefault("queries", {})
    return held


def _one(call: Call) -> Asked:
    found = _asked(call).get(call.params["queryId"])
    if found is None:
        raise Refusal("ResourceNotFoundException", "The specified query does not exist.")
    return found


def _groups(call: Call) -> list[Group]:
    given = [key for key in ("logGroupName", "logGroupNames", "logGroupIdentifiers") if call.params.get(key)]
    if len(given) != 1:
        raise Refusal(INVALID, "Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be specified.")
    names = [call.params["logGroupName"]] if given == ["logGroupName"] else call.params[given[0]]
    if len(names) > GROUPS:
        raise Refusal(INVALID, f"A query can have at most {GROUPS} log groups.")
    return [named(call, name) for name in dict.fromkeys(names)]


@operation("logs", "StartQuery")
def start_query(call: Call) -> dict[str, Any]:
    """Rule LOG-4. The range is in seconds, both ends included."""
    wanted, groups = call.params, _groups(call)
    if wanted.get("queryLanguage", "CWLI") != "CWLI":
        raise Refusal(INVALID, "the emulator answers queries in CWLI only")
    if wanted["startTime"] > wanted["endTime"]:
        raise Refusal(INVALID, "Query's start time is after its end time.")
    if sum(each.status in UNDER_WAY for each in _asked(call).values()) >= AT_ONCE:
        raise Refusal("LimitExceededException", "Account maximum query concurrency limit of [100] reached.")
    query = _compiled(wanted["queryString"])
    if not any(_reaches(group, wanted["endTime"] * 1000) for group in groups):
        words = "Query's end date and time is either before the log groups creation time or exceeds the log groups log retention settings"
        raise Refusal("MalformedQueryException", words)
    query.limit = query.limit or wanted.get("limit", 0)
    rows = [row for group in groups for row in _rows(call, group)]
    found, matched = commands.run(query, rows)
    counted = {
        "recordsScanned": len(rows),
        "recordsMatched": matched,
        "bytesScanned": sum(len(row["@message"].encode()) for row in rows),
        "logGroupsScanned": len(groups),
        "estimatedRecordsSkipped": 0,
        "estimatedBytesSkipped": 0,
        "resultCount": len(found),
    }
    numbers = {name: float(value) for name, value in counted.items()}
    who = f"arn:aws:iam::{call.account}:root"
    asked = Asked(str(uuid.uuid4()), wanted["queryString"], groups[0].name, now(), commands.answer(query, found), numbers, who)
    _asked(call)[asked.identity] = asked
    world.clock.after(WAITS, partial(asked.become, "Running"))
    world.clock.after(TAKES, partial(asked.become, "Complete"))
    return {"queryId": asked.identity}


def _compiled(text: str) -> commands.Query:
    try:
        return commands.read(text)
    except Malformed as error:
        place = {"startCharOffset": error.start, "endCharOffset": error.end}
        details = {"location": place, "message": error.message}
        raise Refusal("MalformedQueryException", error.message, queryCompileError=details) from None


def _reaches(group: Group, end: int) -> bool:
    """Whether a group can have had events by then: it is as old as the oldest that it has been sent."""
    oldest = min([group.created, *(held.events[0].timestamp for held in group.streams.values() if held.events)])
    return end >= oldest and (not group.retention or end >= now() - group.retention * 86_400_000)


def _rows(call: Call, group: Group) -> list[dict[str, Any]]:
    start, end = call.params["startTime"] * 1000, call.params["endTime"] * 1000
    return [
        records.row(call.account, group, name, event)
        for name, held in group.streams.items()
        for event in kept(group, held.events)
        if start <= event.timestamp <= end
    ]


@operation("logs", "GetQueryResults")
def get_query_results(call: Call) -> dict[str, Any]:
    """While a query runs its rows are a part of them, and its statistics too. Rows come in pages of 10,000."""
    asked = _one(call)
    share = {"Scheduled": 0.0, "Running": 0.5, "Cancelled": 0.5}.get(asked.status, 1.0)
    rows = asked.results[: int(len(asked.results) * share)]
    counted = {name: float(int(value * share)) for name, value in asked.statistics.items()}
    size = call.params.get("maxItems") or PAGE
    answer = page(rows, {"nextToken": call.params.get("nextToken"), "limit": size}, "results")
    return {**answer, "statistics": counted, "status": asked.status, "queryLanguage": "CWLI"}


@operation("logs", "StopQuery")
def stop_query(call: Call) -> dict[str, Any]:
    asked = _one(call)
    if asked.status not in UNDER_WAY:
        raise Refusal(INVALID, "Query cannot be stopped because it has ended already.")
    asked.become("Cancelled")
    return {"success": True}


@operation("logs", "DescribeQueries")
def describe_queries(call: Call) -> dict[str, Any]:
    """The newest first."""
    wanted = call.params
    found = [
        {
            "queryLanguage": "CWLI",
            "queryId": each.identity,
            "queryString": each.text,
            "status": each.status,
            "createTime": each.created,
            "logGroupName": each.group,
            "queryDuration": (each.ended or now()) - each.created,
            "bytesScanned": each.statistics["bytesScanned"],
            "userIdentity": each.who,
        }
        for each in reversed(_asked(call).values())
        if wanted.get("logGroupName", each.group) == each.group and wanted.get("status", each.status) == each.status
    ]
    return page(found, {**wanted, "limit": wanted.get("maxResults", 1000)}, "queries")


def _definitions(call: Call) -> dict[str, dict[str, Any]]:
    held: dict[str, dict[str, Any]] = world.store("logs", call).setdefault("definitions", {})
    return held


@operation("logs", "PutQueryDefinition")
def put_query_definition(call: Call) -> dict[str, Any]:
    """A definition is replaced whole: an update without log groups clears them."""
    held, identity = _definitions(call), call.params.get("queryDefinitionId")
    if identity and identity not in held:
        raise Refusal("ResourceNotFoundException", "The specified query definition does not exist.")
    identity = identity or str(uuid.uuid4())
    members = ("queryLanguage", "name", "queryString", "logGroupNames", "parameters")
    kept: dict[str, Any] = {name: call.params[name] for name in members if name in call.params}
    held[identity] = {"queryLanguage": "CWLI", "logGroupNames": [], **kept, "queryDefinitionId": identity, "lastModified": now()}
    return {"queryDefinitionId": identity}


@operation("logs", "DescribeQueryDefinitions")
def describe_query_definitions(call: Call) -> dict[str, Any]:
    prefix, size = call.params.get("queryDefinitionNamePrefix", ""), call.params.get("maxResults", 1000)
    found = sorted((each for each in _definitions(call).values() if each["name"].startswith(prefix)), key=lambda each: str(each["name"]))
    return page(found, {**call.params, "limit": size}, "queryDefinitions")


@operation("logs", "DeleteQueryDefinition")
def delete_query_definition(call: Call) -> dict[str, Any]:
    if _definitions(call).pop(call.params["queryDefinitionId"], None) is None:
        raise Refusal("ResourceNotFoundException", "The specified query definition does not exist.")
    return {"success": True}
