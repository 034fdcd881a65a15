"""What is wrong with an environment, and how bad it is."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._status import health
from ansible_collections.railyard.fargate.plugins.module_utils._status.parts import Part

GIB = 1024**3


def group(name: str, weight: int, **targets: int) -> dict[str, Any]:
    return {"name": name, "arn": name, "weight": weight, "targets": targets, "reasons": ["Health checks failed with these codes: [301]"]}


def service(name: str, desired: int, running: int) -> dict[str, Any]:
    return {"name": name, "desired": desired, "running": running, "pending": 0, "runs": []}


FLOOR = {"min": 4, "before": 2, "until": "2026-12-01T18:00:00+00:00", "requested_by": "deborah"}
SCALED = {"process": "web", "suspended": False, "floor": None, "floor_holds": False}
GOOD: dict[str, Any] = {
    "services": [service("web", 2, 2), service("worker", 1, 1)],
    "load_balancer": {"groups": [group("blue", 100, healthy=2), group("green", 0)], "answers": None, "maintenance": None},
    "pipeline": None,
    "deployment": None,
    "alarms": [{"name": "shop-5xx", "state": "OK", "reason": ""}],
    "scaling": [SCALED],
    "database": {"status": "available", "storage": 20, "free_bytes": 15.0 * GIB},
    "releases": [],
    "lock": None,
    "consoles": [],
    "certificates": [{"domain": "shop.example.com", "status": "ISSUED", "days": 200, "renewal": None}],
}
BALANCER = GOOD["load_balancer"]
RED = {"name": "shop-5xx", "state": "ALARM", "reason": "Threshold Crossed"}
GONE = {"alive": False, "status": "stale", "requested_by": "deborah", "reason": "releasing 2"}
BACK = {"rollback": True, "progress": "rolling_back"}


def parts(**changes: Any) -> dict[str, Part]:
    return {name: {"state": "read", "reason": None, "found": found} for name, found in {**GOOD, **changes}.items()}


CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("all is well", {}, "healthy", ""),
    ("nobody answers", {"load_balancer": {**BALANCER, "groups": [group("blue", 100, unhealthy=2), group("green", 0)]}}, "down", "why.yml"),
    (
        "the idle group does not count",
        {"load_balancer": {**BALANCER, "groups": [*BALANCER["groups"][:1], group("green", 0, unhealthy=2)]}},
        "healthy",
        "",
    ),
    (
        "healthy tasks without traffic",
        {"load_balancer": {**BALANCER, "groups": [group("blue", 100), group("green", 0, healthy=2)]}},
        "down",
        "why.yml",
    ),
    (
        "before the first release",
        {"services": [service("web", 0, 0)], "load_balancer": {**BALANCER, "groups": [group("blue", 100), group("green", 0)]}},
        "down",
        "deploy.yml",
    ),
    (
        "one target is unhealthy",
        {"load_balancer": {**BALANCER, "groups": [group("blue", 100, healthy=1, unhealthy=1)]}},
        "degraded",
        "why.yml",
    ),
    ("the page is shown", {"load_balancer": {**BALANCER, "maintenance": "arn"}}, "degraded", "maintenance.yml"),
    ("the listener does something else", {"load_balancer": {**BALANCER, "answers": "redirects"}}, "degraded", "repair.yml"),
    ("a worker lacks", {"services": [service("web", 2, 2), service("worker", 1, 0)]}, "degraded", "why.yml"),
    (
        "web lacks a task while it is deployed",
        {"services": [service("web", 4, 2)], "deployment": {**BACK, "rollback": False}},
        "healthy",
        "",
    ),
    ("a deployment goes back", {"deployment": BACK}, "degraded", "deployment.yml"),
    ("an alarm", {"alarms": [RED]}, "degraded", ""),
    ("scaling was left suspended", {"scaling": [{**SCALED, "suspended": True}]}, "degraded", "repair.yml"),
    ("scaling is suspended by a release", {"scaling": [{**SCALED, "suspended": True}], "lock": {"alive": True}}, "healthy", ""),
    ("a floor holds", {"scaling": [{**SCALED, "floor": FLOOR, "floor_holds": True}]}, "healthy", ""),
    ("a floor has not ended", {"scaling": [{**SCALED, "floor": FLOOR}]}, "degraded", "until=now"),
    ("the database is stopped", {"database": {"status": "stopped", "storage": 20, "free_bytes": None}}, "degraded", ""),
    ("its storage ends", {"database": {"status": "available", "storage": 20, "free_bytes": 1.0 * GIB}}, "degraded", ""),
    ("a certificate ends", {"certificates": [{"domain": "a", "status": "ISSUED", "days": 13}]}, "degraded", ""),
    ("a certificate is not issued", {"certificates": [{"domain": "a", "status": "PENDING_VALIDATION", "days": None}]}, "degraded", ""),
    ("a holder is gone", {"lock": GONE}, "degraded", "unlock.yml"),
    ("a lock that was taken from its holder", {"lock": {**GONE, "status": "abandoned"}}, "healthy", ""),
]


@pytest.mark.parametrize(("changes", "worst", "following"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_worst_counts_and_has_its_command(changes: dict[str, Any], worst: str, following: str) -> None:
    found, problems = health.judge(parts(**changes))
    assert found == worst and len(problems) == (worst != "healthy"), problems
    assert all(following in problem["next"] for problem in problems)


def test_what_cannot_be_read_is_not_healthy_and_the_rest_is_still_told() -> None:
    known = parts(alarms=[RED])
    known["services"] = {"state": "unreadable", "reason": "AccessDenied", "found": None}
    found, problems = health.judge(known)
    assert found == "unknown" and any("alarm shop-5xx" in problem["what"] for problem in problems)


def test_what_was_not_made_is_down() -> None:
    known = parts()
    known["services"] = {"state": "absent", "reason": "site.yml makes it", "found": None}
    found, (problem, *_more) = health.judge(known)
    assert found == "down" and problem["next"] == "site.yml"
