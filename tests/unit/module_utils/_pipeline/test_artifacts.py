"""The files that CodePipeline's action for CodeDeploy reads."""

from __future__ import annotations

import json

import pytest
import yaml

from ansible_collections.railyard.fargate.plugins.module_utils._codedeploy import appspec
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._ecs.revisions import TOLD, Revision
from ansible_collections.railyard.fargate.plugins.module_utils._pipeline import artifacts

URI = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop"
NETWORK = {"subnets": ["subnet-1", "subnet-2"], "security_groups": ["sg-1"], "assign_public_ip": True}
PROVIDERS = [{"capacity_provider": "FARGATE_SPOT", "weight": 1}]
NEWEST: Revision = {
    "definition": {
        **dict.fromkeys(TOLD, "told"),
        "taskDefinitionArn": "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-web:7",
        "family": "shop-web",
        "volumes": [],
        "cpu": "256",
        "containerDefinitions": [
            {"name": "web", "image": f"{URI}@sha256:{'1' * 64}", "portMappings": [{"containerPort": 3000}], "command": ["<x> \"é\": 'y'"]},
            {"name": "agent", "image": "public.ecr.aws/agent:1"},
        ],
    },
    "tags": [{"key": "application", "value": "shop"}],
}


def test_definition_is_what_can_be_registered_with_the_image_left_open() -> None:
    found = artifacts.definition(NEWEST, URI)
    assert [item["image"] for item in found["containerDefinitions"]] == ["<IMAGE1_NAME>", "public.ecr.aws/agent:1"]
    assert set(found) == {"family", "cpu", "containerDefinitions", "tags"}
    assert NEWEST["definition"]["containerDefinitions"][0]["image"].startswith(URI), "what was read stays as it is"


def test_definition_of_another_repository_is_refused() -> None:
    with pytest.raises(RailyardError, match="no container with an image of"):
        artifacts.definition(NEWEST, f"{URI}2")


@pytest.mark.parametrize("more", [{}, {"platform_version": "1.4.0", "network": NETWORK, "capacity_provider_strategy": PROVIDERS}])
def test_appspec_is_the_deployments_in_yaml(more: dict[str, object]) -> None:
    wanted = {**artifacts.target(NEWEST), **more, "task_definition": artifacts.DEFINITION}
    text = "\n".join(artifacts.yaml(appspec.document(wanted)))
    assert yaml.safe_load(text) == appspec.document(wanted)
    assert "        TaskDefinition: <TASK_DEFINITION>\n" in text, "as it stands: the action replaces it"
    assert text.startswith("version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n")
    arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-web:8"
    assert yaml.safe_load(text.replace("<TASK_DEFINITION>", arn)) == json.loads(appspec.write({**wanted, "task_definition": arn}))


def test_container_and_port_are_webs() -> None:
    assert artifacts.target(NEWEST) == {"container": "web", "port": 3000}
