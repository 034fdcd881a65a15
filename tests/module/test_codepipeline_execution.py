"""codepipeline_execution and _info against the emulated CodePipeline, whose builds run for real."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.module import pipeline_stage
from tests.module.pipeline_stage import FAILS, Stage
from tests.support import roles
from tests.support.emulated import Emulated
from tests.support.pipelining import NAME
from tests.support.walk import differences


@pytest.fixture
def stage(emulated: Emulated) -> Stage:
    """A pipeline whose first execution has come to its approval."""
    made = pipeline_stage.build(emulated)
    assert made.run()["changed"]
    found = made.execution(state="followed", wait_for="approval")
    assert not found["changed"] and found["execution"]["approval"]["stage"] == "Approve"
    return made


def statuses(answer: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["status"] for one in answer["execution"]["stages"]}


def info(stage: Stage, **more: Any) -> dict[str, Any]:
    found = stage.emulated.run("codepipeline_execution_info", **{"pipeline": NAME, **more})
    assert differences("codepipeline_execution_info", found) == []
    return found


def test_start_follow_approve(stage: Stage, tmp_path: Path) -> None:
    stage.execution(state="approved")
    commit = stage.push("Prices with a 'quote'")
    progress = tmp_path / "lines"
    waits = stage.execution(state="followed", wait_for="approval", progress=str(progress))
    assert differences("codepipeline_execution", waits) == []
    assert statuses(waits) == {"Source": "Succeeded", "Build": "Succeeded", "Approve": "InProgress"}
    told = waits["execution"]["commit"]
    assert (told["id"], told["message"], told["author"], told["branch"]) == (commit, "Prices with a 'quote'", "Ada", "main")
    assert commit in told["url"]
    lines = progress.read_text().splitlines()
    assert f"{commit[:12]} Prices with a 'quote' by Ada" in lines[0] or any("Prices with" in line for line in lines)
    assert any("Build: Build succeeded, " in line for line in lines) and any("Approve waits for a person" in line for line in lines)

    assert stage.execution(state="approved", check=True)["changed"]
    done = stage.execution(state="approved", reason="Seen on staging", stage="", execution_id="")
    assert done["changed"] and done["execution"]["status"] == "Succeeded" and done["message"] == ""
    again = stage.execution(state="approved", execution_id=done["execution"]["pipeline_execution_id"])
    assert not again["changed"] and "was approved before" in again["message"]
    nothing = stage.execution(state="approved")
    assert nothing["failed"] and "waits for an approval" in nothing["msg"]


def test_a_token_starts_one(stage: Stage) -> None:
    started = stage.execution(token="once", wait=False)
    assert started["changed"] and stage.execution(check=True)["execution"] is None
    again = stage.execution(token="once", wait=False)
    assert not again["changed"] and "with this token before" in again["message"]
    assert again["execution"]["pipeline_execution_id"] == started["execution"]["pipeline_execution_id"]


def test_a_failed_build_says_why_and_is_tried_again(stage: Stage) -> None:
    stage.execution(state="approved")
    stage.buildspec(FAILS)
    failed = stage.execution()
    assert failed["failed"]
    cause = failed["cause"]
    assert (cause["stage"], cause["action"], cause["phase"]) == ("Build", "Build", "BUILD")
    assert "COMMAND_EXECUTION_ERROR" in cause["reason"] and "ls /none/such" in cause["reason"]
    assert "red" in cause["lines"] and any("/none/such" in line for line in cause["lines"])
    assert not any("later" in line or "\x1b" in line for line in cause["lines"]) and len(cause["lines"]) <= 20
    assert cause["sentence"] in failed["msg"] and "stage Build, action Build failed: " in failed["msg"]

    told = info(stage)["executions"][0]
    assert told["cause"]["sentence"] == cause["sentence"] and told["cause"]["lines"] == cause["lines"]

    stage.buildspec(pipeline_stage.BUILT)
    retried = stage.execution(state="retried", wait_for="approval")
    assert retried["changed"] and statuses(retried)["Build"] == "Succeeded"
    assert retried["execution"]["stages"][1]["actions"][0]["attempts"] == 2
    nothing = stage.execution(state="retried", stage="Build", execution_id=retried["execution"]["pipeline_execution_id"])
    assert nothing["failed"] and "nothing of the stage has failed" in nothing["msg"]
    other = stage.execution(state="retried", stage="None")
    assert other["failed"] and "it has Source, Build, Approve" in other["msg"]


def test_a_lost_reply_of_a_retry(stage: Stage) -> None:
    stage.execution(state="approved")
    stage.buildspec(FAILS)
    stage.execution()
    stage.buildspec(pipeline_stage.BUILT)
    stage.emulated.faults({"fault": "lost", "operation": "codepipeline:RetryStageExecution", "first": 1})
    retried = stage.execution(state="retried", wait_for="approval")
    assert retried["changed"] and statuses(retried)["Build"] == "Succeeded"


def test_stopped_is_no_error(stage: Stage) -> None:
    assert stage.execution(state="stopped", check=True)["changed"]
    stopped = stage.execution(state="stopped", abandon=True, reason="It locks a table")
    assert stopped["changed"] and stopped["execution"]["status"] == "Stopped"
    assert stopped["message"].endswith("was stopped: It locks a table")
    again = stage.execution(state="stopped")
    assert not again["changed"] and "has ended already: stopped" in again["message"]
    assert "was stopped" in stage.execution(state="followed")["message"]


def test_a_stop_that_abandons_stops_the_build(stage: Stage) -> None:
    stage.execution(state="approved")
    stage.buildspec("version: 0.2\nphases:\n  build:\n    commands: [sleep 60]\n")
    started = stage.execution(wait=False)
    identity = started["execution"]["pipeline_execution_id"]
    while not (
        build := stage.pipelining.runs(identity)[0].get("output", {}).get("executionResult", {}).get("externalExecutionId", "")
    ).startswith(pipeline_stage.PROJECT):
        stage.emulated.advance(1)
    stopped = stage.execution(state="stopped", abandon=True)
    assert f"build {build} is stopped" in stopped["message"]
    stage.emulated.advance(10)
    found = stage.emulated.client("codebuild").batch_get_builds(ids=[build])["builds"][0]
    assert found["buildStatus"] == "STOPPED"


def test_rejected_fails_the_execution_and_not_the_module(stage: Stage) -> None:
    rejected = stage.execution(state="rejected", reason="Not today")
    assert rejected["changed"]
    failed = stage.execution(state="followed")
    assert failed["failed"] and failed["cause"]["action"] == "Approve" and "Not today" in failed["cause"]["sentence"]
    other = stage.execution(state="approved", execution_id=rejected["execution"]["pipeline_execution_id"])
    assert other["failed"] and "was rejected before" in other["msg"]


def test_roll_back(stage: Stage) -> None:
    nothing = stage.execution(state="rolled_back", stage="Build")
    assert nothing["failed"] and "nothing to go back to" in nothing["msg"]
    first = stage.execution(state="approved")["execution"]["pipeline_execution_id"]
    stage.execution(wait_for="approval")
    stage.execution(state="approved")
    assert stage.execution(state="rolled_back", stage="Build", check=True)["changed"]
    back = stage.execution(state="rolled_back", stage="Build")
    assert back["changed"] and (back["execution"]["execution_type"], back["execution"]["rollback_target"]) == ("ROLLBACK", first)
    stages = stage.options()["stages"]
    stages[2]["actions"][0]["timeout_minutes"] = 60
    assert stage.run(stages=stages)["changed"]
    outdated = stage.execution(state="rolled_back", stage="Build", execution_id=first)
    assert outdated["failed"] and "structure of the pipeline was changed" in outdated["msg"]


def test_a_change_of_structure_cancels_and_that_is_said(stage: Stage) -> None:
    stage.emulated.client("codepipeline").update_pipeline(
        pipeline=stage.emulated.client("codepipeline").get_pipeline(name=NAME)["pipeline"]
    )
    found = stage.execution(state="followed")
    assert found["execution"]["status"] == "Cancelled" and "structure of the pipeline was changed" in found["message"]


def test_what_the_info_module_tells(stage: Stage) -> None:
    waiting = info(stage)
    assert waiting["approval"]["action"] == "Approve" and waiting["executions"][0]["approval"]["stage"] == "Approve"
    stage.execution(state="approved")
    stage.execution(wait_for="approval")
    stage.push("Third")
    stage.emulated.advance(120)
    before = len(stage.emulated.journal())
    found = info(stage, limit=3)
    reads = [entry["operation"] for entry in stage.emulated.journal()[before:]]
    assert len(reads) <= 4 + 3 and [one["status"] for one in found["executions"]] == ["InProgress", "InProgress", "Succeeded"]
    assert [one["stage"] for one in found["inbound"]] == ["Approve"]
    newest, second, first = found["executions"]
    assert {one["name"]: one["status"] for one in newest["stages"]}["Approve"] == "Waiting"
    assert newest["commit"]["message"] == "Third" and newest["trigger"]["type"] == "WebhookV2"
    build = first["stages"][1]["actions"][0]
    assert build["median_seconds"] is not None and build["seconds"] is not None
    assert build["external_execution_id"].startswith(pipeline_stage.PROJECT)
    assert first["cost"]["action_minutes"] == 2 and first["cost"]["action_usd"] == 0.004
    assert first["cost"]["build_usd"] == 0.005 and first["cost"]["unknown"] == []
    one = info(stage, execution_id=second["pipeline_execution_id"], details=False)["executions"][0]
    assert one["commit"] == second["commit"] and one["cost"] is None


def commands(*lines: str) -> dict[str, Any]:
    action = {"name": "Migrate", "category": "Compute", "provider": "Commands", "inputs": ["build"], "commands": list(lines)}
    return {"name": "Migrate", "actions": [action]}


def test_commands_that_fail_show_their_lines(stage: Stage) -> None:
    stage.execution(state="approved")
    roles.put(stage.emulated, "codepipeline", pipeline_stage.LOGS, name="logs")
    stages = stage.options()["stages"]
    assert stage.run(stages=[*stages[:2], commands("echo beginning", "ls /none/such")])["changed"]
    failed = stage.execution()
    assert failed["failed"] and (failed["cause"]["stage"], failed["cause"]["action"]) == ("Migrate", "Migrate"), failed
    assert any("/none/such" in line for line in failed["cause"]["lines"]), failed["cause"]
    cost = info(stage)["executions"][0]["cost"]
    assert cost["build_minutes"] == 2 and cost["unknown"] == []


def test_a_stage_that_aws_tries_again_by_itself_is_followed_to_its_end(stage: Stage) -> None:
    stage.execution(state="approved")
    stage.buildspec(FAILS)
    stages = stage.options()["stages"]
    stages[1]["on_failure"] = {"result": "RETRY", "retry_configuration": {"retry_mode": "ALL_ACTIONS"}}
    assert stage.run(stages=stages)["changed"]
    assert not stage.run(stages=stages)["changed"]
    failed = stage.execution()
    assert failed["failed"] and failed["execution"]["stages"][1]["actions"][0]["attempts"] == 2


def test_the_reply_to_a_start_a_stop_and_an_answer_may_be_lost(stage: Stage) -> None:
    for operation in ("PutApprovalResult", "StartPipelineExecution", "StopPipelineExecution"):
        stage.emulated.faults({"fault": "lost", "operation": f"codepipeline:{operation}", "first": 1})
        if operation == "PutApprovalResult":
            assert stage.execution(state="approved")["changed"]
        elif operation == "StartPipelineExecution":
            before = len(stage.pipelining.api.list_pipeline_executions(pipelineName=NAME)["pipelineExecutionSummaries"])
            assert stage.execution(wait_for="approval")["changed"]
            assert len(stage.pipelining.api.list_pipeline_executions(pipelineName=NAME)["pipelineExecutionSummaries"]) == before + 1
        else:
            assert stage.execution(state="stopped", abandon=True)["execution"]["status"] == "Stopped"


def test_a_reply_to_a_rollback_may_be_lost(stage: Stage) -> None:
    first = stage.execution(state="approved")["execution"]["pipeline_execution_id"]
    stage.execution(wait_for="approval")
    stage.execution(state="approved")
    stage.emulated.faults({"fault": "lost", "operation": "codepipeline:RollbackStage", "first": 1})
    back = stage.execution(state="rolled_back", stage="Build")
    assert back["changed"] and back["execution"]["rollback_target"] == first
    assert stage.emulated.writes().count("codepipeline:RollbackStage") == 1
