"""A resource of the right name that is somebody else's: by each module that takes tags, against the emulated AWS."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.cli import aws
from tests.support.emulated import Emulated
from tests.support.fargate import CLUSTER, Fargate, build

OURS = {"application": "shop", "environment": "local", "managed-by": "railyard"}
THEIRS = {"owner": "team-billing", "managed-by": "terraform"}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
SESSION = {"schemaVersion": "1.0", "sessionType": "Port", "properties": {"portNumber": "5432"}}
CONTAINER = {"name": "web", "image": "public.ecr.aws/docker/library/ruby:3.4"}

# What each module makes, and what its deletion takes.
MODULES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "codedeploy_application": ({"name": "shop-local", "compute_platform": "ECS"}, {"name": "shop-local"}),
    "ec2_vpc": ({"name": "shop-local", "cidr": "10.0.0.0/16"}, {"name": "shop-local", "cidr": "10.0.0.0/16"}),
    "ecr_repository": ({"name": "shop-local"}, {"name": "shop-local", "force": True}),
    "ecs_cluster": ({"name": "shop-local"}, {"name": "shop-local"}),
    "ecs_task_definition": (
        {"task_definitions": [{"family": "shop-local-web", "cpu": 256, "memory": 512, "containers": [CONTAINER]}]},
        {"task_definitions": [{"family": "shop-local-web"}], "delete_revisions": True},
    ),
    "iam_service_role": ({"roles": [{"name": "shop-local-task", "trust": TRUST}]}, {"roles": [{"name": "shop-local-task"}]}),
    "logs_groups": ({"names": ["/shop/local/web"], "retention_days": 7}, {"names": ["/shop/local/web"]}),
    "rds_parameter_group": (
        {"name": "shop-local", "family": "postgres17", "description": "x", "parameters": {"rds.force_ssl": 1}},
        {"name": "shop-local"},
    ),
    "s3_bucket": ({"name": "shop-local-releases"}, {"name": "shop-local-releases", "force": True}),
    "ssm_secret": ({"name": "/shop/local/KEY", "generate": True}, {"name": "/shop/local/KEY"}),
    "ssm_session_document": (
        {"documents": [{"name": "shop-local-console", "content": SESSION}]},
        {"documents": [{"name": "shop-local-console"}]},
    ),
}


def _database(place: Fargate) -> dict[str, Any]:
    place.emulated.client("ssm").put_parameter(Name="/shop/local/DATABASE_PASSWORD", Type="SecureString", Value="correct-horse-battery")
    place.emulated.client("rds").create_db_subnet_group(
        DBSubnetGroupName="shop-private", DBSubnetGroupDescription="x", SubnetIds=place.subnets
    )
    size = {"db_instance_class": "db.t4g.micro", "allocated_storage": 20, "storage_type": "gp3", "backup_retention_period": 0}
    access = {"master_username": "rails", "password_parameter": "/shop/local/DATABASE_PASSWORD", "vpc_security_group_ids": [place.group]}
    kind = {"engine": "postgres", "engine_version": "17", "db_subnet_group_name": "shop-private"}
    return {"db_instance_identifier": "shop-local", "deletion_protection": False, **kind, **size, **access}


def _service(place: Fargate) -> dict[str, Any]:
    network = {"subnets": place.subnets, "security_groups": [place.group], "assign_public_ip": True}
    web = {"name": "web", "task_definition": "shop-web", "desired_count": 0, "network_configuration": network}
    return {"cluster": CLUSTER, "services": [web]}


def _load_balancer(place: Fargate) -> dict[str, Any]:
    return {"name": "shop-local", "scheme": "internet-facing", "subnets": place.subnets, "security_groups": [place.group]}


def _subnet_group(place: Fargate) -> dict[str, Any]:
    return {"name": "shop-local", "description": "x", "subnets": place.subnets}


def _security_groups(place: Fargate) -> dict[str, Any]:
    return {"vpc_id": place.vpc, "security_groups": [{"name": "shop-local-app"}]}


# What stands on a network, and what its deletion takes beside what it is made with.
PLACED: dict[str, tuple[Callable[[Fargate], dict[str, Any]], dict[str, Any]]] = {
    "ec2_security_groups": (_security_groups, {}),
    "ecs_service": (_service, {}),
    "elbv2_load_balancer": (_load_balancer, {}),
    "rds_instance": (_database, {"skip_final_snapshot": True}),
    "rds_subnet_group": (_subnet_group, {}),
}


@pytest.fixture(params=sorted([*MODULES, *PLACED]))
def taken(request: pytest.FixtureRequest, emulated: Emulated) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """A module whose resource is there already, with other people's tags."""
    module: str = request.param
    if module in PLACED:
        make, more = PLACED[module]
        made = make(build(emulated))
        deleted = {**made, **more}
    else:
        made, deleted = MODULES[module]
    result = emulated.run(module, tags=THEIRS, **made)
    assert result["changed"], result
    return module, made, deleted


def test_foreign_resource_is_refused_ignored_or_adopted(emulated: Emulated, taken: tuple[str, dict[str, Any], dict[str, Any]]) -> None:
    module, made, deleted = taken
    written = emulated.writes()

    refused = emulated.run(module, tags=OURS, **made)
    assert refused["failed"] and "is not ours" in refused["msg"], refused
    assert "owner: team-billing" in refused["msg"] and "managed-by: terraform" in refused["msg"]
    left = emulated.run(module, state="absent", tags=OURS, **deleted)
    assert not left.get("failed") and not left["changed"], left
    assert "left alone" in str(left["warnings"]) and "team-billing" in str(left["warnings"])
    assert emulated.writes() == written

    # A database is made for a while.
    emulated.advance(3600)
    for command in re.findall(r"tag it: (aws .*)", refused["msg"]):
        aws(emulated, command)
    ours = emulated.run(module, tags=OURS, purge_tag_keys=[], **made)
    assert not ours.get("failed") and not ours["changed"], ours
    gone = emulated.run(module, state="absent", tags=OURS, **deleted)
    assert gone["changed"], gone


def test_other_tags_stay_or_go_by_pattern(emulated: Emulated, taken: tuple[str, dict[str, Any], dict[str, Any]]) -> None:
    module, made, _deleted = taken
    plain = {**THEIRS, "CreatedBy": "anna", "CreatedAt": "now"}
    emulated.run(module, tags=plain, purge_tag_keys=[], **made)

    kept = emulated.run(module, tags=THEIRS, purge_tag_keys=[], **made)
    assert not kept["changed"], kept
    assert emulated.run(module, tags=THEIRS, purge_tag_keys=["CreatedB?"], check=True, **made)["changed"]
    some = emulated.run(module, tags=THEIRS, purge_tag_keys=["CreatedB?"], **made)
    assert some["changed"], some
    assert not emulated.run(module, tags={**THEIRS, "CreatedAt": "now"}, **made)["changed"]


def test_without_the_three_tags_a_name_is_enough(emulated: Emulated) -> None:
    emulated.run("ecs_cluster", name="shop-local", tags=THEIRS)
    assert emulated.run("ecs_cluster", name="shop-local", tags={"application": "shop"})["changed"]
    assert emulated.run("ecs_cluster", name="shop-local", state="absent")["changed"]
