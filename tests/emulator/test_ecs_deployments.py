"""Service deployments of the emulated ECS: their record, and blue/green, linear and canary with its own controller."""

from __future__ import annotations

import pytest

from tests.support import roles
from tests.support.emulated import Emulated
from tests.support.fargate import CLUSTER, Fargate, build, slowly, steady
from tests.support.native import create, record, release, until, weights


@pytest.fixture
def fargate(emulated: Emulated) -> Fargate:
    return build(emulated, balanced=True)


def test_a_rolling_deployment_is_written_down(fargate: Fargate) -> None:
    fargate.ecs.create_service(**fargate.service())
    fargate.until(steady)
    with slowly(fargate.emulated):
        arn = release(fargate)
        assert fargate.described()["currentServiceDeployment"] == arn
    found = until(fargate, arn, lambda found: found["status"] == "SUCCESSFUL")
    assert found["targetServiceRevision"]["runningTaskCount"] == 2 and len(found["sourceServiceRevisions"]) == 1
    assert "finishedAt" in found and "currentServiceDeployment" not in fargate.described()
    (revision,) = fargate.ecs.describe_service_revisions(serviceRevisionArns=[found["targetServiceRevision"]["arn"]])["serviceRevisions"]
    assert revision["containerImages"] == [{"containerName": "web", "image": "shop:2"}]
    listed = fargate.ecs.list_service_deployments(cluster=CLUSTER, service="web", status=["SUCCESSFUL"])["serviceDeployments"]
    assert listed[0]["serviceDeploymentArn"] == arn and len(listed) == 2
    missing = fargate.ecs.describe_service_deployments(serviceDeploymentArns=[arn + "x"])
    assert missing["serviceDeployments"] == [] and missing["failures"][0]["reason"] == "MISSING"


def test_stopping_a_deployment_rolls_back(fargate: Fargate) -> None:
    fargate.ecs.create_service(**fargate.service())
    fargate.until(steady)
    fargate.emulated.script(image="shop:2", reason="CannotPullContainerError: manifest unknown")
    arn = release(fargate)
    fargate.ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")
    found = until(fargate, arn, lambda found: found["status"] == "ROLLBACK_SUCCESSFUL")
    assert found["rollback"]["serviceRevisionArn"]
    assert fargate.until(steady)["taskDefinition"].endswith(":1")
    assert fargate.emulated.refused("ecs", "stop_service_deployment", serviceDeploymentArn=arn)[0] == "ConflictException"


def test_blue_green_moves_the_traffic_and_keeps_blue_while_it_bakes(fargate: Fargate) -> None:
    create(fargate, strategy="BLUE_GREEN", bakeTimeInMinutes=60)
    assert weights(fargate) == {"blue": 100, "green": 0}
    arn = release(fargate)
    found = until(fargate, arn, lambda found: found["lifecycleStage"] == "BAKE_TIME")
    assert found["status"] == "IN_PROGRESS" and weights(fargate) == {"blue": 0, "green": 100}
    assert found["targetServiceRevision"]["requestedProductionTrafficWeight"] == 100.0
    assert fargate.described()["runningCount"] == 4
    until(fargate, arn, lambda found: found["status"] == "SUCCESSFUL")
    service = fargate.until(steady)
    assert service["runningCount"] == 2 and weights(fargate) == {"blue": 0, "green": 100}
    again = release(fargate, "shop:3")
    until(fargate, again, lambda found: found["status"] == "SUCCESSFUL")
    assert weights(fargate) == {"blue": 100, "green": 0}


def test_blue_green_goes_back_when_it_is_stopped(fargate: Fargate) -> None:
    create(fargate, strategy="BLUE_GREEN", bakeTimeInMinutes=60)
    arn = release(fargate)
    until(fargate, arn, lambda found: found["lifecycleStage"] == "BAKE_TIME")
    fargate.ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")
    until(fargate, arn, lambda found: found["status"] == "ROLLBACK_SUCCESSFUL")
    assert weights(fargate) == {"blue": 100, "green": 0}
    service = fargate.until(steady)
    assert service["taskDefinition"].endswith(":1") and service["runningCount"] == 2


