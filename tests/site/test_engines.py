"""From CodeDeploy to ECS itself by one variable: shown first, refused at a bad moment, and without an outage."""

from __future__ import annotations

import pytest

from tests.support.fargate import slowly
from tests.support.names import option
from tests.support.playbooks import converge, play
from tests.support.releases import Deployer

from .conftest import Made

NAME = "shop-local"
ECS, CODEDEPLOY = ("-e", "railyard_engine=ecs"), ("-e", "railyard_engine=codedeploy")
MOVE = [
    "railyard.fargate.ecs : services | Create or update the infrastructure role of ECS",
    "railyard.fargate.ecs : services | Create or update a service for each process",
    "railyard.fargate.ecs : services | Store the configuration for the next release",
    "railyard.fargate.codedeploy : destroy | Delete the application with its deployment groups",
    "railyard.fargate.codedeploy : destroy | Delete the deployment configurations",
    "railyard.fargate.codedeploy : destroy | Delete the role",
]


def serving(deployer: Deployer) -> int:
    """How many healthy tasks stand behind the groups that get production traffic."""
    elbv2 = deployer.emulated.client("elbv2")
    counts = []
    for colour, weight in deployer.weights().items():
        group = elbv2.describe_target_groups(Names=[f"{NAME}-{colour}"])["TargetGroups"][0]["TargetGroupArn"]
        targets = elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        if weight:
            counts.append(sum(target["TargetHealth"]["State"] == "healthy" for target in targets))
    return min(counts)


@pytest.mark.soak
def test_codedeploy_hands_over_to_ecs(made: Made) -> None:
    emulated = made(*CODEDEPLOY)
    emulated.advance(300)
    deployer = Deployer(emulated, NAME)
    with slowly(emulated):
        deployment = deployer.deploy(deployer.push("two"))
        deployer.until(deployment, "Ready")
        before = emulated.writes()
        early = play(emulated, "site.yml", *ECS)
        assert early.code != 0 and "a deployment of CodeDeploy goes on" in early.output
        assert "railyard_engine" in early.output and emulated.writes() == before
        # What deploys nothing does not mind.
        command = play(emulated, "playbooks/run.yml", *ECS, "-e", "command=true", "--check")
        assert command.code == 0 and "Would run in" in command.output, command.output
        deployer.until(deployment, "Succeeded")
    assert deployer.weights().get("green") == 100

    before = emulated.writes()
    shown = converge(emulated, "--check", *ECS)
    assert shown.changed_tasks == MOVE and emulated.writes() == before

    with slowly(emulated):
        moved = converge(emulated, *ECS)
        assert moved.changed_tasks == MOVE
        assert emulated.client("codedeploy").list_applications()["applications"] == []
        for _ in range(120):
            assert serving(deployer) >= 2
            record = emulated.client("ecs").list_service_deployments(cluster=NAME, service="web")["serviceDeployments"][0]
            if record["status"] == "SUCCESSFUL":
                break
            emulated.advance(15)
        assert record["status"] == "SUCCESSFUL" and deployer.weights().get("blue") == 100
        assert converge(emulated, *ECS).changed_tasks == []

    native = Deployer(emulated, NAME, "ecs")
    native.until(native.deploy(native.push("three")), "Succeeded")
    assert native.weights().get("green") == 100

    before = emulated.writes()
    back = play(emulated, "site.yml", *CODEDEPLOY)
    assert back.code != 0 and "AWS takes a service from CODE_DEPLOY to ECS only" in back.output
    assert emulated.writes() == before
    assert play(emulated, "playbooks/destroy.yml", *ECS, "-e", f"destroy={NAME}", "-e", "delete_data=true").code == 0
    assert emulated.run("environment_info", names=option())["resources"] == []
