"""Services of the emulated ECS: tasks, targets, deployments, task sets."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support import bluegreen
from tests.support.emulated import Emulated
from tests.support.fargate import CLUSTER, CONTAINER, Fargate, build, slowly, steady


@pytest.fixture
def fargate(emulated: Emulated) -> Fargate:
    return build(emulated, balanced=True)


def health(fargate: Fargate, group: str) -> list[str]:
    found = fargate.emulated.client("elbv2").describe_target_health(TargetGroupArn=fargate.groups[group])
    return [item["TargetHealth"]["State"] for item in found["TargetHealthDescriptions"]]


def texts(service: dict[str, Any]) -> str:
    return "\n".join(event["message"] for event in service["events"])


def images(fargate: Fargate) -> set[str]:
    arns = fargate.ecs.list_tasks(cluster=CLUSTER, serviceName="web")["taskArns"]
    return {task["containers"][0]["image"] for task in fargate.ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"]}


def test_a_service_has_the_defaults_of_aws(fargate: Fargate) -> None:
    service = fargate.ecs.create_service(**fargate.service(loadBalancers=[fargate.target("blue")]))["service"]
    expected = {
        "status": "ACTIVE",
        "platformVersion": "LATEST",
        "platformFamily": "Linux",
        "schedulingStrategy": "REPLICA",
        "availabilityZoneRebalancing": "ENABLED",
        "enableECSManagedTags": False,
        "enableExecuteCommand": False,
        "propagateTags": "NONE",
        "healthCheckGracePeriodSeconds": 0,
        "placementConstraints": [],
        "placementStrategy": [],
        "serviceRegistries": [],
        "events": [],
        "roleArn": "arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
    }
    assert expected.items() <= service.items()
    assert service["deploymentConfiguration"]["maximumPercent"] == 200
    (deployment,) = service["deployments"]
    assert (deployment["status"], deployment["rolloutState"], deployment["desiredCount"]) == ("PRIMARY", "IN_PROGRESS", 2)
    assert "taskSets" not in service


def test_a_service_runs_its_tasks_behind_the_load_balancer(fargate: Fargate) -> None:
    fargate.ecs.create_service(**fargate.service(loadBalancers=[fargate.target("blue")]))
    service = fargate.until(steady)
    assert (service["runningCount"], service["pendingCount"]) == (2, 0)
    assert health(fargate, "blue") == ["healthy", "healthy"]
    assert "has reached a steady state." in texts(service) and "has started 2 tasks: (task " in texts(service)
    fargate.ecs.get_waiter("services_stable").wait(cluster=CLUSTER, services=["web"])


def test_a_rolling_deployment_replaces_the_tasks(fargate: Fargate) -> None:
    fargate.ecs.create_service(**fargate.service(loadBalancers=[fargate.target("blue")]))
    before = fargate.until(steady)["deployments"][0]["id"]
    fargate.define(containerDefinitions=[{**CONTAINER, "image": "shop:2"}])
    updated = fargate.ecs.update_service(cluster=CLUSTER, service="web", taskDefinition="shop-web")["service"]
    assert [item["status"] for item in updated["deployments"]] == ["PRIMARY", "ACTIVE"]
    service = fargate.until(steady)
    assert service["deployments"][0]["id"] != before and service["taskDefinition"].endswith(":2")
    assert images(fargate) == {"shop:2"}
    fargate.emulated.advance(400)
    assert health(fargate, "blue") == ["healthy", "healthy"]


def test_a_task_that_ends_is_replaced(fargate: Fargate) -> None:
    fargate.ecs.create_service(**fargate.service())
    fargate.until(steady)
    arn = fargate.ecs.list_tasks(cluster=CLUSTER, serviceName="web")["taskArns"][0]
    fargate.ecs.stop_task(cluster=CLUSTER, task=arn)
    fargate.emulated.advance(120)
    arns = fargate.ecs.list_tasks(cluster=CLUSTER, serviceName="web")["taskArns"]
    assert len(arns) == 2 and arn not in arns


def test_a_task_is_replaced_while_it_still_drains(fargate: Fargate) -> None:
    fargate.ecs.create_service(**fargate.service(loadBalancers=[fargate.target("blue")]))
    fargate.until(steady)
    first = fargate.ecs.list_tasks(cluster=CLUSTER)["taskArns"][0]
    with slowly(fargate.emulated):
        fargate.ecs.stop_task(cluster=CLUSTER, task=first)
        fargate.emulated.advance(5)
        service = fargate.described()
        assert (service["runningCount"], service["pendingCount"]) == (1, 1)
        (task,) = fargate.ecs.describe_tasks(cluster=CLUSTER, tasks=[first])["tasks"]
        assert task["lastStatus"] == "DEACTIVATING"


def test_scaling_in_and_out(fargate: Fargate) -> None:
    fargate.ecs.create_service(**fargate.service())
    fargate.until(steady)
    for count in (4, 1, 0):
        fargate.ecs.update_service(cluster=CLUSTER, service="web", desiredCount=count)
        assert fargate.until(steady)["runningCount"] == count
    stopped = fargate.ecs.list_tasks(cluster=CLUSTER, desiredStatus="STOPPED")["taskArns"]
    task = fargate.ecs.describe_tasks(cluster=CLUSTER, tasks=stopped)["tasks"][0]
    assert task["stopCode"] == "ServiceSchedulerInitiated"
    assert task["stoppedReason"].startswith("Scaling activity initiated by (deployment ecs-svc/")


def test_the_circuit_breaker_goes_back_to_what_worked(fargate: Fargate) -> None:
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    fargate.ecs.create_service(**fargate.service(deploymentConfiguration=breaker))
    fargate.until(steady)
    fargate.emulated.script(image="shop:2", reason="CannotPullContainerError: manifest unknown")
    fargate.define(containerDefinitions=[{**CONTAINER, "image": "shop:2"}])
    fargate.ecs.update_service(cluster=CLUSTER, service="web", taskDefinition="shop-web")
    failed = fargate.until(lambda service: "rolling back" in texts(service))
    assert failed["runningCount"] >= 2, "the old tasks serve all the time; those of the way back may run beside them"
    service = fargate.until(steady)
    assert service["taskDefinition"].endswith(":1") and images(fargate) == {"shop:1"}
    assert "deployment failed: tasks failed to start." in texts(service)


def test_without_rollback_a_broken_deployment_is_failed(fargate: Fargate) -> None:
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
    fargate.emulated.script(image="shop:1", seconds=1, exit_code=1)
    fargate.ecs.create_service(**fargate.service(deploymentConfiguration=breaker))
    service = fargate.until(lambda service: service["deployments"][0]["rolloutState"] == "FAILED")
    assert service["deployments"][0]["failedTasks"] >= 3


def test_unhealthy_targets_are_replaced(fargate: Fargate) -> None:
    fargate.emulated.script(image="shop:1", healthy=False)
    fargate.ecs.create_service(**fargate.service(loadBalancers=[fargate.target("blue")]))
    service = fargate.until(lambda service: "is unhealthy in (target-group" in texts(service))
    assert not steady(service)
    stopped = fargate.ecs.list_tasks(cluster=CLUSTER, desiredStatus="STOPPED")["taskArns"]
    task = fargate.ecs.describe_tasks(cluster=CLUSTER, tasks=stopped)["tasks"][0]
    assert task["stoppedReason"] == f"Task failed ELB health checks in (target-group {fargate.groups['blue']})"


def test_a_role_that_is_not_there_is_an_event(fargate: Fargate) -> None:
    fargate.define(executionRoleArn="arn:aws:iam::123456789012:role/absent")
    fargate.ecs.create_service(**fargate.service())
    fargate.emulated.advance(30)
    assert "ECS was unable to assume the role" in texts(fargate.described())


def test_a_service_whose_subnets_are_gone_goes_on_trying(fargate: Fargate) -> None:
    fargate.ecs.create_service(**fargate.service(desiredCount=0, networkConfiguration=lonely(fargate)))
    subnet = fargate.described()["networkConfiguration"]["awsvpcConfiguration"]["subnets"][0]
    fargate.emulated.client("ec2").delete_subnet(SubnetId=subnet)
    fargate.ecs.update_service(cluster=CLUSTER, service="web", desiredCount=1)
    fargate.emulated.advance(120)
    stopped = fargate.ecs.list_tasks(cluster=CLUSTER, desiredStatus="STOPPED")["taskArns"]
    task = fargate.ecs.describe_tasks(cluster=CLUSTER, tasks=stopped)["tasks"][0]
    assert task["stopCode"] == "TaskFailedToStart" and subnet in task["stoppedReason"]


def lonely(fargate: Fargate) -> dict[str, Any]:
    """A network whose only subnet nobody else uses."""
    subnet = fargate.emulated.client("ec2").create_subnet(VpcId=fargate.vpc, CidrBlock="10.0.9.0/24")["Subnet"]["SubnetId"]
    return {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": [fargate.group], "assignPublicIp": "ENABLED"}}


def test_without_a_launch_type_there_is_no_place_for_tasks(fargate: Fargate) -> None:
    service = fargate.ecs.create_service(**fargate.service(launchType=None))["service"]
    assert service["launchType"] == "EC2" and "platformVersion" not in service
    fargate.emulated.advance(60)
    assert "No Container Instances were found in your cluster." in texts(fargate.described())
    assert fargate.described()["runningCount"] == 0


def test_a_deleted_service_drains_and_becomes_inactive(fargate: Fargate) -> None:
    params = fargate.service(loadBalancers=[fargate.target("blue")])
    fargate.ecs.create_service(**params)
    fargate.until(steady)
    refused(fargate, "delete_service", "InvalidParameterException", "scaled above 0", cluster=CLUSTER, service="web")
    with slowly(fargate.emulated):
        fargate.ecs.delete_service(cluster=CLUSTER, service="web", force=True)
        assert fargate.described()["status"] == "DRAINING"
        refused(fargate, "create_service", "InvalidParameterException", "still Draining", **params)
        refused(fargate, "update_service", "ServiceNotActiveException", "", cluster=CLUSTER, service="web", desiredCount=1)
        fargate.emulated.advance(1000)
    fargate.until(lambda service: service["status"] == "INACTIVE")
    assert fargate.ecs.list_services(cluster=CLUSTER)["serviceArns"] == []
    fargate.ecs.create_service(**params)
    fargate.until(steady)


def refused(fargate: Fargate, operation: str, code: str, fragment: str, **params: Any) -> None:
    with pytest.raises(fargate.ecs.exceptions.ClientError) as error:
        getattr(fargate.ecs, operation)(**params)
    assert error.value.response["Error"]["Code"] == code, error.value
    assert fragment in error.value.response["Error"]["Message"]


def test_a_code_deploy_service_has_a_primary_task_set(fargate: Fargate) -> None:
    service = fargate.ecs.create_service(**fargate.blue_green())["service"]
    assert service["deployments"] == [] and service["availabilityZoneRebalancing"] == "DISABLED"
    service = fargate.until(steady)
    (task_set,) = service["taskSets"]
    assert task_set["id"].startswith("ecs-svc/") and len(task_set["id"].split("/")[1]) == 19
    assert task_set["taskSetArn"] == f"arn:aws:ecs:eu-west-1:123456789012:task-set/shop/web/{task_set['id']}"
    assert task_set["status"] == "PRIMARY" and task_set["scale"] == {"value": 100.0, "unit": "PERCENT"}
    assert (task_set["computedDesiredCount"], task_set["runningCount"]) == (2, 2)
    assert health(fargate, "blue") == ["healthy", "healthy"]
    refused(
        fargate, "create_task_set", "InvalidParameterException", "CODE_DEPLOY", cluster=CLUSTER, service="web", taskDefinition="shop-web"
    )
    fargate.ecs.update_service(cluster=CLUSTER, service="web", desiredCount=3)
    assert fargate.until(steady)["runningCount"] == 3


def test_task_sets_of_an_external_service(fargate: Fargate) -> None:
    names = {"cluster": CLUSTER, "service": "web"}
    external = fargate.service(taskDefinition=None, launchType=None, networkConfiguration=None, deploymentController={"type": "EXTERNAL"})
    fargate.ecs.create_service(**external)
    wanted = {"taskDefinition": "shop-web", "launchType": "FARGATE", "networkConfiguration": fargate.network}
    blue, green = (
        fargate.ecs.create_task_set(**names, **wanted, loadBalancers=[fargate.target(name)], scale={"value": value, "unit": "PERCENT"})[
            "taskSet"
        ]
        for name, value in (("blue", 100), ("green", 50))
    )
    fargate.ecs.update_service_primary_task_set(**names, primaryTaskSet=blue["id"])
    fargate.until(lambda service: all(item["stabilityStatus"] == "STEADY_STATE" for item in service["taskSets"]))
    assert len(health(fargate, "blue")) == 2 and len(health(fargate, "green")) == 1
    fargate.ecs.update_service_primary_task_set(**names, primaryTaskSet=green["taskSetArn"])
    service = fargate.described()
    assert service["loadBalancers"][0]["targetGroupArn"] == fargate.groups["green"]
    assert {item["id"]: item["status"] for item in service["taskSets"]} == {blue["id"]: "ACTIVE", green["id"]: "PRIMARY"}
    fargate.ecs.update_task_set(**names, taskSet=green["id"], scale={"value": 100, "unit": "PERCENT"})
    refused(fargate, "delete_task_set", "InvalidParameterException", "scaled above 0", **names, taskSet=blue["id"])
    fargate.ecs.delete_task_set(**names, taskSet=blue["id"], force=True)
    fargate.until(lambda service: [item["id"] for item in service["taskSets"]] == [green["id"]] and service["runningCount"] == 2)
    answer = fargate.ecs.describe_task_sets(**names, taskSets=[blue["id"]])
    assert answer["taskSets"] == [] and answer["failures"][0]["reason"] == "MISSING"
    refused(fargate, "update_task_set", "TaskSetNotFoundException", "", **names, taskSet="ecs-svc/1", scale={"value": 1, "unit": "PERCENT"})


def test_code_deploy_services_come_to_the_ecs_controller(fargate: Fargate) -> None:
    fargate.ecs.create_service(**fargate.blue_green())
    fargate.until(steady)
    fargate.ecs.update_service(cluster=CLUSTER, service="web", deploymentController={"type": "ECS"}, forceNewDeployment=True)
    service = fargate.until(steady)
    assert service["deploymentController"] == {"type": "ECS"} and service["deployments"][0]["rolloutState"] == "COMPLETED"


def test_a_controller_changes_only_while_there_is_one_task_set(emulated: Emulated) -> None:
    stage = bluegreen.build(emulated)
    stage.create_group()
    move = {"cluster": "shop", "service": "web", "deploymentController": {"type": "ECS"}}
    with slowly(emulated):
        deployment = stage.deploy(stage.define("shop:2"))
        emulated.advance(60)
        with pytest.raises(ClientError, match="not supported when there are multiple tasksets in the service"):
            emulated.client("ecs").update_service(**move)
        stage.until(deployment, "Succeeded")
        emulated.advance(600)  # The old tasks finish their requests first.
    emulated.client("ecs").update_service(**move)
    with pytest.raises(ClientError, match="Updating the deployment controller to CODE_DEPLOY is not supported"):
        emulated.client("ecs").update_service(**{**move, "deploymentController": {"type": "CODE_DEPLOY"}})


def test_list_services_has_ten_on_a_page(fargate: Fargate) -> None:
    for number in range(12):
        fargate.ecs.create_service(**fargate.service(serviceName=f"web-{number}", desiredCount=0))
    first = fargate.ecs.list_services(cluster=CLUSTER)
    assert len(first["serviceArns"]) == 10
    assert len(fargate.ecs.list_services(cluster=CLUSTER, nextToken=first["nextToken"])["serviceArns"]) == 2
    assert fargate.ecs.list_services(cluster=CLUSTER, launchType="EC2")["serviceArns"] == []


def test_five_deployments_are_enough(fargate: Fargate) -> None:
    again = {"cluster": CLUSTER, "service": "web", "forceNewDeployment": True}
    with slowly(fargate.emulated):
        fargate.ecs.create_service(**fargate.service(desiredCount=0))
        for _ in range(4):
            fargate.ecs.update_service(**again)
        refused(fargate, "update_service", "InvalidParameterException", "5 active deployments exist", **again)
        refused(fargate, "delete_service", "InvalidParameterException", "while deployments are active", cluster=CLUSTER, service="web")


def test_describe_services_tells_what_is_missing(fargate: Fargate) -> None:
    answer = fargate.ecs.describe_services(cluster=CLUSTER, services=["absent"])
    assert answer["services"] == []
    assert answer["failures"] == [{"arn": "arn:aws:ecs:eu-west-1:123456789012:service/shop/absent", "reason": "MISSING"}]


def test_protected_tasks_survive_scaling_in(fargate: Fargate) -> None:
    fargate.ecs.create_service(**fargate.service())
    fargate.until(steady)
    protected = fargate.ecs.list_tasks(cluster=CLUSTER, serviceName="web")["taskArns"][1]
    fargate.ecs.update_task_protection(cluster=CLUSTER, tasks=[protected], protectionEnabled=True, expiresInMinutes=2000)
    fargate.ecs.update_service(cluster=CLUSTER, service="web", desiredCount=1)
    fargate.until(steady)
    assert fargate.ecs.list_tasks(cluster=CLUSTER, serviceName="web")["taskArns"] == [protected]
    shown = fargate.ecs.get_task_protection(cluster=CLUSTER, tasks=[protected])["protectedTasks"][0]
    assert shown["protectionEnabled"]
