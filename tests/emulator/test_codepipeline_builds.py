"""Builds, commands and jobs of an emulated pipeline: with whose permissions, what they leave, how they fail."""

from __future__ import annotations

import json

import pytest

from tests.support import building, roles
from tests.support.building import spec
from tests.support.emulated import Emulated
from tests.support.fargate import slowly
from tests.support.pipelining import (
    ARN,
    BUCKET,
    BUILD,
    NAME,
    Pipelining,
    action,
    allow,
    commands,
    connect,
    error,
    github,
    packed,
    prepare,
    project,
    push,
    source,
    stage_of,
    until,
)


@pytest.fixture
def stage(emulated: Emulated) -> Pipelining:
    return prepare(emulated)


def test_a_build(stage: Pipelining) -> None:
    project(stage)
    first = stage.create(stage_of("Build", BUILD))
    assert until(stage, first, "Succeeded", "Failed") == "Succeeded", stage.runs()
    run, before = stage.runs(first)
    version = before["output"]["outputVariables"]["VersionId"]
    assert run["output"]["outputVariables"] == {"IMAGE_TAG": f"{version}-codepipeline/{NAME}"}
    result = run["output"]["executionResult"]
    (build,) = stage.emulated.client("codebuild").batch_get_builds(ids=[result["externalExecutionId"]])["builds"]
    assert (build["buildStatus"], build["initiator"]) == ("SUCCEEDED", f"codepipeline/{NAME}")
    assert build["resolvedSourceVersion"] == version
    place = run["output"]["outputArtifacts"][0]["s3location"]
    assert place["key"].startswith("shop-production/build/")
    assert stage.emulated.client("s3").head_object(Bucket=place["bucket"], Key=place["key"])


def test_a_build_that_fails(stage: Pipelining) -> None:
    project(stage, spec("sh -c 'exit 3'", artifacts={"files": ["**/*"]}))
    first = stage.create(stage_of("Build", BUILD))
    assert until(stage, first, "Succeeded", "Failed") == "Failed"
    code, words = error(stage)
    assert code == "JobFailed" and words.startswith("Build terminated with state: FAILED. Phase: BUILD, Code: COMMAND_EXECUTION_ERROR")


@pytest.mark.parametrize(("missing", "calling"), [("codebuild:StartBuild", "startBuild"), ("codebuild:BatchGetBuilds", "batchGetBuilds")])
def test_a_build_that_the_role_may_not_start_or_see(stage: Pipelining, missing: str, calling: str) -> None:
    project(stage)
    allow(stage, *({"codebuild:StartBuild", "codebuild:BatchGetBuilds"} - {missing}), resource=ARN, name="builds")
    first = stage.create(stage_of("Build", BUILD))
    until(stage, first, "Failed")
    code, words = error(stage)
    assert code == "PermissionError" and words.startswith(
        f"Error calling {calling}: User: arn:aws:sts::123456789012:assumed-role/codepipeline/"
    )
    assert f"is not authorized to perform: {missing} on resource: {ARN}" in words


def test_a_build_of_what_is_not_there(stage: Pipelining) -> None:
    allow(stage, "codebuild:StartBuild")
    first = stage.create(stage_of("Build", BUILD))
    until(stage, first, "Failed")
    code, words = error(stage)
    assert code == "JobFailed" and words.startswith(f"Error calling startBuild: Project cannot be found: {ARN} (Service: AWSCodeBuild; ")


def test_a_build_whose_role_cannot_be_assumed(stage: Pipelining) -> None:
    project(stage)
    stage.emulated.client("iam").update_assume_role_policy(RoleName="build", PolicyDocument=roles.trust("ecs-tasks.amazonaws.com"))
    first = stage.create(stage_of("Build", BUILD))
    until(stage, first, "Failed")
    assert error(stage)[0] == "JobFailed" and "not authorized to perform: sts:AssumeRole on service role." in error(stage)[1]


def test_a_role_that_is_no_longer_the_pipeline_s(stage: Pipelining) -> None:
    stage.create()
    stage.emulated.client("iam").update_assume_role_policy(RoleName="codepipeline", PolicyDocument=roles.trust("ecs-tasks.amazonaws.com"))
    second = stage.start()
    until(stage, second, "Failed")
    words = f"The provided role cannot be assumed: 'Access denied when attempting to assume the role '{stage.role}''"
    assert error(stage) == ("PermissionError", words)


