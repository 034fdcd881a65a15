"""What elbv2_target_group decides and refuses."""

from typing import Any

import boto3
import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._elbv2.target_group import make_plan

CLIENT = boto3.client("elbv2", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
LIVE = {
    "target_group_arn": "arn:group",
    "target_group_name": "shop-blue",
    "protocol": "HTTP",
    "protocol_version": "HTTP1",
    "port": 3000,
    "vpc_id": "vpc-1",
    "target_type": "ip",
    "health_check_path": "/up",
    "health_check_protocol": "HTTP",
    "health_check_port": "traffic-port",
    "health_check_interval_seconds": 10,
    "health_check_timeout_seconds": 5,
    "healthy_threshold_count": 5,
    "unhealthy_threshold_count": 2,
    "matcher": {"http_code": "200"},
    "load_balancer_arns": [],
    "attributes": {"deregistration_delay.timeout_seconds": "300", "stickiness.enabled": "false", "slow_start.duration_seconds": "0"},
    "tags": {"a": "1"},
}


def options(**given: Any) -> dict[str, Any]:
    defaults = {"name": "shop-blue", "state": "present", "protocol": "HTTP", "protocol_version": None, "port": 3000, "vpc_id": "vpc-1"}
    return {**defaults, "target_type": "ip", "health_check": None, "attributes": None, "tags": None, "purge_tags": True, **given}


@pytest.mark.parametrize(
    ("given", "steps"),
    [
        pytest.param({}, [], id="nothing declared, nothing changed"),
        pytest.param({"health_check": {"path": "/up", "interval": 10, "matcher": "200"}, "tags": {"a": 1}}, [], id="as declared"),
        pytest.param(
            {"attributes": {"stickiness.enabled": False, "slow_start.duration_seconds": 0}}, [], id="texts and values are the same"
        ),
        pytest.param({"attributes": {"stickiness.enabled": None}}, [], id="an attribute that is None is left alone"),
        pytest.param({"vpc_id": ""}, [], id="a VPC that is only predicted"),
        pytest.param(
            {"health_check": {"path": "/health", "timeout": 9, "interval": 10}},
            [("ModifyTargetGroup", {"TargetGroupArn": "arn:group", "HealthCheckPath": "/health", "HealthCheckTimeoutSeconds": 9})],
            id="only what differs",
        ),
        pytest.param(
            {"health_check": {"matcher": "200-299"}},
            [("ModifyTargetGroup", {"TargetGroupArn": "arn:group", "Matcher": {"HttpCode": "200-299"}})],
            id="matcher",
        ),
        pytest.param(
            {"attributes": {"stickiness.enabled": True, "deregistration_delay.timeout_seconds": 300}},
            [
                (
                    "ModifyTargetGroupAttributes",
                    {"TargetGroupArn": "arn:group", "Attributes": [{"Key": "stickiness.enabled", "Value": "true"}]},
                )
            ],
            id="attributes",
        ),
        pytest.param(
            {"tags": {"b": "2"}},
            [
                ("AddTags", {"ResourceArns": ["arn:group"], "Tags": [{"Key": "b", "Value": "2"}]}),
                ("RemoveTags", {"ResourceArns": ["arn:group"], "TagKeys": ["a"]}),
            ],
            id="tags",
        ),
        pytest.param({"state": "absent"}, [("DeleteTargetGroup", {"TargetGroupArn": "arn:group"})], id="absent"),
    ],
)
def test_change(given: dict[str, Any], steps: list[tuple[str, dict[str, Any]]]) -> None:
    plan = make_plan(CLIENT, options(**given), LIVE)
    assert [(step.operation, step.params) for step in plan.steps] == steps
    if plan.after:
        assert not make_plan(CLIENT, options(**given), plan.after).changed


def test_creation_names_everything_in_two_calls() -> None:
    plan = make_plan(CLIENT, options(health_check={"path": "/up"}, attributes={"slow_start.duration_seconds": 60}, tags={"a": 1}), None)
    create, attributes = plan.steps
    assert create.params == {
        "Name": "shop-blue",
        "Protocol": "HTTP",
        "Port": 3000,
        "VpcId": "vpc-1",
        "TargetType": "ip",
        "HealthCheckPath": "/up",
        "Tags": [{"Key": "a", "Value": "1"}],
    }
    assert attributes.params["Attributes"] == [{"Key": "slow_start.duration_seconds", "Value": "60"}]
    assert plan.after["tags"] == {"a": "1"} and "target_group_arn" not in plan.after


def test_grpc_has_codes_of_its_own() -> None:
    plan = make_plan(CLIENT, options(protocol_version="GRPC", health_check={"matcher": "0-99"}), None)
    assert plan.steps[0].params["Matcher"] == {"GrpcCode": "0-99"}


def test_a_group_behind_a_load_balancer_is_not_waited_for() -> None:
    assert make_plan(CLIENT, options(state="absent"), LIVE).steps[0].propagation
    assert not make_plan(CLIENT, options(state="absent"), {**LIVE, "load_balancer_arns": ["arn:lb"]}).steps[0].propagation


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"port": 4000}, "port 3000 cannot become 4000"),
        ({"vpc_id": "vpc-2"}, "vpc_id vpc-1 cannot become vpc-2"),
        ({"protocol": "HTTPS"}, "protocol HTTP cannot become HTTPS"),
        ({"protocol_version": "HTTP2"}, "protocol_version HTTP1 cannot become HTTP2"),
        ({"target_type": "instance"}, "target_type ip cannot become instance"),
    ],
)
def test_change_of_an_immutable_setting_is_an_error_with_both_values(given: dict[str, Any], words: str) -> None:
    with pytest.raises(RailyardError, match=words) as caught:
        make_plan(CLIENT, options(**given), LIVE)
    assert caught.value.details["live"] == LIVE and caught.value.details["wanted"] == given


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": "-shop"}, "no hyphen at an edge"),
        ({"name": "a" * 33}, "1 to 32"),
        ({"name": "shop_blue"}, "letters, digits and hyphens"),
        ({"health_check": {"interval": 4}}, "interval is 4; it must be 5 to 300"),
        ({"health_check": {"timeout": 121, "interval": 300}}, "timeout is 121; it must be 2 to 120"),
        ({"health_check": {"healthy_threshold": 1}}, "healthy_threshold is 1; it must be 2 to 10"),
        ({"health_check": {"unhealthy_threshold": 11}}, "unhealthy_threshold is 11"),
        ({"health_check": {"timeout": 30}}, "timeout is 30; it must be smaller than the interval, which is 30"),
        ({"health_check": {"interval": 5}}, "timeout is 5; it must be smaller than the interval, which is 5"),
        ({"health_check": {"path": "up"}}, "must begin with /"),
        ({"health_check": {"protocol": "TCP"}}, "checked by HTTP or HTTPS"),
        ({"health_check": {"matcher": "500"}}, "codes from 200 to 499"),
        ({"health_check": {"matcher": "2xx"}}, "codes from 200 to 499"),
        ({"attributes": {"deregistration_delay.timeout_seconds": 3601}}, "0 to 3600"),
        ({"attributes": {"slow_start.duration_seconds": 10}}, "30 to 900"),
        ({"attributes": {"slow_start.duration_seconds": "soon"}}, "number of seconds"),
    ],
)
def test_wrong_options(given: dict[str, Any], words: str) -> None:
    with pytest.raises(RailyardError, match=words):
        make_plan(CLIENT, options(**given), None)


def test_timeout_and_interval_are_compared_with_what_is_live() -> None:
    with pytest.raises(RailyardError, match="timeout is 10; it must be smaller than the interval, which is 10"):
        make_plan(CLIENT, options(health_check={"timeout": 10}), LIVE)


def test_an_unknown_attribute_is_named_with_the_known_ones() -> None:
    with pytest.raises(RailyardError, match="no attribute stickiness; there are deregistration"):
        make_plan(CLIENT, options(attributes={"stickiness": True}), LIVE)
