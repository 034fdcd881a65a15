"""A build, and the lines that say why it failed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._codebuild import build, build_log, cost, running

BEGIN = datetime(2026, 11, 30, 12, tzinfo=UTC)
AT = "[Container] 2026/11/30 12:00:00.123456 "
LOG = [
    f"{AT}Entering phase INSTALL",
    f"{AT}Phase complete: INSTALL State: SUCCEEDED",
    f"{AT}Entering phase BUILD",
    f"{AT}Running command bundle install",
    "Could not find gem 'none'",
    *[f"\tfrom /usr/lib/ruby/x.rb:{number}:in 'call'" for number in range(30)],
    f"{AT}Command did not exit successfully bundle install exit status 7",
    f"{AT}Phase complete: BUILD State: FAILED",
    f"{AT}Phase context status code: COMMAND_EXECUTION_ERROR Message: Error while executing command: bundle install.",
    f"{AT}Entering phase POST_BUILD",
    "no matching artifact paths found",
]


def test_the_lines_of_the_phase_that_failed() -> None:
    assert build_log.failing(LOG) == [
        "Running command bundle install",
        "Could not find gem 'none'",
        "Command did not exit successfully bundle install exit status 7",
    ]
    assert build_log.failing(["one", "two", "three"], 2) == ["two", "three"]
    assert build_log.failing([]) == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("\x1b[31mred\x1b[0m\n", ["red"]),
        ("\x1b]0;title\x07text", ["text"]),
        ("10 %\r50 %\r100 %\n", ["100 %"]),
        ("a\r\nb\r\n", ["a", "b"]),
        ("bell\x07 and \x1b(Bmore", ["bell and more"]),
        ("tab\tstays", ["tab\tstays"]),
    ],
)
def test_nothing_for_terminals_is_left(text: str, lines: list[str]) -> None:
    assert build_log.clean(text) == lines


def test_the_place_of_a_stream() -> None:
    arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/codepipeline/shop:log-stream:a/b"
    assert build_log.place_of(arn) == {"logGroupName": "/aws/codepipeline/shop", "logStreamName": "a/b"}
    assert build_log.place_of("") is None and build_log.place_of(arn.partition(":log-stream")[0]) is None


def phase(name: str, status: str, seconds: int, **context: str) -> dict[str, Any]:
    return {"phaseType": name, "phaseStatus": status, "durationInSeconds": seconds, "contexts": [context] if context else []}


def answered(**more: Any) -> dict[str, Any]:
    return {
        "id": "shop:1",
        "arn": "arn:aws:codebuild:eu-west-1:123456789012:build/shop:1",
        "projectName": "shop",
        "buildStatus": "FAILED",
        "currentPhase": "COMPLETED",
        "startTime": BEGIN,
        "endTime": BEGIN + timedelta(seconds=61),
        "environment": {"type": "LINUX_CONTAINER", "computeType": "BUILD_GENERAL1_MEDIUM"},
        "logs": {"groupName": "/aws/codebuild/shop", "streamName": "1"},
        "phases": [
            phase("PROVISIONING", "SUCCEEDED", 8, statusCode="", message=""),
            phase("BUILD", "FAILED", 42, statusCode="COMMAND_EXECUTION_ERROR", message="Error while executing command: false"),
            phase("UPLOAD_ARTIFACTS", "FAILED", 1, statusCode="CLIENT_ERROR", message="no matching artifact paths found"),
            {"phaseType": "COMPLETED"},
        ],
        **more,
    }


def test_a_build_that_failed_names_its_first_phase() -> None:
    found = build.shape(answered())
    assert (found["phase"], found["reason"]) == ("BUILD", "COMMAND_EXECUTION_ERROR: Error while executing command: false")
    assert (found["seconds"], found["cost"]) == (61.0, 0.02)
    assert build.failure(found) == "build shop:1 failed in BUILD: COMMAND_EXECUTION_ERROR: Error while executing command: false"
    assert found["console_url"].endswith("/codesuite/codebuild/123456789012/projects/shop/build/shop%3A1/?region=eu-west-1")
    assert running.lines(found)[:2] == [
        "PROVISIONING succeeded, 8 s",
        "BUILD failed, 42 s: COMMAND_EXECUTION_ERROR: Error while executing command: false",
    ]


def test_a_build_that_has_just_begun() -> None:
    found = build.shape(answered(buildStatus="IN_PROGRESS", endTime=None, logs={}, phases=[{"phaseType": "QUEUED"}]))
    assert (found["phase"], found["seconds"], found["cost"], found["log_url"]) == ("", None, None, "")
    assert running.lines(found) == ["QUEUED …"]


@pytest.mark.parametrize(("seconds", "minutes"), [(0, 1), (1, 1), (60, 1), (60.1, 2), (3600, 60)])
def test_begun_minutes(seconds: float, minutes: int) -> None:
    assert cost.minutes(seconds) == minutes