@pytest.mark.usefixtures("slowly")
def test_abandoned_builds_run_on(stage: Pipelining) -> None:
    project(stage, spec("sleep 1", artifacts={"files": ["**/*"]}))
    first = stage.create(stage_of("Build", BUILD))
    with slowly(stage.emulated):
        stage.advance(10)
        stage.api.stop_pipeline_execution(pipelineName=NAME, pipelineExecutionId=first, abandon=True)
    assert until(stage, first, "Stopped") == "Stopped"
    (identity,) = stage.emulated.client("codebuild").list_builds()["ids"]
    for _ in range(50):
        (build,) = stage.emulated.client("codebuild").batch_get_builds(ids=[identity])["builds"]
        if build["buildStatus"] != "IN_PROGRESS":
            break
        stage.advance(15)
    assert build["buildStatus"] == "SUCCEEDED" and stage.runs(first)[0]["status"] == "Abandoned"


def test_commands(stage: Pipelining) -> None:
    allow(stage, *building.LOGS)
    step = commands(
        "cat README.md",
        'export RESULT="$WHO done"',
        outputVariables=["RESULT"],
        environmentVariables=[{"name": "WHO", "value": "#{codepipeline.PipelineExecutionId}"}],
    )
    first = stage.create(stage_of("Run", step))
    assert until(stage, first, "Succeeded", "Failed") == "Succeeded", stage.runs()
    (run, _) = stage.runs(first)
    assert run["output"]["outputVariables"] == {"RESULT": f"{first} done"}
    group, stream = run["output"]["executionResult"]["logStreamARN"].split(":log-group:")[1].split(":log-stream:")
    assert group == f"/aws/codepipeline/{NAME}"
    events = stage.emulated.client("logs").get_log_events(logGroupName=group, logStreamName=stream)["events"]
    assert any(each["message"] == "shop\n" or each["message"] == "shop" for each in events)
    assert stage.emulated.client("codebuild").list_builds()["ids"] == []


def test_commands_that_fail(stage: Pipelining) -> None:
    allow(stage, *building.LOGS)
    first = stage.create(stage_of("Run", commands("false", "echo never")))
    until(stage, first, "Failed")
    assert error(stage)[0] == "JobFailed" and "COMMAND_EXECUTION_ERROR" in error(stage)[1]


@pytest.mark.usefixtures("slowly")
def test_commands_in_a_role_of_their_own(stage: Pipelining) -> None:
    emulated, iam = stage.emulated, stage.emulated.client("iam")
    statement = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"}
    step = iam.create_role(RoleName="step", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))[
        "Role"
    ]["Arn"]
    roles.put(emulated, "step", building.LOGS, name="logs")
    roles.put(emulated, "step", "s3:GetObject", f"arn:aws:s3:::{BUCKET}/*", name="artifacts")
    allow(stage, "sts:AssumeRole", resource=step)
    first = stage.create(stage_of("Run", commands("aws sts get-caller-identity", roleArn=step)))
    allow(stage, "sts:AssumeRole", resource=stage.role)
    until(stage, first, "Failed")
    assert error(stage)[0] == "PermissionError" and f"Access denied when attempting to assume the role '{step}'" in error(stage)[1]
    allow(stage, "sts:AssumeRole", resource=step)
    stage.api.retry_stage_execution(pipelineName=NAME, stageName="Run", pipelineExecutionId=first, retryMode="FAILED_ACTIONS")
    assert until(stage, first, "Succeeded", "Failed") == "Succeeded", stage.runs()
    group, stream = stage.runs(first)[0]["output"]["executionResult"]["logStreamARN"].split(":log-group:")[1].split(":log-stream:")
    events = emulated.client("logs").get_log_events(logGroupName=group, logStreamName=stream)["events"]
    assert any("assumed-role/step/" in each["message"] for each in events)


