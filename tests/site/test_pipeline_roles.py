"""The roles of pipeline and build are asked for all that their policies allow; that of the step is made from what its program calls."""

from __future__ import annotations

from typing import Any

import pytest

from emulator import process
from tests.support.emulated import Emulated
from tests.support.names import names
from tests.support.playbooks import converge
from tests.support.source import Repository

from .conftest import Made
from .test_pipeline import ON, Team

WAYS = {"step": "railyard_engine=codedeploy", "ecs": "railyard_engine=ecs"}
# What AWS's pages want and its emulation does not ask for, and what only a cache, a session with a build, or CodePipeline's own action
# for CodeDeploy needs. https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html
OTHERWISE = {
    "pipeline": {
        *("logs:CreateLogStream", "logs:PutLogEvents"),
        *("s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:GetObject", "s3:GetObjectVersion"),
    },
    "build": {
        *("ecr:GetDownloadUrlForLayer", "s3:GetObjectVersion", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel"),
        *("ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"),
    },
}


def allowed(emulated: Emulated, role: str) -> set[str]:
    """All actions of a role's policies."""
    iam, found = emulated.client("iam"), set()
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document: dict[str, Any] = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for one in document["Statement"]:
            found |= {one["Action"]} if isinstance(one["Action"], str) else set(one["Action"])
    return found


@pytest.mark.soak
@pytest.mark.parametrize("way", WAYS)
def test_roles_are_asked_for_all_that_they_may(way: str, made: Made, tmp_path_factory: pytest.TempPathFactory) -> None:
    words = (*ON, "-e", WAYS[way])
    emulated = made(*words)
    process.control(emulated.state, "connections")
    converge(emulated, *words)
    team = Team(emulated, Repository(tmp_path_factory.mktemp("repository") / "shop", emulated), words)
    process.control(emulated.state, "authority", on=False)
    team.repository.push("Ask for everything")
    assert team.type("-e", "do=follow").code == 0
    asked = process.control(emulated.state, "authority")["roles"]
    for kind, otherwise in OTHERWISE.items():
        role = str(names().roles[kind])
        own = next(set(actions) for arn, actions in asked.items() if arn.endswith(f"/{role}"))
        assert own <= allowed(emulated, role), "it is enough"
        assert allowed(emulated, role) - own == otherwise, "nothing is spare"
