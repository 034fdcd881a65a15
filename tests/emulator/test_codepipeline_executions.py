"""How executions go through the stages of an emulated pipeline: order, queues, transitions, variables."""

from __future__ import annotations

import pytest

from tests.support.emulated import Emulated
from tests.support.pipelining import (
    BUCKET,
    NAME,
    Pipelining,
    approval,
    ask,
    packed,
    prepare,
    retry,
)


@pytest.fixture
def stage(emulated: Emulated) -> Pipelining:
    return prepare(emulated)


def test_an_execution_from_its_start_to_its_end(stage: Pipelining) -> None:
    first = stage.create()
    assert stage.status(first) == "InProgress" and stage.now("Source")[0] == first
    stage.advance()
    assert stage.now("Source") == (first, "Succeeded") and stage.now("Approve") == (first, "InProgress")
    (waiting,) = stage.stage("Approve")["actionStates"]
    assert len(waiting["latestExecution"]["token"]) == 36 and waiting["latestExecution"]["status"] == "InProgress"
    stage.answer(summary="looks good")
    stage.advance()
    assert stage.status(first) == "Succeeded" and stage.now("Approve") == (first, "Succeeded")
    (done,) = stage.stage("Approve")["actionStates"]
    assert "token" not in done["latestExecution"] and done["latestExecution"]["summary"] == "looks good"
    newest, oldest = stage.runs(first)
    assert (newest["actionName"], oldest["actionName"]) == ("Approve", "Source") and newest["startTime"] >= oldest["lastUpdateTime"]
    place = oldest["output"]["outputArtifacts"][0]["s3location"]
    assert place["bucket"] == BUCKET and place["key"].startswith("shop-production/source/")
    s3 = stage.emulated.client("s3")
    assert (
        s3.get_object(Bucket=place["bucket"], Key=place["key"])["Body"].read()
        == s3.get_object(Bucket=BUCKET, Key="source.zip")["Body"].read()
    )
    assert oldest["output"]["outputVariables"]["ObjectKey"] == "source.zip"
    (summary,) = stage.api.list_pipeline_executions(pipelineName=NAME)["pipelineExecutionSummaries"]
    assert summary["trigger"]["triggerType"] == "CreatePipeline" and summary["sourceRevisions"][0]["actionName"] == "Source"
    assert (summary["executionMode"], summary["executionType"]) == ("QUEUED", "STANDARD")


def test_lists_have_pages_and_filters(stage: Pipelining) -> None:
    first = stage.create()
    second = stage.start()
    stage.advance()
    page = stage.api.list_pipeline_executions(pipelineName=NAME, maxResults=1)
    assert [each["pipelineExecutionId"] for each in page["pipelineExecutionSummaries"]] == [second]
    page = stage.api.list_pipeline_executions(pipelineName=NAME, maxResults=1, nextToken=page["nextToken"])
    assert [each["pipelineExecutionId"] for each in page["pipelineExecutionSummaries"]] == [first] and "nextToken" not in page
    assert len(stage.runs()) == 3 and {each["pipelineExecutionId"] for each in stage.runs(second)} == {second}
    stage.answer()
    stage.advance()
    wanted = {"succeededInStage": {"stageName": "Approve"}}
    found = stage.api.list_pipeline_executions(pipelineName=NAME, filter=wanted)["pipelineExecutionSummaries"]
    assert [each["pipelineExecutionId"] for each in found] == [first]


def test_run_orders(stage: Pipelining) -> None:
    """Equal ones begin together; a later one begins when all before have ended well."""
    one, two, three = approval("One"), approval("Two"), approval("Three", runOrder=2)
    stage.create(ask("Approve", one, two, three))
    stage.advance()

    def at_work() -> list[str]:
        return [each["actionName"] for each in stage.runs() if each["status"] == "InProgress"]

    assert sorted(at_work()) == ["One", "Two"]
    stage.answer(name="One")
    stage.advance()
    assert at_work() == ["Two"]
    stage.answer(name="Two")
    stage.advance()
    assert at_work() == ["Three"]


def test_the_siblings_of_a_failure_end_and_later_ones_never_begin(stage: Pipelining) -> None:
    one, two, three = approval("One"), approval("Two"), approval("Three", runOrder=2)
    first = stage.create(ask("Approve", one, two, three), ask("After"))
    stage.advance()
    stage.answer("Rejected", name="One", summary="no")
    stage.advance()
    assert stage.now("Approve") == (first, "InProgress")
    stage.answer(name="Two")
    stage.advance()
    assert stage.now("Approve") == (first, "Failed") and stage.status(first) == "Failed"
    assert {each["actionName"]: each["status"] for each in stage.runs()} == {"Source": "Succeeded", "One": "Failed", "Two": "Succeeded"}


