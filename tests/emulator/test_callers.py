"""Whoever sends a request is judged by the policies of its user or role, once that is switched on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator import process
from tests.support import roles
from tests.support.callers import ACCOUNT, ANN, HERE, Person, allow, judge
from tests.support.emulated import REGION, Emulated

NAMED: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("ecs", "describe_services", {"cluster": "shop", "services": ["web"]}, "ecs:DescribeServices", f"arn:aws:ecs:{HERE}:service/shop/web"),
    ("ecs", "describe_clusters", {"clusters": ["shop"]}, "ecs:DescribeClusters", f"arn:aws:ecs:{HERE}:cluster/shop"),
    ("ecs", "run_task", {"taskDefinition": "shop:3"}, "ecs:RunTask", f"arn:aws:ecs:{HERE}:task-definition/shop:*"),
    ("ecs", "list_clusters", {}, "ecs:ListClusters", "*"),
    (
        "codebuild",
        "list_builds_for_project",
        {"projectName": "shop"},
        "codebuild:ListBuildsForProject",
        f"arn:aws:codebuild:{HERE}:project/shop",
    ),
    ("codepipeline", "get_pipeline", {"name": "shop"}, "codepipeline:GetPipeline", f"arn:aws:codepipeline:{HERE}:shop"),
    ("codepipeline", "list_pipelines", {}, "codepipeline:ListPipelines", "*"),
    (
        "codepipeline",
        "enable_stage_transition",
        {"pipelineName": "shop", "stageName": "Deploy", "transitionType": "Inbound"},
        "codepipeline:EnableStageTransition",
        f"arn:aws:codepipeline:{HERE}:shop/Deploy",
    ),
    ("codepipeline", "delete_webhook", {"name": "hook"}, "codepipeline:DeleteWebhook", f"arn:aws:codepipeline:{HERE}:webhook:*"),
    ("ssm", "get_parameter", {"Name": "/shop/KEY"}, "ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter/shop/KEY"),
    ("ssm", "get_parameters", {"Names": ["/shop/KEY"]}, "ssm:GetParameters", f"arn:aws:ssm:{HERE}:parameter/shop/KEY"),
    ("logs", "create_log_group", {"logGroupName": "/shop"}, "logs:CreateLogGroup", f"arn:aws:logs:{HERE}:log-group:/shop"),
    ("ecr", "describe_images", {"repositoryName": "shop"}, "ecr:DescribeImages", f"arn:aws:ecr:{HERE}:repository/shop"),
    (
        "codedeploy",
        "delete_deployment_group",
        {"applicationName": "shop", "deploymentGroupName": "web"},
        "codedeploy:DeleteDeploymentGroup",
        f"arn:aws:codedeploy:{HERE}:deploymentgroup:shop/web",
    ),
    ("iam", "get_role", {"RoleName": "shop"}, "iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/shop"),
    ("rds", "describe_db_instances", {"DBInstanceIdentifier": "shop"}, "rds:DescribeDBInstances", f"arn:aws:rds:{HERE}:db:shop"),
    ("ec2", "create_vpc", {"CidrBlock": "10.0.0.0/16"}, "ec2:CreateVpc", f"arn:aws:ec2:{HERE}:vpc/*"),
    ("ec2", "delete_vpc", {"VpcId": "vpc-1a2b3c4d"}, "ec2:DeleteVpc", f"arn:aws:ec2:{HERE}:vpc/vpc-1a2b3c4d"),
    (
        "elbv2",
        "describe_target_health",
        {"TargetGroupArn": f"arn:aws:elasticloadbalancing:{HERE}:targetgroup/a/1"},
        "elasticloadbalancing:DescribeTargetHealth",
        "*",
    ),
    (
        "elbv2",
        "modify_listener",
        {"ListenerArn": f"arn:aws:elasticloadbalancing:{HERE}:listener/app/shop/1/2"},
        "elasticloadbalancing:ModifyListener",
        f"arn:aws:elasticloadbalancing:{HERE}:listener/app/shop/1/2",
    ),
    ("s3", "put_object", {"Bucket": "shop", "Key": "a/b", "Body": b""}, "s3:PutObject", "arn:aws:s3:::shop/a/b"),
    ("s3", "list_objects_v2", {"Bucket": "shop"}, "s3:ListBucket", "arn:aws:s3:::shop"),
    (
        "s3",
        "put_public_access_block",
        {"Bucket": "shop", "PublicAccessBlockConfiguration": {}},
        "s3:PutBucketPublicAccessBlock",
        "arn:aws:s3:::shop",
    ),
    ("s3", "list_buckets", {}, "s3:ListAllMyBuckets", "*"),
    ("codebuild", "start_build", {"projectName": "shop"}, "codebuild:StartBuild", f"arn:aws:codebuild:{HERE}:project/shop"),
    ("codebuild", "batch_get_projects", {"names": ["shop"]}, "codebuild:BatchGetProjects", f"arn:aws:codebuild:{HERE}:project/shop"),
    ("codebuild", "batch_get_builds", {"ids": ["shop:1"]}, "codebuild:BatchGetBuilds", f"arn:aws:codebuild:{HERE}:project/shop"),
    ("codebuild", "list_projects", {}, "codebuild:ListProjects", "*"),
    (
        "codeconnections",
        "get_connection",
        {"ConnectionArn": f"arn:aws:codestar-connections:{HERE}:connection/a"},
        "codeconnections:GetConnection",
        f"arn:aws:codestar-connections:{HERE}:connection/a",
    ),
    (
        "codestar-connections",
        "list_hosts",
        {},
        "codestar-connections:ListHosts",
        "*",
    ),
]
SAID = {"ec2": ("UnauthorizedOperation", 403), **dict.fromkeys(("iam", "rds", "elbv2", "s3"), ("AccessDenied", 403))}


@pytest.mark.parametrize(("service", "operation", "params", "action", "resource"), NAMED, ids=[row[3] for row in NAMED])
def test_what_is_asked_for_by_whom_and_of_what(
    ann: Person, service: str, operation: str, params: dict[str, Any], action: str, resource: str
) -> None:
    code, message, status = ann.refused(service, operation, **params)
    assert (code, status) == SAID.get(service, ("AccessDeniedException", 400))
    quoted = f'"{resource}"' if service == "s3" else resource
    words = f"User: {ANN} is not authorized to perform: {action} on resource: {quoted} "
    assert message.endswith(f"{words}because no identity-based policy allows the {action} action")
    allow(ann.emulated, action, resource)
    code, message, _ = ann.refused(service, operation, **params)
    assert "is not authorized to perform" not in message


def test_it_is_off_until_it_is_switched_on(ann: Person, emulated: Emulated) -> None:
    judge(emulated, False)
    assert ann.refused("ecs", "list_clusters") == ("", "", 200)
    judge(emulated)
    assert ann.refused("ecs", "list_clusters")[0] == "AccessDeniedException"
    assert emulated.refused("ecs", "list_clusters") == ("", "")
    emulated.client("ecs", account="999999999999").list_clusters()
    emulated.reset()
    assert emulated.refused("ecs", "list_clusters") == ("", "")


def test_a_key_that_nobody_has(emulated: Emulated, ann: Person) -> None:
    nobody = Person(emulated, {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "x"})
    assert nobody.refused("ecs", "list_clusters")[::2] == ("UnrecognizedClientException", 400)
    assert nobody.refused("iam", "list_roles")[::2] == ("InvalidClientTokenId", 403)
    assert nobody.refused("ec2", "describe_vpcs")[::2] == ("AuthFailure", 401)
    assert nobody.refused("s3", "list_buckets")[::2] == ("InvalidAccessKeyId", 403)
    emulated.client("iam").update_access_key(UserName="ann", AccessKeyId=ann.keys["aws_access_key_id"], Status="Inactive")
    assert ann.refused("ecs", "list_clusters")[0] == "UnrecognizedClientException"


def test_groups_and_denials(ann: Person, emulated: Emulated) -> None:
    iam = emulated.client("iam")
    iam.create_group(GroupName="readers")
    iam.attach_group_policy(GroupName="readers", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert ann.refused("ecs", "list_clusters")[0]
    iam.add_user_to_group(GroupName="readers", UserName="ann")
    assert ann.refused("ecs", "list_clusters")[0] == "" and ann.refused("ecs", "create_cluster", clusterName="a")[0]
    denial = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "ecs:List*", "Resource": "*"}]}
    iam.put_user_policy(UserName="ann", PolicyName="not", PolicyDocument=json.dumps(denial))
    assert ann.refused("ecs", "list_clusters")[1].endswith("on resource: * with an explicit deny in an identity-based policy")


def test_a_bucket_policy_and_a_key_policy_count(ann: Person, emulated: Emulated) -> None:
    s3, kms = emulated.client("s3"), emulated.client("kms")
    s3.create_bucket(Bucket="shop", CreateBucketConfiguration={"LocationConstraint": REGION})
    assert ann.refused("s3", "list_objects_v2", Bucket="shop")[0] == "AccessDenied"
    statement = {"Effect": "Allow", "Principal": {"AWS": ANN}, "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::shop"}
    s3.put_bucket_policy(Bucket="shop", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    assert ann.refused("s3", "list_objects_v2", Bucket="shop")[0] == ""
    key = kms.create_key()["KeyMetadata"]["Arn"]
    allow(emulated, "kms:DescribeKey", key)
    assert ann.refused("kms", "describe_key", KeyId=key)[0] == ""
    other = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/bob"}, "Action": "kms:*", "Resource": "*"}
    emulated.client("iam").create_user(UserName="bob")
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps({"Version": "2012-10-17", "Statement": [other]}))
    assert "because no resource-based policy allows the kms:DescribeKey action" in ann.refused("kms", "describe_key", KeyId=key)[1]


def test_a_session_of_a_role(ann: Person, emulated: Emulated) -> None:
    """Its trust policy hands the account's own policies the decision; a policy of the session narrows what the role may."""
    iam = emulated.client("iam")
    trusted = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
    arn = iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    roles.put(emulated, "deploy", "ecs:*")
    wanted = {"RoleArn": arn, "RoleSessionName": "release"}
    code, message, status = ann.refused("sts", "assume_role", **wanted)
    assert (code, status) == ("AccessDenied", 403) and f"is not authorized to perform: sts:AssumeRole on resource: {arn}" in message
    allow(emulated, "sts:AssumeRole", arn)
    narrow = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ecs:List*", "Resource": "*"}]})
    for policy, creates in (({}, ""), ({"Policy": narrow}, "AccessDeniedException")):
        given = ann.client("sts").assume_role(**wanted, **policy)["Credentials"]
        keys = {"aws_access_key_id": given["AccessKeyId"], "aws_secret_access_key": given["SecretAccessKey"]}
        session = Person(emulated, {**keys, "aws_session_token": given["SessionToken"]})
        assert session.refused("ecs", "list_clusters")[0] == ""
        assert session.refused("ecs", "create_cluster", clusterName="a")[0] == creates
        code, message, _ = session.refused("iam", "list_roles")
        assert code == "AccessDenied" and f"User: arn:aws:sts::{ACCOUNT}:assumed-role/deploy/release is not authorized" in message


