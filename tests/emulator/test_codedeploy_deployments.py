"""Deployments on ECS, watched from outside while time passes."""

from typing import Any

import pytest

from emulator.services.codedeploy.ecs import execution_id
from tests.support.bluegreen import Stage, build
from tests.support.emulated import Emulated
from tests.support.roles import trust

pytestmark = pytest.mark.usefixtures("slowly")
ALL = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]
ROLLBACK = {"enabled": True, "events": ALL}
HOOKS = {"Hooks": [{"AfterAllowTestTraffic": "CodeDeployHook_smoke"}]}


@pytest.fixture
def stage(emulated: Emulated) -> Stage:
    return build(emulated)


def primary(stage: Stage) -> dict[str, Any]:
    service = stage.emulated.client("ecs").describe_services(cluster="shop", services=["web"])["services"][0]
    (found,) = [item for item in service["taskSets"] if item["status"] == "PRIMARY"]
    return dict(found)


def when(stage: Stage, name: str, event: str, status: str) -> None:
    """Let time pass until a lifecycle event has a status."""
    for _ in range(300):
        if stage.deployment(name)["status"] not in ("Created", "Queued") and stage.events(name)[event] == status:
            return
        stage.emulated.advance(5)
    raise AssertionError(f"{event} is {stage.events(name)[event]}")


def test_a_canary_deployment_from_beginning_to_end(stage: Stage) -> None:
    stage.create_group()
    assert stage.weights() == {"blue": 1}
    name = stage.deploy(stage.define("shop:2"), description="release 2")
    info = stage.deployment(name)
    assert info["status"] in ("Created", "Queued", "InProgress") and info["creator"] == "user" and info["description"] == "release 2"

    when(stage, name, "Install", "InProgress")
    assert stage.weights() == {"green": 0, "blue": 100}
    (blue, green) = stage.target(name)["taskSetsInfo"]
    assert (blue["taskSetLabel"], blue["status"], green["taskSetLabel"], green["status"]) == ("Blue", "PRIMARY", "Green", "ACTIVE")
    assert stage.weights(stage.test_listener) == {"blue": 1}

    when(stage, name, "AllowTestTraffic", "Succeeded")
    assert stage.weights(stage.test_listener) == {"green": 100, "blue": 0}

    when(stage, name, "AllowTraffic", "InProgress")
    stage.emulated.advance(10)
    assert stage.weights() == {"green": 10, "blue": 90}
    assert [item["trafficWeight"] for item in stage.target(name)["taskSetsInfo"]] == [90.0, 10.0]
    assert primary(stage)["loadBalancers"][0]["targetGroupArn"] == stage.blue

    when(stage, name, "AfterAllowTraffic", "Succeeded")
    assert stage.weights() == {"green": 100, "blue": 0}
    assert primary(stage)["taskDefinition"].endswith(":2")
    stage.emulated.advance(10)
    info = stage.deployment(name)
    assert info["status"] == "InProgress" and info["instanceTerminationWaitTimeStarted"]

    info = stage.until(name, "Succeeded")
    assert info["deploymentOverview"]["Succeeded"] == 1 and "completeTime" in info and "errorInformation" not in info
    assert set(stage.events(name).values()) == {"Succeeded"} and len(stage.events(name)) == 8
    group = stage.emulated.client("codedeploy").get_deployment_group(applicationName="shop", deploymentGroupName="production")
    group = group["deploymentGroupInfo"]
    assert group["lastSuccessfulDeployment"]["deploymentId"] == group["lastAttemptedDeployment"]["deploymentId"] == name
    assert group["targetRevision"]["appSpecContent"]["sha256"] == info["revision"]["appSpecContent"]["sha256"]
    stage.emulated.advance(600)
    service = stage.emulated.client("ecs").describe_services(cluster="shop", services=["web"])["services"][0]
    assert len(service["taskSets"]) == 1 and service["runningCount"] == 2


