"""Actions of an emulated pipeline: what each calls, with whose permissions, what it leaves, and the words in which it fails."""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any

import pytest

from emulator import process
from tests.support import bluegreen, building, roles
from tests.support.building import spec
from tests.support.emulated import Emulated
from tests.support.pipelining import BUCKET, NAME, Pipelining, action, packed, prepare, source

REPOSITORY = "acme/shop"
LINK = {"FullRepositoryId": REPOSITORY, "BranchName": "main"}
ARN = "arn:aws:codebuild:eu-west-1:123456789012:project/shop"


@pytest.fixture
def stage(emulated: Emulated) -> Pipelining:
    return prepare(emulated)


def stage_of(name: str, *actions: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "actions": list(actions)}


def error(stage: Pipelining, name: str = "") -> tuple[str, str]:
    """Code and message of the newest action that has failed, or of the newest of that name."""
    run = next(each for each in stage.runs() if each["actionName"] == name or (not name and each["status"] == "Failed"))
    found = run["output"]["executionResult"].get("errorDetails", {})
    return found.get("code", ""), found.get("message", "")


def allow(stage: Pipelining, *actions: str, resource: Any = "*", name: str = "further") -> None:
    roles.put(stage.emulated, "codepipeline", list(actions), resource, name=name)


# Connections


def connect(stage: Pipelining, available: bool = True) -> str:
    found = stage.emulated.client("codeconnections").create_connection(ConnectionName="shop", ProviderType="GitHub")["ConnectionArn"]
    if available:
        process.control(stage.emulated.state, "connections", connection="shop")
    return str(found)


def push(stage: Pipelining, branch: str = "main", message: str = "One", **files: str) -> dict[str, Any]:
    tree = base64.b64encode(packed(**(files or {"README__md": message}))).decode()
    about = {"repository": REPOSITORY, "branch": branch, "message": message, "author": "Ada", "email": "ada@example.com"}
    return dict(process.control(stage.emulated.state, "source", tree=tree, **about))


def github(connection: str, **configuration: str) -> dict[str, Any]:
    given = {**LINK, "ConnectionArn": connection, **configuration}
    members = {"configuration": given, "outputArtifacts": [{"name": "source"}], "namespace": "Source"}
    return action("Source", "Source/CodeStarSourceConnection", **members)


def from_github(stage: Pipelining, connection: str, *more: dict[str, Any], **members: Any) -> str:
    ask = action("Approve", "Approval/Manual", configuration={"CustomData": "#{Source.CommitId} #{Source.AuthorDisplayName}"})
    return stage.create(stages=[stage_of("Source", github(connection)), *(more or [stage_of("Approve", ask)])], **members)


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


# ECR


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


# CodeBuild


BUILD = action(
    "Build",
    "Build/CodeBuild",
    configuration={"ProjectName": "shop", "EnvironmentVariables": '[{"name": "TAG", "value": "#{Source.VersionId}"}]'},
    inputArtifacts=[{"name": "source"}],
    outputArtifacts=[{"name": "build"}],
    namespace="Build",
)
SPEC = spec(
    "cp README.md made.txt",
    "export IMAGE_TAG=$TAG-$CODEBUILD_INITIATOR",
    env={"exported-variables": ["IMAGE_TAG"]},
    artifacts={"files": ["made.txt"]},
)


def project(stage: Pipelining, text: str = SPEC) -> None:
    building.project(stage.emulated, source={"type": "CODEPIPELINE", "buildspec": text}, artifacts={"type": "CODEPIPELINE"})
    roles.put(
        stage.emulated, "build", ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], f"arn:aws:s3:::{BUCKET}/*", name="artifacts"
    )
    allow(stage, "codebuild:StartBuild", "codebuild:BatchGetBuilds", resource=ARN, name="builds")


def until(stage: Pipelining, execution: str, *statuses: str) -> str:
    for _ in range(100):
        if (found := stage.status(execution)) in statuses:
            return found
        stage.advance(15)
    raise AssertionError(stage.runs(execution))


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


# Commands


