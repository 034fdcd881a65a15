"""Calls to AWS end in a value or in one typed error."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ansible_collections.railyard.fargate.plugins.module_utils._core import aws
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from emulator import quotas


def make_client() -> Any:
    return boto3.client("ecs", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")


@pytest.fixture
def ecs() -> Any:
    client = make_client()
    with Stubber(client) as stub:
        yield client, stub


def test_call_returns_the_output_alone(ecs: Any) -> None:
    client, stub = ecs
    stub.add_response("list_clusters", {"clusterArns": ["a"], "ResponseMetadata": {"RequestId": "r"}})
    assert aws.call(client, "ListClusters") == {"clusterArns": ["a"]}


def test_an_error_has_code_and_words(ecs: Any) -> None:
    client, stub = ecs
    stub.add_client_error("list_services", "ClusterNotFoundException", "Cluster not found.")
    with pytest.raises(RailyardError) as raised:
        aws.call(client, "ListServices", cluster="nobody")
    assert raised.value.code == "ClusterNotFoundException"
    assert raised.value.message == "ListServices: ClusterNotFoundException: Cluster not found."


@pytest.mark.parametrize("operation", sorted(quotas.QUOTAS))
def test_a_quota_is_told_from_other_refusals(operation: str) -> None:
    name, code = operation.partition(":")[2], quotas.QUOTAS[operation][0]
    assert bool(aws.QUOTA.fullmatch(f"{name}:{code}")) is name.startswith(("Create", "Allocate"))


@pytest.mark.parametrize(
    "refused",
    ["CreateVpc:RequestLimitExceeded", "CreateDeployment:DeploymentLimitExceededException", "CreateService:TooManyRequestsException"],
)
def test_what_passes_by_itself_is_no_quota(refused: str) -> None:
    assert not aws.QUOTA.fullmatch(refused)


def test_wrong_parameters_are_the_same_error() -> None:
    with pytest.raises(RailyardError, match="ListServices: Parameter validation failed"):
        aws.call(make_client(), "ListServices", cluster=3)


def test_find_is_none_for_an_absent_code_only(ecs: Any) -> None:
    client, stub = ecs
    for _ in range(2):
        stub.add_client_error("list_services", "ClusterNotFoundException", "Cluster not found.")
    assert aws.find(client, "ListServices", {"ClusterNotFoundException"}) is None
    with pytest.raises(RailyardError):
        aws.find(client, "ListServices", {"ServiceNotFoundException"})


def test_pages_are_read_to_the_end(ecs: Any) -> None:
    client, stub = ecs
    stub.add_response("list_services", {"serviceArns": ["a"], "nextToken": "more"}, {"cluster": "c"})
    stub.add_response("list_services", {"serviceArns": ["b"]}, {"cluster": "c", "nextToken": "more"})
    assert aws.pages(client, "ListServices", "serviceArns", cluster="c") == ["a", "b"]


def test_pages_of_nothing(ecs: Any) -> None:
    client, stub = ecs
    for _ in range(2):
        stub.add_client_error("list_services", "ClusterNotFoundException", "Cluster not found.")
    assert aws.pages(client, "ListServices", "serviceArns", {"ClusterNotFoundException"}) == []
    with pytest.raises(RailyardError, match="Cluster not found"):
        aws.pages(client, "ListServices", "serviceArns")


def test_a_list_without_paginator_is_one_call(ecs: Any) -> None:
    client, stub = ecs
    stub.add_response("list_tags_for_resource", {"tags": [{"key": "a", "value": "1"}]})
    assert aws.pages(client, "ListTagsForResource", "tags", resourceArn="arn:aws:ecs:x") == [{"key": "a", "value": "1"}]


def test_batches() -> None:
    assert aws.batches([1, 2, 3, 4, 5], 2) == [[1, 2], [3, 4], [5]]
    assert aws.batches([], 2) == []