def test_the_next_deployment_goes_back_to_the_other_group(stage: Stage) -> None:
    stage.create_group(deploymentConfigName="CodeDeployDefault.ECSAllAtOnce")
    first = stage.deploy(stage.define("shop:2"))
    stage.until(first, "Succeeded")
    second = stage.deploy(stage.define("shop:3"))
    info = stage.until(second, "Succeeded")
    assert stage.weights() == {"blue": 100, "green": 0}
    assert info["previousRevision"] == stage.deployment(first)["revision"]
    shown = [(item["taskSetLabel"], item["trafficWeight"]) for item in stage.target(first)["taskSetsInfo"]]
    assert shown == [("Blue", 0.0), ("Green", 100.0)]
    listed = stage.emulated.client("codedeploy").list_deployments(applicationName="shop", deploymentGroupName="production")
    assert listed["deployments"] == [second, first]


def test_linear_moves_in_equal_steps(stage: Stage) -> None:
    codedeploy = stage.emulated.client("codedeploy")
    routing = {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 40, "linearInterval": 2}}
    codedeploy.create_deployment_config(deploymentConfigName="steps", computePlatform="ECS", trafficRoutingConfig=routing)
    stage.create_group(deploymentConfigName="steps")
    name = stage.deploy(stage.define("shop:2"))
    when(stage, name, "BeforeAllowTraffic", "Succeeded")
    seen = []
    for _ in range(200):
        weight = stage.weights()["green"]
        seen += [weight] if weight not in seen else []
        if weight == 100:
            break
        stage.emulated.advance(5)
    assert [weight for weight in seen if weight] == [40, 80, 100]


def test_a_replacement_that_never_gets_healthy_times_out_and_is_rolled_back(stage: Stage) -> None:
    stage.emulated.script(image="shop:bad", healthy=False)
    stage.create_group(autoRollbackConfiguration=ROLLBACK)
    name = stage.deploy(stage.define("shop:bad"))
    when(stage, name, "Install", "InProgress")
    stage.emulated.advance(600)
    assert stage.deployment(name)["status"] == "InProgress"
    info = stage.until(name, "Failed", step=60)
    text = "The deployment timed out while waiting for the replacement task set to become healthy."
    assert info["errorInformation"] == {"code": "TIMEOUT", "message": f"{text} This time out period is 60 minutes."}
    assert stage.events(name)["Install"] == "Failed" and stage.events(name)["AllowTraffic"] == "Skipped"
    back = info["rollbackInfo"]["rollbackDeploymentId"]
    undone = stage.until(back, "Succeeded")
    assert undone["creator"] == "codeDeployRollback" and undone["rollbackInfo"]["rollbackTriggeringDeploymentId"] == name
    assert stage.weights() == {"green": 0, "blue": 100} and primary(stage)["taskDefinition"].endswith(":1")
    stage.emulated.advance(600)
    service = stage.emulated.client("ecs").describe_services(cluster="shop", services=["web"])["services"][0]
    assert len(service["taskSets"]) == 1


def test_crashing_tasks_are_restarted_for_an_hour(stage: Stage) -> None:
    stage.emulated.script(image="shop:bad", seconds=2.0, exit_code=1)
    stage.create_group(autoRollbackConfiguration=ROLLBACK)
    definition = stage.define("shop:bad")
    name = stage.deploy(definition)
    when(stage, name, "Install", "InProgress")
    ecs = stage.emulated.client("ecs")
    stage.emulated.advance(300)
    stopped = ecs.list_tasks(cluster="shop", desiredStatus="STOPPED")["taskArns"]
    dead = [task for task in ecs.describe_tasks(cluster="shop", tasks=stopped)["tasks"] if task["taskDefinitionArn"] == definition]
    assert len(dead) > 2
    assert {(task["stopCode"], task["stoppedReason"]) for task in dead} == {
        ("EssentialContainerExited", "Essential container in task exited")
    }
    assert {task["containers"][0]["exitCode"] for task in dead} == {1}
    stage.emulated.advance(3000)
    assert stage.events(name)["Install"] == "InProgress" and stage.weights() == {"green": 0, "blue": 100}
    info = stage.until(name, "Failed", seconds=900)
    assert info["errorInformation"]["code"] == "TIMEOUT" and stage.events(name)["AllowTraffic"] == "Skipped"
    stage.until(info["rollbackInfo"]["rollbackDeploymentId"], "Succeeded")


def test_a_failed_deployment_without_rollback_is_cleaned_up_by_the_next_one(stage: Stage) -> None:
    stage.emulated.script(image="shop:bad", healthy=False)
    stage.create_group()
    info = stage.until(stage.deploy(stage.define("shop:bad")), "Failed", step=60)
    assert "rollbackInfo" not in info
    stage.until(stage.deploy(stage.define("shop:3")), "Succeeded")
    assert primary(stage)["taskDefinition"].endswith(":3")