def commands(*lines: str, **members: Any) -> dict[str, Any]:
    return action("Run", "Compute/Commands", commands=list(lines), inputArtifacts=[{"name": "source"}], namespace="Run", **members)


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


# Deployments


TASKDEF = {
    "family": "shop",
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "cpu": "256",
    "memory": "512",
    "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
    "containerDefinitions": [{"name": "web", "image": "<IMAGE1_NAME>", "essential": True, "portMappings": [{"containerPort": 3000}]}],
}
FILES = {"taskdef__json": json.dumps(TASKDEF), "imageDetail__json": json.dumps({"ImageURI": "shop:2"})}
TEMPLATES = {"TaskDefinitionTemplateArtifact": "source", "AppSpecTemplateArtifact": "source"}
IMAGE = {"Image1ArtifactName": "source", "Image1ContainerName": "IMAGE1_NAME"}
GREEN = action(
    "Deploy",
    "Deploy/CodeDeployToECS",
    configuration={"ApplicationName": "shop", "DeploymentGroupName": "production", **TEMPLATES, **IMAGE},
    inputArtifacts=[{"name": "source"}],
)
DEPLOYING = [
    "codedeploy:GetApplication",
    "codedeploy:GetDeploymentConfig",
    "codedeploy:RegisterApplicationRevision",
    "codedeploy:GetApplicationRevision",
    "codedeploy:CreateDeployment",
    "codedeploy:GetDeployment",
    "ecs:RegisterTaskDefinition",
    "iam:PassRole",
]


def hand_in(stage: Pipelining, **files: str | None) -> None:
    kept = {name: text for name, text in files.items() if text is not None}
    stage.emulated.client("s3").put_object(Bucket=BUCKET, Key="source.zip", Body=packed(**kept))


def test_a_blue_green_deployment_ends_after_its_termination_wait(stage: Pipelining) -> None:
    service = bluegreen.build(stage.emulated)
    service.create_group()
    allow(stage, *DEPLOYING)
    hand_in(stage, **FILES, appspec__yaml=service.appspec("<TASK_DEFINITION>"))
    first = stage.create(stage_of("Deploy", GREEN))
    stage.advance(30)
    result = stage.runs(first)[0]["output"]["executionResult"]
    info = service.deployment(result["externalExecutionId"])
    content = json.loads(info["revision"]["appSpecContent"]["content"])
    definition = content["Resources"][0]["TargetService"]["Properties"]["TaskDefinition"]
    found = stage.emulated.client("ecs").describe_task_definition(taskDefinition=definition)["taskDefinition"]
    assert found["containerDefinitions"][0]["image"] == "shop:2" and found["revision"] > 1
    service.until(info["deploymentId"], "Succeeded")
    assert until(stage, first, "Succeeded") == "Succeeded"


def test_a_deployment_that_is_stopped_fails_the_action(stage: Pipelining) -> None:
    service = bluegreen.build(stage.emulated)
    service.create_group()
    allow(stage, *DEPLOYING)
    hand_in(stage, **FILES, appspec__yaml=service.appspec("<TASK_DEFINITION>"))
    first = stage.create(stage_of("Deploy", GREEN))
    stage.advance(30)
    identity = stage.runs(first)[0]["output"]["executionResult"]["externalExecutionId"]
    stage.emulated.client("codedeploy").stop_deployment(deploymentId=identity)
    until(stage, first, "Failed")
    assert error(stage)[0] == "JobFailed" and identity in error(stage)[1]


WITHOUT = "Exception while trying to read the"
WRONG_FILES: list[tuple[dict[str, str | None], str]] = [
    ({"taskdef__json": None}, f"{WITHOUT} task definition artifact file from: source"),
    ({"taskdef__json": "{"}, f"{WITHOUT} task definition artifact file from: source"),
    ({"taskdef__json": json.dumps({**TASKDEF, "taskDefinitionArn": "a"})}, "taskDefinitionArn"),
    ({"imageDetail__json": None}, f"{WITHOUT} image artifact file from the artifact: source."),
    ({"imageDetail__json": json.dumps([{"name": "web", "imageUri": "a"}])}, f"{WITHOUT} image artifact file from the artifact: source."),
    ({"imageDetail__json": json.dumps({"ImageUri": "a"})}, f"{WITHOUT} image artifact file from the artifact: source."),
    ({"appspec__yaml": None}, "appspec"),
]


