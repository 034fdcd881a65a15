"""A pipeline as the options of the module declare it, with every option there, as Ansible gives them."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.railyard.fargate.plugins.module_utils._codepipeline import module_options, structure

REGION = "eu-west-1"
ROLE = "arn:aws:iam::123456789012:role/shop-production-pipeline"
CONNECTION = "arn:aws:codeconnections:eu-west-1:123456789012:connection/1d2e3f40-5a6b-7c8d-9e0f-112233445566"
SOURCE = {"ConnectionArn": CONNECTION, "FullRepositoryId": "acme/shop", "BranchName": "main", "DetectChanges": False}
DEPLOY = {
    "ApplicationName": "shop",
    "DeploymentGroupName": "web",
    "TaskDefinitionTemplateArtifact": "build",
    "AppSpecTemplateArtifact": "build",
    "Image1ArtifactName": "build",
    "Image1ContainerName": "IMAGE1_NAME",
}
OTHERS = {"state": {"type": "str", "default": "present"}, "tags": {"type": "dict"}, "purge_tags": {"type": "bool", "default": True}}


def given() -> dict[str, Any]:
    """What a person writes: Source, Build, Migrate (commands), Approve, Deploy."""
    return {
        "name": "shop-production",
        "role_arn": ROLE,
        "artifact_bucket": "shop-production-artifacts",
        "stages": [
            {
                "name": "Source",
                "actions": [_action("Source", "Source/CodeStarSourceConnection", SOURCE, outputs=["source"], namespace="Source")],
            },
            {
                "name": "Build",
                "actions": [
                    _action(
                        "Build", "Build/CodeBuild", {"ProjectName": "shop-build"}, inputs=["source"], outputs=["build"], namespace="Build"
                    )
                ],
            },
            {
                "name": "Migrate",
                "actions": [
                    _action(
                        "Migrate",
                        "Compute/Commands",
                        None,
                        inputs=["build"],
                        commands=["python3 railyard.pyz migrate"],
                        environment_variables=[{"name": "IMAGE", "value": "#{Build.IMAGE_DIGEST}"}],
                    )
                ],
            },
            {"name": "Approve", "actions": [_action("Approve", "Approval/Manual", None, timeout_minutes=60)]},
            {"name": "Deploy", "actions": [_action("Deploy", "Deploy/CodeDeployToECS", dict(DEPLOY), inputs=["build"])]},
        ],
        "triggers": [{"source_action": "Source", "push": [{"branches": {"includes": ["main"]}}]}],
        "variables": [{"name": "REASON", "default_value": "none"}],
    }


def _action(name: str, kind: str, configuration: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    category, provider = kind.split("/")
    return {"name": name, "category": category, "provider": provider, "configuration": configuration and dict(configuration), **more}


def options(wanted: dict[str, Any]) -> dict[str, Any]:
    """The options as a module gets them. Fails where Ansible would."""
    result = ArgumentSpecValidator({**module_options.PIPELINE, **OTHERS}).validate(wanted)
    assert result.error_messages == []
    return dict(result.validated_parameters)


def declared(wanted: dict[str, Any]) -> dict[str, Any]:
    return dict(structure.declared(options(wanted)))


def action(wanted: dict[str, Any], stage: str) -> dict[str, Any]:
    """The first action of a stage, to be changed."""
    return dict_of(next(one for one in wanted["stages"] if one["name"] == stage)["actions"][0])


def dict_of(value: Any) -> dict[str, Any]:
    assert isinstance(value, dict)
    return value