def test_stopping_after_the_shift_and_going_back(stage: Stage) -> None:
    stage.create_group()
    name = stage.deploy(stage.define("shop:2"))
    when(stage, name, "AfterAllowTraffic", "Succeeded")
    codedeploy = stage.emulated.client("codedeploy")
    assert codedeploy.stop_deployment(deploymentId=name, autoRollbackEnabled=True)["status"] == "Pending"
    info = stage.until(name, "Stopped")
    assert info["errorInformation"]["code"] == "MANUAL_STOP"
    stage.until(info["rollbackInfo"]["rollbackDeploymentId"], "Succeeded")
    assert stage.weights() == {"green": 0, "blue": 100} and primary(stage)["taskDefinition"].endswith(":1")
    assert stage.weights(stage.test_listener) == {"green": 0, "blue": 100}
    refused = stage.emulated.refused("codedeploy", "stop_deployment", deploymentId=name)
    assert refused[0] == "DeploymentAlreadyCompletedException"


def test_stopping_without_rollback_leaves_traffic_where_it_is(stage: Stage) -> None:
    stage.create_group(autoRollbackConfiguration=ROLLBACK)
    name = stage.deploy(stage.define("shop:2"))
    when(stage, name, "AllowTraffic", "InProgress")
    stage.emulated.advance(10)
    stage.emulated.client("codedeploy").stop_deployment(deploymentId=name, autoRollbackEnabled=False)
    assert "rollbackInfo" not in stage.until(name, "Stopped")
    assert stage.weights() == {"green": 10, "blue": 90}


def test_one_active_deployment_per_group(stage: Stage) -> None:
    stage.create_group()
    definition = stage.define("shop:2")
    name = stage.deploy(definition)
    revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": stage.appspec(definition)}}
    refused = stage.emulated.refused(
        "codedeploy", "create_deployment", applicationName="shop", deploymentGroupName="production", revision=revision
    )
    text = f"The Deployment Group 'production' already has an active Deployment '{name}'"
    assert refused == ("DeploymentLimitExceededException", text)


def test_ready_waits_for_somebody_and_stops_when_nobody_comes(stage: Stage) -> None:
    config = {
        "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 30},
        "deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 20},
    }
    stage.create_group(blueGreenDeploymentConfiguration=config, deploymentConfigName="CodeDeployDefault.ECSAllAtOnce")
    codedeploy = stage.emulated.client("codedeploy")
    early = stage.deploy(stage.define("shop:2"))
    assert stage.emulated.refused("codedeploy", "continue_deployment", deploymentId=early)[0] == "DeploymentIsNotInReadyStateException"
    stage.until(early, "Ready")
    assert stage.target(early)["status"] == "Ready" and stage.weights() == {"green": 0, "blue": 100}
    info = stage.until(early, "Stopped", step=60)
    assert info["errorInformation"]["message"].endswith("waiting for a notification to continue. This time out period is 20 minutes.")

    name = stage.deploy(stage.define("shop:3"))
    stage.until(name, "Ready")
    codedeploy.continue_deployment(deploymentId=name, deploymentWaitType="READY_WAIT")
    when(stage, name, "AfterAllowTraffic", "Succeeded")
    stage.emulated.advance(10)
    codedeploy.continue_deployment(deploymentId=name, deploymentWaitType="TERMINATION_WAIT")
    assert stage.deployment(name)["status"] == "Succeeded"


def _function(stage: Stage) -> None:
    stage.emulated.client("iam").create_role(RoleName="hook", AssumeRolePolicyDocument=trust("lambda.amazonaws.com"))
    stage.emulated.client("lambda").create_function(
        FunctionName="CodeDeployHook_smoke",
        Runtime="python3.13",
        Handler="hook.handle",
        Role="arn:aws:iam::123456789012:role/hook",
        Code={"ZipFile": b"PK\x05\x06" + b"\0" * 18},
    )


