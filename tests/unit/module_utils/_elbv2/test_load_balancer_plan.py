"""What elbv2_load_balancer decides, refuses and waits for."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._elbv2 import load_balancer
from ansible_collections.railyard.fargate.plugins.module_utils._elbv2.load_balancer import NEW, make_plan

ARN = "arn:balancer"
LIVE: dict[str, Any] = {
    "load_balancer_arn": ARN,
    "load_balancer_name": "shop",
    "scheme": "internet-facing",
    "subnets": ["subnet-1", "subnet-2"],
    "security_groups": ["sg-1"],
    "ip_address_type": "ipv4",
    "attributes": {"deletion_protection.enabled": "false", "idle_timeout.timeout_seconds": "60"},
    "tags": {"a": "1"},
}
PROTECTED = {**LIVE, "attributes": {"deletion_protection.enabled": "true"}}
UNPROTECT = {"LoadBalancerArn": ARN, "Attributes": [{"Key": "deletion_protection.enabled", "Value": "false"}]}
OPTIONS = ("scheme", "subnets", "security_groups", "ip_address_type", "attributes", "tags")


def options(**given: Any) -> dict[str, Any]:
    return {"name": "shop", "state": "present", **dict.fromkeys(OPTIONS), "purge_tags": True, **given}


@pytest.mark.parametrize(
    ("given", "steps"),
    [
        pytest.param({}, [], id="nothing declared, nothing changed"),
        pytest.param({"subnets": ["subnet-2", "subnet-1"], "security_groups": ["sg-1"]}, [], id="order is nothing"),
        pytest.param({"attributes": {"deletion_protection.enabled": False, "idle_timeout.timeout_seconds": 60}}, [], id="texts and values"),
        pytest.param({"attributes": {"idle_timeout.timeout_seconds": None}}, [], id="an attribute that is None is left alone"),
        pytest.param(
            {"subnets": ["subnet-3", "subnet-2"]},
            [("SetSubnets", {"LoadBalancerArn": ARN, "Subnets": ["subnet-2", "subnet-3"]})],
            id="subnets",
        ),
        pytest.param(
            {"subnets": ["subnet-3", "subnet-2"], "ip_address_type": "dualstack"},
            [("SetSubnets", {"LoadBalancerArn": ARN, "Subnets": ["subnet-2", "subnet-3"], "IpAddressType": "dualstack"})],
            id="subnets and kind of address at once",
        ),
        pytest.param(
            {"ip_address_type": "dualstack", "security_groups": ["sg-2", "sg-1"]},
            [
                ("SetIpAddressType", {"LoadBalancerArn": ARN, "IpAddressType": "dualstack"}),
                ("SetSecurityGroups", {"LoadBalancerArn": ARN, "SecurityGroups": ["sg-1", "sg-2"]}),
            ],
            id="kind of address, and security groups",
        ),
        pytest.param(
            {"attributes": {"deletion_protection.enabled": True, "idle_timeout.timeout_seconds": 60}, "tags": {"b": 2}},
            [
                (
                    "ModifyLoadBalancerAttributes",
                    {"LoadBalancerArn": ARN, "Attributes": [{"Key": "deletion_protection.enabled", "Value": "true"}]},
                ),
                ("AddTags", {"ResourceArns": [ARN], "Tags": [{"Key": "b", "Value": "2"}]}),
                ("RemoveTags", {"ResourceArns": [ARN], "TagKeys": ["a"]}),
            ],
            id="attributes and tags",
        ),
        pytest.param({"state": "absent"}, [("DeleteLoadBalancer", {"LoadBalancerArn": ARN})], id="absent"),
    ],
)
def test_change(given: dict[str, Any], steps: list[tuple[str, dict[str, Any]]]) -> None:
    plan = make_plan(options(**given), LIVE)
    assert [(step.operation, step.params) for step in plan.steps] == steps and plan.before == LIVE


def test_protection_goes_only_when_told() -> None:
    with pytest.raises(RailyardError, match="is protected against deletion"):
        make_plan(options(state="absent"), PROTECTED)
    told = make_plan(options(state="absent", attributes={"deletion_protection.enabled": False}), PROTECTED)
    assert [step.operation for step in told.steps] == ["ModifyLoadBalancerAttributes", "DeleteLoadBalancer"]
    assert told.steps[0].params == UNPROTECT
    assert make_plan(options(state="absent"), None).steps == ()


def test_a_new_one_gets_its_attributes_after_it_is_made() -> None:
    given = {"subnets": ["subnet-2", "subnet-1"], "attributes": {"deletion_protection.enabled": True}, "tags": {"a": 1}}
    plan = make_plan(options(**given), None)
    create, attributes = plan.steps
    assert create.params["Subnets"] == ["subnet-1", "subnet-2"] and create.params["Tags"] == [{"Key": "a", "Value": "1"}]
    assert "SecurityGroups" not in create.params and create.already == ("DuplicateLoadBalancerName",)
    assert attributes.params["LoadBalancerArn"] == NEW
    assert plan.after["scheme"] == "internet-facing" and plan.after["attributes"] == {"deletion_protection.enabled": "true"}


@pytest.mark.parametrize(
    ("given", "live", "words"),
    [
        ({"name": "internal-shop"}, None, "is no name of a load balancer"),
        ({"name": "-shop"}, None, "is no name of a load balancer"),
        ({"name": "s" * 33}, None, "is no name of a load balancer"),
        ({}, None, "to create it subnets must be given"),
        ({"subnets": ["subnet-1"]}, LIVE, "two or more"),
        ({"scheme": "internal"}, LIVE, "internet-facing cannot become internal"),
        ({"attributes": {"idle_timeout": 60}}, LIVE, "no attribute idle_timeout;"),
    ],
)
def test_invalid_load_balancers_are_refused(given: dict[str, Any], live: dict[str, Any] | None, words: str) -> None:
    with pytest.raises(RailyardError, match=words):
        make_plan(options(**given), live)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"Type": "application", "State": {"Code": "provisioning"}}, "is not active after -1 s"),
        ({"Type": "application", "State": {"Code": "failed", "Reason": "no room"}}, "could not be set up: no room"),
        ({"Type": "network", "State": {"Code": "active"}}, "is a network load balancer"),
    ],
)
def test_what_it_does_not_take_for_a_load_balancer_that_is_there(found: dict[str, Any], words: str) -> None:
    client = boto3.client("elbv2", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stub, pytest.raises(RailyardError, match=words):
        stub.add_response("describe_load_balancers", {"LoadBalancers": [{"LoadBalancerArn": ARN, **found}]})
        load_balancer.find(client, options(), seconds=-1)
