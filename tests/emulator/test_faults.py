"""Faults between a client and the emulator: what the client sees, what is done in AWS, and which calls meet them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from emulator import faults, quotas, vanishing
from emulator.process import EmulatorError
from emulator.wire import service_model
from tests.support import fargate
from tests.support.emulated import Emulated

ROOT = Path(__file__).resolve().parents[2]
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
CONTAINER = {"name": "web", "image": "nginx", "memory": 128}


def _vpcs(emulated: Emulated) -> int:
    return len([vpc for vpc in emulated.client("ec2").describe_vpcs()["Vpcs"] if not vpc["IsDefault"]])


@pytest.mark.parametrize(("fault", "made"), [("lost", 1), ("reset", 0)])
def test_a_broken_connection(emulated: Emulated, fault: str, made: int) -> None:
    emulated.faults({"fault": fault, "operation": "ec2:CreateVpc", "occurrences": [1]})
    with pytest.raises((ConnectionError, HTTPClientError)):
        emulated.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    assert _vpcs(emulated) == made
    (entry,) = [entry for entry in emulated.journal() if entry["operation"] == "CreateVpc"]
    assert (entry["fault"], entry["changed"]) == (fault, made == 1)
    emulated.client("ec2").create_vpc(CidrBlock="10.1.0.0/16")
    assert _vpcs(emulated) == made + 1


@pytest.mark.parametrize(
    ("fault", "service", "operation", "code", "status"),
    [
        ("throttle", "ec2", "describe_vpcs", "RequestLimitExceeded", 503),
        ("throttle", "s3", "list_buckets", "SlowDown", 503),
        ("throttle", "rds", "describe_db_instances", "Throttling", 400),
        ("throttle", "ecs", "list_clusters", "ThrottlingException", 400),
        ("error", "ec2", "describe_vpcs", "InternalError", 500),
        ("error", "iam", "list_roles", "InternalFailure", 500),
        ("error", "ecs", "list_clusters", "InternalFailure", 500),
    ],
)
def test_an_error_is_in_the_words_of_its_service(
    emulated: Emulated, fault: str, service: str, operation: str, code: str, status: int
) -> None:
    emulated.faults({"fault": fault})
    with pytest.raises(ClientError) as raised:
        getattr(emulated.client(service), operation)()
    assert raised.value.response["Error"]["Code"] == code
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_a_refusal_as_it_was_given_for_the_first_of_each_request(emulated: Emulated) -> None:
    emulated.faults(
        {"fault": "refuse", "operation": "logs:CreateLogGroup", "code": "OperationAbortedException", "message": "no", "first": 1}
    )
    asked = [emulated.refused("logs", "create_log_group", logGroupName=name) for name in ("one", "one", "two", "two")]
    assert asked == [("OperationAbortedException", "no"), ("", "")] * 2


def test_a_draw_depends_on_seed_operation_and_ordinal_alone(emulated: Emulated) -> None:
    def drawn(seed: int, between: bool = False) -> list[str]:
        emulated.faults({"fault": "throttle", "operation": "ecs:ListClusters", "probability": 0.5}, seed=seed)
        answers = []
        for _ in range(20):
            answers.append(emulated.refused("ecs", "list_clusters")[0])
            if between:
                emulated.refused("iam", "list_roles")
        return answers

    assert drawn(1) == drawn(1, between=True)
    assert drawn(1) != drawn(2)
    assert set(drawn(1)) == {"", "ThrottlingException"}


def test_a_role_is_not_known_at_once(emulated: Emulated) -> None:
    emulated.faults({"fault": "fresh", "uses": 2})
    role = emulated.client("iam").create_role(RoleName="fresh", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    asked: dict[str, Any] = {"family": "web", "containerDefinitions": [CONTAINER]}
    with_role = [emulated.refused("ecs", "register_task_definition", **asked, executionRoleArn=role) for _ in range(3)]
    assert with_role == [("ClientException", "Role is not valid")] * 2 + [("", "")]
    emulated.client("iam").create_role(RoleName="another", AssumeRolePolicyDocument=TRUST)
    assert emulated.refused("ecs", "register_task_definition", **asked, executionRoleArn=role) == ("", "")


@pytest.mark.parametrize("fresh", faults.FRESH, ids=lambda fresh: f"{fresh.made} {fresh.operation}")
def test_each_service_says_in_its_own_words_what_it_does_not_know_yet(fresh: faults.Fresh) -> None:
    def call(operation: str, **params: Any) -> Any:
        service, name = operation.replace("*", "Create").split(":")
        return SimpleNamespace(service=service, operation=name, params=params, protocol="json", account="1", region="eu-west-1")

    current = faults.Faults([{"fault": "fresh"}])
    current.done(call(fresh.made, **({fresh.member: "shop"} if fresh.member else {})), "")
    for words in (fresh.code, ""):
        met, refusal = current.meet(call(fresh.operation, named="arn:aws:iam::1:role/shop"))
        assert (met.get("fault", ""), refusal.code if refusal else "") == ("fresh" if words else "", words)


def test_tags_are_known_seconds_later(emulated: Emulated) -> None:
    tags = emulated.client("resourcegroupstaggingapi")
    emulated.faults({"fault": "stale", "operation": "resourcegroupstaggingapi:*", "seconds": 50_000})
    emulated.client("ecs").create_cluster(clusterName="shop", tags=[{"key": "application", "value": "shop"}])
    wanted = {"TagFilters": [{"Key": "application", "Values": ["shop"]}]}
    assert tags.get_resources(**wanted)["ResourceTagMappingList"] == []
    emulated.advance(60_000)
    assert len(tags.get_resources(**wanted)["ResourceTagMappingList"]) == 1


def test_a_read_from_before_the_last_write(emulated: Emulated) -> None:
    emulated.faults({"fault": "stale", "operation": "ec2:DescribeVpcs", "first": 2})
    for _ in range(2):
        emulated.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    assert [_vpcs(emulated) for _ in range(3)] == [1, 1, 2]
    emulated.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    assert [_vpcs(emulated) for _ in range(3)] == [2, 2, 3]


def test_a_read_that_is_seconds_old(emulated: Emulated) -> None:
    emulated.faults({"fault": "stale", "operation": "ec2:Describe*", "seconds": 50_000})
    emulated.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    emulated.advance(40_000)
    emulated.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    assert _vpcs(emulated) == 0
    emulated.advance(20_000)
    assert _vpcs(emulated) == 1
    emulated.advance(40_000)
    assert _vpcs(emulated) == 2


def test_a_reset_ends_them(emulated: Emulated) -> None:
    emulated.faults({"fault": "error"})
    emulated.reset()
    assert emulated.refused("ecs", "list_clusters") == ("", "")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "faults are a list"),
        ([{"fault": "gremlin"}], "gremlin"),
        ([{"fault": "lost", "operations": "*"}], "wrong is operations"),
        ([{"fault": "lost", "first": True}], "wrong is first"),
        ([{"fault": "lost", "first": 1, "probability": 0.1}], "at most one of"),
        ([{"fault": "refuse"}], "its code"),
    ],
)
def test_a_list_that_is_none_is_told_so(emulated: Emulated, given: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        faults.checked(given)
    if isinstance(given, list):
        with pytest.raises(EmulatorError):
            emulated.faults(*given)


def test_by_the_command_line(emulated: Emulated, tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    file.write_text(json.dumps([{"fault": "throttle", "operation": "ecs:*"}]))
    for word, code in ((str(file), "ThrottlingException"), ("off", "")):
        command = [sys.executable, "-m", "emulator", "faults", "--state", str(emulated.path), word]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        assert emulated.refused("ecs", "list_clusters")[0] == code


def test_every_call_after_the_second_write_is_reset(emulated: Emulated) -> None:
    emulated.faults({"fault": "reset", "writes": 2})
    emulated.client("ecs").create_cluster(clusterName="one")
    emulated.client("ecs").list_clusters()
    emulated.client("ecs").create_cluster(clusterName="two")
    with pytest.raises((ConnectionError, HTTPClientError)):
        emulated.client("ecs").list_clusters()
    emulated.faults()
    assert len(emulated.client("ecs").list_clusters()["clusterArns"]) == 2


@pytest.mark.parametrize(("service", "operation", "key"), [("ecs", "list_clusters", "clusterArns"), ("iam", "list_roles", "Roles")])
def test_a_list_comes_in_the_smallest_pages(emulated: Emulated, service: str, operation: str, key: str) -> None:
    for number in range(3):
        emulated.client("ecs").create_cluster(clusterName=f"cluster-{number}")
        emulated.client("iam").create_role(RoleName=f"role-{number}", AssumeRolePolicyDocument=TRUST)
    whole = getattr(emulated.client(service), operation)()[key]
    emulated.faults({"fault": "page"})
    assert len(getattr(emulated.client(service), operation)()[key]) == 1
    pages = emulated.client(service).get_paginator(operation).paginate().build_full_result()[key]
    assert len(pages) == len(whole) >= 3


@pytest.mark.parametrize("operation", sorted(quotas.QUOTAS))
def test_a_quota_is_said_in_the_words_of_its_service(operation: str) -> None:
    """A code that the service's model does not have is one of those services whose models have none."""
    service, name = operation.split(":")
    code = quotas.QUOTAS[operation][0]
    assert service in ("ec2", "s3") or any(
        code in (shape.name, shape.metadata.get("error", {}).get("code")) for shape in errors(service, name)
    )