@pytest.mark.parametrize(("answer", "status"), [("Succeeded", "Succeeded"), ("Failed", "Failed"), (None, "Failed")])
def test_a_hook_waits_for_its_function(stage: Stage, answer: str | None, status: str) -> None:
    _function(stage)
    stage.create_group(deploymentConfigName="CodeDeployDefault.ECSAllAtOnce")
    definition = stage.define("shop:2")
    name = stage.deploy(definition, stage.appspec(definition, **HOOKS))
    when(stage, name, "AfterAllowTestTraffic", "InProgress")
    stage.emulated.advance(600)
    assert stage.events(name)["AfterAllowTestTraffic"] == "InProgress"
    hook = {"deploymentId": name, "lifecycleEventHookExecutionId": execution_id(name, "AfterAllowTestTraffic")}
    put = "put_lifecycle_event_hook_execution_status"
    assert stage.emulated.refused("codedeploy", put, **hook, status="Skipped")[0] == "InvalidLifecycleEventHookExecutionStatusException"
    wrong = {**hook, "lifecycleEventHookExecutionId": "unknown"}
    assert stage.emulated.refused("codedeploy", put, **wrong, status="Succeeded")[0] == "InvalidLifecycleEventHookExecutionIdException"
    if answer:
        stage.emulated.client("codedeploy").put_lifecycle_event_hook_execution_status(**hook, status=answer)
        assert stage.emulated.refused("codedeploy", put, **hook, status=answer)[0] == "LifecycleEventAlreadyCompletedException"
    info = stage.until(name, "Succeeded", "Failed", step=60)
    assert info["status"] == status
    if status == "Failed":
        assert info["errorInformation"]["code"] == "HOOK_EXECUTION_FAILURE"
        assert ("one hour" in info["errorInformation"]["message"]) == (answer is None)


def test_a_hook_without_a_function_fails(stage: Stage) -> None:
    stage.create_group()
    definition = stage.define("shop:2")
    info = stage.until(stage.deploy(definition, stage.appspec(definition, **HOOKS)), "Failed")
    assert info["errorInformation"]["code"] == "HOOK_EXECUTION_FAILURE"


def test_alarms_stop_a_deployment_and_one_that_rings_lets_none_begin(stage: Stage) -> None:
    cloudwatch = stage.emulated.client("cloudwatch")
    metric = {"MetricName": "5xx", "Namespace": "shop", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0}
    cloudwatch.put_metric_alarm(AlarmName="errors", ComparisonOperator="GreaterThanThreshold", TreatMissingData="ignore", **metric)
    alarms = {"enabled": True, "alarms": [{"name": "errors"}]}
    stage.create_group(alarmConfiguration=alarms, autoRollbackConfiguration=ROLLBACK)
    name = stage.deploy(stage.define("shop:2"))
    when(stage, name, "AllowTraffic", "InProgress")
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="a test")
    stage.emulated.advance(60)
    info = stage.until(name, "Stopped")
    assert info["errorInformation"]["code"] == "ALARM_ACTIVE" and "errors" in info["errorInformation"]["message"]
    stage.until(info["rollbackInfo"]["rollbackDeploymentId"], "Succeeded")
    assert stage.weights() == {"green": 0, "blue": 100}

    again = stage.until(stage.deploy(stage.define("shop:3")), "Failed")
    assert again["errorInformation"]["code"] == "ALARM_ACTIVE"
    stage.until(again["rollbackInfo"]["rollbackDeploymentId"], "Succeeded")
    urgent = stage.deploy(stage.define("shop:4"), overrideAlarmConfiguration={"enabled": False})
    stage.until(urgent, "Succeeded")


def test_listeners_must_point_at_the_primary_task_set(stage: Stage) -> None:
    stage.create_group()
    elb = stage.emulated.client("elbv2")
    elb.modify_listener(ListenerArn=stage.listener, DefaultActions=[{"Type": "forward", "TargetGroupArn": stage.green}])
    info = stage.until(stage.deploy(stage.define("shop:2")), "Failed")
    text = "The ELB could not be updated due to the following error: Primary taskset target group must be behind listener"
    assert info["errorInformation"]["message"] == f"{text} {stage.listener}"
    elb.modify_listener(ListenerArn=stage.listener, DefaultActions=[{"Type": "forward", "TargetGroupArn": stage.blue}])
    stage.until(stage.deploy(stage.define("shop:3")), "Succeeded")