def test_jobs(stage: Pipelining) -> None:
    counts = {"minimumCount": 0, "maximumCount": 1}
    kind = {"category": "Build", "provider": "Jenkins", "version": "1", "inputArtifactDetails": counts, "outputArtifactDetails": counts}
    stage.api.create_custom_action_type(**kind)
    job = action("Build", "Build/Jenkins", inputArtifacts=[{"name": "source"}], outputArtifacts=[{"name": "made"}], namespace="Jenkins")
    job["actionTypeId"]["owner"] = "Custom"
    first = stage.create(stage_of("Build", job))
    stage.advance()
    wanted = {"actionTypeId": job["actionTypeId"], "maxBatchSize": 5}
    (found,) = stage.api.poll_for_jobs(**wanted)["jobs"]
    assert found["data"]["pipelineContext"]["pipelineExecutionId"] == first
    refused = stage.emulated.refused
    assert refused("codepipeline", "put_job_success_result", jobId=found["id"])[0] == "InvalidJobStateException"
    assert refused("codepipeline", "acknowledge_job", jobId=found["id"], nonce="x")[0] == "InvalidNonceException"
    assert stage.api.acknowledge_job(jobId=found["id"], nonce=found["nonce"])["status"] == "InProgress"
    assert stage.api.poll_for_jobs(**wanted)["jobs"] == []
    assert stage.api.get_job_details(jobId=found["id"])["jobDetails"]["id"] == found["id"]
    place = found["data"]["outputArtifacts"][0]["location"]["s3Location"]
    stage.emulated.client("s3").put_object(Bucket=place["bucketName"], Key=place["objectKey"], Body=packed(a="b"))
    stage.api.put_job_success_result(jobId=found["id"], outputVariables={"A": "b"})
    assert until(stage, first, "Succeeded") and stage.runs(first)[0]["output"]["outputVariables"] == {"A": "b"}
    assert refused("codepipeline", "put_job_failure_result", jobId=found["id"], failureDetails={"type": "JobFailed", "message": "x"})[
        0
    ] == ("InvalidJobStateException")
    aws = {**job["actionTypeId"], "owner": "AWS", "provider": "CodeBuild"}
    assert refused("codepipeline", "poll_for_jobs", actionTypeId=aws)[0] == "ValidationException"
    assert source()["name"] == "Source"


def test_a_clone_needs_the_connection_in_the_role_of_the_build(stage: Pipelining) -> None:
    allow(stage, "codeconnections:UseConnection", "codestar-connections:UseConnection")
    project(stage)
    push(stage)
    code = github(connect(stage), OutputArtifactFormat="CODEBUILD_CLONE_REF")
    build = {**BUILD, "configuration": {"ProjectName": "shop"}}
    first = stage.create(stages=[stage_of("Source", code), stage_of("Build", build)])
    until(stage, first, "Failed")
    assert "The provided role does not have sufficient permissions." in error(stage)[1]
    roles.put(stage.emulated, "build", ["codeconnections:UseConnection", "codestar-connections:UseConnection"], name="connection")
    stage.api.retry_stage_execution(pipelineName=NAME, stageName="Build", pipelineExecutionId=first, retryMode="FAILED_ACTIONS")
    assert until(stage, first, "Succeeded", "Failed") == "Succeeded", stage.runs()


def test_a_clone_is_for_builds_only(stage: Pipelining) -> None:
    allow(stage, "codeconnections:UseConnection", "codestar-connections:UseConnection", *building.LOGS)
    push(stage)
    code = github(connect(stage), OutputArtifactFormat="CODEBUILD_CLONE_REF")
    first = stage.create(stages=[stage_of("Source", code), stage_of("Run", commands("true"))])
    until(stage, first, "Failed")
    assert error(stage)[0] == "ConfigurationError" and "only CodeBuild actions" in error(stage)[1]


@pytest.mark.soak
def test_commands_have_55_minutes(stage: Pipelining) -> None:
    """Real ones and those that are skipped: at this speed 55 minutes of AWS's time are five seconds."""
    allow(stage, *building.LOGS)
    first = stage.create(stage_of("Run", commands("while true; do aws sts get-caller-identity > seen; done")))
    stage.advance(3000)
    assert stage.status(first) == "InProgress"
    stage.advance(400)
    assert stage.status(first) == "Failed"
    assert error(stage) == ("JobFailed", "The action failed because it exceeded its time-out.")
