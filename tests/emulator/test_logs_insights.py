"""Logs Insights answers what AWS would."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from emulator.services.logs.insights import commands, records
from emulator.services.logs.insights.words import Malformed
from emulator.services.logs.store import Event, Group
from tests.support.emulated import Emulated

START = 1_780_000_000_000
LINES: list[dict[str, Any] | str] = [
    {"level": "INFO", "action": "orders#index", "status": 200, "ms": 10, "user": {"name": "Ann"}, "tags": ["a", "b"], "release": "web:1"},
    {"level": "INFO", "action": "orders#index", "status": 200, "ms": 30, "release": "web:2"},
    {"level": "INFO", "action": "orders#show", "status": 500, "ms": 200.5, "release": "web:2", "path": "/orders/1"},
    {"level": "ERROR", "message": "boom in order 17", "exception": {"class": "NoMethodError"}, "odd-name": "x"},
    {"level": "ERROR", "message": "boom in order 18", "exception": {"class": "NoMethodError"}},
    "GET /orders 200 17",
    'prefix {"inner": 1} and {"second": 2}',
]


def ask(query: str, lines: list[dict[str, Any] | str] | None = None) -> list[dict[str, str]]:
    group = Group("/shop/web", "arn", 0)
    texts = [line if isinstance(line, str) else json.dumps(line) for line in (LINES if lines is None else lines)]
    rows = [records.row("123456789012", group, "web/web/1", Event(START + number * 1000, text, START)) for number, text in enumerate(texts)]
    read = commands.read(query)
    found, _matched = commands.run(read, rows)
    return [{each["field"]: each["value"] for each in row if each["field"] != "@ptr"} for row in commands.answer(read, found)]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("fields action | filter status >= 500", [{"action": "orders#show"}]),
        ("filter status in [500, 404] | display path", [{"path": "/orders/1"}]),
        ("filter user.name = 'Ann' | fields tags.1 as tag", [{"tag": "b"}]),
        ("filter `odd-name` like /^X$/i | fields `odd-name`", [{"odd-name": "x"}]),
        ('filter @message like "17" and level = "ERROR" | fields exception.class', [{"exception.class": "NoMethodError"}]),
        ("filter ispresent(inner) | fields inner, second", [{"inner": "1"}]),
        ("fields ms * 2 + 1 as twice | filter twice > 400", [{"twice": "402"}]),
        ("stats count(*) as n by action | sort n desc, action | limit 1", [{"n": "4"}]),
        ("filter ispresent(ms) | stats count(*), avg(ms), min(ms), max(ms), sum(ms)", [
            {"count(*)": "3", "avg(ms)": "80.1667", "min(ms)": "10", "max(ms)": "200.5", "sum(ms)": "240.5"}]),
        ("filter ispresent(ms) | stats pct(ms, 50) as p50, pct(ms, 99) as p99 by action | sort p99 desc", [
            {"action": "orders#show", "p50": "200.5", "p99": "200.5"}, {"action": "orders#index", "p50": "10", "p99": "30"}]),
        ("stats count_distinct(release) as releases, latest(release) as last", [{"releases": "2", "last": "web:2"}]),
        ("filter ispresent(ms) | stats count(*) as n by bin(2s) | sort n desc | limit 1", [
            {"bin(2s)": "2026-05-28 20:26:40.000", "n": "2"}]),
        ("filter ispresent(ms) | stats count(*) as n by action | stats max(n) as most", [{"most": "2"}]),
        ('filter @message like /^GET/ | parse "GET * * *" as path, status, ms | display path, ms', [{"path": "/orders", "ms": "17"}]),
        ("parse @message /GET (?<path>\\S+) (?<code>\\d+)/ | filter code = 200 | display path", [{"path": "/orders"}]),
        ("filter ispresent(action) | sort @timestamp asc | dedup action | limit 5 | display ms", [{"ms": "10"}, {"ms": "200.5"}]),
        ("fields @timestamp | sort @timestamp asc | limit 1", [{"@timestamp": "2026-05-28 20:26:40.000"}]),
        ("filter not ispresent(level) and @message not like 'prefix' | fields strlen(@message) as long", [{"long": "18"}]),
        ("filter level='ERROR' | fields coalesce(nothing, message) as m | sort m | limit 1", [{"m": "boom in order 17"}]),
        ("stats count(*) as n | filter n > 100", []),
    ],
)  # fmt: skip
def test_queries(query: str, rows: list[dict[str, str]]) -> None:
    assert ask(query) == rows


def test_json_within_a_text_is_parsed() -> None:
    lines: list[dict[str, Any] | str] = [{"body": json.dumps({"a": 1, "b": "x"})}]
    assert ask("fields jsonParse(body) as inner | filter inner.a = 1 | display inner.b", lines) == [{"inner.b": "x"}]


def test_patterns_are_grouped() -> None:
    found = ask("filter level = 'ERROR' | pattern message")
    assert [(row["@pattern"], row["@sampleCount"], row["@severityLabel"]) for row in found] == [("boom in order <Number-1>", "2", "NONE")]


@pytest.mark.parametrize(
    ("query", "start", "words"),
    [
        ("filtr a = 1", 0, "unexpected symbol found filtr at line 1 and position 1"),
        ("fields a\n| stats sums(a)", 17, "unexpected symbol found sums at line 2 and position 9"),
        ("filter a = ", 11, "unexpected end of query"),
        ("fields a |", 10, "unexpected end of query"),
        ("stats count(*) by a | stats count(*) | stats count(*)", 39, "two stats"),
        ("dedup a | fields b", 10, "only limit"),
        ("filter a like /(/", 14, "regular expression"),
        ("parse '* *' as a", 6, "2 wildcards and 1 names"),
        ("limit 0", 6, "limit"),
    ],
)  # fmt: skip
def test_what_is_no_query(query: str, start: int, words: str) -> None:
    with pytest.raises(Malformed, match=words) as error:
        commands.read(query)
    assert error.value.start == start


def test_a_query_from_its_start_to_its_end(emulated: Emulated) -> None:
    logs = emulated.client("logs")
    logs.create_log_group(logGroupName="/shop/web")
    logs.create_log_stream(logGroupName="/shop/web", logStreamName="web/web/1")
    now = int(time.time())
    events = [{"timestamp": now * 1000 - 60_000 + number, "message": json.dumps({"n": number})} for number in range(40)]
    logs.put_log_events(logGroupName="/shop/web", logStreamName="web/web/1", logEvents=events)
    which = {"logGroupNames": ["/shop/web"], "startTime": now - 3600, "endTime": now}
    asked = logs.start_query(**which, queryString="fields n | sort n asc")["queryId"]
    first = logs.get_query_results(queryId=asked)
    assert (first["status"], first["results"]) == ("Scheduled", []) or first["status"] in ("Running", "Complete")
    emulated.advance(5)
    done = logs.get_query_results(queryId=asked)
    assert (done["status"], len(done["results"]), done["statistics"]["recordsMatched"]) == ("Complete", 40, 40.0)
    assert [each["field"] for each in done["results"][0]] == ["n", "@ptr"]
    assert done["statistics"]["bytesScanned"] == sum(len(event["message"]) for event in events)
    page = logs.get_query_results(queryId=asked, maxItems=30)
    assert len(logs.get_query_results(queryId=asked, maxItems=30, nextToken=page["nextToken"])["results"]) == 10
    assert emulated.refused("logs", "stop_query", queryId=asked)[0] == "InvalidParameterException"
    assert [each["status"] for each in logs.describe_queries(logGroupName="/shop/web")["queries"]] == ["Complete"]


def test_what_a_query_is_refused_for(emulated: Emulated) -> None:
    logs = emulated.client("logs")
    logs.create_log_group(logGroupName="/shop/web")
    now = int(time.time()) + 60
    good = {"logGroupName": "/shop/web", "startTime": now - 60, "endTime": now, "queryString": "fields a"}
    assert emulated.refused("logs", "start_query", **{**good, "logGroupName": "/no"})[0] == "ResourceNotFoundException"
    assert emulated.refused("logs", "start_query", **good, logGroupNames=["/shop/web"])[0] == "InvalidParameterException"
    assert emulated.refused("logs", "start_query", **{**good, "startTime": now + 1})[0] == "InvalidParameterException"
    assert "creation time" in emulated.refused("logs", "start_query", **{**good, "startTime": 1, "endTime": 2})[1]
    assert emulated.refused("logs", "get_query_results", queryId="no")[0] == "ResourceNotFoundException"
    with pytest.raises(logs.exceptions.MalformedQueryException) as error:
        logs.start_query(**{**good, "queryString": "fields a | filtr b"})
    details = error.value.response["queryCompileError"]
    assert details["location"] == {"startCharOffset": 11, "endCharOffset": 16}
    for _number in range(100):
        logs.start_query(**good)
    # Those that have ended count no more.
    emulated.advance(5)
    logs.start_query(**good)
