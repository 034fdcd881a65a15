"""How executions of an emulated pipeline are stopped and tried again, and who approves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulated import Emulated
from tests.support.pipelining import (
    NAME,
    Pipelining,
    action,
    approval,
    ask,
    prepare,
    retry,
    stop,
)


@pytest.fixture
def stage(emulated: Emulated) -> Pipelining:
    return prepare(emulated)


# A deploy action that fails at once: the artifact has no image definitions.
FAILING = action("Deploy", "Deploy/ECS", configuration={"ClusterName": "c", "ServiceName": "s"}, inputArtifacts=[{"name": "source"}])


def test_stop_and_wait(stage: Pipelining) -> None:
    first = stage.create(ask("Approve", approval(), approval("Later", runOrder=2)))
    stage.advance()
    assert stop(stage, first, reason="wrong commit") == ("", "")
    stage.advance()
    assert stage.status(first) == "Stopping" and stage.now("Approve") == (first, "Stopping")
    assert stop(stage, first)[0] == "DuplicatedStopRequestException"
    stage.answer()
    stage.advance()
    assert stage.status(first) == "Stopped" and stage.now("Approve") == (first, "Stopped")
    assert {each["actionName"]: each["status"] for each in stage.runs()} == {"Source": "Succeeded", "Approve": "Succeeded"}
    assert stop(stage, first)[0] == "PipelineExecutionNotStoppableException"
    (summary,) = stage.api.list_pipeline_executions(pipelineName=NAME)["pipelineExecutionSummaries"]
    assert summary["stopTrigger"] == {"reason": "wrong commit"}


def test_stop_and_abandon(stage: Pipelining) -> None:
    first = stage.create()
    second = stage.start()
    stage.advance()
    assert stop(stage, first) == ("", "") and stop(stage, first, abandon=True) == ("", "")
    stage.advance()
    assert stage.status(first) == "Stopped" and stage.now("Approve") == (second, "InProgress")
    assert [each["status"] for each in stage.runs(first)] == ["Abandoned", "Succeeded"]


@pytest.mark.usefixtures("slowly")
def test_states_that_are_short(stage: Pipelining) -> None:
    first = stage.create()
    assert stage.status(first) == "InProgress" and stage.now("Source") == (first, "InProgress")
    assert "latestExecution" not in stage.stage("Approve")
    assert stop(stage, first, abandon=True) == ("", "") and stage.status(first) == "Stopping"
    assert stage.now("Source") == (first, "Stopping")
    assert stop(stage, first, abandon=True)[0] == "DuplicatedStopRequestException"
    stage.advance()
    assert stage.status(first) == "Stopped"


@pytest.mark.parametrize("seconds", [0, 60])
def test_stop_while_it_waits(stage: Pipelining, seconds: int) -> None:
    stage.create()
    second = stage.start()
    stage.advance(seconds)
    assert stop(stage, second) == ("", "")
    stage.advance()
    assert stage.status(second) == "Stopped"


@pytest.mark.parametrize(("mode", "begun"), [("FAILED_ACTIONS", ["Two"]), ("ALL_ACTIONS", ["One", "Two"])])
def test_retry(stage: Pipelining, mode: str, begun: list[str]) -> None:
    first = stage.create(ask("Approve", approval("One"), approval("Two")))
    stage.advance()
    stage.answer(name="One")
    stage.answer("Rejected", name="Two")
    stage.advance()
    before = {each["actionExecutionId"] for each in stage.runs()}
    assert retry(stage, first, mode) == ("", "")
    stage.advance()
    assert stage.status(first) == "InProgress" and stage.stage("Approve")["retryStageMetadata"]["manualStageRetryAttempt"] == 1
    assert stage.stage("Approve")["retryStageMetadata"]["latestRetryTrigger"] == "ManualStageRetry"
    assert sorted(each["actionName"] for each in stage.runs() if each["actionExecutionId"] not in before) == begun
    wanted = {"filter": {"latestInPipelineExecution": {"pipelineExecutionId": first, "startTimeRange": "Latest"}}}
    assert len(stage.api.list_action_executions(pipelineName=NAME, **wanted)["actionExecutionDetails"]) == 3
    for name in begun:
        stage.answer(name=name)
    stage.advance()
    assert stage.status(first) == "Succeeded"


def test_retry_of_a_stopped_stage(stage: Pipelining) -> None:
    first = stage.create()
    stage.advance()
    stop(stage, first, abandon=True)
    stage.advance()
    assert retry(stage, first) == ("", "")
    stage.advance()
    stage.answer()
    stage.advance()
    assert stage.status(first) == "Succeeded"


def test_what_cannot_be_retried(stage: Pipelining) -> None:
    first = stage.create()
    stage.advance()
    assert retry(stage, first) == (
        "StageNotRetryableException",
        f"The stage named Approve in the {NAME} pipeline can't be retried now. Either it contains no failed actions, the execution "
        f"'{first}' is already superseded, or the pipeline definition has changed since the action(s) failed.",
    )
    stage.answer("Rejected")
    stage.advance()
    second = stage.start()
    stage.advance()
    assert retry(stage, first)[0] == "NotLatestPipelineExecutionException"
    stage.answer("Rejected")
    stage.advance()
    stage.api.update_pipeline(pipeline=stage.declaration())
    assert retry(stage, second)[0] == "StageNotRetryableException"


def test_an_artifact_that_is_gone_fails_the_retry(stage: Pipelining) -> None:
    first = stage.create(ask("Deploy", FAILING))
    stage.advance()
    (newest, *_) = stage.runs(first)
    assert newest["output"]["executionResult"]["errorDetails"]["message"].startswith("Did not find the image definition file")
    place = newest["input"]["inputArtifacts"][0]["s3location"]
    stage.emulated.client("s3").delete_object(Bucket=place["bucket"], Key=place["key"])
    assert retry(stage, first, name="Deploy") == ("", "")
    stage.advance()
    assert "does not exist" in stage.runs(first)[0]["output"]["executionResult"]["errorDetails"]["message"]


APPROVAL = {"pipelineName": NAME, "stageName": "Approve", "actionName": "Approve", "result": {"status": "Approved", "summary": ""}}


def test_approvals_are_answered_once_with_their_token(stage: Pipelining) -> None:
    stage.create()
    stage.advance()
    wrong = "11111111-2222-3333-4444-555555555555"
    refused = stage.emulated.refused
    assert refused("codepipeline", "put_approval_result", **APPROVAL, token=wrong)[0] == "InvalidApprovalTokenException"
    assert refused("codepipeline", "put_approval_result", **{**APPROVAL, "actionName": "None"}, token=wrong)[0] == "ActionNotFoundException"
    assert refused("codepipeline", "put_approval_result", **{**APPROVAL, "stageName": "None"}, token=wrong)[0] == "StageNotFoundException"
    token = stage.stage("Approve")["actionStates"][0]["latestExecution"]["token"]
    assert stage.api.put_approval_result(**APPROVAL, token=token)["approvedAt"]
    assert refused("codepipeline", "put_approval_result", **APPROVAL, token=token)[0] == "ApprovalAlreadyCompletedException"


def test_an_approval_that_an_update_has_overtaken(stage: Pipelining) -> None:
    stage.create()
    stage.advance()
    token = stage.stage("Approve")["actionStates"][0]["latestExecution"]["token"]
    stage.api.update_pipeline(pipeline=stage.declaration())
    text = f"The pipeline {NAME} has been updated, and the approval request you responded to is now out of date."
    assert stage.emulated.refused("codepipeline", "put_approval_result", **APPROVAL, token=token) == ("InvalidApprovalTokenException", text)


def test_an_approval_that_wants_a_summary(stage: Pipelining) -> None:
    first = stage.create(ask("Approve", approval(configuration={"IsSummaryRequired": "true"})))
    stage.advance()
    token = stage.stage("Approve")["actionStates"][0]["latestExecution"]["token"]
    refused = stage.emulated.refused("codepipeline", "put_approval_result", **APPROVAL, token=token)
    assert refused[0] == "InvalidApprovalTokenException" and "requires a summary" in refused[1]
    stage.answer(summary="looks good")
    stage.advance()
    assert stage.status(first) == "Succeeded"


@pytest.mark.parametrize(("minutes", "seconds"), [(None, 7 * 24 * 3600), (5, 300)])
def test_approvals_time_out(stage: Pipelining, minutes: int | None, seconds: int) -> None:
    timed: dict[str, Any] = {"timeoutInMinutes": minutes} if minutes else {}
    first = stage.create(ask("Approve", approval(**timed)))
    stage.advance(30)
    stage.advance(seconds - 60)
    assert stage.status(first) == "InProgress"
    stage.advance(90)
    assert stage.status(first) == "Failed"


def test_an_approval_tells_its_topic(stage: Pipelining) -> None:
    emulated = stage.emulated
    topic = emulated.client("sns").create_topic(Name="approvals")["TopicArn"]
    first = stage.create(ask("Approve", approval(configuration={"NotificationArn": topic, "CustomData": "#{Source.ETag}"})))
    stage.advance()
    assert stage.status(first) == "Failed"
    error = stage.runs(first)[0]["output"]["executionResult"]["errorDetails"]
    assert error["code"] == "PermissionError" and "sns:Publish" in error["message"]
