"""Tasks of the emulated ECS: their lives, their ends, and what is asked about them."""

from __future__ import annotations

import copy

import pytest

from tests.support import roles
from tests.support.emulated import Emulated
from tests.support.fargate import CLUSTER, CONTAINER, LOGS, Fargate, build, slowly


@pytest.fixture
def fargate(emulated: Emulated) -> Fargate:
    return build(emulated)


def lines(emulated: Emulated, stream: str) -> list[str]:
    events = emulated.client("logs").get_log_events(logGroupName="/shop", logStreamName=stream)["events"]
    return [event["message"] for event in events]


def test_a_task_passes_every_state_in_order(fargate: Fargate) -> None:
    fargate.emulated.script(image="shop:1", seconds=3)
    seen = []
    with slowly(fargate.emulated):
        arn = fargate.run()
        for _ in range(30):
            task = fargate.ecs.describe_tasks(cluster=CLUSTER, tasks=[arn])["tasks"][0]
            if task["lastStatus"] not in seen[-1:]:
                seen.append(task["lastStatus"])
            fargate.emulated.advance(1)
    assert seen == ["PROVISIONING", "PENDING", "ACTIVATING", "RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"]


def test_a_migration_writes_its_lines_and_ends_with_its_exit_code(fargate: Fargate) -> None:
    fargate.emulated.script(command="*db:migrate*", seconds=5, lines=["== migrating", "== migrated"], exit_code=1)
    override = {"name": "web", "command": ["bin/rails", "db:migrate"], "environment": [{"name": "A", "value": "b"}]}
    arn = fargate.run(overrides={"containerOverrides": [override]}, startedBy="release-7", group="migrations")
    task = fargate.ended(arn)
    assert (task["lastStatus"], task["desiredStatus"], task["stopCode"]) == ("STOPPED", "STOPPED", "EssentialContainerExited")
    assert task["stoppedReason"] == "Essential container in task exited"
    assert task["containers"][0]["exitCode"] == 1
    assert (task["group"], task["startedBy"]) == ("migrations", "release-7")
    assert task["overrides"]["containerOverrides"] == [override]
    assert task["createdAt"] <= task["startedAt"] <= task["stoppingAt"] <= task["stoppedAt"]
    assert lines(fargate.emulated, f"rails/web/{arn.rsplit('/', 1)[1]}") == ["== migrating", "== migrated"]


def test_a_running_task_has_an_address_of_its_subnet_and_all_containers(fargate: Fargate) -> None:
    fargate.emulated.script(image="*")
    sidecar = {"name": "agent", "image": "agent:1", "essential": False}
    fargate.define(containerDefinitions=[CONTAINER, sidecar])
    arn = fargate.run()
    fargate.emulated.advance(60)
    task = fargate.ecs.describe_tasks(cluster=CLUSTER, tasks=[arn])["tasks"][0]
    details = {item["name"]: item["value"] for item in task["attachments"][0]["details"]}
    assert task["attachments"][0]["status"] == "ATTACHED" and details["subnetId"] in fargate.subnets
    assert details["privateIPv4Address"].startswith("10.0.")
    interface = fargate.emulated.client("ec2").describe_network_interfaces(NetworkInterfaceIds=[details["networkInterfaceId"]])
    assert interface["NetworkInterfaces"][0]["PrivateIpAddress"] == details["privateIPv4Address"]
    assert [(item["name"], item["lastStatus"]) for item in task["containers"]] == [("web", "RUNNING"), ("agent", "RUNNING")]
    assert (task["platformVersion"], task["platformFamily"], task["connectivity"]) == ("1.4.0", "Linux", "CONNECTED")


def test_a_container_that_is_not_essential_ends_alone(fargate: Fargate) -> None:
    fargate.emulated.script(image="*")
    fargate.emulated.script(image="agent:1", seconds=1, exit_code=3)
    fargate.define(containerDefinitions=[CONTAINER, {"name": "agent", "image": "agent:1", "essential": False}])
    task = fargate.ended(fargate.run())
    assert task["lastStatus"] == "RUNNING"
    assert [item.get("exitCode") for item in task["containers"]] == [None, 3]


