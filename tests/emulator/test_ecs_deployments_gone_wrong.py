"""Deployments of the emulated ECS that are stopped, paused, overtaken, or whose tasks keep dying."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulated import Emulated
from tests.support.fargate import CLUSTER, Fargate, build, slowly, steady
from tests.support.native import create, record, release, until, weights

BLUE = {"blue": 100, "green": 0}
HELD: dict[str, Any] = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 60}


@pytest.fixture
def fargate(emulated: Emulated) -> Fargate:
    return build(emulated, balanced=True)


def paused(fargate: Fargate, **hook: Any) -> tuple[str, str]:
    """A deployment that waits with all its tasks before traffic moves, and the id of what it waits for."""
    create(fargate, **HELD)
    hooks = [{"targetType": "PAUSE", "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"], **hook}]
    configuration = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0, "lifecycleHooks": hooks}
    fargate.ecs.update_service(cluster=CLUSTER, service="web", deploymentConfiguration=configuration)
    arn = release(fargate)
    found = until(fargate, arn, lambda found: found["lifecycleStage"] == "POST_TEST_TRAFFIC_SHIFT")
    assert weights(fargate) == BLUE and found["targetServiceRevision"]["runningTaskCount"] == 2
    return arn, found["lifecycleHookDetails"][0]["hookId"]


@pytest.mark.parametrize("action", ["CONTINUE", "ROLLBACK"])
def test_a_person_answers_a_pause(fargate: Fargate, action: str) -> None:
    with slowly(fargate.emulated):
        arn, hook = paused(fargate)
        fargate.ecs.continue_service_deployment(serviceDeploymentArn=arn, hookId=hook, action=action)
        ended = {"CONTINUE": "SUCCESSFUL", "ROLLBACK": "ROLLBACK_SUCCESSFUL"}[action]
        until(fargate, arn, lambda found: found["status"] == ended)
    assert weights(fargate) == ({"blue": 0, "green": 100} if action == "CONTINUE" else BLUE)
    answer = {"serviceDeploymentArn": arn, "hookId": hook}
    assert fargate.emulated.refused("ecs", "continue_service_deployment", **answer)[0] == "InvalidParameterException"


@pytest.mark.parametrize("action", ["CONTINUE", "ROLLBACK"])
def test_pause_without_an_answer_rolls_back(fargate: Fargate, action: str) -> None:
    with slowly(fargate.emulated):
        arn, _ = paused(fargate, timeoutConfiguration={"timeoutInMinutes": 10, "action": action})
        fargate.emulated.advance(400)
        assert record(fargate, arn)["lifecycleStage"] == "POST_TEST_TRAFFIC_SHIFT"
        fargate.emulated.advance(300)
        ended = {"CONTINUE": "SUCCESSFUL", "ROLLBACK": "ROLLBACK_SUCCESSFUL"}[action]
        until(fargate, arn, lambda found: found["status"] == ended)


def test_an_aborted_deployment_leaves_traffic_where_it_is(fargate: Fargate) -> None:
    create(fargate, **HELD)
    arn = release(fargate)
    until(fargate, arn, lambda found: found["lifecycleStage"] == "BAKE_TIME")
    fargate.ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ABORT")
    assert record(fargate, arn)["status"] == "STOPPED" and "rollback" not in record(fargate, arn)
    fargate.emulated.advance(7200)
    assert weights(fargate) == {"blue": 0, "green": 100}
    assert fargate.emulated.refused("ecs", "stop_service_deployment", serviceDeploymentArn=arn)[0] == "ConflictException"


def test_stopping_twice_is_stopping_once(fargate: Fargate) -> None:
    with slowly(fargate.emulated):
        create(fargate, **HELD)
        arn = release(fargate)
        until(fargate, arn, lambda found: found["lifecycleStage"] == "BAKE_TIME")
        for _ in range(2):
            fargate.ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")
        assert record(fargate, arn)["status"].startswith("ROLLBACK_")
        until(fargate, arn, lambda found: found["status"] == "ROLLBACK_SUCCESSFUL")
    assert weights(fargate) == BLUE


def test_the_next_deployment_overtakes_one_that_bakes(fargate: Fargate) -> None:
    create(fargate, **HELD)
    first = release(fargate)
    until(fargate, first, lambda found: found["lifecycleStage"] == "BAKE_TIME")
    second = release(fargate, "shop:3")
    found = record(fargate, first)
    assert found["status"] == "STOPPED" and "new service deployment" in found["statusReason"]
    until(fargate, second, lambda found: found["status"] == "SUCCESSFUL")
    service = fargate.until(steady)
    assert service["taskDefinition"].endswith(":3") and service["runningCount"] == 2


def test_crashing_tasks_trip_the_circuit_breaker_and_get_no_traffic(fargate: Fargate) -> None:
    fargate.emulated.script(image="shop:bad", seconds=2.0, exit_code=1, lines=["KeyError: DATABASE_URL"])
    create(fargate, **HELD, deploymentCircuitBreaker={"enable": True, "rollback": True})
    with slowly(fargate.emulated):
        arn = release(fargate, "shop:bad")
        seen: list[dict[str, int]] = []

        def back(found: dict[str, Any]) -> bool:
            seen.append(weights(fargate))
            return bool(found["status"] == "ROLLBACK_SUCCESSFUL")

        found = until(fargate, arn, back)
    assert all(each == BLUE for each in seen)
    breaker = found["deploymentCircuitBreaker"]
    assert (breaker["status"], breaker["threshold"]) == ("TRIGGERED", 3) and breaker["failureCount"] in (3, 4)
    stopped = fargate.ecs.list_tasks(cluster=CLUSTER, desiredStatus="STOPPED")["taskArns"]
    tasks = fargate.ecs.describe_tasks(cluster=CLUSTER, tasks=stopped)["tasks"]
    dead = [task for task in tasks if task["containers"][0]["image"] == "shop:bad" and task["stopCode"] == "EssentialContainerExited"]
    assert len(dead) >= 3 and {task["containers"][0]["exitCode"] for task in dead} == {1}
    service = fargate.until(steady)
    assert service["taskDefinition"].endswith(":1") and service["runningCount"] == 2
