"""Clusters, task definitions, settings and tags of the emulated ECS."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulated import Emulated
from tests.support.fargate import CLUSTER, Fargate, build

ARN = "arn:aws:ecs:eu-west-1:123456789012"


@pytest.fixture
def fargate(emulated: Emulated) -> Fargate:
    return build(emulated)


def test_a_task_definition_comes_back_with_all_that_aws_adds(fargate: Fargate) -> None:
    container = {
        "name": "web",
        "image": "shop:1",
        "portMappings": [{"containerPort": 3000, "name": "web", "appProtocol": "http"}],
        "healthCheck": {"command": ["CMD-SHELL", "true"]},
        "environment": [{"name": "A", "value": "b"}],
    }
    params: dict[str, Any] = fargate.definition(
        family="full",
        containerDefinitions=[container],
        volumes=[{"name": "scratch"}],
        runtimePlatform={"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
        ephemeralStorage={"sizeInGiB": 50},
        tags=[{"key": "team", "value": "checkout"}],
    )
    registered = fargate.ecs.register_task_definition(**params)
    assert registered["tags"] == params["tags"]
    found = fargate.ecs.describe_task_definition(taskDefinition="full", include=["TAGS"])
    assert found["tags"] == params["tags"]
    definition = found["taskDefinition"]
    assert definition == registered["taskDefinition"]
    assert definition["containerDefinitions"] == [
        {
            "name": "web",
            "image": "shop:1",
            "cpu": 0,
            "portMappings": [{"containerPort": 3000, "hostPort": 3000, "protocol": "tcp", "name": "web", "appProtocol": "http"}],
            "essential": True,
            "environment": [{"name": "A", "value": "b"}],
            "mountPoints": [],
            "volumesFrom": [],
            "healthCheck": {"command": ["CMD-SHELL", "true"], "interval": 30, "timeout": 5, "retries": 3},
            "systemControls": [],
        }
    ]
    expected = {
        "taskDefinitionArn": f"{ARN}:task-definition/full:1",
        "status": "ACTIVE",
        "compatibilities": ["EC2", "FARGATE"],
        "requiresCompatibilities": ["FARGATE"],
        "placementConstraints": [],
        "volumes": [{"name": "scratch", "host": {}}],
        "cpu": "256",
        "memory": "512",
        "revision": 1,
        "ephemeralStorage": {"sizeInGiB": 50},
        "registeredBy": "arn:aws:iam::123456789012:root",
    }
    assert expected.items() <= definition.items()
    assert {"name": "ecs.capability.task-eni"} in definition["requiresAttributes"]


def test_revisions_count_up_for_ever(fargate: Fargate) -> None:
    ecs = fargate.ecs
    arns = [fargate.define(family="counted") for _ in range(3)]
    for arn in arns:
        ecs.deregister_task_definition(taskDefinition=arn)
    assert fargate.define(family="counted").endswith(":4")
    assert ecs.list_task_definitions(familyPrefix="counted")["taskDefinitionArns"] == [f"{ARN}:task-definition/counted:4"]
    assert ecs.list_task_definitions(familyPrefix="counted", status="INACTIVE", sort="DESC")["taskDefinitionArns"] == arns[::-1]
    deleted = ecs.delete_task_definitions(taskDefinitions=["counted:1", "counted:4", "counted:9"])
    assert [item["status"] for item in deleted["taskDefinitions"]] == ["DELETE_IN_PROGRESS"]
    assert len(deleted["failures"]) == 2
    assert ecs.describe_task_definition(taskDefinition="counted")["taskDefinition"]["revision"] == 4


def test_families(fargate: Fargate) -> None:
    arn = fargate.define(family="gone")
    fargate.ecs.deregister_task_definition(taskDefinition=arn)
    assert fargate.ecs.list_task_definition_families(status="ACTIVE")["families"] == ["shop-web"]
    assert fargate.ecs.list_task_definition_families(status="INACTIVE")["families"] == ["gone"]
    assert fargate.emulated.refused("ecs", "describe_task_definition", taskDefinition="gone")[0] == "ClientException"


def test_lists_are_paged(fargate: Fargate) -> None:
    for number in range(4):
        fargate.define(family=f"f{number}")
        fargate.ecs.create_cluster(clusterName=f"c{number}")
    for operation, member, count in (("list_task_definitions", "taskDefinitionArns", 5), ("list_clusters", "clusterArns", 5)):
        pages = fargate.ecs.get_paginator(operation).paginate(PaginationConfig={"PageSize": 2})
        assert [len(page[member]) for page in pages] == [2, 2, 1], count


def test_clusters(fargate: Fargate) -> None:
    ecs = fargate.ecs
    tags = [{"key": "team", "value": "checkout"}]
    created = ecs.create_cluster(clusterName="full", tags=tags, settings=[{"name": "containerInsights", "value": "enabled"}])["cluster"]
    assert created["tags"] == tags and created["settings"] == [{"name": "containerInsights", "value": "enabled"}]
    plain = ecs.describe_clusters(clusters=["full"])["clusters"][0]
    empty = ("tags", "settings", "statistics", "capacityProviders", "defaultCapacityProviderStrategy")
    assert all(plain[member] == [] for member in empty)
    assert (plain["status"], plain["runningTasksCount"], plain["activeServicesCount"]) == ("ACTIVE", 0, 0)
    full = ecs.describe_clusters(clusters=["full"], include=["TAGS", "SETTINGS", "STATISTICS"])["clusters"][0]
    assert full["tags"] == tags and full["settings"] and full["statistics"]
    assert ecs.create_cluster(clusterName="full")["cluster"]["clusterArn"] == created["clusterArn"]
    ecs.update_cluster_settings(cluster="full", settings=[{"name": "containerInsights", "value": "disabled"}])
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    put = ecs.put_cluster_capacity_providers(
        cluster="full", capacityProviders=["FARGATE", "FARGATE_SPOT"], defaultCapacityProviderStrategy=strategy
    )
    assert put["cluster"]["defaultCapacityProviderStrategy"] == [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}]
    assert ecs.delete_cluster(cluster="full")["cluster"]["status"] == "INACTIVE"
    assert ecs.describe_clusters(clusters=["full"])["clusters"][0]["status"] == "INACTIVE"
    assert ecs.describe_clusters(clusters=["absent"])["failures"] == [{"arn": f"{ARN}:cluster/absent", "reason": "MISSING"}]
    assert ecs.list_clusters()["clusterArns"] == [f"{ARN}:cluster/shop"]


def test_the_default_strategy_of_a_cluster_decides_where_tasks_run(fargate: Fargate) -> None:
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    fargate.ecs.put_cluster_capacity_providers(
        cluster=CLUSTER, capacityProviders=["FARGATE_SPOT"], defaultCapacityProviderStrategy=strategy
    )
    task = fargate.ecs.run_task(**fargate.task(launchType=None))["tasks"][0]
    assert (task["launchType"], task["capacityProviderName"]) == ("FARGATE", "FARGATE_SPOT")


def test_tags_of_every_kind(fargate: Fargate) -> None:
    ecs = fargate.ecs
    ecs.create_service(**fargate.service(desiredCount=0))
    arns = [f"{ARN}:cluster/shop", f"{ARN}:service/shop/web", f"{ARN}:task-definition/shop-web:1", fargate.run()]
    for arn in arns:
        ecs.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}])
        ecs.untag_resource(resourceArn=arn, tagKeys=["a", "absent"])
        assert ecs.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "b", "value": "2"}]


def test_account_settings(fargate: Fargate) -> None:
    ecs = fargate.ecs
    assert ecs.list_account_settings()["settings"] == []
    setting = ecs.put_account_setting_default(name="containerInsights", value="enhanced")["setting"]
    assert setting["principalArn"] == "arn:aws:iam::123456789012:root"
    effective = ecs.list_account_settings(effectiveSettings=True, name="containerInsights")["settings"]
    assert [item["value"] for item in effective] == ["enhanced"]


def test_accounts_and_regions_do_not_see_each_other(fargate: Fargate) -> None:
    for client in (fargate.emulated.client("ecs", region="us-east-1"), fargate.emulated.client("ecs", account="999999999999")):
        assert client.list_clusters()["clusterArns"] == []