def test_a_canary_waits_before_all_traffic_moves(fargate: Fargate) -> None:
    create(fargate, strategy="CANARY", canaryConfiguration={"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 30})
    arn = release(fargate)
    until(fargate, arn, lambda found: found["lifecycleStage"] == "PRODUCTION_TRAFFIC_SHIFT" and weights(fargate)["green"] > 0)
    assert weights(fargate) == {"blue": 90, "green": 10}
    until(fargate, arn, lambda found: found["status"] == "SUCCESSFUL")
    assert weights(fargate) == {"blue": 0, "green": 100}


def test_linear_goes_in_steps(fargate: Fargate) -> None:
    create(fargate, strategy="LINEAR", linearConfiguration={"stepPercent": 50.0, "stepBakeTimeInMinutes": 20})
    seen = []
    with slowly(fargate.emulated, 60):
        arn = release(fargate)
        until(fargate, arn, lambda found: seen.append(weights(fargate)["green"]) or found["status"] == "SUCCESSFUL")
    assert list(dict.fromkeys(seen)) == [0, 50, 100]


def test_a_pause_waits_for_somebody(fargate: Fargate) -> None:
    hook = {"targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"]}
    create(fargate, strategy="BLUE_GREEN", bakeTimeInMinutes=0)
    configuration = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0, "lifecycleHooks": [hook]}
    fargate.ecs.update_service(cluster=CLUSTER, service="web", deploymentConfiguration=configuration)
    arn = release(fargate)
    found = until(fargate, arn, lambda found: found.get("lifecycleHookDetails"))
    (detail,) = found["lifecycleHookDetails"]
    assert (found["lifecycleStage"], detail["status"], detail["timeoutAction"]) == ("POST_SCALE_UP", "AWAITING_ACTION", "ROLLBACK")
    fargate.emulated.advance(600)
    assert record(fargate, arn)["lifecycleStage"] == "POST_SCALE_UP" and weights(fargate) == {"blue": 100, "green": 0}
    fargate.ecs.continue_service_deployment(serviceDeploymentArn=arn, hookId=detail["hookId"])
    until(fargate, arn, lambda found: found["status"] == "SUCCESSFUL")


def test_a_group_that_is_not_behind_the_rule_rolls_back(fargate: Fargate) -> None:
    create(fargate, strategy="BLUE_GREEN", bakeTimeInMinutes=0)
    elb = fargate.emulated.client("elbv2")
    listener = elb.describe_listeners(LoadBalancerArn=elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"])["Listeners"][0]
    elb.modify_listener(ListenerArn=listener["ListenerArn"], DefaultActions=[{"Type": "forward", "TargetGroupArn": fargate.groups["blue"]}])
    arn = release(fargate)
    found = until(fargate, arn, lambda found: found["status"] == "ROLLBACK_SUCCESSFUL")
    assert "Both targetGroup and alternateTargetGroup must be associated" in found["statusReason"]


def test_an_alarm_stops_a_deployment(fargate: Fargate) -> None:
    cloudwatch = fargate.emulated.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="errors", Namespace="AWS/ApplicationELB", MetricName="HTTPCode_Target_5XX_Count", Statistic="Sum",
        Period=60, EvaluationPeriods=1, Threshold=1.0, ComparisonOperator="GreaterThanThreshold", TreatMissingData="ignore",
    )  # fmt: skip
    alarms = {"alarmNames": ["errors"], "enable": True, "rollback": True}
    create(fargate, strategy="BLUE_GREEN", bakeTimeInMinutes=60, alarms=alarms)
    arn = release(fargate)
    until(fargate, arn, lambda found: found["lifecycleStage"] == "BAKE_TIME")
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")
    found = until(fargate, arn, lambda found: found["status"] == "ROLLBACK_SUCCESSFUL")
    assert found["alarms"]["triggeredAlarmNames"] == ["errors"] and weights(fargate) == {"blue": 100, "green": 0}


def test_an_alarm_that_rings_already_lets_none_be_watched(fargate: Fargate) -> None:
    fargate.emulated.client("cloudwatch").put_metric_alarm(
        AlarmName="errors", Namespace="shop", MetricName="Errors", Statistic="Sum",
        Period=60, EvaluationPeriods=1, Threshold=1.0, ComparisonOperator="GreaterThanThreshold", TreatMissingData="breaching",
    )  # fmt: skip
    fargate.emulated.advance(180)
    create(fargate, strategy="BLUE_GREEN", bakeTimeInMinutes=5, alarms={"alarmNames": ["errors"], "enable": True, "rollback": True})
    fargate.emulated.advance(240)
    found = until(fargate, release(fargate), lambda found: found["status"] == "SUCCESSFUL")
    assert found["alarms"]["status"] == "DISABLED"


def test_a_role_that_ecs_cannot_assume_moves_no_traffic(fargate: Fargate) -> None:
    create(fargate, strategy="BLUE_GREEN", bakeTimeInMinutes=0)
    before = weights(fargate)
    roles.strip(fargate.emulated, "balancing")
    fargate.emulated.client("iam").delete_role(RoleName="balancing")
    found = until(fargate, release(fargate), lambda found: found["status"].startswith("ROLLBACK_S"))
    assert "missing permissions on ECS Infrastructure Role 'arn:aws:iam::123456789012:role/balancing'." in found["statusReason"]
    assert weights(fargate) == before