def test_a_queue_is_before_each_stage(stage: Pipelining) -> None:
    first = stage.create()
    way = {"pipelineName": NAME, "stageName": "Source", "transitionType": "Inbound"}
    stage.api.disable_stage_transition(**way, reason="later")
    second, third = stage.start(), stage.start()
    assert [each["pipelineExecutionId"] for each in stage.stage("Source")["inboundExecutions"]] == [second, third]
    stage.api.enable_stage_transition(**way)
    stage.advance()
    assert stage.now("Approve")[0] == first and stage.now("Source")[0] == third
    assert [each["pipelineExecutionId"] for each in stage.stage("Approve")["inboundExecutions"]] == [second, third]
    stage.answer("Rejected")
    stage.advance()
    assert stage.status(first) == "Failed" and stage.now("Approve") == (second, "InProgress")
    assert [each["pipelineExecutionId"] for each in stage.stage("Approve")["inboundExecutions"]] == [third]


def test_the_fifty_first_fails_without_a_word(stage: Pipelining) -> None:
    stage.create()
    stage.api.disable_stage_transition(pipelineName=NAME, stageName="Approve", transitionType="Inbound", reason="full")
    for _ in range(49):
        stage.start()
    late = stage.start()
    found = stage.api.get_pipeline_execution(pipelineName=NAME, pipelineExecutionId=late)["pipelineExecution"]
    assert found["status"] == "Failed" and "statusSummary" not in found


def test_a_newer_one_supersedes_the_one_that_waits(stage: Pipelining) -> None:
    first = stage.create(executionMode="SUPERSEDED")
    stage.advance()
    second = stage.start()
    stage.advance()
    third = stage.start()
    stage.advance()
    assert [stage.status(each) for each in (first, second, third)] == ["InProgress", "Superseded", "InProgress"]
    stage.answer()
    stage.advance()
    assert stage.now("Approve") == (third, "InProgress")


def test_parallel_ones_do_not_wait(stage: Pipelining) -> None:
    first = stage.create(executionMode="PARALLEL")
    second = stage.start()
    stage.advance()
    waiting = [each for each in stage.runs() if each["actionName"] == "Approve"]
    assert {each["pipelineExecutionId"] for each in waiting} == {first, second}
    assert "latestExecution" not in stage.stage("Approve")
    run = next(each for each in waiting if each["pipelineExecutionId"] == second)
    token = run["output"]["executionResult"]["externalExecutionId"]
    names = {"pipelineName": NAME, "stageName": "Approve", "actionName": "Approve"}
    stage.api.put_approval_result(**names, token=token, result={"status": "Approved", "summary": ""})
    stage.advance()
    assert (stage.status(first), stage.status(second)) == ("InProgress", "Succeeded")


def test_parallel_ones_have_a_limit(stage: Pipelining) -> None:
    stage.create(executionMode="PARALLEL")
    for _ in range(49):
        stage.start()
    refused = stage.emulated.refused("codepipeline", "start_pipeline_execution", name=NAME)
    assert refused[0] == "ConcurrentPipelineExecutionsLimitExceededException"


def test_transitions(stage: Pipelining) -> None:
    first = stage.create(ask("Approve"), ask("After"))
    stage.advance()
    stage.api.disable_stage_transition(pipelineName=NAME, stageName="Approve", transitionType="Outbound", reason="not today")
    stage.answer()
    stage.advance()
    found = stage.stage("After")
    assert found["inboundTransitionState"]["enabled"] is False and found["inboundTransitionState"]["disabledReason"] == "not today"
    assert found["inboundExecutions"] == [{"pipelineExecutionId": first, "status": "InProgress", "type": "STANDARD"}]
    assert found["inboundExecution"] == found["inboundExecutions"][0] and "latestExecution" not in found
    assert found["actionStates"] == [{"actionName": "Approve"}]
    stage.api.enable_stage_transition(pipelineName=NAME, stageName="After", transitionType="Inbound")
    assert stage.now("After") == (first, "InProgress")
    assert "disabledReason" not in stage.stage("After")["inboundTransitionState"]


def test_an_update_cancels_what_is_on_its_way(stage: Pipelining) -> None:
    first = stage.create()
    stage.advance()
    second = stage.start()
    stage.api.update_pipeline(pipeline=stage.declaration())
    assert (stage.status(first), stage.status(second)) == ("Cancelled", "Cancelled")
    assert stage.now("Approve") == (first, "Cancelled")
    third = stage.start()
    stage.advance()
    assert stage.now("Approve") == (third, "InProgress")
    assert stage.api.get_pipeline_execution(pipelineName=NAME, pipelineExecutionId=third)["pipelineExecution"]["pipelineVersion"] == 2


def test_a_source_that_fails(stage: Pipelining) -> None:
    stage.emulated.client("s3").delete_object(Bucket=BUCKET, Key="source.zip")
    first = stage.create()
    stage.advance()
    assert stage.status(first) == "Failed" and stage.now("Source") == (first, "Failed")
    stage.emulated.client("s3").put_object(Bucket=BUCKET, Key="source.zip", Body=packed(a="b"))
    assert retry(stage, first, name="Source") == ("", "")
    stage.advance()
    assert stage.now("Approve") == (first, "InProgress")


