"""playbooks/logs.yml, as typed."""

from __future__ import annotations

import json
import re
import time

import pytest

from tests.support.emulated import Emulated
from tests.support.playbooks import Played, begin, play

from .conftest import Made

LOGS = "playbooks/logs.yml"


@pytest.fixture(scope="module")
def shop(made: Made) -> Emulated:
    emulated = made()
    write(emulated, "web", [{"level": "INFO", "status": 200, "ms": 5, "action": "orders#index", "request_id": "r-1"}, "plain \x1b[31mred"])
    write(emulated, "worker", [{"level": "ERROR", "message": "boom", "request_id": "r-1", "exception": {"class": "E", "message": "m"}}])
    return emulated


def write(emulated: Emulated, process: str, messages: list[dict[str, object] | str]) -> None:
    logs, place = emulated.client("logs"), {"logGroupName": f"/shop/local/{process}", "logStreamName": f"{process}/{process}/3f2c1abbccdd"}
    emulated.refused("logs", "create_log_stream", **place)
    now = int(time.time() * 1000)
    texts = [each if isinstance(each, str) else json.dumps(each) for each in messages]
    logs.put_log_events(**place, logEvents=[{"timestamp": now + number, "message": text} for number, text in enumerate(texts)])


def typed(emulated: Emulated, *words: str) -> Played:
    played = play(emulated, LOGS, *[part for word in words for part in ("-e", word)])
    assert played.code == 0 and not re.search(r"\x1b\[31mred", played.output), played.output
    return played


def test_lines_of_a_time_of_all_processes(shop: Emulated) -> None:
    output = typed(shop, "since=1h").output
    assert re.search(r"Lines of web, worker, run since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d (UTC|[+-])", output)
    assert re.search(r"web/3f2c1a +INFO +200 5 ms action=orders#index request_id=r-1", output)
    assert "plain ␛[31mred" in output and re.search(r"worker/3f2c1a +ERROR boom E: m", output) and "3 lines." in output


def test_one_process_one_request_one_task(shop: Emulated) -> None:
    assert "2 lines." in typed(shop, "since=1h", "process=web").output
    assert "2 lines." in typed(shop, "request=r-1").output
    assert "3 lines." in typed(shop, "task=3f2c", "since=1h").output
    refused = play(shop, LOGS, "-e", "process=wob", "-e", "since=1h")
    assert refused.code != 0 and "there is no process wob; there are web, worker, run, console" in refused.output
    refused = play(shop, LOGS, "-e", "since=soon")
    assert refused.code != 0 and "is no time; times are like 10m" in refused.output


def test_json_lines_into_a_file(shop: Emulated, tmp_path: object) -> None:
    typed(shop, "since=1h", "format=json", f"output={tmp_path}/lines.json")
    with open(f"{tmp_path}/lines.json") as file:
        found = [json.loads(line) for line in file]
    assert [(each["process"], each["task"]) for each in found] == [("web", "3f2c1abbccdd")] * 2 + [("worker", "3f2c1abbccdd")]


def test_questions_as_table_json_and_csv(shop: Emulated) -> None:
    output = typed(shop, "question=slowest").output
    assert re.search(r"orders#index +1 +5 +5 +5 +5", output) and "1 line matched" in output and "less than $0.0001" in output
    assert json.loads(typed(shop, "question=exceptions", "format=json").output)["rows"][0]["exception.class"] == "E"
    assert (
        "n,exception.class,action" in typed(shop, "question=exceptions", "format=csv").output
        or "n,exception.class" in typed(shop, "question=exceptions", "format=csv").output
    )


def test_lines_are_followed_until_somebody_ends_it(shop: Emulated) -> None:
    playing = begin(shop, LOGS)
    assert playing.process.stdout is not None
    seen, until = "", time.monotonic() + 60
    while "Ctrl-C ends it" not in seen and time.monotonic() < until:
        seen += playing.process.stdout.readline()
    write(shop, "web", ["while it is followed"])
    while "while it is followed" not in seen and time.monotonic() < until:
        seen += playing.process.stdout.readline()
    playing.process.send_signal(2)
    rest = playing.end()
    assert rest.code == 0 and seen.count("while it is followed") == 1 and "lines." in rest.output, seen + rest.output