def test_what_others_depend_on_runs_first(fargate: Fargate) -> None:
    fargate.emulated.script(image="init:1", seconds=4, exit_code=2)
    init = {"name": "init", "image": "init:1", "essential": False}
    for condition, status in (("COMPLETE", "EssentialContainerExited"), ("SUCCESS", "TaskFailedToStart")):
        web = {**CONTAINER, "dependsOn": [{"containerName": "init", "condition": condition}]}
        fargate.define(containerDefinitions=[web, init])
        task = fargate.ended(fargate.run())
        assert task["stopCode"] == status
        assert task["containers"][1]["exitCode"] == 2


def test_stop_task_says_who_and_why(fargate: Fargate) -> None:
    fargate.emulated.script(image="*")
    arn = fargate.run()
    fargate.emulated.advance(60)
    fargate.ecs.stop_task(cluster=CLUSTER, task=arn, reason="no longer needed")
    task = fargate.ended(arn)
    assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "no longer needed")
    assert "exitCode" in task["containers"][0]


def test_a_stopped_task_is_remembered_for_an_hour(fargate: Fargate) -> None:
    arn = fargate.run()
    assert fargate.ended(arn)["lastStatus"] == "STOPPED"
    fargate.emulated.advance(3700)
    answer = fargate.ecs.describe_tasks(cluster=CLUSTER, tasks=[arn])
    assert answer["tasks"] == [] and answer["failures"] == [{"arn": arn, "reason": "MISSING"}]


@pytest.mark.parametrize(
    ("change", "fragment"),
    [
        (
            {"logConfiguration": {**LOGS, "options": {**LOGS["options"], "awslogs-group": "/absent"}}},
            "ResourceInitializationError: failed to validate logger args",
        ),
        ({"secrets": [{"name": "KEY", "valueFrom": "/shop/KEY"}]}, "ResourceInitializationError: unable to pull secrets or registry auth"),
        ({"image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:1"}, "CannotPullContainerError: "),
    ],
)
def test_a_task_that_lacks_something_never_starts(fargate: Fargate, change: dict, fragment: str) -> None:
    fargate.allow("ssm:GetParameters", "*")
    fargate.define(containerDefinitions=[{**copy.deepcopy(CONTAINER), **change}])
    task = fargate.ended(fargate.run())
    assert task["lastStatus"] == "STOPPED" and task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith(fragment)
    assert "exitCode" not in task["containers"][0] and "startedAt" not in task


def test_a_task_finds_its_secret_image_and_group(fargate: Fargate) -> None:
    fargate.emulated.client("ssm").put_parameter(Name="/shop/KEY", Value="x", Type="SecureString")
    fargate.allow("ssm:GetParameters", "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/KEY")
    fargate.allow("logs:CreateLogGroup", "arn:aws:logs:eu-west-1:123456789012:log-group:/made*")
    secrets = [
        {"name": "KEY", "valueFrom": "/shop/KEY"},
        {"name": "AGAIN", "valueFrom": "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/KEY"},
    ]
    options = {**LOGS["options"], "awslogs-group": "/made", "awslogs-create-group": "true"}
    container = {**CONTAINER, "secrets": secrets, "logConfiguration": {**LOGS, "options": options}}
    fargate.define(containerDefinitions=[container])
    task = fargate.ended(fargate.run())
    assert task["containers"][0]["exitCode"] == 0, task


def test_the_execution_role_may_read_each_secret_and_use_its_key(fargate: Fargate) -> None:
    """What the role may not is told before what is not there; a customer's key wants a right of its own."""
    emulated = fargate.emulated
    key = emulated.client("kms").create_key()["KeyMetadata"]["Arn"]
    emulated.client("ssm").put_parameter(Name="/shop/KEY", Value="x", Type="SecureString", KeyId=key)
    parameter = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/KEY"
    secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-1a2b3c"

    def reason(value: str) -> str:
        fargate.define(containerDefinitions=[{**copy.deepcopy(CONTAINER), "secrets": [{"name": "KEY", "valueFrom": value}]}])
        return str(fargate.ended(fargate.run()).get("stoppedReason", ""))

    denied = f"is not authorized to perform: ssm:GetParameters on resource: {parameter} because no identity-based policy allows"
    for value in ("/shop/KEY", parameter):
        assert "assumed-role/execution/" in reason(value) and denied in reason(value)
    assert "is not authorized to perform: secretsmanager:GetSecretValue on resource: " + secret in reason(secret)
    fargate.allow("ssm:GetParameters", "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/OTHER")
    assert denied in reason(parameter)
    fargate.allow("ssm:GetParameters", parameter)
    assert "customer master key that does not exist" in reason(parameter)
    fargate.allow("kms:Decrypt", key)
    assert "ResourceInitializationError" not in reason(parameter)


