"""What AWS does with somebody's role, it does only as far as that role allows: tasks, deployments, nodes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support import bluegreen, fargate, hybrid, native, roles
from tests.support.emulated import Emulated
from tests.support.fargate import CONTAINER, Fargate

pytestmark = pytest.mark.usefixtures("slowly")
ACCOUNT = "123456789012"
HERE = f"eu-west-1:{ACCOUNT}"
IMAGE = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/shop:1"
REPOSITORY = f"arn:aws:ecr:{HERE}:repository/shop"
LISTENERS = f"arn:aws:elasticloadbalancing:{HERE}:listener/app/shop/*"


def conditional(emulated: Emulated, role: str, service: str, **condition: dict[str, str]) -> None:
    """Trust a service on conditions."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole", "Condition": condition}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    emulated.client("iam").update_assume_role_policy(RoleName=role, PolicyDocument=document)


@pytest.fixture
def made(emulated: Emulated) -> Fargate:
    built = fargate.build(emulated)
    emulated.client("ecr").create_repository(repositoryName="shop")
    emulated.client("ecr").put_image(repositoryName="shop", imageTag="1", imageManifest='{"schemaVersion": 2}')
    built.define(containerDefinitions=[{**CONTAINER, "image": IMAGE}])
    roles.strip(emulated, "execution")
    return built


def reason(made: Fargate) -> str:
    return str(made.ended(made.run()).get("stoppedReason", ""))


def test_an_execution_role_pulls_and_logs_only_what_it_may(made: Fargate) -> None:
    """One permission after the other, each with AWS's words while it lacks."""
    stream, who = f"arn:aws:logs:{HERE}:log-group:/shop:log-stream:rails/web/*", f"User: arn:aws:sts::{ACCOUNT}:assumed-role/execution/"
    head = f"HEAD request to https://{IMAGE.split('/')[0]}/v2/shop/manifests/1: 403 Forbidden"
    signing = "unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: "
    steps = [
        ("ecr:GetAuthorizationToken", "*", signing + who),
        ("ecr:BatchGetImage", REPOSITORY, f"failed to resolve ref {IMAGE}: unexpected status from {head}"),
        ("ecr:GetDownloadUrlForLayer", REPOSITORY, "httpReadSeeker: failed open: unexpected status code"),
        ("logs:CreateLogStream", stream, f"failed to create Cloudwatch log stream: AccessDeniedException: {who}"),
    ]
    for action, resource, words in steps:
        assert words in reason(made)
        made.allow(action, resource)
    assert reason(made) == "Essential container in task exited"


def test_a_denial_and_a_boundary_are_heeded(made: Fargate) -> None:
    iam, emulated = made.emulated.client("iam"), made.emulated
    roles.put(emulated, "execution", "*", name="all")
    assert reason(made) == "Essential container in task exited"
    roles.put(emulated, "execution", "ecr:*", REPOSITORY, effect="Deny", name="not")
    assert "403 Forbidden" in reason(made)
    iam.delete_role_policy(RoleName="execution", PolicyName="not")
    limit = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}]}
    arn = iam.create_policy(PolicyName="limit", PolicyDocument=json.dumps(limit))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="execution", PermissionsBoundary=arn)
    assert "because no permissions boundary allows the logs:CreateLogStream action" in reason(made)


def test_lines_that_may_not_be_written_are_lost(made: Fargate) -> None:
    emulated, logs = made.emulated, made.emulated.client("logs")
    emulated.script(image="*", lines=["hello"], seconds=1)
    roles.put(emulated, "execution", ["ecr:*", "logs:CreateLogStream"])
    assert reason(made) == "Essential container in task exited"
    assert logs.filter_log_events(logGroupName="/shop")["events"] == []
    roles.put(emulated, "execution", ["ecr:*", "logs:CreateLogStream", "logs:PutLogEvents"])
    reason(made)
    assert [event["message"] for event in logs.filter_log_events(logGroupName="/shop")["events"]] == ["hello"]


def test_a_task_role_is_trusted_on_conditions(made: Fargate) -> None:
    principal, refused = "ecs-tasks.amazonaws.com", ("ClientException", "ECS was unable to assume the role")
    right = {"StringEquals": {"aws:SourceAccount": ACCOUNT}, "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{HERE}:*"}}
    wrong: list[dict[str, Any]] = [
        {**right, "StringEquals": {"aws:SourceAccount": "999999999999"}},
        {**right, "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:us-east-1:{ACCOUNT}:*"}},
    ]
    for condition in wrong:
        conditional(made.emulated, "execution", principal, **condition)
        code, message = made.emulated.refused("ecs", "run_task", **made.task())
        assert code == refused[0] and message.startswith(refused[1])
    conditional(made.emulated, "execution", principal, **right)
    assert made.run()
    # No part of another service's name is its name.
    conditional(made.emulated, "execution", "ecs.amazonaws.com", **right)
    assert made.emulated.refused("ecs", "run_task", **made.task())[0] == "ClientException"


@pytest.fixture
def stage(emulated: Emulated) -> bluegreen.Stage:
    built = bluegreen.build(emulated)
    built.create_group()
    return built


CODEDEPLOY = {
    "ecs:DescribeServices": ("IAM_ROLE_PERMISSIONS", "AmazonECS"),
    "ecs:CreateTaskSet": ("IAM_ROLE_PERMISSIONS", "AmazonECS"),
    "ecs:UpdateServicePrimaryTaskSet": ("IAM_ROLE_PERMISSIONS", "AmazonECS"),
    "ecs:DeleteTaskSet": ("IAM_ROLE_PERMISSIONS", "AmazonECS"),
    "elasticloadbalancing:DescribeTargetGroups": ("IAM_ROLE_PERMISSIONS", "AmazonElasticLoadBalancingV2"),
    "elasticloadbalancing:ModifyListener": ("IAM_ROLE_PERMISSIONS", "AmazonElasticLoadBalancingV2"),
    "iam:PassRole": ("ECS_UPDATE_ERROR", "ECS was unable to assume the role 'arn:aws:iam::123456789012:role/execution' that was provided"),
}


