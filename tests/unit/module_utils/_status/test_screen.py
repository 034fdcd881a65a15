"""The screen: what is read in which words, and that it stays within its width."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._status import screen
from ansible_collections.railyard.fargate.plugins.module_utils._status.parts import Part

from .test_health import FLOOR, GIB, GONE, GOOD, RED, SCALED

SINCE = "2026-12-01T10:12:00+00:00"
RECORD = {
    "number": 7,
    "kind": "release",
    "commit": "0a1b2c3d4e5f",
    "digest": None,
    "started_at": SINCE,
    "requested_by": "deborah",
    "status": "failed",
    "result": "a task\nstopped",
    "task_definitions": {"web": "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-web:7"},
}
RUNS = [
    {"definition": "shop-web:7", "primary": True, "desired": 2, "running": 2, "pending": 0},
    {"definition": "shop-web:6", "primary": False, "desired": 2, "running": 1, "pending": 1},
]
WEB = {"name": "web", "engine": "codedeploy", "desired": 2, "running": 3, "pending": 1, "runs": RUNS}
MORE: dict[str, Any] = {"min": 2, "max": 4, "desired": 4, "reason": "", "activities": [], "policies": []}
DATABASE = {
    **{"status": "available", "engine": "postgres 17.7", "instance_class": "db.t4g.micro", "storage": 20, "max_storage": 100},
    **{"free_bytes": 15.25 * GIB, "connections": 12.0, "cpu_percent": 7.4, "pending": ["instance class becomes db.t4g.small"]},
}
WAITS = [{"name": "hook AfterInstall", "until": "2026-12-01T11:12:00+00:00", "then": "it fails"}]
IN_FLIGHT = {
    **{"deployment_id": "d-1", "status": "shifting", "progress": "shifting: 10 % on the new tasks, 2 of 2 healthy"},
    **{"definition": "shop-web:7", "created_at": SINCE, "rollback": False, "waits": WAITS},
}
PIPELINE = {
    **{"status": "Failed", "stage": "Build", "commit": "0a1b2c3d4e5f60", "message": "Red \x1b[31mletters\x1b[0m", "started_at": SINCE},
    "waits": "Approval, Approve",
}


def shown(health: str = "healthy", problems: list[dict[str, str]] | None = None, **changes: Any) -> str:
    parts = {
        name: part if _is_part(part) else {"state": "read", "reason": None, "found": part} for name, part in {**BASE, **changes}.items()
    }
    status = {"health": health, "problems": problems or [], "at": "2026-12-01T10:13:00+00:00", "seconds": 0.4, "parts": parts}
    return screen.text("shop production", status)


def _is_part(value: Any) -> bool:
    return isinstance(value, dict) and value.get("state") in ("absent", "unreadable")


BASE: dict[str, Any] = {**GOOD, "services": [WEB], "scaling": [{**SCALED, **MORE}], "database": DATABASE, "releases": [RECORD]}
DENIED: Part = {"state": "unreadable", "reason": "DescribeAlarms: AccessDenied: User: arn is not authorized", "found": None}
ABSENT: Part = {"state": "absent", "reason": "site.yml makes it", "found": None}

CASES: list[tuple[str, dict[str, Any], str]] = [
    ("tasks by release", {}, "web  3 of 2 running, 1 pending  2 of release 7 (shop-web:7), 1 of shop-web:6"),
    ("database", {}, "available, postgres 17.7, db.t4g.micro, 15.2 of 20 GiB free (up to 100), 12 connections, 7 % CPU"),
    ("what is pending", {}, "pending: instance class becomes db.t4g.small"),
    ("a release that failed", {}, "release 7, 0a1b2c3d4e5f, 2026-12-01 10:12 UTC, deborah, failed: a task stopped"),
    ("no deployment", {}, "deployment    none in flight"),
    ("deployment", {"deployment": IN_FLIGHT}, "deployment    shifting: 10 % on the new tasks, 2 of 2 healthy"),
    ("whose deployment", {"deployment": IN_FLIGHT}, "since 2026-12-01 10:12 UTC, release 7 (shop-web:7), d-1"),
    ("what it waits for", {"deployment": IN_FLIGHT}, "waits for hook AfterInstall, until 2026-12-01 11:12 UTC: then it fails"),
    ("pipeline without its colours", {"pipeline": PIPELINE}, "Failed in Build, 2026-12-01 10:12 UTC, commit 0a1b2c3d4e5f Red letters"),
    ("who is waited for", {"pipeline": PIPELINE}, "Approval, Approve waits for a person"),
    ("an alarm", {"alarms": [{**RED, "since": SINCE, "acts": False}]}, "shop-5xx since 2026-12-01 10:12 UTC: Threshold Crossed"),
    (
        "a floor",
        {"scaling": [{**SCALED, **MORE, "floor": FLOOR, "floor_holds": True}]},
        "at least 4 until 2026-12-01 18:00 UTC, by deborah; was 2",
    ),
    ("a holder that is gone", {"lock": {**GONE, "since": SINCE}}, "deborah, releasing 2, since 2026-12-01 10:12 UTC, and is gone"),
    ("not made", {"alarms": ABSENT}, "alarms        not made: site.yml makes it"),
    ("denied", {"alarms": DENIED}, "alarms        cannot be read: DescribeAlarms: AccessDenied"),
    ("cost", {}, "cost          not read here: Cost Explorer charges for each request."),
]


@pytest.mark.parametrize(("changes", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_subject_is_a_line(changes: dict[str, Any], words: str) -> None:
    alarms = [{**GOOD["alarms"][0], "since": None, "acts": True}]
    text = shown(**{"alarms": alarms, **changes})
    assert words in text, text
    assert max(len(line) for line in text.splitlines()) <= 120 and "\x1b" not in text


def test_what_is_wrong_comes_first_and_its_command_last() -> None:
    wrong = [{"health": "down", "what": "no target that gets traffic is healthy", "next": "playbooks/why.yml"}]
    lines = shown("down", wrong, alarms=[]).splitlines()
    assert lines[:2] == ["shop production: DOWN", "  down      no target that gets traffic is healthy"]
    assert lines[-2:] == ["Next:", "  playbooks/why.yml"]
