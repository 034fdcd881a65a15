"""What the next release brings beside task definitions: seen, and sent by either engine, for each field of the one list."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._codedeploy import appspec
from ansible_collections.railyard.fargate.plugins.module_utils._ecs import carried, deployment_options
from ansible_collections.railyard.fargate.plugins.module_utils._release import configuration

ECS = boto3.client("ecs", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
NETWORK = {"subnets": ["subnet-a", "subnet-b"], "security_groups": ["sg-1"], "assign_public_ip": True}
RULES = {"production_listener_rule": "rule-1", "test_listener_rule": "rule-2", "role_arn": "role"}
TARGET = {"container_name": "web", "container_port": 3000}
GROUP = {"target_group_arn": "blue", "health_check_path": "/up", "health_check_interval_seconds": 10, "matcher": {"http_code": "200"}}
DEFINITION = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-web:7"


def declared(**changes: Any) -> dict[str, Any]:
    same = {"network_configuration": NETWORK, "platform_version": "LATEST", "load_balancers": [TARGET]}
    return {**same, "health_check": {"path": "/up", "interval": 10, "matcher": "200"}, **changes}


def live(**changes: Any) -> dict[str, Any]:
    """As `_ecs/service.ours` shows it: behind whichever group."""
    balancers = [{"target_group_arn": "green", **TARGET}]
    return {"network_configuration": NETWORK, "platform_version": "1.4.0", "launch_type": "FARGATE", "load_balancers": balancers, **changes}


CHANGES: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "subnets": ({"network_configuration": {**NETWORK, "subnets": ["subnet-a", "subnet-b", "subnet-c"]}}, "network_configuration", {}),
    "security groups": ({"network_configuration": {**NETWORK, "security_groups": ["sg-2"]}}, "network_configuration", {}),
    "public address": ({"network_configuration": {**NETWORK, "assign_public_ip": False}}, "network_configuration", {}),
    "platform version": ({"platform_version": "1.3.0"}, "platform_version", {}),
    "capacity": ({"capacity_provider_strategy": [{"capacity_provider": "FARGATE_SPOT", "weight": 1}]}, "capacity_provider_strategy", {}),
    "container port": ({"load_balancers": [{**TARGET, "container_port": 8080}]}, "load_balancers", {}),
    "container": ({"load_balancers": [{**TARGET, "container_name": "app"}]}, "load_balancers", {}),
    "health path": ({"health_check": {"path": "/healthz"}}, "health_check", {"health_check_path": "/healthz"}),
    "health interval": ({"health_check": {"path": "/up", "interval": 30}}, "health_check", {"health_check_interval_seconds": 30}),
    "matcher": ({"health_check": {"matcher": "200-299"}}, "health_check", {"matcher": {"http_code": "200-299"}}),
}


def test_live_configuration_has_no_difference() -> None:
    assert configuration.waiting(declared(), live(), GROUP) == {}
    assert configuration.waiting({}, live(), GROUP) == {} and configuration.waiting(declared(), live(), {}) == {}
    native = [{"target_group_arn": "green", "advanced_configuration": {"alternate_target_group_arn": "blue", **RULES}, **TARGET}]
    wanted = declared(load_balancers=[{**TARGET, "advanced_configuration": RULES}])
    assert configuration.waiting(wanted, live(load_balancers=native), GROUP) == {}
    other = declared(load_balancers=[{**TARGET, "advanced_configuration": {**RULES, "test_listener_rule": "rule-3"}}])
    assert list(configuration.waiting(other, live(load_balancers=native), GROUP)) == ["load_balancers"]


@pytest.mark.parametrize(("change", "name", "members"), CHANGES.values(), ids=CHANGES.keys())
def test_each_field_is_seen_and_sent_by_both_engines(change: dict[str, Any], name: str, members: dict[str, Any]) -> None:
    wanted = declared(**change)
    found = configuration.waiting(wanted, live(), GROUP)
    assert list(found) == [name] and (not members or found[name] == members)
    settings = {"task_definition": DEFINITION, **carried.settings(wanted)}
    if name == "health_check":
        assert settings["health_check"] == change["health_check"]
        return
    (resource,) = json.loads(appspec.write(settings))["Resources"]
    by_codedeploy = resource["TargetService"]["Properties"]
    service = {"loadBalancers": [{"targetGroupArn": "green", "containerName": "web", "containerPort": 3000}]}
    by_ecs = deployment_options.update(ECS, service, settings)
    for value in _leaves(change):
        assert value in _leaves(by_codedeploy) and value in _leaves(by_ecs), (value, by_codedeploy, by_ecs)


def _leaves(value: Any) -> list[Any]:
    """The values in it, of whatever name; ENABLED and DISABLED are True and False."""
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item)]
    return [{"ENABLED": True, "DISABLED": False}.get(value, value) if isinstance(value, str) else value]


def test_a_load_balancer_of_ecs_keeps_its_groups_and_gets_the_rest() -> None:
    advanced = {"alternateTargetGroupArn": "blue", "productionListenerRule": "rule-1", "testListenerRule": "old", "roleArn": "role"}
    service = {
        "loadBalancers": [{"targetGroupArn": "green", "containerName": "web", "containerPort": 3000, "advancedConfiguration": advanced}]
    }
    wanted = {**TARGET, "container_port": 8080, "advanced_configuration": RULES}
    (sent,) = deployment_options.update(ECS, service, {"task_definition": DEFINITION, "load_balancer": wanted})["loadBalancers"]
    assert (sent["targetGroupArn"], sent["containerPort"]) == ("green", 8080)
    assert sent["advancedConfiguration"] == {**advanced, "testListenerRule": "rule-2"}
    same = {"task_definition": DEFINITION, "load_balancer": TARGET}
    assert "loadBalancers" not in deployment_options.update(ECS, service, same)


def test_a_worker_is_sent_no_load_balancer() -> None:
    settings = {"task_definition": DEFINITION, **carried.settings({"network_configuration": NETWORK, "platform_version": "LATEST"})}
    assert set(deployment_options.update(ECS, {}, settings)) == {"taskDefinition", "networkConfiguration", "platformVersion"}