def test_a_script_can_keep_a_container_from_starting(fargate: Fargate) -> None:
    fargate.emulated.script(image="shop:1", reason="CannotPullContainerError: manifest unknown")
    task = fargate.ended(fargate.run())
    assert (task["stopCode"], task["stoppedReason"]) == ("TaskFailedToStart", "CannotPullContainerError: manifest unknown")
    assert "exitCode" not in task["containers"][0]


def test_out_of_memory(fargate: Fargate) -> None:
    reason = "OutOfMemoryError: Container killed due to memory usage"
    fargate.emulated.script(image="shop:1", seconds=1, exit_code=137, exit_reason=reason)
    container = fargate.ended(fargate.run())["containers"][0]
    assert (container["exitCode"], container["reason"]) == (137, reason)


def test_the_same_client_token_runs_once(fargate: Fargate) -> None:
    first, second = (fargate.run(clientToken="abc") for _ in range(2))
    assert first == second
    params = fargate.task(clientToken="abc", startedBy="other")
    assert fargate.emulated.refused("ecs", "run_task", **params)[0] == "ConflictException"


def test_list_tasks_filters_and_pages(fargate: Fargate) -> None:
    fargate.emulated.script(image="*")
    arns = {task["taskArn"] for task in fargate.ecs.run_task(**fargate.task(count=3, startedBy="me"))["tasks"]}
    fargate.define(family="other")
    other = fargate.run(taskDefinition="other")
    found = [
        arn
        for page in fargate.ecs.get_paginator("list_tasks").paginate(cluster=CLUSTER, PaginationConfig={"PageSize": 1})
        for arn in page["taskArns"]
    ]
    assert set(found) == arns | {other} and len(found) == 4
    assert set(fargate.ecs.list_tasks(cluster=CLUSTER, startedBy="me")["taskArns"]) == arns
    assert fargate.ecs.list_tasks(cluster=CLUSTER, family="other")["taskArns"] == [other]
    fargate.ecs.stop_task(cluster=CLUSTER, task=other)
    assert fargate.ecs.list_tasks(cluster=CLUSTER, desiredStatus="STOPPED")["taskArns"] == [other]


def test_tags_come_with_the_task(fargate: Fargate) -> None:
    fargate.define(tags=[{"key": "team", "value": "checkout"}])
    tags = [{"key": "release", "value": "7"}]
    arn = fargate.run(tags=tags, propagateTags="TASK_DEFINITION", enableECSManagedTags=True)
    task = fargate.ecs.describe_tasks(cluster=CLUSTER, tasks=[arn], include=["TAGS"])["tasks"][0]
    assert {tag["key"] for tag in task["tags"]} == {"team", "release", "aws:ecs:clusterName"}
    assert fargate.ecs.describe_tasks(cluster=CLUSTER, tasks=[arn])["tasks"][0]["tags"] == []


def test_execute_command(fargate: Fargate) -> None:
    fargate.emulated.script(image="*")
    roles.put(fargate.emulated, "execution", roles.CHANNELS)
    plain, allowed = fargate.run(), fargate.run(enableExecuteCommand=True)
    fargate.emulated.advance(60)
    call = {"cluster": CLUSTER, "command": "/bin/sh", "interactive": True}
    code, message = fargate.emulated.refused("ecs", "execute_command", task=plain, **call)
    assert code == "InvalidParameterException" and "execute command was not enabled" in message
    session = fargate.ecs.execute_command(task=allowed, **call)["session"]
    assert "/v1/data-channel/ecs-execute-command-" in session["streamUrl"] and session["tokenValue"]
    task = fargate.ecs.describe_tasks(cluster=CLUSTER, tasks=[allowed])["tasks"][0]
    assert task["containers"][0]["managedAgents"][0]["lastStatus"] == "RUNNING"


