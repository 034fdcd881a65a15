"""Targets, deployments and scaling: what is said by AWS's reasons, and how all of it is shown."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._ecs import deployment
from ansible_collections.railyard.fargate.plugins.module_utils._why import deployments, scaling, screen, targets
from ansible_collections.railyard.fargate.plugins.module_utils._why.findings import Finding, finding

MISMATCH, CODES = "Target.ResponseCodeMismatch", "Health checks failed with these codes: [{}]"
HEALTH: list[tuple[str, str, str]] = [
    (MISMATCH, CODES.format(301), "redirect, mostly one to HTTPS"),
    (MISMATCH, CODES.format(302), "redirect, mostly one to HTTPS"),
    (MISMATCH, CODES.format(403), "config.hosts"),
    (MISMATCH, CODES.format(404), "no such path"),
    (MISMATCH, CODES.format(401), "asks for a password"),
    (MISMATCH, CODES.format(422), "refuses the request"),
    (MISMATCH, CODES.format(503), "not ready"),
    (MISMATCH, CODES.format(500), "fails at the health path"),
    ("Target.FailedHealthChecks", "Health checks failed", "nobody listens at the port"),
    ("Target.Timeout", "Request timed out", "a security group does not let the load balancer in"),
    ("Target.SomethingNew", "Something new", ""),
]


@pytest.mark.parametrize(("reason", "description", "words"), HEALTH)
def test_an_unhealthy_target_is_told_by_what_it_answered(reason: str, description: str, words: str) -> None:
    target = {
        "Target": {"Id": "10.0.0.5", "Port": 3000},
        "TargetHealth": {"State": "unhealthy", "Reason": reason, "Description": description},
    }
    found = targets.said("shop-blue", 100, [target, target])
    assert found["what"] == "2 targets are unhealthy in shop-blue, which gets 100 % of the traffic (port 3000)"
    assert words in found["hint"] and bool(found["hint"]) == bool(words) and found["words"] == [f"{reason}: {description}"]


GOING: Any = {"definition": "shop-web:7", "status": "preparing", "progress": "preparing: 0 of 2 healthy"}
EVENTS: list[tuple[str, list[str], str, str]] = [
    ("ready", [], "for a person", deployments.GO_ON),
    ("shifting", [], "goes on by itself", "playbooks/deployment.yml"),
    ("waiting", [], "goes on by itself", "playbooks/deployment.yml"),
    ("preparing", [], "nothing says that they cannot", "playbooks/deployment.yml"),
    ("preparing", ["(service web) was unable to place a task."], "no room", deployments.BACK),
    (
        "preparing",
        ["steady state", "(service web) is unable to consistently start tasks successfully."],
        "again and again",
        deployments.BACK,
    ),
    ("preparing", ["(task 1) is unhealthy in (target-group blue) due to (reason 301)"], "targets are unhealthy", deployments.BACK),
]


@pytest.mark.parametrize(("status", "events", "words", "following"), EVENTS)
def test_a_deployment_in_flight_is_stuck_or_not(status: str, events: list[str], words: str, following: str) -> None:
    found = deployments.stuck({**GOING, "status": status}, events)
    assert words in found["hint"] and found["next"] == following and found["words"] == events[-1:]


FAILED: list[tuple[str, str]] = [
    ("ALARM_ACTIVE: One or more alarms have been activated", "an alarm has stopped it"),
    ("MANUAL_STOP: stopped by a user", "somebody has stopped it"),
    ("IAM_ROLE_PERMISSIONS: not authorized to perform ecs:CreateTaskSet", "the role of the deployment"),
    ("ECS_UPDATE_ERROR: Primary taskset target group must be behind listener", "sends elsewhere"),
    ("The deployment timed out while waiting for the replacement task set to become healthy.", "never healthy"),
    ("tasks failed to start; deployment circuit breaker", "never healthy"),
    ("something new", ""),
]


@pytest.mark.parametrize(("reason", "words"), FAILED)
def test_the_last_deployment_failed_for_a_reason(reason: str, words: str) -> None:
    last = deployment.shape(
        "codedeploy", status="rolled_back", status_reason=reason, task_definition="arn:x/shop-web:7", created_at="2026-12-01"
    )
    found = deployments.failed(last)
    assert "shop-web:7, rolled back" in found["what"] and words in found["hint"] and found["words"] == [reason]


def test_an_alarm_that_is_on_stops_what_begins_or_is_not_watched() -> None:
    (codedeploy,), (ecs,) = deployments.alarmed("codedeploy", ["shop-5xx"], False), deployments.alarmed("ecs", ["shop-5xx"], False)
    assert "CodeDeploy fails every deployment" in codedeploy["hint"] and "watches no alarm" in ecs["hint"]
    assert deployments.alarmed("ecs", [], False) == deployments.alarmed("ecs", ["shop-5xx"], True) == []


SCALED: Any = {"process": "web", "min": 2, "max": 4, "desired": 3, "suspended": False, "activities": []}
HIGH, LOW = "TargetTracking-service/shop/web-AlarmHigh-1", "TargetTracking-service/shop/web-AlarmLow-1"
USED, OK, RAISED = {"cpu": [HIGH, LOW]}, {HIGH: "OK", LOW: "ALARM"}, {HIGH: "ALARM", LOW: "OK"}
NO_DATA = {HIGH: "INSUFFICIENT_DATA", LOW: "INSUFFICIENT_DATA"}
DID: Any = {"cause": "alarm", "message": "words", "not_scaled": [], "status": "Successful"}
WHY_NOT: list[tuple[str, dict[str, Any], dict[str, list[str]], dict[str, str], bool, str, str]] = [
    ("nothing", {}, USED, OK, False, "", ""),
    ("suspended by a release", {"suspended": True}, USED, RAISED, True, "suspended", ""),
    ("left suspended", {"suspended": True}, USED, OK, False, "suspended", "playbooks/repair.yml"),
    ("at its upper bound", {"desired": 4}, USED, RAISED, False, "upper bound, and cpu asks for more (4 of 2..4 tasks)", "site.yml"),
    ("on its way", {}, USED, RAISED, False, "", ""),
    ("while somebody releases", {}, USED, RAISED, True, "asks for more", ""),
    (
        "AWS failed",
        {"activities": [{**DID, "status": "Failed"}]},
        USED,
        RAISED,
        False,
        "the last scaling of web failed",
        "playbooks/status.yml",
    ),
    ("AWS did not", {"activities": [{**DID, "not_scaled": ["it would be raised again at once"]}]}, USED, OK, False, "raised again", ""),
    ("no policy", {}, {}, {}, False, "no scaling policy", "site.yml"),
    ("no policy, and one size", {"min": 2, "max": 2}, {}, {}, False, "", ""),
    ("no data", {}, USED, NO_DATA, False, "cpu of web has no data", "site.yml"),
    ("one policy has data", {}, {"cpu": [HIGH], "requests": ["TargetTracking-r-AlarmHigh-2"]}, OK, False, "", ""),
    ("its alarms are gone", {}, USED, {}, False, "has no data", "site.yml"),
]


@pytest.mark.parametrize(
    ("changes", "used", "states", "releasing", "what", "following"), [case[1:] for case in WHY_NOT], ids=[case[0] for case in WHY_NOT]
)
def test_why_nothing_scales(
    changes: dict[str, Any], used: dict[str, list[str]], states: dict[str, str], releasing: bool, what: str, following: str
) -> None:
    found = scaling.why({**SCALED, **changes}, used, states, releasing)
    assert (found is None) == (what == "")
    if found:
        assert what in found["what"] and found["next"] == following, found


def test_the_screen_has_words_lines_help_and_commands_and_no_more() -> None:
    one = finding(
        "task", "web", "a task of web stopped", ["Essential container in task exited"], "a secret is not stored; playbooks/secret.yml"
    )
    told: Finding = {**one, "lines": ["boom \x1b[31mred", "x" * 300]}
    text = screen.text("shop production", [told], {"scaling": "AccessDenied: " + "no " * 60}, ["task", "target", "scaling"])
    assert "AWS: Essential container" in text and "    | boom red" in text and "cannot be read: AccessDenied" in text
    assert "  no target is unhealthy" in text and text.endswith("Next:\n  playbooks/secret.yml")
    assert max(len(line) for line in text.splitlines()) <= 118 and "\x1b" not in text and "deployment" not in text
