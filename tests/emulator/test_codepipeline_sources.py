"""Sources of an emulated pipeline, and what starts it: connections, buckets, images, pushes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator import process
from tests.support.emulated import Emulated
from tests.support.pipelining import (
    NAME,
    REPOSITORY,
    Pipelining,
    action,
    allow,
    connect,
    error,
    from_github,
    prepare,
    push,
    source,
    stage_of,
    until,
)


@pytest.fixture
def stage(emulated: Emulated) -> Pipelining:
    return prepare(emulated)


def test_a_commit_comes_through_a_connection(stage: Pipelining) -> None:
    allow(stage, "codeconnections:UseConnection", "codestar-connections:UseConnection")
    pushed = push(stage, message="Totals of orders")
    first = from_github(stage, connect(stage))
    stage.advance()
    ask, run = stage.runs(first)
    assert ask["input"]["resolvedConfiguration"]["CustomData"] == f"{pushed['commit']} Ada"
    known = run["output"]["outputVariables"]
    assert (known["BranchName"], known["CommitMessage"], known["FullRepositoryName"]) == ("main", "Totals of orders", REPOSITORY)
    (revision,) = stage.api.get_pipeline_execution(pipelineName=NAME, pipelineExecutionId=first)["pipelineExecution"]["artifactRevisions"]
    assert revision["revisionId"] == pushed["commit"] and json.loads(revision["revisionSummary"])["CommitMessage"] == "Totals of orders"
    place = run["output"]["outputArtifacts"][0]["s3location"]
    assert stage.emulated.client("s3").get_object(Bucket=place["bucket"], Key=place["key"])["ContentLength"] > 0


@pytest.mark.parametrize("allowed", [[], ["codeconnections:UseConnection"], ["codestar-connections:UseConnection"]])
def test_a_connection_needs_both_permissions(stage: Pipelining, allowed: list[str]) -> None:
    push(stage)
    if allowed:
        allow(stage, *allowed)
    arn = connect(stage)
    from_github(stage, arn)
    stage.advance()
    words = f"Unable to use Connection: {arn}. The provided role does not have sufficient permissions."
    assert error(stage) == ("PermissionError", words)


def test_a_connection_that_is_pending(stage: Pipelining) -> None:
    push(stage)
    allow(stage, "codeconnections:UseConnection", "codestar-connections:UseConnection")
    arn = connect(stage, available=False)
    first = from_github(stage, arn)
    stage.advance()
    assert error(stage) == ("ConfigurationError", f"Connection {arn} is not available") and stage.status(first) == "Failed"
    process.control(stage.emulated.state, "connections", connection="shop")
    stage.api.retry_stage_execution(pipelineName=NAME, stageName="Source", pipelineExecutionId=first, retryMode="FAILED_ACTIONS")
    stage.advance()
    assert stage.now("Approve") == (first, "InProgress")


def test_a_branch_that_is_not_there(stage: Pipelining) -> None:
    allow(stage, "codeconnections:UseConnection", "codestar-connections:UseConnection")
    from_github(stage, connect(stage))
    stage.advance()
    assert error(stage)[0] == "ConfigurationError" and "no branch named main was found" in error(stage)[1]


PUSHES: list[tuple[dict[str, Any], str, dict[str, str], bool]] = [
    ({"branches": {"includes": ["main"]}}, "main", {}, True),
    ({"branches": {"includes": ["main"]}}, "other", {}, False),
    ({"branches": {"includes": ["release/**"]}}, "release/a/b", {}, True),
    ({"branches": {"includes": ["release/*"]}}, "release/a/b", {}, False),
    ({"branches": {"includes": ["*"], "excludes": ["wip*"]}}, "wip1", {}, False),
    ({"branches": {"excludes": ["wip*"]}}, "main", {}, True),
    ({"branches": {"includes": ["main"]}, "filePaths": {"includes": ["app/**"]}}, "main", {"app___x": "2"}, True),
    ({"branches": {"includes": ["main"]}, "filePaths": {"includes": ["app/**"]}}, "main", {"docs___x": "2"}, False),
    ({"filePaths": {"excludes": ["docs/**"]}}, "main", {"docs___x": "2"}, False),
    ({"filePaths": {"excludes": ["docs/**"]}}, "main", {"docs___x": "2", "y": "1"}, True),
    ({"filePaths": {"excludes": ["docs/**"]}}, "new", {"y": "1"}, False),
    ({"tags": {"includes": ["v*"]}}, "main", {}, False),
]


@pytest.mark.parametrize(("wanted", "branch", "files", "starts"), PUSHES)
def test_which_pushes_start_a_pipeline(stage: Pipelining, wanted: dict[str, Any], branch: str, files: dict[str, str], starts: bool) -> None:
    push(stage, **{"base": "1"})
    trigger = {"providerType": "CodeStarSourceConnection", "gitConfiguration": {"sourceActionName": "Source", "push": [wanted]}}
    first = from_github(stage, connect(stage), triggers=[trigger])
    pushed = push(stage, branch, "Two", **{"base": "1", **(files or {"z": "1"})})
    assert len(pushed["started"]) == int(starts)
    if starts:
        assert stage.latest() != first
        found = stage.api.list_pipeline_executions(pipelineName=NAME)["pipelineExecutionSummaries"][0]
        assert found["trigger"]["triggerType"] == "WebhookV2"


def test_a_push_starts_what_has_no_trigger_by_its_branch(stage: Pipelining) -> None:
    allow(stage, "codeconnections:UseConnection", "codestar-connections:UseConnection")
    push(stage)
    from_github(stage, connect(stage), pipelineType="V1", executionMode="SUPERSEDED")
    assert push(stage, "other", "Two")["started"] == []
    pushed = push(stage, "main", "Three")
    (line,) = pushed["started"]
    assert NAME in line and stage.latest() in line
    stage.advance()
    stage.advance()
    found = stage.api.get_pipeline_execution(pipelineName=NAME, pipelineExecutionId=stage.latest())["pipelineExecution"]
    assert found["artifactRevisions"][0]["revisionId"] == pushed["commit"]
    events = process.control(stage.emulated.state, "codepipeline-events", pipeline=NAME)
    began = next(each["detail"] for each in events if each["detail"]["execution-id"] == stage.latest())["execution-trigger"]
    assert (began["commit-id"], began["branch-name"], began["author-email"]) == (pushed["commit"], "main", "ada@example.com")


def test_tags_and_pull_requests_start_a_pipeline(stage: Pipelining) -> None:
    push(stage)
    push(stage, "feature", "Two")
    wanted = {
        "sourceActionName": "Source",
        "push": [{"tags": {"includes": ["v*"], "excludes": ["v0*"]}}],
        "pullRequest": [{"events": ["OPEN"], "branches": {"includes": ["main"]}}],
    }
    from_github(stage, connect(stage), triggers=[{"providerType": "CodeStarSourceConnection", "gitConfiguration": wanted}])

    def started(kind: str, name: str, branch: str = "main", **members: str) -> int:
        about = {"repository": REPOSITORY, "kind": kind, "reference": name, "branch": branch, **members}
        return len(process.control(stage.emulated.state, "codepipeline-change", **about)["started"])

    assert [started("tag", name) for name in ("v1", "v0.1", "x")] == [1, 0, 0]
    assert [started("pull_request", "main", "feature", event=event) for event in ("OPEN", "CLOSED")] == [1, 0]
    assert started("pull_request", "other", "feature", event="OPEN") == 0
    assert push(stage, "main", "Three")["started"] == []


def test_an_image_by_its_tag_or_its_digest(stage: Pipelining) -> None:
    stage.emulated.client("ecr").create_repository(repositoryName="shop")
    digests = [str(process.control(stage.emulated.state, "images", repository="shop", tag=tag)["digest"]) for tag in ("1", "2")]
    configuration = {"RepositoryName": "shop", "ImageTag": "2"}
    image = action("Source", "Source/ECR", configuration=configuration, outputArtifacts=[{"name": "image"}], namespace="Image")
    ask = action("Approve", "Approval/Manual", configuration={"CustomData": "#{Image.ImageURI}"})
    first = stage.create(stages=[stage_of("Source", image), stage_of("Approve", ask)])
    until(stage, first, "Failed")
    assert error(stage)[0] == "PermissionError" and "ecr:DescribeImages" in error(stage)[1]
    allow(stage, "ecr:DescribeImages")
    second = stage.start(sourceRevisions=[{"actionName": "Source", "revisionType": "IMAGE_DIGEST", "revisionValue": digests[0]}])
    stage.advance()
    stage.advance()
    found = {each["actionName"]: each for each in stage.runs(second)}
    assert found["Approve"]["input"]["resolvedConfiguration"]["CustomData"].endswith(f"/shop@{digests[0]}")
    stage.answer("Rejected")
    stage.start()
    stage.advance()
    stage.advance()
    assert stage.runs()[0]["input"]["resolvedConfiguration"]["CustomData"].endswith(f"/shop@{digests[1]}")


def test_a_bucket_of_a_source_keeps_versions(stage: Pipelining) -> None:
    s3 = stage.emulated.client("s3")
    s3.create_bucket(Bucket="plain", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    plain = source(configuration={"S3Bucket": "plain", "S3ObjectKey": "source.zip"})
    first = stage.create(stages=[stage_of("Source", plain), stage_of("Approve", action("Approve", "Approval/Manual"))])
    until(stage, first, "Failed")
    assert error(stage)[0] == "PermissionError" and "s3:GetBucketVersioning" in error(stage)[1]
    allow(stage, "s3:GetBucketVersioning", "s3:GetObject")
    stage.api.retry_stage_execution(pipelineName=NAME, stageName="Source", pipelineExecutionId=first, retryMode="FAILED_ACTIONS")
    until(stage, first, "Failed")
    assert error(stage) == ("ConfigurationError", "The S3 bucket plain is not versioned. Versioning must be enabled on a source bucket.")