def broken(stage: Stage, definition: str, case: str) -> str:
    if case == "not yaml":
        return "version: 0.0\n  Resources: ["
    if case == "unknown key":
        return stage.appspec(definition, Extra=1)
    if case == "family without a revision":
        return stage.appspec(definition.rsplit(":", 1)[0])
    if case == "unknown hook":
        return stage.appspec(definition, Hooks=[{"Install": "f"}])
    return stage.appspec(definition).replace('"version": 0.0', '"version": 2')


@pytest.mark.parametrize("case", ["not yaml", "unknown key", "family without a revision", "unknown hook", "version"])
def test_a_wrong_appspec_fails_the_deployment(stage: Stage, case: str) -> None:
    stage.create_group()
    definition = stage.define("shop:2")
    info = stage.until(stage.deploy(definition, broken(stage, definition, case)), "Failed")
    assert info["errorInformation"]["code"] == "INVALID_REVISION"
    assert stage.weights() == {"blue": 1}


def test_container_and_port_must_exist_in_the_task_definition(stage: Stage) -> None:
    stage.create_group()
    definition = stage.define("shop:2")
    for before, after in (('"web"', '"app"'), ("3000", "8080")):
        info = stage.until(stage.deploy(definition, stage.appspec(definition).replace(before, after)), "Failed")
        assert info["errorInformation"]["code"] == "ECS_UPDATE_ERROR"


def test_an_appspec_from_s3(stage: Stage) -> None:
    stage.create_group(deploymentConfigName="CodeDeployDefault.ECSAllAtOnce")
    codedeploy, s3 = stage.emulated.client("codedeploy"), stage.emulated.client("s3")
    s3.create_bucket(Bucket="releases-of-shop", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    location = {"bucket": "releases-of-shop", "key": "appspec.json", "bundleType": "JSON"}
    names = {"applicationName": "shop", "deploymentGroupName": "production"}
    revision = {"revisionType": "S3", "s3Location": location}
    absent = codedeploy.create_deployment(**names, revision=revision)["deploymentId"]
    assert stage.until(absent, "Failed")["errorInformation"]["code"] == "INVALID_REVISION"
    s3.put_object(Bucket="releases-of-shop", Key="appspec.json", Body=stage.appspec(stage.define("shop:2")).encode())
    stage.until(codedeploy.create_deployment(**names, revision=revision)["deploymentId"], "Succeeded")


def test_a_service_of_zero_tasks_is_released_too(emulated: Emulated) -> None:
    stage = build(emulated, count=0)
    stage.create_group()
    stage.until(stage.deploy(stage.define("shop:2")), "Succeeded")
    assert primary(stage)["taskDefinition"].endswith(":2")


def test_behind_a_network_load_balancer_everything_moves_at_once(emulated: Emulated) -> None:
    stage = build(emulated, kind="network")
    with pytest.raises(emulated.client("codedeploy").exceptions.InvalidTrafficRoutingConfigurationException, match="Only ALB supports"):
        stage.create_group()
    stage.create_group(deploymentConfigName="CodeDeployDefault.ECSAllAtOnce")
    stage.until(stage.deploy(stage.define("shop:2")), "Succeeded")
    assert list(stage.weights()) == ["green"]


def test_targets(stage: Stage) -> None:
    stage.create_group()
    codedeploy = stage.emulated.client("codedeploy")
    name = stage.deploy(stage.define("shop:2"))
    when(stage, name, "Install", "InProgress")
    assert codedeploy.list_deployment_targets(deploymentId=name)["targetIds"] == ["shop:web"]
    (target,) = codedeploy.batch_get_deployment_targets(deploymentId=name, targetIds=["shop:web"])["deploymentTargets"]
    assert target["deploymentTargetType"] == "ECSTarget" and target["ecsTarget"]["status"] == "InProgress"
    refusals: list[tuple[str, dict[str, Any], str]] = [
        ("get_deployment_target", {"deploymentId": name, "targetId": "shop:other"}, "DeploymentTargetDoesNotExistException"),
        ("batch_get_deployment_targets", {"deploymentId": name, "targetIds": ["x"] * 26}, "DeploymentTargetListSizeExceededException"),
        ("get_deployment", {"deploymentId": "d-ABCDEFGHI"}, "DeploymentDoesNotExistException"),
        ("get_deployment", {"deploymentId": "nonsense"}, "InvalidDeploymentIdException"),
    ]
    for operation, params, code in refusals:
        assert stage.emulated.refused("codedeploy", operation, **params)[0] == code
