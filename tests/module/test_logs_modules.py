"""logs_events_info, logs_query and logs_saved_query against the emulated CloudWatch Logs."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.support.emulated import Emulated
from tests.support.names import option
from tests.support.walk import differences

GROUP = "/shop/production/web"
REQUESTS = [
    {"status": 200, "ms": 10, "action": "orders#index", "path": "/orders", "release": "web:6"},
    {
        "status": 500,
        "ms": 90,
        "action": "orders#show",
        "path": "/orders/1",
        "release": "web:7",
        "exception": {"class": "E", "message": "m"},
    },
    {"status": 200, "ms": 30, "action": "orders#index", "path": "/orders", "release": "web:7"},
]
RELEASES = [{"number": 12, "task_definitions": {"web": "arn:aws:ecs:eu-west-1:1:task-definition/web:7"}}]


@pytest.fixture
def filled(emulated: Emulated) -> Emulated:
    logs = emulated.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="web/web/3f2c1a")
    now = int(time.time() * 1000) - 60_000
    events = [{"timestamp": now + number, "message": json.dumps(each)} for number, each in enumerate(REQUESTS)]
    logs.put_log_events(logGroupName=GROUP, logStreamName="web/web/3f2c1a", logEvents=events)
    return emulated


def test_lines_of_a_time(filled: Emulated) -> None:
    found = filled.run("logs_events_info", log_groups=[GROUP, "/not/there"], pattern="{ $.status = 500 }")
    assert differences("logs_events_info", found) == [] and not found["changed"]
    event = found["events"][0]
    assert (len(found["events"]), event["process"], event["task"], event["fields"]["ms"]) == (1, "web", "3f2c1a", 90)
    assert filled.run("logs_events_info", log_groups=[GROUP], limit=2)["more"]
    assert "no time" in filled.run("logs_events_info", log_groups=[GROUP], since="soon")["msg"]
    assert "pattern" in filled.run("logs_events_info", log_groups=[GROUP], pattern="{ $.a = ")["msg"]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("5xx", {"n": "1", "status": "500", "path": "/orders/1", "release": "#12"}),
        ("slowest", {"action": "orders#show", "n": "1", "p95": "90"}),
        ("exceptions", {"exception.class": "E", "action": "orders#show", "message": "m"}),
        ("by_release", {"release": "#12", "n": "2", "errors": "1"}),
    ],
)
def test_questions(filled: Emulated, question: str, first: dict[str, str]) -> None:
    found = filled.run("logs_query", question=question, log_groups=[GROUP], releases=RELEASES)
    assert differences("logs_query", found) == [] and first.items() <= found["rows"][0].items(), found
    assert found["bytes_scanned"] == sum(len(json.dumps(each)) for each in REQUESTS)


def test_a_query_of_ones_own(filled: Emulated) -> None:
    found = filled.run("logs_query", query="stats count(*) as n by status | sort n desc", log_groups=[GROUP])
    assert (found["rows"][0], found["columns"]) == ({"status": "200", "n": "2"}, ["status", "n"])
    wrong = filled.run("logs_query", query="filtr a", log_groups=[GROUP])
    assert wrong["failed"] and "unexpected symbol found filtr at line 1 and position 1" in wrong["msg"]
    assert "not there" in filled.run("logs_query", query="limit 1", log_groups=["/not/there"])["msg"]
    # A time before there was anything is no error.
    assert filled.run("logs_query", query="limit 1", log_groups=[GROUP], since="3d", to="2d")["rows"] == []


def test_saved_queries_check_create_again_change_delete(emulated: Emulated) -> None:
    logs = emulated.client("logs")
    mine = {"name": "shop-production/mine", "query": "fields a", "log_groups": ["/b", "/a"]}

    def run(check: bool = False, **given: Any) -> dict[str, Any]:
        return emulated.run("logs_saved_query", check=check, **{"queries": [mine], **given})

    assert run(check=True)["changed"] and not emulated.writes()
    created = run()
    assert created["changed"] and differences("logs_saved_query", created) == []
    assert not run()["changed"]
    # AWS takes a second one of the same name.
    logs.put_query_definition(name=mine["name"], queryString="fields b")
    assert run()["changed"] and len(logs.describe_query_definitions()["queryDefinitions"]) == 1
    changed = run(queries=[{**mine, "query": "fields c"}])
    assert changed["diff"]["before"]["queries"][0]["query"] == "fields a"
    assert changed["queries"][0]["query_definition_id"] == created["queries"][0]["query_definition_id"]
    logs.put_query_definition(name="other", queryString="fields b")
    own = run(queries=[], environment_names=option(environment="production"), purge_prefix="shop-production/")
    assert [one["name"].partition("/")[2] for one in own["queries"]] == sorted(one["name"].partition("/")[2] for one in own["queries"])
    assert (
        len(own["queries"]) == 6
        and not run(queries=[], environment_names=option(environment="production"), purge_prefix="shop-production/")["changed"]
    )
    assert run(state="absent", queries=[], purge_prefix="shop-production/")["changed"]
    assert [one["name"] for one in logs.describe_query_definitions()["queryDefinitions"]] == ["other"]
