"""Which nodes may be touched."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._ssm import node


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"tags": {"application": "shop"}},
        {"tags": {"environment": "production"}},
        {"tags": {"application": "shop", "environment": ""}},
        {"activation_id": "a", "ping_status": "Inactive"},
    ],
)
def test_nobody_elses_node_is_met_by_chance(wanted) -> None:
    with pytest.raises(RailyardError, match="somebody else"):
        node.select(None, wanted)


def test_ids() -> None:
    one, two = "mi-0123456789abcdef0", "mi-0123456789abcdef1"
    assert node.check_ids([two, one, two]) == [one, two]
    with pytest.raises(RailyardError, match="i-0123456789abcdef0: the id of a node is mi-"):
        node.check_ids(["i-0123456789abcdef0", one])


ONE = {"InstanceId": "mi-0123456789abcdef0", "ResourceType": "ManagedInstance", "PingStatus": "Online", "ActivationId": "a1"}
TWO = {**ONE, "InstanceId": "mi-0123456789abcdef1", "PingStatus": "ConnectionLost"}
SERVER = {**ONE, "InstanceId": "i-0123456789abcdef0", "ResourceType": "EC2Instance"}
SHOP = {"application": "shop", "environment": "production"}


@pytest.mark.parametrize(
    ("wanted", "sent", "tags", "found"),
    [
        ({}, "ResourceType=ManagedInstance", [], [ONE, TWO]),
        ({"tags": {"console": "7"}}, "tag:console=7", [], [ONE, TWO]),
        ({"tags": SHOP}, "tag:application=shop", [SHOP, {**SHOP, "environment": "staging"}], [ONE]),
        ({"tags": {"console": ""}}, "ResourceType=ManagedInstance", [{}, {"console": ""}], [TWO]),
        ({"tags": {"console": 7}, "ping_status": "Online"}, "tag:console=7", [], [ONE]),
        ({"tags": {"console": "7"}, "activation_id": "a1"}, "ActivationIds=a1", [{}, {"console": "7"}], [TWO]),
        ({"activation_id": "a1", "ping_status": "ConnectionLost"}, "ActivationIds=a1", [], [TWO]),
        ({"ids": [ONE["InstanceId"]], "ping_status": "Online"}, f"InstanceIds={ONE['InstanceId']}", [], [ONE]),
    ],
)
def test_one_filter_is_sent_and_the_rest_is_compared_here(wanted: Any, sent: str, tags: list[dict[str, str]], found: list[Any]) -> None:
    client = boto3.client("ssm", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    key, _, value = sent.rpartition("=")
    with Stubber(client) as aws:
        listed = found if "ids" in wanted else [SERVER, ONE, TWO]
        asked = {"Filters": [{"Key": key, "Values": [value]}]}
        aws.add_response("describe_instance_information", {"InstanceInformationList": listed}, asked)
        for each, pairs in zip((ONE, TWO), tags, strict=False):
            answer = {"TagList": [{"Key": name, "Value": text} for name, text in pairs.items()]}
            aws.add_response("list_tags_for_resource", answer, {"ResourceType": "ManagedInstance", "ResourceId": each["InstanceId"]})
        assert [item["instance_id"] for item in node.find(client, **wanted)] == [item["InstanceId"] for item in found]
        aws.assert_no_pending_responses()
