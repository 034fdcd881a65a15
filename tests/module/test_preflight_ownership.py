"""Names that are taken, told before anything is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support import one
from tests.support.emulated import REGION, Emulated
from tests.support.roles import trust

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
    "ecs task definition": ["shop-local-web", "shop-local-run"],
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
        one.run(emulated, "elbv2_target_group", name=name, protocol="HTTP", port=80, target_type="ip", vpc_id=vpc, tags=labels)
    elif kind == "ecs cluster":
        emulated.run("ecs_cluster", name=name, tags=labels)
    elif kind == "ecs task definition":
        one.run(emulated, "ecs_task_definition", family=name, cpu=256, memory=512, containers=[CONTAINER], tags=labels)
    elif kind == "bucket":
        emulated.run("s3_bucket", name=name, tags=labels)
    elif kind in PLACED:
        emulated.run("ec2_vpc", name="shop-local", cidr="10.0.0.0/16", tags=OURS)
        PLACED[kind](Place(emulated), name, labels)
    else:
        make_plainly(emulated, kind, name, labels)


@pytest.mark.parametrize(
    ("kind", "variable"), [("vpc", "vpc_name"), ("ecs cluster", "ecs_name"), ("codedeploy application", "codedeploy_name")]
)
def test_a_part_that_is_there_under_another_name_is_told(emulated: Emulated, kind: str, variable: str) -> None:
    """AWS cannot rename it: a second one would appear beside it."""
    make(emulated, kind, OURS)
    given = {"application": "shop", "environment": "local", "cidr": "10.0.0.0/16", "parts": {**PARTS, kind: ["renamed"]}, "ownership": True}
    told = emulated.run("preflight", account_id="123456789012", secrets={}, engine="any", **given)["problems"]
    assert [(one["path"], one["right"]) for one in told] == [
        ([variable], f"{variable}: shop-local; or playbooks/destroy.yml under that name first")
    ], told


class Place:
    """A way out and two subnets of our VPC, made once."""

    def __init__(self, emulated: Emulated) -> None:
        self.emulated, ec2 = emulated, emulated.client("ec2")
        self.vpc = next(item["VpcId"] for item in ec2.describe_vpcs()["Vpcs"] if item["CidrBlock"] == "10.0.0.0/16")
        here = [{"Name": "vpc-id", "Values": [self.vpc]}]
        found = ec2.describe_subnets(Filters=here)["Subnets"]
        self.subnets = [item["SubnetId"] for item in found] or [self._subnet(number) for number in range(2)]
        self.group = ec2.describe_security_groups(Filters=here)["SecurityGroups"][0]["GroupId"]

    def _subnet(self, number: int) -> str:
        given = {"CidrBlock": f"10.0.{number}.0/24", "AvailabilityZone": f"{REGION}{'ab'[number]}"}
        return str(self.emulated.client("ec2").create_subnet(VpcId=self.vpc, **given)["Subnet"]["SubnetId"])

    def run(self, module: str, **params: Any) -> None:
        result = self.emulated.run(module, **params)
        assert not result.get("failed"), result


def make_service(place: Place, name: str, labels: dict[str, str]) -> None:
    cluster, _slash, service = name.partition("/")
    place.run("ecs_cluster", name=cluster, tags=OURS)
    place.emulated.client("iam").create_role(RoleName="somebody", AssumeRolePolicyDocument=trust("ecs-tasks.amazonaws.com"))
    size = {"cpu": 256, "memory": 512, "execution_role_arn": "arn:aws:iam::123456789012:role/somebody"}
    definition = {"family": "somebody", "containers": [CONTAINER], **size}
    place.run("ecs_task_definition", task_definitions=[definition])
    network = {"subnets": place.subnets, "security_groups": [place.group], "assign_public_ip": True}
    given = {"task_definition": "somebody", "desired_count": 0, "network_configuration": network}
    place.run("ecs_service", cluster=cluster, services=[{"name": service, **given}], tags=labels)


def make_database(place: Place, name: str, labels: dict[str, str]) -> None:
    rds, pairs = place.emulated.client("rds"), [{"Key": key, "Value": value} for key, value in labels.items()]
    rds.create_db_subnet_group(DBSubnetGroupName="somebody", DBSubnetGroupDescription="x", SubnetIds=place.subnets)
    size = {"DBInstanceClass": "db.t4g.micro", "AllocatedStorage": 20, "Engine": "postgres", "StorageType": "gp3"}
    access = {"MasterUsername": "rails", "MasterUserPassword": "correct-horse-battery", "DBSubnetGroupName": "somebody"}
    rds.create_db_instance(DBInstanceIdentifier=name, **size, **access, Tags=pairs)


def make_load_balancer(place: Place, name: str, labels: dict[str, str]) -> None:
    place.run("elbv2_load_balancer", name=name, scheme="internal", subnets=place.subnets, security_groups=[place.group], tags=labels)


PLACED: dict[str, Callable[[Place, str, dict[str, str]], None]] = {
    "security group": lambda place, name, labels: place.run(
        "ec2_security_groups", vpc_id=place.vpc, security_groups=[{"name": name}], tags=labels
    ),
    "load balancer": make_load_balancer,
    "ecs service": make_service,
    "database": make_database,
    "database subnet group": lambda place, name, labels: place.run(
        "rds_subnet_group", name=name, description="x", subnets=place.subnets, tags=labels
    ),
}


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


@pytest.mark.parametrize("kind", PARTS)
def test_resources_of_others_are_reported(emulated: Emulated, kind: str) -> None:
    make(emulated, kind, THEIRS)
    written = emulated.writes()
    told = preflight(emulated)
    assert told["failed"] and len(told["problems"]) == 1, told
    problem = told["problems"][0]
    assert PARTS[kind][0] in problem["what"] and "owner: team-billing" in problem["what"] and kind in problem["what"]
    assert "tag it: aws " in problem["right"] and "choose another name" in problem["right"]
    assert emulated.writes() == written


def test_a_family_of_one_off_tasks_that_somebody_else_has(emulated: Emulated) -> None:
    one.run(emulated, "ecs_task_definition", family="shop-local-run", cpu=256, memory=512, containers=[CONTAINER], tags=THEIRS)
    (problem,) = preflight(emulated)["problems"]
    assert "the ecs task definition shop-local-run" in problem["what"] and "owner: team-billing" in problem["what"]


def test_what_is_ours_and_what_is_not_there(emulated: Emulated) -> None:
    assert not preflight(emulated).get("failed")
    for kind in PARTS:
        make(emulated, kind, OURS)
    before = len(emulated.journal())
    told = preflight(emulated)
    assert not told.get("failed"), told
    asked = [entry["operation"] for entry in emulated.journal()[before:]]
    assert asked.count("GetResources") == 1 and "GetRole" in asked
    # What the list of tagged resources has is not asked for again.
    assert not {"GetBucketTagging", "DescribeClusters", "DescribeTargetGroups", "DescribeTaskDefinition"} & set(asked)


def test_a_bucket_in_another_region(emulated: Emulated) -> None:
    place = {"LocationConstraint": "eu-central-1", "Tags": [{"Key": key, "Value": value} for key, value in OURS.items()]}
    emulated.client("s3", "eu-central-1").create_bucket(Bucket=PARTS["bucket"][0], CreateBucketConfiguration=place)
    (problem,) = preflight(emulated)["problems"]
    assert "is in eu-central-1, not in eu-west-1" in problem["what"] and "per account" in problem["what"]


def test_roles_of_the_same_environment_in_another_region(emulated: Emulated) -> None:
    """They are ours, and a converge here would give them the rights of this Region instead."""
    statement = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}

    def keep(region: str) -> None:
        condition = {"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{region}:123456789012:*"}}
        document = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
        emulated.run("iam_service_role", roles=[{"name": PARTS["role"][0], "trust": document}], tags=OURS)

    keep("eu-central-1")
    (problem,) = preflight(emulated)["problems"]
    assert "the role shop-local-task is in eu-central-1, not in eu-west-1" in problem["what"] and problem["path"] == ["railyard_region"]
    keep(REGION)
    assert not preflight(emulated).get("failed")


def test_a_bucket_of_another_account(emulated: Emulated) -> None:
    place = {"LocationConstraint": REGION}
    emulated.client("s3", account="999999999999").create_bucket(Bucket=PARTS["bucket"][0], CreateBucketConfiguration=place)
    (problem,) = preflight(emulated)["problems"]
    assert "another account" in problem["what"]
