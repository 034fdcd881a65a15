"""Lines as a person reads them, and questions' answers."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._logs import lines, questions, table
from ansible_collections.railyard.fargate.plugins.module_utils._logs.follower import Line

REQUEST = {
    "time": "x",
    "level": "INFO",
    "request_id": "r-1",
    "method": "GET",
    "path": "/orders",
    "status": 200,
    "ms": 12.3,
    "release": "w:7",
}


def _line(message: str, group: str = "/shop/web", time: int = 1_780_000_000_123, late: bool = False) -> Line:
    return Line(time, "1", time, group, "web/web/3f2c1abbcc", message, late)


@pytest.mark.parametrize(
    ("message", "level", "text"),
    [
        (json.dumps(REQUEST), "INFO", "GET /orders 200 12.3 ms request_id=r-1"),
        (
            json.dumps({"level": "error", "message": "boom", "exception": {"class": "E", "message": "no"}, "a": [1]}),
            "ERROR",
            "boom E: no a=[1]",
        ),
        ('{"broken": ', "", '{"broken": '),
        ("[1, 2]", "", "[1, 2]"),
        ("plain text\n", "", "plain text"),
    ],
)
def test_json_is_readable(message: str, level: str, text: str) -> None:
    assert lines.readable(message) == (level, text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("a\rb\x00\x7f\x9b", "a␍b␀␡<U+009B>"),
        ("tab\tstays, ü too", "tab\tstays, ü too"),
        ("\u202eright to left", "<U+202E>right to left"),
    ],
)
def test_nothing_that_a_terminal_would_obey_reaches_it(text: str, shown: str) -> None:
    assert lines.visible(text) == shown
    for message in (text, json.dumps({"level": text, "message": text, text: text}, ensure_ascii=False)):
        rows = lines.Shown({"/shop/web": "web"}, UTC).rows(_line(message))
        assert not any(lines.UNSEEN.search(row) for row in rows)


def test_a_row_has_time_task_release_and_level() -> None:
    shown = lines.Shown({"/shop/web": "web", "/shop/worker": "worker"}, UTC)
    shown.releases["3f2c1abbcc"] = "#12"
    day, row = shown.rows(_line(json.dumps(REQUEST)))
    assert day == "Thursday 2026-05-28"
    assert row == "20:26:40.123  web/3f2c1a    #12  INFO  GET /orders 200 12.3 ms request_id=r-1"
    assert shown.rows(_line("two\nrows", late=True)) == ["20:26:40.123* web/3f2c1a    #12  two", "              rows"]
    assert "\x1b" not in row


def test_colours_and_width() -> None:
    shown = lines.Shown({"/shop/web": "web"}, UTC, colour=True, width=40)
    row = shown.rows(_line(json.dumps({"level": "ERROR", "message": "x" * 100})))[1]
    assert "\x1b[31mERROR\x1b[0m" in row
    assert len(row.replace("\x1b[31m", "").replace("\x1b[0m", "")) <= 50 and row.endswith("…")
    assert lines.Shown({}, UTC, raw=True).rows(_line('{"a": 1}'))[1].endswith('{"a": 1}')


def test_a_request_is_a_phrase_of_a_pattern() -> None:
    assert (lines.pattern('a"b', ""), lines.pattern("", "ERROR"), lines.pattern("", "")) == ('"a\\"b"', "ERROR", "")


RELEASES: list[dict[str, Any]] = [
    {"number": 3, "kind": "release", "status": "failed", "started_at": "2026-12-03T00:00:00+00:00", "task_definitions": {}},
    {
        "number": 2,
        "kind": "release",
        "status": "succeeded",
        "started_at": "2026-12-02T00:00:00+00:00",
        "task_definitions": {"web": "a/web:7"},
    },
    {
        "number": 1,
        "kind": "release",
        "status": "succeeded",
        "started_at": "2026-12-01T00:00:00+00:00",
        "task_definitions": {"web": "a/web:6"},
    },
]


def test_what_a_release_is_compared_with() -> None:
    assert questions.compared(RELEASES, 0) == ("2026-12-02T00:00:00+00:00", "2026-12-01T00:00:00+00:00", "")
    assert questions.of_release("arn:x/web:7", RELEASES) == "#2" and questions.of_release("web:9", RELEASES) == "web:9"
    for number, words in ((1, "first"), (3, "not succeeded"), (9, "not succeeded")):
        with pytest.raises(RailyardError, match=words):
            questions.compared(RELEASES, number)


def test_patterns_are_new_whatever_their_tokens_are_called() -> None:
    old = [{"@pattern": "order <Number-1> paid", "@sampleCount": "9"}]
    new = [
        {"@pattern": "order <*> paid", "@sampleCount": "5"},
        {"@pattern": "boom in <ID-1>", "@sampleCount": "2", "@severityLabel": "ERROR"},
        {"@pattern": "boom in <ID-2>", "@sampleCount": "3", "@severityLabel": "ERROR"},
    ]
    assert [(row["n"], row["severity"]) for row in questions.new_patterns(new, old)] == [("5", "ERROR")]


def test_saved_questions_have_their_log_groups() -> None:
    saved = questions.saved("shop-production", {"processes": ["/shop/production/web"]})
    assert [one["name"] for one in saved] == [f"shop-production/{name}" for name in questions.QUESTIONS if name != "slow_queries"]
    assert all(one["log_groups"] == ["/shop/production/web"] and len(one["query"]) <= 10_000 for one in saved)


def test_tables_and_csv() -> None:
    rows = [{"n": "3", "path": "/a\x1b[2J", "release": "#12"}, {"n": "12.3456", "path": "=cmd()"}]
    assert table.table(rows, ("n", "path", "release")) == "   n  path    release\n   3  /a␛[2J  #12\n12.3  =cmd()"
    assert table.comma_separated(rows) == "n,path,release\n3,/a\x1b[2J,#12\n12.3456,'=cmd(),\n"
    assert table.table([]) == ""


def test_times_and_releases_of_an_answer() -> None:
    rows = [{"last": "1780000000000", "release": "web:7"}, {"last": "2026-05-28 20:26:40.000", "first": "x"}]
    assert table.shaped(rows, RELEASES, UTC) == [
        {"last": "2026-05-28 20:26:40", "release": "#2"},
        {"last": "2026-05-28 20:26:40", "first": "x"},
    ]