@pytest.mark.parametrize(("files", "words"), WRONG_FILES)
def test_wrong_files(stage: Pipelining, files: dict[str, str | None], words: str) -> None:
    allow(stage, *DEPLOYING)
    hand_in(stage, **{**FILES, "appspec__yaml": "version: 0.0", **files})
    first = stage.create(stage_of("Deploy", GREEN))
    until(stage, first, "Failed")
    code, found = error(stage)
    assert code == "ConfigurationError" and words in found


@pytest.mark.parametrize("missing", [each for each in DEPLOYING if each not in ("codedeploy:GetDeployment",)])
def test_a_deployment_needs_each_permission(stage: Pipelining, missing: str) -> None:
    roles.make(stage.emulated, "execution")
    stage.emulated.client("codedeploy").create_application(applicationName="shop", computePlatform="ECS")
    allow(stage, *(each for each in DEPLOYING if each != missing))
    hand_in(stage, **FILES, appspec__yaml="version: 0.0")
    first = stage.create(stage_of("Deploy", GREEN))
    until(stage, first, "Failed")
    code, words = error(stage)
    assert code == "PermissionError" and f"not authorized to perform: {missing} on resource" in words


STANDARD = action("Deploy", "Deploy/ECS", configuration={"ClusterName": "shop", "ServiceName": "web"}, inputArtifacts=[{"name": "source"}])
ECS = ["ecs:DescribeServices", "ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition", "ecs:UpdateService", "iam:PassRole"]


def test_the_standard_deployment(stage: Pipelining) -> None:
    bluegreen.build(stage.emulated, controller="ECS")
    allow(stage, *ECS)
    hand_in(stage, imagedefinitions__json=json.dumps([{"name": "web", "imageUri": "shop:2"}]))
    first = stage.create(stage_of("Deploy", STANDARD))
    assert until(stage, first, "Succeeded", "Failed") == "Succeeded", stage.runs()
    service = stage.emulated.client("ecs").describe_services(cluster="shop", services=["web"])["services"][0]
    found = stage.emulated.client("ecs").describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    assert found["containerDefinitions"][0]["image"] == "shop:2"


def test_the_standard_deployment_is_not_for_services_of_codedeploy(stage: Pipelining) -> None:
    bluegreen.build(stage.emulated)
    allow(stage, *ECS)
    hand_in(stage, imagedefinitions__json=json.dumps([{"name": "web", "imageUri": "shop:2"}]))
    first = stage.create(stage_of("Deploy", STANDARD))
    until(stage, first, "Failed")
    assert error(stage)[0] == "ConfigurationError" and error(stage)[1].startswith("Error calling updateService: ")


# Custom actions


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


def test_an_artifact_that_is_too_large(stage: Pipelining) -> None:
    """The words are those of a file that is not there."""
    allow(stage, *DEPLOYING)
    noise = base64.b64encode(secrets.token_bytes(4_500_000)).decode()
    hand_in(stage, **FILES, appspec__yaml="version: 0.0", noise=noise)
    first = stage.create(stage_of("Deploy", GREEN))
    until(stage, first, "Failed")
    assert error(stage) == ("ConfigurationError", "Exception while trying to read the task definition artifact file from: source")


def test_a_clone_is_for_builds_only(stage: Pipelining) -> None:
    allow(stage, "codeconnections:UseConnection", "codestar-connections:UseConnection", *building.LOGS)
    push(stage)
    code = github(connect(stage), OutputArtifactFormat="CODEBUILD_CLONE_REF")
    first = stage.create(stages=[stage_of("Source", code), stage_of("Run", commands("true"))])
    until(stage, first, "Failed")
    assert error(stage)[0] == "ConfigurationError" and "only CodeBuild actions" in error(stage)[1]


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