def test_everybody_may_ask_who_they_are(ann: Person) -> None:
    assert ann.client("sts").get_caller_identity()["Arn"] == ANN


OWN = {"StringEquals": {"aws:ResourceTag/team": "shop"}}


def test_tags_of_what_a_request_is_about(ann: Person, emulated: Emulated) -> None:
    ec2 = emulated.client("ec2")
    vpc, other = (ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"] for number in (1, 2))
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "team", "Value": "shop"}])
    allow(emulated, ["ec2:DeleteVpc", "ec2:CreateTags"], Condition=OWN)
    named = {"Tags": [{"Key": "x", "Value": "y"}]}
    assert "ec2:CreateTags" in ann.refused("ec2", "create_tags", Resources=[other], **named)[1]
    assert ann.refused("ec2", "create_tags", Resources=[vpc], **named)[0] == ""
    assert f"resource: arn:aws:ec2:{HERE}:vpc/{other} " in ann.refused("ec2", "delete_vpc", VpcId=other)[1]
    assert ann.refused("ec2", "delete_vpc", VpcId=vpc)[0] == ""


def test_keys_of_single_services(ann: Person, emulated: Emulated) -> None:
    allow(emulated, "ecs:ListServices", Condition={"ArnEquals": {"ecs:cluster": f"arn:aws:ecs:{HERE}:cluster/shop"}})
    emulated.client("ecs").create_cluster(clusterName="shop")
    assert ann.refused("ecs", "list_services", cluster="shop")[0] == ""
    assert ann.refused("ecs", "list_services", cluster="other")[0] == "AccessDeniedException"
    allow(emulated, "iam:CreateServiceLinkedRole", Condition={"StringEquals": {"iam:AWSServiceName": "ecs.amazonaws.com"}})
    assert ann.refused("iam", "create_service_linked_role", AWSServiceName="rds.amazonaws.com")[0] == "AccessDenied"
    assert ann.refused("iam", "create_service_linked_role", AWSServiceName="ecs.amazonaws.com")[0] != "AccessDenied"
    allow(emulated, "iam:CreateRole", Condition={"StringEquals": {"iam:PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/bounds"}})
    assert ann.refused("iam", "create_role", RoleName="a", AssumeRolePolicyDocument="{}")[0] == "AccessDenied"


def test_it_tells_what_was_asked_for(ann: Person, emulated: Emulated) -> None:
    allow(emulated, "ecs:*")
    ann.refused("ecs", "list_clusters")
    ann.refused("s3", "list_objects_v2", Bucket="shop")
    emulated.client("iam").list_roles()
    assert process.control(emulated.state, "authority") == {"on": True, "asked": ["ecs:ListClusters", "s3:ListBucket"], "roles": {}}
    judge(emulated)
    assert process.control(emulated.state, "authority")["asked"] == []