def test_start_tokens(stage: Pipelining) -> None:
    stage.create()
    first = stage.start(clientRequestToken="one")
    assert stage.start(clientRequestToken="one") == first and stage.start(clientRequestToken="two") != first
    revision = {"actionName": "Source", "revisionType": "S3_OBJECT_VERSION_ID", "revisionValue": "v"}
    assert stage.start(clientRequestToken="one", sourceRevisions=[revision]) == first
    refused = stage.emulated.refused("codepipeline", "start_pipeline_execution", name=NAME, clientRequestToken="a b")
    assert refused[0] == "ValidationException"


def test_a_source_revision(stage: Pipelining) -> None:
    s3 = stage.emulated.client("s3")
    old = s3.list_object_versions(Bucket=BUCKET, Prefix="source.zip")["Versions"][0]["VersionId"]
    s3.put_object(Bucket=BUCKET, Key="source.zip", Body=packed(a="new"))
    stage.create()
    wanted = {"actionName": "Source", "revisionType": "S3_OBJECT_VERSION_ID", "revisionValue": old}
    second = stage.start(sourceRevisions=[wanted])
    stage.advance()
    found = stage.api.get_pipeline_execution(pipelineName=NAME, pipelineExecutionId=second)["pipelineExecution"]
    assert found["artifactRevisions"][0]["revisionId"] == old
    for members, words in (
        ({"actionName": "Approve"}, "does not have a source action"),
        ({"revisionType": "COMMIT_ID"}, "is not supported for the source action"),
        ({"revisionType": "S3_OBJECT_KEY"}, "does not allow to override the object key"),
    ):
        refused = stage.emulated.refused("codepipeline", "start_pipeline_execution", name=NAME, sourceRevisions=[{**wanted, **members}])
        assert refused[0] == "ValidationException" and words in refused[1]


def test_variables(stage: Pipelining) -> None:
    variables = [{"name": "color", "defaultValue": "blue"}, {"name": "size"}]
    data = "#{variables.color} #{variables.size} #{Source.ObjectKey} #{codepipeline.PipelineExecutionId}"
    link = {"CustomData": data}
    stage.create(ask("Approve", approval(configuration=link)), variables=variables)
    second = stage.start(variables=[{"name": "size", "value": "L"}])
    stage.api.disable_stage_transition(pipelineName=NAME, stageName="Approve", transitionType="Inbound", reason="x")
    stage.api.enable_stage_transition(pipelineName=NAME, stageName="Approve", transitionType="Inbound")
    stage.advance()
    stage.advance()
    (run, _) = stage.runs(second)
    assert run["input"]["resolvedConfiguration"] == {"CustomData": f"blue L source.zip {second}"}
    assert run["input"]["configuration"] == link
    found = stage.api.get_pipeline_execution(pipelineName=NAME, pipelineExecutionId=second)["pipelineExecution"]
    assert {each["name"]: each["resolvedValue"] for each in found["variables"]} == {"color": "blue", "size": "L"}
    given = {"variables": [{"name": "x", "value": "1"}]}
    refused = stage.emulated.refused("codepipeline", "start_pipeline_execution", name=NAME, **given)
    assert refused[0] == "ValidationException" and "does not declare" in refused[1]
    late = stage.api.get_pipeline_execution(pipelineName=NAME, pipelineExecutionId=stage.start())["pipelineExecution"]
    assert (late["status"], late["statusSummary"]) == ("Failed", "Values for required variables haven't been provided: size")


def test_a_variable_that_nothing_gives_fails_the_action(stage: Pipelining) -> None:
    first = stage.create(ask("Approve", approval(configuration={"CustomData": "#{Source.Nothing}"})))
    stage.advance()
    assert (
        "variables could not be resolved: Action name=Approve"
        in stage.runs(first)[0]["output"]["executionResult"]["errorDetails"]["message"]
    )


def test_a_role_that_may_not_read_or_write(stage: Pipelining) -> None:
    stage.emulated.client("iam").delete_role_policy(RoleName="codepipeline", PolicyName="more")
    first = stage.create()
    stage.advance()
    (run,) = stage.runs(first)
    error = run["output"]["executionResult"]["errorDetails"]
    assert error["code"] == "PermissionError" and "is getting S3 access denied" in error["message"]
    assert stage.status(first) == "Failed"


def test_a_deleted_pipeline_is_gone(stage: Pipelining) -> None:
    stage.create()
    stage.api.delete_pipeline(name=NAME)
    stage.advance()
    first = stage.create()
    stage.advance()
    assert stage.now("Approve") == (first, "InProgress") and len(stage.runs()) == 2