@pytest.mark.parametrize("action", CODEDEPLOY)
def test_codedeploy_does_nothing_that_its_role_may_not(stage: bluegreen.Stage, action: str) -> None:
    roles.put(stage.emulated, "codedeploy", action, effect="Deny")
    name = stage.deploy(stage.define("shop:2"), deploymentConfigName="CodeDeployDefault.ECSAllAtOnce")
    info = stage.until(name, "Failed", "Succeeded")
    code, words = CODEDEPLOY[action]
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", code), info
    assert words in info["errorInformation"]["message"]
    if action != "ecs:UpdateServicePrimaryTaskSet":
        assert stage.weights().get("green", 0) in (0, 100 if action == "ecs:DeleteTaskSet" else 0)


def test_codedeploy_cannot_deploy_with_a_role_that_nobody_gives_it(stage: bluegreen.Stage) -> None:
    conditional(stage.emulated, "codedeploy", "codedeploy.amazonaws.com", StringEquals={"aws:SourceAccount": "999999999999"})
    info = stage.until(stage.deploy(stage.define("shop:2")), "Failed")
    assert info["errorInformation"]["code"] == "IAM_ROLE_MISSING"


def test_a_deployment_group_looks_at_its_service_with_its_role(emulated: Emulated) -> None:
    stage = bluegreen.build(emulated)
    roles.strip(emulated, "codedeploy")
    code, message = emulated.refused("codedeploy", "create_deployment_group", **stage.group)
    assert code == "InvalidECSServiceException"
    assert message.startswith("Could not load ECS service information for cluster: shop, service: web. Cause: User: arn:aws:sts::")
    assert message.endswith("is not authorized to perform: ecs:DescribeServices")


@pytest.mark.parametrize(
    ("action", "status", "words"),
    [
        ("DescribeRules", "ROLLBACK_SUCCESSFUL", "due to missing permissions on ECS Infrastructure Role 'arn:aws:iam::123456789012:role/"),
        ("ModifyListener", "ROLLBACK_SUCCESSFUL", "rolled back because PRODUCTION_TRAFFIC_SHIFT lifecycle hook(s) failed. User: arn:aws:"),
    ],
)
def test_ecs_moves_no_traffic_without_its_role(emulated: Emulated, action: str, status: str, words: str) -> None:
    made = fargate.build(emulated, balanced=True)
    native.create(made, strategy="BLUE_GREEN", bakeTimeInMinutes=0)
    before = native.weights(made)
    roles.put(emulated, "balancing", f"elasticloadbalancing:{action}", effect="Deny")
    found = native.until(
        made, native.release(made), lambda found: found["status"] not in ("PENDING", "IN_PROGRESS", "ROLLBACK_IN_PROGRESS")
    )
    assert words in found["statusReason"] and found["status"] == status
    assert native.weights(made) == before


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("RegisterTargets", "failed to register targets in (target-group "),
        ("DescribeTargetHealth", "failed to describe target health on target-group "),
    ],
)
def test_ecs_says_which_permission_its_role_lacks(emulated: Emulated, action: str, words: str) -> None:
    made = fargate.build(emulated, balanced=True)
    native.create(made, strategy="BLUE_GREEN", bakeTimeInMinutes=0)
    roles.put(emulated, "balancing", f"elasticloadbalancing:{action}", effect="Deny")
    native.release(made)
    for _ in range(60):
        emulated.advance(30)
        told = [event["message"] for event in made.described()["events"] if words in event["message"]]
        if told:
            break
    assert f"assumed-role/balancing/ecs-service-scheduler is not authorized to perform: elasticloadbalancing:{action} " in told[0]


def test_a_node_is_online_and_reached_as_its_role_allows(emulated: Emulated) -> None:
    made = hybrid.build(emulated)
    roles.strip(emulated, hybrid.ROLE)
    activation = made.activation()
    made.start(activation)

    def seen() -> tuple[str, str]:
        emulated.advance(400)
        (node,) = made.nodes()
        status = made.ssm.get_connection_status(Target=node["InstanceId"])["Status"]
        return node["PingStatus"], status

    assert seen() == ("ConnectionLost", "notconnected")
    roles.put(emulated, hybrid.ROLE, "ssm:UpdateInstanceInformation", f"arn:aws:ssm:{HERE}:managed-instance/*", name="report")
    assert seen() == ("Online", "notconnected")
    roles.put(emulated, hybrid.ROLE, roles.CHANNELS, name="channels")
    assert seen() == ("Online", "connected")


def test_an_activation_needs_a_role_that_systems_manager_gets(emulated: Emulated) -> None:
    roles.make(emulated, "node", "n")
    right = {"StringEquals": {"aws:SourceAccount": ACCOUNT}, "ArnLike": {"aws:SourceArn": f"arn:aws:ssm:{HERE}:*"}}
    conditional(emulated, "n", "ssm.amazonaws.com", **right)
    assert emulated.refused("ssm", "create_activation", IamRole="n") == ("", "")
    conditional(emulated, "n", "ssm.amazonaws.com", **{**right, "StringEquals": {"aws:SourceAccount": "999999999999"}})
    code, message = emulated.refused("ssm", "create_activation", IamRole="n")
    assert code == "ValidationException" and message.startswith("Nonexistent role or missing ssm service principal in trust policy")
