"""Deploy actions to ECS of an emulated pipeline: what they read, call and say."""

from __future__ import annotations

import base64
import json
import secrets

import pytest

from tests.support import bluegreen, roles
from tests.support.emulated import Emulated
from tests.support.pipelining import (
    BUCKET,
    Pipelining,
    action,
    allow,
    error,
    packed,
    prepare,
    stage_of,
    until,
)


@pytest.fixture
def stage(emulated: Emulated) -> Pipelining:
    return prepare(emulated)


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


def test_an_artifact_that_is_too_large(stage: Pipelining) -> None:
    """The words are those of a file that is not there."""
    allow(stage, *DEPLOYING)
    noise = base64.b64encode(secrets.token_bytes(4_500_000)).decode()
    hand_in(stage, **FILES, appspec__yaml="version: 0.0", noise=noise)
    first = stage.create(stage_of("Deploy", GREEN))
    until(stage, first, "Failed")
    assert error(stage) == ("ConfigurationError", "Exception while trying to read the task definition artifact file from: source")
