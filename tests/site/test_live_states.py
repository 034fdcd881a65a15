"""A converge changes nothing in any state that releases and scaling leave behind, and never touches their weights and counts."""

from __future__ import annotations

import pytest

from tests.support.deploying import ENGINES_OF_THE_GATE
from tests.support.fargate import slowly
from tests.support.playbooks import converge
from tests.support.releases import Deployer

from .conftest import Made

NAME = "shop-local"


@pytest.fixture(scope="module", params=ENGINES_OF_THE_GATE)
def deployer(request: pytest.FixtureRequest, made: Made) -> Deployer:
    """The deployer of an environment that has been converged once, by one engine after the other."""
    emulated = made(*by(request.param))
    emulated.advance(300)
    return Deployer(emulated, NAME, request.param)


def by(engine: str) -> tuple[str, str]:
    return "-e", f"railyard_engine={engine}"


def unchanged(deployer: Deployer) -> None:
    weights, test_weights = deployer.weights(), deployer.weights(8080)
    service = deployer.service()
    played = converge(deployer.emulated, *by(deployer.engine))
    assert played.count("changed") == 0, played.changed_tasks
    assert (deployer.weights(), deployer.weights(8080)) == (weights, test_weights)
    assert deployer.service()["desiredCount"] == service["desiredCount"]


def test_fresh_it_has_two_healthy_tasks_and_does_not_change(deployer: Deployer) -> None:
    assert deployer.service()["runningCount"] == 2
    elbv2 = deployer.emulated.client("elbv2")
    blue = elbv2.describe_target_groups(Names=[f"{NAME}-blue"])["TargetGroups"][0]["TargetGroupArn"]
    health = [target["TargetHealth"]["State"] for target in elbv2.describe_target_health(TargetGroupArn=blue)["TargetHealthDescriptions"]]
    assert health == ["healthy", "healthy"]
    unchanged(deployer)


def test_before_and_in_the_middle_of_a_canary(deployer: Deployer) -> None:
    """What a release leaves behind after that, test_release.py looks at."""
    with slowly(deployer.emulated):
        deployment = deployer.deploy(deployer.push("two"))
        deployer.until(deployment, "Ready")
        assert (deployer.weights()["blue"], deployer.weights(8080)["green"]) == (100, 100)
        unchanged(deployer)
        deployer.proceed(deployment)
        for _ in range(60):
            if deployer.weights().get("green", 0) not in (0, 100):
                break
            deployer.emulated.advance(15)
        assert 0 < deployer.weights()["green"] < 100
        unchanged(deployer)
        deployer.until(deployment, "Succeeded")
    assert deployer.weights().get("green") == 100


def test_scaled_by_load_after_a_second_swap(deployer: Deployer) -> None:
    deployer.until(deployer.deploy(deployer.push("three")), "Succeeded")
    assert deployer.weights().get("blue") == 100
    deployer.emulated.client("ecs").update_service(cluster=NAME, service="web", desiredCount=4)
    deployer.emulated.advance(300)
    assert deployer.service()["runningCount"] == 4
    unchanged(deployer)
