"""ecs_service while CodeDeploy deploys: a converge finds nothing to do in any state."""

from typing import Any

import pytest

from tests.support import bluegreen, one
from tests.support.bluegreen import Stage
from tests.support.emulated import Emulated


@pytest.fixture
def stage(emulated: Emulated) -> Stage:
    built = bluegreen.build(emulated)
    built.create_group()
    return built


def converge(stage: Stage, definition: str) -> dict[str, Any]:
    result = one.run(
        stage.emulated,
        "ecs_service",
        name="web",
        cluster="shop",
        deployment_controller="CODE_DEPLOY",
        task_definition=definition,
        desired_count=2,
        desired_count_min=2,
        desired_count_max=10,
        platform_version="LATEST",
        network_configuration={"subnets": stage.subnets, "security_groups": [stage.security_group], "assign_public_ip": True},
        load_balancers=[{"target_group_arn": stage.blue, "container_name": "web", "container_port": 3000}],
        target_group_pair=[stage.blue, stage.green],
    )
    assert not result["changed"] and not result["needs_release"] and result["recreation_difference"] == {}, result
    return dict(result["service"])


def live(stage: Stage) -> tuple[str, str]:
    """The live image and target group, as one call says them."""
    found = stage.emulated.run("ecs_service_info", cluster="shop", names=["web"])["services"][0]
    colour = {stage.blue: "blue", stage.green: "green"}[found["active_target_group_arn"]]
    return found["live_images"]["web"], colour


def test_a_second_run_changes_nothing_in_any_state(stage: Stage) -> None:
    first = stage.emulated.client("ecs").describe_services(cluster="shop", services=["web"])["services"][0]["taskDefinition"]
    converge(stage, first)
    assert live(stage) == ("shop:1", "blue")

    second = stage.define("shop:2")
    converge(stage, second)
    deployment = stage.deploy(second)
    stage.emulated.advance(60)
    converge(stage, second)
    stage.until(deployment, "Succeeded")
    converge(stage, second)
    assert live(stage) == ("shop:2", "green")

    third = stage.define("shop:3")
    stage.until(stage.deploy(third), "Succeeded")
    converge(stage, third)
    assert live(stage) == ("shop:3", "blue")

    back = stage.deploy(second)
    stage.until(back, "Succeeded")
    converge(stage, third)
    assert live(stage) == ("shop:2", "green")
