"""Names that are taken, told before anything is written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.emulated import REGION, Emulated
from tests.support.fargate import trust

THEIRS = {"owner": "team-billing", "managed-by": "terraform"}
PAIRS = [{"Key": key, "Value": value} for key, value in THEIRS.items()]
OURS = {"application": "shop", "environment": "local", "managed-by": "railyard"}
PARTS = {
    "vpc": ["shop-local"],
    "security group": ["shop-local-app"],
    "load balancer": ["shop-local"],
    "target group": ["shop-local-blue"],
    "ecs cluster": ["shop-local"],
    "ecs service": ["shop-local/web"],
    "ecs task definition": ["shop-local-web"],
    "codedeploy application": ["shop-local"],
    "database": ["shop-local"],
    "database subnet group": ["shop-local"],
    "database parameter group": ["shop-local-postgres17"],
    "image repository": ["shop-local"],
    "role": ["shop-local-task"],
    "log group": ["/shop/local/web"],
    "parameter": ["/shop/local/DATABASE_URL"],
    "session document": ["shop-local-console"],
    "bucket": ["shop-local-releases-123456789012"],
}
SESSION = {"schemaVersion": "1.0", "sessionType": "Port", "properties": {"portNumber": "5432"}}
CONTAINER = {"name": "web", "image": "public.ecr.aws/docker/library/ruby:3.4"}


def preflight(emulated: Emulated) -> dict[str, Any]:
    given = {"application": "shop", "environment": "local", "cidr": "10.0.0.0/16", "parts": PARTS, "ownership": True}
    return emulated.run("preflight", account_id="123456789012", secrets={}, engine="any", **given)


def make(emulated: Emulated, kind: str, labels: dict[str, str]) -> None:
    """Something of a kind, under the name that the environment has for it."""
    name = PARTS[kind][0]
    if kind == "vpc":
        emulated.run("ec2_vpc", name=name, cidr="10.0.0.0/16", tags=labels)
    elif kind == "target group":
        vpc = emulated.client("ec2").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        emulated.run("elbv2_target_group", name=name, protocol="HTTP", port=80, target_type="ip", vpc_id=vpc, tags=labels)
    elif kind == "ecs cluster":
        emulated.run("ecs_cluster", name=name, tags=labels)
    elif kind == "ecs task definition":
        emulated.run("ecs_task_definition", family=name, cpu=256, memory=512, containers=[CONTAINER], tags=labels)
    elif kind == "bucket":
        emulated.run("s3_bucket", name=name, tags=labels)
    else:
        make_plainly(emulated, kind, name, labels)


def make_plainly(emulated: Emulated, kind: str, name: str, labels: dict[str, str]) -> None:
    pairs = [{"Key": key, "Value": value} for key, value in labels.items()]
    if kind == "codedeploy application":
        emulated.client("codedeploy").create_application(applicationName=name, computePlatform="ECS", tags=pairs)
    elif kind == "database parameter group":
        emulated.client("rds").create_db_parameter_group(
            DBParameterGroupName=name, DBParameterGroupFamily="postgres17", Description="x", Tags=pairs
        )
    elif kind == "image repository":
        emulated.client("ecr").create_repository(repositoryName=name, tags=pairs)
    elif kind == "role":
        emulated.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust("ecs-tasks.amazonaws.com"), Tags=pairs)
    elif kind == "log group":
        emulated.client("logs").create_log_group(logGroupName=name, tags=labels)
    elif kind == "parameter":
        emulated.client("ssm").put_parameter(Name=name, Type="SecureString", Value="x", Tags=pairs)
    elif kind == "session document":
        emulated.client("ssm").create_document(
            Name=name, DocumentType="Session", DocumentFormat="JSON", Content=json.dumps(SESSION), Tags=pairs
        )


KINDS = [kind for kind in PARTS if kind not in ("security group", "load balancer", "ecs service", "database", "database subnet group")]


@pytest.mark.parametrize("kind", KINDS)
def test_what_somebody_else_has(emulated: Emulated, kind: str) -> None:
    make(emulated, kind, THEIRS)
    written = emulated.writes()
    told = preflight(emulated)
    assert told["failed"] and len(told["problems"]) == 1, told
    problem = told["problems"][0]
    assert PARTS[kind][0] in problem["what"] and "owner: team-billing" in problem["what"] and kind in problem["what"]
    assert "tag it: aws " in problem["right"] and "choose another name" in problem["right"]
    assert emulated.writes() == written


def test_what_is_ours_and_what_is_not_there(emulated: Emulated) -> None:
    assert not preflight(emulated).get("failed")
    for kind in KINDS:
        make(emulated, kind, OURS)
    before = len(emulated.journal())
    told = preflight(emulated)
    assert not told.get("failed"), told
    asked = [entry["operation"] for entry in emulated.journal()[before:]]
    assert asked.count("GetResources") == 1 and "ListRoleTags" in asked
    # What the list of tagged resources has is not asked for again.
    assert not {"GetBucketTagging", "DescribeClusters", "DescribeTargetGroups", "DescribeTaskDefinition"} & set(asked)


def test_a_bucket_in_another_region(emulated: Emulated) -> None:
    place = {"LocationConstraint": "eu-central-1", "Tags": [{"Key": key, "Value": value} for key, value in OURS.items()]}
    emulated.client("s3", "eu-central-1").create_bucket(Bucket=PARTS["bucket"][0], CreateBucketConfiguration=place)
    (problem,) = preflight(emulated)["problems"]
    assert "is in eu-central-1, not in eu-west-1" in problem["what"] and "per account" in problem["what"]


def test_a_bucket_of_another_account(emulated: Emulated) -> None:
    place = {"LocationConstraint": REGION}
    emulated.client("s3", account="999999999999").create_bucket(Bucket=PARTS["bucket"][0], CreateBucketConfiguration=place)
    (problem,) = preflight(emulated)["problems"]
    assert "another account" in problem["what"]
