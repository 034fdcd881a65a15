"""codebuild_build and _info against the emulated CodeBuild, which runs what a buildspec says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.module.pipeline_stage import FAILS
from tests.support import building
from tests.support.emulated import Emulated
from tests.support.walk import differences

EXPORTS = "version: 0.2\nenv: {exported-variables: [TARGET]}\nphases: {build: {commands: [echo $TARGET]}}\n"


@pytest.fixture
def project(emulated: Emulated) -> Emulated:
    building.project(emulated)
    return emulated


def run(emulated: Emulated, **more: Any) -> dict[str, Any]:
    return emulated.run("codebuild_build", **{"project": "shop", **more})


def test_start_follow_and_read(project: Emulated, tmp_path: Path) -> None:
    assert run(project, check=True)["changed"] and not project.client("codebuild").list_builds()["ids"]
    progress = tmp_path / "lines"
    built = run(project, buildspec=EXPORTS, variables=[{"name": "TARGET", "value": "test"}], progress=str(progress))
    assert built["changed"] and built["message"] == "" and differences("codebuild_build", built) == []
    assert built["build"]["build_status"] == "SUCCEEDED" and built["build"]["exported_environment_variables"] == {"TARGET": "test"}
    assert built["build"]["cost"] == 0.005 and built["build"]["log_group"]
    lines = progress.read_text()
    assert "started: https://" in lines and "BUILD succeeded, " in lines
    followed = run(project, state="followed")
    assert not followed["changed"] and followed["build"] == built["build"]
    found = project.run("codebuild_build_info", project="shop")
    assert differences("codebuild_build_info", found) == [] and found["builds"] == [built["build"]]
    assert project.run("codebuild_build_info", ids=["shop:none"])["builds"] == []


def test_a_build_that_fails_says_why(project: Emulated) -> None:
    failed = run(project, buildspec=FAILS)
    assert failed["failed"] and failed["build"]["phase"] == "BUILD"
    assert "failed in BUILD: COMMAND_EXECUTION_ERROR" in failed["msg"] and "ls: cannot access '/none/such'" in failed["msg"]
    assert failed["build"]["lines"][1] == "red"
    told = project.run("codebuild_build_info", project="shop")["builds"][0]
    assert told["lines"] == failed["build"]["lines"]


def test_a_token_starts_one_and_a_stop_is_no_error(project: Emulated) -> None:
    sleeps = "version: 0.2\nphases: {build: {commands: [sleep 60]}}\n"
    started = run(project, buildspec=sleeps, token="once", wait=False)
    again = run(project, buildspec=sleeps, token="once", wait=False)
    assert started["changed"] and not again["changed"] and again["build"]["id"] == started["build"]["id"]
    assert run(project, state="stopped", check=True)["changed"]
    stopped = run(project, state="stopped")
    assert stopped["changed"] and stopped["build"]["build_status"] == "STOPPED" and "stopped" in stopped["message"]
    assert not run(project, state="stopped")["changed"]
    assert not run(project, state="followed").get("failed")


def test_a_lost_reply_starts_no_second_one(project: Emulated) -> None:
    project.faults({"fault": "lost", "operation": "codebuild:StartBuild", "first": 1})
    assert run(project)["build"]["build_status"] == "SUCCEEDED"
    assert len(project.client("codebuild").list_builds()["ids"]) == 1


def test_what_is_not_there(project: Emulated) -> None:
    assert "has no build" in run(project, state="followed")["msg"]
    assert "does not exist" in run(project, state="followed", build_id="shop:none")["msg"]