def test_an_agent_without_its_role_is_never_reached(fargate: Fargate) -> None:
    """The agent says RUNNING all the same; what was not there when it tried does not help that task later."""
    fargate.emulated.script(image="*")
    call = {"cluster": CLUSTER, "command": "/bin/sh", "interactive": True}
    roles.put(fargate.emulated, "execution", roles.CHANNELS[1:])
    arn = fargate.run(enableExecuteCommand=True)
    fargate.emulated.advance(60)
    task = fargate.ecs.describe_tasks(cluster=CLUSTER, tasks=[arn])["tasks"][0]
    assert task["containers"][0]["managedAgents"][0]["lastStatus"] == "RUNNING"
    assert fargate.emulated.refused("ecs", "execute_command", task=arn, **call)[0] == "TargetNotConnectedException"
    roles.put(fargate.emulated, "execution", roles.CHANNELS)
    another = fargate.run(enableExecuteCommand=True)
    fargate.emulated.advance(60)
    assert fargate.ecs.execute_command(task=another, **call)["session"]["tokenValue"]
    fargate.define(taskRoleArn=None)
    nobody = fargate.run(enableExecuteCommand=True, overrides={"taskRoleArn": fargate.role})
    fargate.emulated.advance(60)
    assert fargate.ecs.execute_command(task=nobody, **call)["session"]["tokenValue"]


def test_a_container_that_cannot_be_written_to_has_no_agent(fargate: Fargate) -> None:
    fargate.emulated.script(image="*")
    fargate.define(containerDefinitions=[{**CONTAINER, "readonlyRootFilesystem": True}])
    arn = fargate.run(enableExecuteCommand=True)
    fargate.emulated.advance(60)
    call = {"cluster": CLUSTER, "task": arn, "command": "/bin/sh", "interactive": True}
    assert fargate.emulated.refused("ecs", "execute_command", **call)[0] == "TargetNotConnectedException"


def test_a_role_that_ecs_cannot_assume(fargate: Fargate) -> None:
    fargate.define(executionRoleArn="arn:aws:iam::123456789012:role/absent")
    code, message = fargate.emulated.refused("ecs", "run_task", **fargate.task())
    assert code == "ClientException" and message.startswith("ECS was unable to assume the role 'arn:aws:iam::123456789012:role/absent'")


def test_a_task_without_a_way_out_never_starts(fargate: Fargate) -> None:
    ec2 = fargate.emulated.client("ec2")
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:1"
    fargate.define(containerDefinitions=[{"name": "web", "image": image}])
    closed = {"awsvpcConfiguration": {**fargate.network["awsvpcConfiguration"], "assignPublicIp": "DISABLED"}}
    task = fargate.ended(fargate.run(networkConfiguration=closed))
    assert task["stopCode"] == "TaskFailedToStart"
    assert "There is a connection issue between the task and Amazon ECR. Check your task network configuration." in task["stoppedReason"]
    for name in ("ecr.api", "ecr.dkr"):
        wanted = {"VpcId": fargate.vpc, "VpcEndpointType": "Interface", "SubnetIds": fargate.subnets[:1]}
        ec2.create_vpc_endpoint(ServiceName=f"com.amazonaws.eu-west-1.{name}", PrivateDnsEnabled=False, **wanted)
    assert fargate.ended(fargate.run(networkConfiguration=closed))["stoppedReason"].startswith(
        "CannotPullContainerError: The task cannot pull"
    )
    tables = [
        table["RouteTableId"] for table in ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [fargate.vpc]}])["RouteTables"]
    ]
    ec2.create_vpc_endpoint(ServiceName="com.amazonaws.eu-west-1.s3", VpcId=fargate.vpc, RouteTableIds=tables)
    assert fargate.ended(fargate.run(networkConfiguration=closed))["stoppedReason"].endswith(": not found")
