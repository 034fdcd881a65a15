"""Deployment configurations: AWS's own and those that somebody makes.

https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from . import state

PREFIX = "CodeDeployDefault."


def _hosts(kind: str, value: int) -> dict[str, Any]:
    return {"minimumHealthyHosts": {"type": kind, "value": value}}


def _at_once() -> dict[str, Any]:
    return {"trafficRoutingConfig": {"type": "AllAtOnce"}}


def _canary(minutes: int) -> dict[str, Any]:
    canary = {"canaryPercentage": 10, "canaryInterval": minutes}
    return {"trafficRoutingConfig": {"type": "TimeBasedCanary", "timeBasedCanary": canary}}


def _linear(minutes: int) -> dict[str, Any]:
    linear = {"linearPercentage": 10, "linearInterval": minutes}
    return {"trafficRoutingConfig": {"type": "TimeBasedLinear", "timeBasedLinear": linear}}


_PREDEFINED: dict[str, tuple[str, dict[str, Any]]] = {
    "AllAtOnce": ("Server", _hosts("HOST_COUNT", 0)),
    "HalfAtATime": ("Server", _hosts("FLEET_PERCENT", 50)),
    "OneAtATime": ("Server", _hosts("HOST_COUNT", 1)),
    "LambdaAllAtOnce": ("Lambda", _at_once()),
    **{f"LambdaCanary10Percent{minutes}Minutes": ("Lambda", _canary(minutes)) for minutes in (5, 10, 15, 30)},
    "LambdaLinear10PercentEvery1Minute": ("Lambda", _linear(1)),
    **{f"LambdaLinear10PercentEvery{minutes}Minutes": ("Lambda", _linear(minutes)) for minutes in (2, 3, 10)},
    "ECSAllAtOnce": ("ECS", _at_once()),
    **{f"ECSCanary10Percent{minutes}Minutes": ("ECS", _canary(minutes)) for minutes in (5, 15)},
    **{f"ECSLinear10PercentEvery{minutes}Minutes": ("ECS", _linear(minutes)) for minutes in (1, 3)},
}

PREDEFINED: dict[str, dict[str, Any]] = {
    PREFIX + name: {
        "deploymentConfigId": f"00000000-0000-0000-0000-{number:012}",
        "deploymentConfigName": PREFIX + name,
        "createTime": datetime(2014, 11, 12, tzinfo=UTC),
        "computePlatform": platform,
        **content,
    }
    for number, (name, (platform, content)) in enumerate(_PREDEFINED.items(), 1)
}


def find(call: Call, name: str) -> dict[str, Any] | None:
    return PREDEFINED.get(name) or state.configs(call).get(name)


def config(call: Call, name: str) -> dict[str, Any]:
    found = find(call, name)
    if found is None:
        raise Refusal("DeploymentConfigDoesNotExistException", f"No deployment configuration found for name: {name}")
    return found


def shifts(found: dict[str, Any]) -> list[tuple[int, float]]:
    """The steps of production traffic: (percent on the replacement, seconds until the next step)."""
    routing = found.get("trafficRoutingConfig", {"type": "AllAtOnce"})
    if routing["type"] == "TimeBasedCanary":
        canary = routing["timeBasedCanary"]
        return [(canary["canaryPercentage"], canary["canaryInterval"] * 60.0), (100, 0.0)]
    if routing["type"] == "TimeBasedLinear":
        linear = routing["timeBasedLinear"]
        step, seconds = linear["linearPercentage"], linear["linearInterval"] * 60.0
        return [(percent, seconds) for percent in range(step, 100, step)] + [(100, 0.0)]
    return [(100, 0.0)]


@operation("codedeploy", "CreateDeploymentConfig")
def create_deployment_config(call: Call) -> dict[str, Any]:
    name, platform = call.params["deploymentConfigName"], call.params.get("computePlatform", "Server")
    if find(call, name):
        raise Refusal("DeploymentConfigAlreadyExistsException", f"Deployment configuration already exists: {name}")
    made = {
        "deploymentConfigId": state.new_id(),
        "deploymentConfigName": name,
        "createTime": world.clock.utc(),
        "computePlatform": platform,
    }
    for member in ("minimumHealthyHosts", "zonalConfig", "trafficRoutingConfig"):
        if member in call.params:
            made[member] = call.params[member]
    state.configs(call)[name] = made
    return {"deploymentConfigId": made["deploymentConfigId"]}


@operation("codedeploy", "GetDeploymentConfig")
def get_deployment_config(call: Call) -> dict[str, Any]:
    return {"deploymentConfigInfo": config(call, call.params["deploymentConfigName"])}


@operation("codedeploy", "ListDeploymentConfigs")
def list_deployment_configs(call: Call) -> dict[str, Any]:
    return state.page(call, [*PREDEFINED, *sorted(state.configs(call))], "deploymentConfigsList")


@operation("codedeploy", "DeleteDeploymentConfig")
def delete_deployment_config(call: Call) -> dict[str, Any]:
    """Deleting an absent configuration is no error."""
    name = call.params["deploymentConfigName"]
    if name in PREDEFINED:
        raise Refusal("InvalidOperationException", f"Cannot delete a predefined deployment configuration: {name}")
    groups = [group for found in state.applications(call).values() for group in found["groups"].values()]
    if any(group["deploymentConfigName"] == name for group in groups):
        raise Refusal("DeploymentConfigInUseException", f"The deployment configuration is still in use: {name}")
    state.configs(call).pop(name, None)
    return {}
