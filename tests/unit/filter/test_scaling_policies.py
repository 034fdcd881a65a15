"""The filter that turns `scale` of a process into policies."""

from typing import Any

import boto3
import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.railyard.fargate.plugins.filter.scaling_policies import scaling_policies
from ansible_collections.railyard.fargate.plugins.module_utils._core import shape

CLIENT = boto3.client("application-autoscaling", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
ARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:"
BALANCER = {
    "load_balancer_arn": f"{ARN}loadbalancer/app/shop/1111111111111111",
    "target_group_arns": [f"{ARN}targetgroup/shop-blue/2222222222222222", f"{ARN}targetgroup/shop-green/3333333333333333"],
}
# As the alb role returns it in check mode on an empty account.
PREDICTED = {"load_balancer_arn": None, "target_group_arns": ["arn of a group that does not exist yet"] * 2}


def test_what_aws_knows_by_itself() -> None:
    policies = scaling_policies({"scale": {"cpu": 60, "memory": "70"}}, BALANCER, scale_in_cooldown=300, scale_out_cooldown=0)
    cooldowns = {"scale_in_cooldown": 300, "scale_out_cooldown": 0}
    assert policies == [
        {"name": "cpu", "target_value": 60.0, "predefined_metric": "ECSServiceAverageCPUUtilization", **cooldowns},
        {"name": "memory", "target_value": 70.0, "predefined_metric": "ECSServiceAverageMemoryUtilization", **cooldowns},
    ]


@pytest.mark.parametrize("process", [{}, {"scale": None}, {"scale": {}}])
def test_a_process_that_is_not_scaled(process: dict[str, Any]) -> None:
    assert scaling_policies(process, BALANCER) == []


def test_requests_of_both_target_groups() -> None:
    (policy,) = scaling_policies({"scale": {"requests": 800}}, BALANCER)
    assert set(policy) == {"name", "target_value", "customized_metric_specification"}
    requests, blue, green, result = policy["customized_metric_specification"]["metrics"]
    balancer = {"name": "LoadBalancer", "value": "app/shop/1111111111111111"}
    assert requests["metric_stat"]["metric"]["dimensions"] == [balancer]
    assert [item["metric_stat"]["metric"]["dimensions"] for item in (blue, green)] == [
        [{"name": "TargetGroup", "value": "targetgroup/shop-blue/2222222222222222"}, balancer],
        [{"name": "TargetGroup", "value": "targetgroup/shop-green/3333333333333333"}, balancer],
    ]
    # A target group without tasks sends no HealthyHostCount, and nothing divided by nothing would be no data.
    assert result["expression"] == "requests / (FILL(blue, 0) + FILL(green, 0))"
    assert [item["id"] for item in (requests, blue, green)] == ["requests", "blue", "green"]
    assert [item["return_data"] for item in (requests, blue, green, result)] == [False, False, False, True]


@pytest.mark.parametrize("balancer", [BALANCER, PREDICTED])
def test_policies_are_valid_for_aws(balancer: dict[str, Any]) -> None:
    (policy,) = scaling_policies({"scale": {"requests": 800}}, balancer)
    members = shape.input_shape(CLIENT, "PutScalingPolicy", "TargetTrackingScalingPolicyConfiguration", "CustomizedMetricSpecification")
    assert len(shape.aws(members, policy["customized_metric_specification"])["Metrics"]) == 4


@pytest.mark.parametrize(
    ("process", "said"),
    [
        ({"scale": {"disk": 1}}, "scale has no disk; it has cpu, memory, requests"),
        ({"scale": {"cpu": "much"}}, r"scale\.cpu is 'much'; it must be a number"),
        ({"scale": {"cpu": None}}, r"scale\.cpu is None"),
        ({"scale": [60]}, "takes one process"),
        ([], "takes one process"),
    ],
)
def test_invalid_scale_is_refused(process: Any, said: str) -> None:
    with pytest.raises(AnsibleFilterError, match=said):
        scaling_policies(process, BALANCER)
