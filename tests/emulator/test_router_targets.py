"""Which target a request reaches through the emulated load balancer, and what is answered where nobody is."""

from __future__ import annotations

import pytest

from tests.support import bluegreen
from tests.support.emulated import Emulated
from tests.support.fargate import slowly
from tests.support.users import get


@pytest.fixture
def stage(emulated: Emulated) -> bluegreen.Stage:
    return bluegreen.build(emulated)


def url(stage: bluegreen.Stage, port: int = 80, path: str = "/") -> str:
    (balancer,) = stage.emulated.client("elbv2").describe_load_balancers(LoadBalancerArns=[stage.load_balancer])["LoadBalancers"]
    return f"http://{balancer['DNSName']}:{port}{path}"


def image(stage: bluegreen.Stage, port: int = 80) -> str:
    status, body = get(stage.emulated, url(stage, port))
    assert status == 200, body
    return body.split()[0]


def test_the_test_listener_shows_new_tasks_before_users_see_them(stage: bluegreen.Stage) -> None:
    ready = {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60}
    keep = {"action": "TERMINATE", "terminationWaitTimeInMinutes": 30}
    stage.create_group(
        blueGreenDeploymentConfiguration={"terminateBlueInstancesOnDeploymentSuccess": keep, "deploymentReadyOption": ready},
        deploymentConfigName="CodeDeployDefault.ECSAllAtOnce",
    )
    with slowly(stage.emulated):
        name = stage.deploy(stage.define("shop:2"))
        stage.until(name, "Ready")
        assert [{image(stage, port) for _ in range(6)} for port in (80, 8080)] == [{"shop:1"}, {"shop:2"}]
        stage.emulated.client("codedeploy").continue_deployment(deploymentId=name, deploymentWaitType="READY_WAIT")
        for _ in range(60):
            stage.emulated.advance(5)
            if stage.weights()["green"] == 100:
                break
        assert {image(stage) for _ in range(6)} == {"shop:2"}


def test_a_target_that_drains_gets_no_request(stage: bluegreen.Stage) -> None:
    elb = stage.emulated.client("elbv2")
    with slowly(stage.emulated):
        stage.emulated.advance(120)
        tasks = {get(stage.emulated, url(stage))[1].split()[2] for _ in range(4)}
        target = elb.describe_target_health(TargetGroupArn=stage.blue)["TargetHealthDescriptions"][0]["Target"]
        elb.deregister_targets(TargetGroupArn=stage.blue, Targets=[target])
        left = {get(stage.emulated, url(stage))[1].split()[2] for _ in range(6)}
    assert len(tasks) == 2 and len(left) == 1 and left < tasks


def test_an_address_without_a_task_is_a_bad_gateway(stage: bluegreen.Stage) -> None:
    elb = stage.emulated.client("elbv2")
    with slowly(stage.emulated):
        elb.register_targets(TargetGroupArn=stage.green, Targets=[{"Id": "10.0.0.99", "Port": 3000}])
        elb.modify_listener(ListenerArn=stage.listener, DefaultActions=[{"Type": "forward", "TargetGroupArn": stage.green}])
        assert get(stage.emulated, url(stage))[0] == 502


def test_a_listener_that_forwards_nowhere_answers_itself(stage: bluegreen.Stage) -> None:
    elb = stage.emulated.client("elbv2")
    pair = [{"TargetGroupArn": arn, "Weight": 0} for arn in (stage.blue, stage.green)]
    elb.modify_listener(ListenerArn=stage.listener, DefaultActions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": pair}}])
    assert get(stage.emulated, url(stage))[0] == 503
    stage.emulated.script(image="shop:1", pages={"/slow": [504, "504 Gateway Time-out"]})
    assert get(stage.emulated, url(stage, 8080, "/slow")) == (504, "504 Gateway Time-out")