def errors(service: str, operation: str) -> list[Any]:
    return list(service_model(service).operation_model(operation).error_shapes)


def test_a_quota_counts_what_is_made_in_a_region(emulated: Emulated) -> None:
    emulated.faults({"fault": "quota", "operation": "ec2:CreateVpc", "most": 2})
    for _ in range(2):
        assert emulated.refused("ec2", "create_vpc", CidrBlock="10.0.0.0/16") == ("", "")
    assert emulated.refused("ec2", "create_vpc", CidrBlock="10.0.0.0/16")[0] == "VpcLimitExceeded"
    emulated.client("ec2", region="eu-central-1").create_vpc(CidrBlock="10.0.0.0/16")
    (met,) = [entry for entry in emulated.journal() if entry["fault"]]
    assert (met["fault"], met["error"], met["changed"]) == ("quota", "VpcLimitExceeded", False)
    assert _vpcs(emulated) == 2


def test_a_quota_of_what_has_none_is_not_met(emulated: Emulated) -> None:
    emulated.faults({"fault": "quota"})
    emulated.client("ec2").describe_vpcs()
    assert emulated.refused("elbv2", "create_target_group", Name="web", Protocol="HTTP", Port=80, VpcId="vpc-1")[0] == "TooManyTargetGroups"


def test_what_vanishes_is_gone_when_it_is_named(emulated: Emulated) -> None:
    ec2 = emulated.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"]
    emulated.faults({"fault": "vanish", "operation": "ec2:AuthorizeSecurityGroupIngress", "occurrences": [1]})
    rule = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]
    assert emulated.refused("ec2", "authorize_security_group_ingress", GroupId=group, IpPermissions=rule)[0] == "InvalidGroup.NotFound"
    (met,) = [entry for entry in emulated.journal() if entry["fault"]]
    assert (met["operation"], met["fault"], met["error"]) == ("AuthorizeSecurityGroupIngress", "vanish", "InvalidGroup.NotFound")


def test_what_is_in_use_does_not_vanish(emulated: Emulated) -> None:
    made = fargate.build(emulated, balanced=True)
    emulated.faults({"fault": "vanish"})
    emulated.client("elbv2").describe_target_health(TargetGroupArn=made.groups["blue"])
    assert emulated.refused("elbv2", "describe_target_health", TargetGroupArn=made.groups["lonely"])[0] == "TargetGroupNotFound"
    assert [entry["fault"] for entry in emulated.journal() if entry["operation"] == "DescribeTargetHealth"] == ["", "vanish"]


@pytest.mark.parametrize(("service", "named"), [(service, each) for service, found in vanishing.DELETIONS.items() for each in found])
def test_what_deletes_is_an_operation_that_names_it(service: str, named: tuple[str, str, dict[str, Any]]) -> None:
    member, operation, more = named
    assert {member, *more} <= set(service_model(service).operation_model(operation).input_shape.members)
