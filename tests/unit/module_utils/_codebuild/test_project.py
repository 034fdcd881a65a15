"""What codebuild_project refuses, compares and writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.railyard.fargate.plugins.module_utils._codebuild import project, project_rules
from ansible_collections.railyard.fargate.plugins.modules import codebuild_project

CLIENT = boto3.client("codebuild", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
ROLE = "arn:aws:iam::123456789012:role/shop-production-build"
X86, ARM, UBUNTU = (
    "aws/codebuild/amazonlinux-x86_64-standard:5.0",
    "aws/codebuild/amazonlinux-aarch64-standard:3.0",
    "aws/codebuild/standard:7.0",
)
NETWORK = {"vpc_id": "vpc-1", "subnets": ["subnet-1"], "security_group_ids": ["sg-1"]}
DOCKER = "version: 0.2\nphases:\n  build:\n    commands:\n      - docker buildx build .\n"


def options(environment: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """An item as a module gets it, every option there."""
    given = {"source": {}, "artifacts": {}, "environment": {"image": X86, **(environment or {})}}
    item = {"name": "shop-production-build", "service_role_arn": ROLE, **given, **more}
    result = ArgumentSpecValidator({"projects": codebuild_project.SPEC["projects"]}).validate({"projects": [item]})
    assert result.error_messages == []
    return dict(result.validated_parameters["projects"][0])


def wanted(environment: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {**options(environment, **more), "state": "present", "tags": None, "purge_tags": True}


def live(**members: Any) -> dict[str, Any]:
    """What AWS answers for the plainest project, with its defaults."""
    environment = {"type": "LINUX_CONTAINER", "image": X86, "compute_type": "BUILD_GENERAL1_SMALL", "environment_variables": []}
    answer = {
        "name": "shop-production-build",
        "arn": "arn:aws:codebuild:eu-west-1:123456789012:project/shop-production-build",
        "source": {"type": "CODEPIPELINE", "insecure_ssl": False},
        "artifacts": {"type": "CODEPIPELINE", "name": "shop-production-build", "packaging": "NONE", "encryption_disabled": False},
        "cache": {"type": "NO_CACHE"},
        "environment": {**environment, "privileged_mode": False, "image_pull_credentials_type": "CODEBUILD"},
        "service_role": ROLE,
        "timeout_in_minutes": 60,
        "queued_timeout_in_minutes": 480,
        "encryption_key": "arn:aws:kms:eu-west-1:123456789012:alias/aws/s3",
        "logs_config": {"cloud_watch_logs": {"status": "ENABLED"}, "s3_logs": {"status": "DISABLED", "encryption_disabled": False}},
        "badge": {"badge_enabled": False},
        "tags": [],
        **members,
    }
    return dict(project.normal(answer))


CASES: list[tuple[str, dict[str, Any], str]] = [
    ("name", options(name="-shop"), "name: -shop is no name of a project"),
    ("description", options(description="x" * 256), "description: it has 256 characters"),
    ("timeout", options(timeout_minutes=4), "timeout_minutes: 4 minutes; AWS takes 5 to 2160"),
    ("queued", options(queued_timeout_minutes=481), "queued_timeout_minutes: 481 minutes"),
    ("ubuntu-arm", options({"type": "ARM_CONTAINER", "image": UBUNTU}), f"environment.image: {UBUNTU} is Ubuntu"),
    ("x86-arm", options({"type": "ARM_CONTAINER"}), f"environment.image: {X86} is for x86-64"),
    ("arm-x86", options({"image": ARM}), f"environment.image: {ARM} is for ARM"),
    ("curated", options({"image_pull_credentials_type": "SERVICE_ROLE"}), "environment.image_pull_credentials_type: SERVICE_ROLE"),
    ("lambda-size", options({"type": "LINUX_LAMBDA_CONTAINER"}), "environment.compute_type: BUILD_GENERAL1_SMALL with"),
    ("lambda-docker", options({"type": "LINUX_LAMBDA_CONTAINER", "compute_type": "BUILD_LAMBDA_1GB", "privileged": True}), "has no docker"),
    ("docker", options(source={"buildspec": DOCKER}), "environment.privileged: it is false, and source.buildspec runs `docker buildx`"),
    ("pipeline-source", options(artifacts={"type": "NO_ARTIFACTS"}), "artifacts.type: NO_ARTIFACTS with source.type CODEPIPELINE"),
    (
        "pipeline-artifacts",
        options(source={"type": "NO_SOURCE", "buildspec": "x"}),
        "artifacts.type: CODEPIPELINE with source.type NO_SOURCE",
    ),
    ("location", options(source={"type": "GITHUB"}, artifacts={"type": "NO_ARTIFACTS"}), "source.location: missing"),
    ("no-spec", options(source={"type": "NO_SOURCE"}, artifacts={"type": "NO_ARTIFACTS"}), "source.buildspec: missing"),
    ("local-modes", options(cache={"type": "LOCAL"}), "cache.modes: missing"),
    (
        "local-vpc",
        options(cache={"type": "LOCAL", "modes": ["LOCAL_SOURCE_CACHE"]}, vpc_config=NETWORK),
        "cache.type: LOCAL does nothing for",
    ),
    (
        "local-big",
        options({"compute_type": "BUILD_GENERAL1_2XLARGE"}, cache={"type": "LOCAL", "modes": ["LOCAL_SOURCE_CACHE"]}),
        "cache.type: LOCAL does nothing with BUILD_GENERAL1_2XLARGE",
    ),
    ("s3-cache", options(cache={"type": "S3"}), "cache.location: missing"),
    ("own-variable", options({"variables": [{"name": "CODEBUILD_X", "value": "1"}]}), "environment.variables: CODEBUILD_X begins with"),
    ("same-variable", options({"variables": [{"name": "A", "value": "1"}] * 2}), "environment.variables: A is there 2 times"),
    ("vpc", options(vpc_config={"vpc_id": "vpc-1"}), "vpc_config: subnets, security_group_ids missing"),
]


@pytest.mark.parametrize(("item", "said"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_can_never_work(item: dict[str, Any], said: str) -> None:
    found = project_rules.problems(project.declared(item))
    assert len(found) == 1 and said in found[0], found


@pytest.mark.parametrize(
    "item",
    [
        options(),
        options({"type": "ARM_CONTAINER", "image": ARM}),
        options({"privileged": True}, source={"buildspec": DOCKER}),
        options({"docker_server": {}}, source={"buildspec": DOCKER}),
        options(source={"buildspec": "phases: {build: {commands: [docker login, ./docker-build]}}"}),
        options({"image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/build:1", "image_pull_credentials_type": "SERVICE_ROLE"}),
        options({"type": "LINUX_LAMBDA_CONTAINER", "compute_type": "BUILD_LAMBDA_1GB"}),
    ],
)
def test_what_works(item: dict[str, Any]) -> None:
    assert project_rules.problems(project.declared(item)) == []


def test_what_aws_adds_is_no_difference() -> None:
    assert not project.make_plan(CLIENT, wanted(), live()).changed
    added = {"name": "CODEBUILD_CONFIG_AUTO_DISCOVER", "value": "true", "type": "PLAINTEXT"}
    environment = {**live()["environment"], "environment_variables": [added], "image": X86.replace("amazonlinux-", "amazonlinux2-")}
    assert not project.make_plan(CLIENT, wanted(), live(environment=environment)).changed
    docker = {**live()["environment"], "docker_server": {"compute_type": "BUILD_GENERAL1_SMALL", "status": {"status": "ACTIVE"}}}
    assert not project.make_plan(CLIENT, wanted({"docker_server": {}}), live(environment=docker)).changed
    assert project.make_plan(CLIENT, wanted(), live(environment=docker)).changed


CHANGES: list[tuple[Callable[[], dict[str, Any]], dict[str, Any], set[str]]] = [
    (lambda: wanted(description="x"), live(), {"description"}),
    (lambda: wanted({"compute_type": "BUILD_GENERAL1_LARGE"}), live(), {"environment"}),
    (lambda: wanted({"variables": [{"name": "A", "value": "1"}]}), live(), {"environment"}),
    (lambda: wanted(log_group="/shop"), live(), {"logsConfig"}),
    (lambda: wanted(), live(vpc_config={"vpc_id": "v", "subnets": ["s"], "security_group_ids": ["g"]}), {"vpcConfig"}),
    (lambda: wanted(), live(concurrent_build_limit=2), {"concurrentBuildLimit"}),
    (lambda: wanted(cache={"type": "S3", "location": "b/p"}), live(), {"cache"}),
    (lambda: {**wanted(), "tags": {"team": "checkout"}}, live(), {"tags"}),
]


@pytest.mark.parametrize(("asked", "found", "written"), CHANGES)
def test_only_what_differs_is_written(asked: Callable[[], dict[str, Any]], found: dict[str, Any], written: set[str]) -> None:
    (step,) = project.make_plan(CLIENT, asked(), found).steps
    assert step.operation == "UpdateProject" and set(step.params) == {"name", *written}


def test_what_is_taken_away_is_said_as_aws_wants_it() -> None:
    found = live(vpc_config={"vpc_id": "v", "subnets": ["s"], "security_group_ids": ["g"]}, concurrent_build_limit=2)
    (step,) = project.make_plan(CLIENT, wanted(), found).steps
    assert (step.params["vpcConfig"], step.params["concurrentBuildLimit"]) == ({}, -1)


def test_a_webhook_comes_without_its_secret() -> None:
    assert live(webhook={"url": "u", "secret": "s"})["webhook"] == {"url": "u"}
