"""What a request needs beside the permission of its own action."""

from __future__ import annotations

from tests.support import building, pipelining, roles
from tests.support.callers import Person, allow
from tests.support.emulated import Emulated


def test_tags_of_a_request(ann: Person, emulated: Emulated) -> None:
    allow(emulated, "ecs:*", Condition={"StringEquals": {"aws:RequestTag/team": "shop"}})
    assert ann.refused("ecs", "create_cluster", clusterName="a", tags=[{"key": "team", "value": "other"}])[0] == "AccessDeniedException"
    assert ann.refused("ecs", "create_cluster", clusterName="a", tags=[{"key": "team", "value": "shop"}])[0] == ""


def test_whoever_hands_on_a_role_may_pass_it(ann: Person, emulated: Emulated) -> None:
    role = roles.make(emulated, "execution")
    allow(emulated, "ecs:*")
    wanted = {
        "family": "shop", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
        "executionRoleArn": role, "containerDefinitions": [{"name": "web", "image": "shop:1"}],
    }  # fmt: skip
    code, message, _ = ann.refused("ecs", "register_task_definition", **wanted)
    assert code == "AccessDeniedException" and f"is not authorized to perform: iam:PassRole on resource: {role} " in message
    allow(emulated, "iam:PassRole", role, "pass", Condition={"StringEquals": {"iam:PassedToService": "ecs.amazonaws.com"}})
    assert "iam:PassRole" in ann.refused("ecs", "register_task_definition", **wanted)[1]
    allow(emulated, "iam:PassRole", role, "pass", Condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}})
    assert ann.refused("ecs", "register_task_definition", **wanted)[0] == ""


def test_whoever_makes_a_build_project_passes_its_role(ann: Person, emulated: Emulated) -> None:
    role = building.role(emulated)
    allow(emulated, "codebuild:*")
    wanted = {
        "name": "shop",
        "source": {"type": "NO_SOURCE", "buildspec": building.spec("true")},
        "artifacts": {"type": "NO_ARTIFACTS"},
        "environment": building.ENVIRONMENT,
        "serviceRole": role,
    }
    assert f"is not authorized to perform: iam:PassRole on resource: {role} " in ann.refused("codebuild", "create_project", **wanted)[1]
    allow(emulated, "iam:PassRole", role, "pass", Condition={"StringEquals": {"iam:PassedToService": "codebuild.amazonaws.com"}})
    assert ann.refused("codebuild", "create_project", **wanted)[0] == ""


def test_tags_at_creation_need_their_own_permission(ann: Person, emulated: Emulated) -> None:
    tagged = {"TagSpecifications": [{"ResourceType": "vpc", "Tags": [{"Key": "team", "Value": "shop"}]}], "CidrBlock": "10.0.0.0/16"}
    allow(emulated, "ec2:CreateVpc", name="create")
    assert ann.refused("ec2", "create_vpc", CidrBlock="10.0.0.0/16")[0] == ""
    assert "is not authorized to perform: ec2:CreateTags" in ann.refused("ec2", "create_vpc", **tagged)[1]
    allow(emulated, "ec2:CreateTags", name="tag", Condition={"StringEquals": {"ec2:CreateAction": "CreateSubnet"}})
    assert ann.refused("ec2", "create_vpc", **tagged)[0] == "UnauthorizedOperation"
    allow(emulated, "ec2:CreateTags", name="tag", Condition={"StringEquals": {"ec2:CreateAction": "CreateVpc"}})
    assert ann.refused("ec2", "create_vpc", **tagged)[0] == ""


def test_whoever_starts_a_task_passes_its_roles(ann: Person, emulated: Emulated) -> None:
    role = roles.make(emulated, "execution")
    emulated.client("ecs").create_cluster(clusterName="shop")
    emulated.client("ecs").register_task_definition(
        family="shop", networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
        executionRoleArn=role, containerDefinitions=[{"name": "web", "image": "shop:1"}],
    )  # fmt: skip
    allow(emulated, "ecs:RunTask")
    message = ann.refused("ecs", "run_task", cluster="shop", taskDefinition="shop")[1]
    assert f"is not authorized to perform: iam:PassRole on resource: {role} " in message


def test_whoever_makes_a_connection_with_tags_may_tag_it(ann: Person, emulated: Emulated) -> None:
    wanted = {"ConnectionName": "shop", "ProviderType": "GitHub", "Tags": [{"Key": "team", "Value": "shop"}]}
    allow(emulated, "codeconnections:CreateConnection")
    said = "is not authorized to perform: codeconnections:TagResource on resource: arn:aws:codeconnections:"
    assert said in ann.refused("codeconnections", "create_connection", **wanted)[1]
    allow(emulated, "codeconnections:TagResource", name="tag")
    assert ann.refused("codeconnections", "create_connection", **wanted)[0] == ""


def test_whoever_makes_a_pipeline_passes_its_connection(ann: Person, emulated: Emulated) -> None:
    stage = pipelining.prepare(emulated)
    connection = pipelining.connect(stage)
    wanted = stage.declaration(stages=[pipelining.stage_of("Source", pipelining.github(connection)), pipelining.ask("Approve")])
    allow(emulated, ["codepipeline:*", "iam:PassRole"])
    message = ann.refused("codepipeline", "create_pipeline", pipeline=wanted)[1]
    assert f"is not authorized to perform: codeconnections:PassConnection on resource: {connection} " in message
    allow(emulated, "codeconnections:PassConnection", connection, "pass")
    assert ann.refused("codepipeline", "create_pipeline", pipeline=wanted)[0] == ""
