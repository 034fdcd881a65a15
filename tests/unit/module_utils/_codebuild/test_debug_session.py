"""A build that is begun again: where it pauses, what it is asked for, and what AWS does not allow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._codebuild import debug_session
from ansible_collections.railyard.fargate.plugins.module_utils._codepipeline import failed_build
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SPEC: dict[str, Any] = {
    "version": 0.2,
    "env": {"shell": "bash"},
    "phases": {"pre_build": {"commands": ["login"]}, "build": {"commands": ["set -eu", "TAG=1", "docker build ."], "finally": ["clean"]}},
    "artifacts": {"files": ["taskdef.json"]},
}
PAUSED = [debug_session.SAVE, debug_session.BREAKPOINT]


def build(failed: str = "BUILD", message: str = "Error while executing command: docker build .. Reason: exit status 1") -> dict[str, Any]:
    phases = []
    for name in ("SUBMITTED", "DOWNLOAD_SOURCE", "PRE_BUILD", "BUILD", "POST_BUILD", "UPLOAD_ARTIFACTS"):
        phases.append({"phaseType": name, "phaseStatus": "FAILED" if name == failed else "SUCCEEDED", "contexts": [{"message": message}]})
        if name == failed and name != "BUILD":
            break
    variables = [{"name": "STEP_KEY", "value": "s", "type": "PLAINTEXT"}, {"name": "CODEBUILD_CONFIG_AUTO_DISCOVER", "value": "x"}]
    return {
        "id": "shop-build:1",
        "arn": "arn:aws:codebuild:eu-west-1:1:build/shop-build:1",
        "projectName": "shop-build",
        "buildStatus": "FAILED",
        "resolvedSourceVersion": "3f2c1ab",
        "phases": phases,
        "environment": {
            "type": "ARM_CONTAINER",
            "computeType": "BUILD_GENERAL1_SMALL",
            "image": "aws/codebuild/x",
            "environmentVariables": variables,
        },
    }


@pytest.mark.parametrize(
    ("failed", "message", "phase", "before", "command"),
    [
        ("BUILD", "command: docker build .. Reason: exit status 1", "build", ["set -eu", "TAG=1"], "docker build ."),
        ("BUILD", "timed out", "build", [], "set -eu"),
        ("PRE_BUILD", "command: login. Reason", "pre_build", [], "login"),
        ("DOWNLOAD_SOURCE", "NoSuchKey", "pre_build", [], ""),
        ("UPLOAD_ARTIFACTS", "no matching artifact paths found", "post_build", [], ""),
        ("", "", "post_build", [], ""),
    ],
)
def test_it_pauses_before_the_command_that_failed(failed: str, message: str, phase: str, before: list[str], command: str) -> None:
    pause = debug_session.pause(SPEC, build(failed, message))
    assert (pause.phase, pause.command) == (phase, command)
    written = pause.spec["phases"][phase]["commands"]
    kept = SPEC["phases"].get(phase, {}).get("commands", [])
    assert written == ["set -a", "CODEBUILD_RESOLVED_SOURCE_VERSION=3f2c1ab", *before, *PAUSED, *kept[len(before) :]]
    assert pause.spec["env"] == SPEC["env"] and list(pause.spec["phases"]) == sorted(pause.spec["phases"], key=debug_session.COMMANDS.index)
    assert "codebuild-breakpoint" not in str(SPEC)


def test_of_a_specification_in_the_source_nothing_is_run() -> None:
    pause = debug_session.pause(None, build())
    assert pause.spec["phases"] == {"build": {"commands": PAUSED}} and pause.command == ""


def test_it_has_the_source_the_machine_and_the_variables_of_the_build_and_leaves_nothing() -> None:
    asked = debug_session.request(debug_session.Wanted(build(), "bucket/key.zip", "deborah", 60, "debug-1"), "version: 0.2\n")
    assert (asked["sourceTypeOverride"], asked["sourceLocationOverride"]) == ("S3", "bucket/key.zip")
    assert (
        asked["artifactsOverride"] == {"type": "NO_ARTIFACTS"} and asked["debugSessionEnabled"] and asked["timeoutInMinutesOverride"] == 60
    )
    assert (asked["environmentTypeOverride"], asked["imageOverride"]) == ("ARM_CONTAINER", "aws/codebuild/x")
    variables = {one["name"]: one["value"] for one in asked["environmentVariablesOverride"]}
    assert variables == {"STEP_KEY": "s", debug_session.IDENTITY: "debug-1", debug_session.REQUESTED_BY: "deborah"}


def test_what_it_costs_and_what_aws_wants_is_said_before() -> None:
    given = build()
    assert debug_session.limits(given, 60) == ["it costs $0.0034 for each begun minute, $0.20 at most, and ends by itself after 60 minutes"]
    given["environment"]["image"], given["vpcConfig"] = "acme/builder:1", {"vpcId": "vpc-1"}
    said = debug_session.limits(given, 60)
    assert "acme/builder:1 must have the agent" in said[1] and "vpc-1" in said[2]
    given["environment"]["type"] = "WINDOWS_SERVER_2022_CONTAINER"
    with pytest.raises(RailyardError, match="LINUX_CONTAINER"):
        debug_session.limits(given, 60)


class Aws:
    """CodeBuild and Session Manager with these builds, and sessions at these targets."""

    meta = None

    def __init__(self, builds: list[dict[str, Any]], targets: list[str]) -> None:
        self.builds, self.targets = builds, targets

    def can_paginate(self, _name: str) -> bool:
        return False

    def list_builds_for_project(self, **_asked: Any) -> dict[str, Any]:
        return {"ids": [one["id"] for one in self.builds]}

    def batch_get_builds(self, ids: list[str]) -> dict[str, Any]:
        return {"builds": [one for one in self.builds if one["id"] in ids]}

    def describe_sessions(self, **_asked: Any) -> dict[str, Any]:
        return {"Sessions": [{"Target": target} for target in self.targets]}


def test_only_what_is_ours_and_what_nobody_is_in_is_left_over() -> None:
    def running(name: str, minutes: int, ours: bool = True) -> dict[str, Any]:
        variables = [{"name": debug_session.IDENTITY, "value": name}] if ours else []
        more = {"startTime": NOW - timedelta(minutes=minutes), "environment": {"environmentVariables": variables}}
        return {"id": name, "buildStatus": "IN_PROGRESS", "debugSession": {"sessionTarget": f"codebuild:{name}"}, **more}

    aws = Aws([running("used", 30), running("starts", 2), running("left", 30), running("foreign", 30, False)], ["codebuild:used"])
    left, used = debug_session.left({"codebuild": aws, "ssm": aws}, "shop-build", NOW)
    assert [one["id"] for one in left] == ["left"] and [one["id"] for one in used] == ["used", "starts"]


def action(stage: str, status: str, provider: str = "CodeBuild") -> dict[str, Any]:
    return {"stageName": stage, "status": status, "pipelineExecutionId": "e-1", "input": {"actionTypeId": {"provider": provider}}}


def test_the_build_that_failed_is_found() -> None:
    actions = [action("Migrate", "Failed", "Commands"), action("Test", "Failed"), action("Build", "Succeeded")]
    assert failed_build.choose(actions, "shop")["stageName"] == "Test"
    assert failed_build.choose(actions, "shop", "Build")["stageName"] == "Build"
    with pytest.raises(RailyardError, match=r"stage Migrate of execution e-1 failed: its commands run on machines.*playbooks/run.yml"):
        failed_build.choose(actions[:1], "shop")
    with pytest.raises(RailyardError, match="no build of shop has failed; for a build that did not fail: -e stage=Build"):
        failed_build.choose(actions[2:], "shop")
