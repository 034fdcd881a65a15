"""The AppSpec file of an ECS deployment, read and checked (CD-21, CD-22).

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

HOOKS = ("BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic")
PROPERTIES = {"TaskDefinition", "LoadBalancerInfo", "PlatformVersion", "NetworkConfiguration", "CapacityProviderStrategy"}
NETWORK = {"Subnets", "SecurityGroups", "AssignPublicIp"}
MISSING = (
    "The deployment failed because the AppSpec file that specifies the deployment configuration is missing or has an invalid configuration."
)


class AppSpecError(Exception):
    """Why CodeDeploy does not accept a file; the deployment fails with INVALID_REVISION."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"{MISSING} {detail}")


@dataclass(frozen=True)
class AppSpec:
    task_definition: str
    container: str
    port: int
    platform_version: str | None = None
    network: dict[str, Any] | None = None
    capacity: list[dict[str, Any]] | None = None
    hooks: dict[str, str] = field(default_factory=dict)


def read(content: str) -> AppSpec:
    """Read YAML or JSON and check what it says (CD-22). Raises AppSpecError."""
    try:
        document = yaml.safe_load(content)
    except yaml.YAMLError:
        raise AppSpecError("The input AppSpec is a not well-formed yaml.") from None
    if not isinstance(document, dict):
        raise AppSpecError("The input AppSpec is a not well-formed yaml.")
    _only(document, {"version", "Resources", "Hooks"}, "the AppSpec file")
    if str(document.get("version")) not in ("0.0", "0"):
        raise AppSpecError("The version must be 0.0.")
    properties = _service(document.get("Resources"))
    info = properties.get("LoadBalancerInfo")
    if not isinstance(info, dict) or not info.get("ContainerName") or not str(info.get("ContainerPort", "")).isdigit():
        raise AppSpecError("LoadBalancerInfo needs ContainerName and ContainerPort.")
    _only(info, {"ContainerName", "ContainerPort"}, "LoadBalancerInfo")
    definition = str(properties.get("TaskDefinition") or "")
    if not re.fullmatch(r"arn:[\w-]+:ecs:[\w-]+:\d{12}:task-definition/[\w-]+:\d+", definition):
        raise AppSpecError(f"TaskDefinition must be the full ARN of a task definition, with its revision: '{definition}'.")
    return AppSpec(
        task_definition=definition,
        container=str(info["ContainerName"]),
        port=int(info["ContainerPort"]),
        platform_version=properties.get("PlatformVersion"),
        network=_network(properties.get("NetworkConfiguration")),
        capacity=_capacity(properties.get("CapacityProviderStrategy")),
        hooks=_hooks(document.get("Hooks") or []),
    )


def write(task_definition: str, container: str, port: int) -> str:
    """The smallest AppSpec of a release."""
    properties = {"TaskDefinition": task_definition, "LoadBalancerInfo": {"ContainerName": container, "ContainerPort": port}}
    service = {"Type": "AWS::ECS::Service", "Properties": properties}
    return json.dumps({"version": 0.0, "Resources": [{"TargetService": service}]})


def _only(given: dict[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(str(key) for key in given if key not in known)
    if unknown:
        raise AppSpecError(f"Unknown key in {where}: {', '.join(unknown)}.")


def _service(resources: Any) -> dict[str, Any]:
    if not isinstance(resources, list) or len(resources) != 1 or not isinstance(resources[0], dict) or len(resources[0]) != 1:
        raise AppSpecError("Resources must hold exactly one resource.")
    (resource,) = resources[0].values()
    if not isinstance(resource, dict) or resource.get("Type") != "AWS::ECS::Service":
        raise AppSpecError("The resource type must be AWS::ECS::Service.")
    _only(resource, {"Type", "Properties"}, "the resource")
    properties = resource.get("Properties")
    if not isinstance(properties, dict):
        raise AppSpecError("The resource has no Properties.")
    _only(properties, PROPERTIES, "Properties")
    return properties


def _network(given: Any) -> dict[str, Any] | None:
    if given is None:
        return None
    inner = given.get("AwsvpcConfiguration") if isinstance(given, dict) else None
    if not isinstance(inner, dict) or not isinstance(inner.get("Subnets"), list) or not inner["Subnets"]:
        raise AppSpecError("NetworkConfiguration needs AwsvpcConfiguration with Subnets.")
    _only(given, {"AwsvpcConfiguration"}, "NetworkConfiguration")
    _only(inner, NETWORK, "AwsvpcConfiguration")
    if inner.get("AssignPublicIp", "DISABLED") not in ("ENABLED", "DISABLED"):
        raise AppSpecError("AssignPublicIp must be ENABLED or DISABLED.")
    return {"awsvpcConfiguration": {name[0].lower() + name[1:]: value for name, value in inner.items()}}


def _capacity(given: Any) -> list[dict[str, Any]] | None:
    if given is None:
        return None
    if not isinstance(given, list) or not all(isinstance(item, dict) and item.get("CapacityProvider") for item in given):
        raise AppSpecError("CapacityProviderStrategy must be a list of capacity providers.")
    for item in given:
        _only(item, {"Base", "CapacityProvider", "Weight"}, "CapacityProviderStrategy")
    return [{name[0].lower() + name[1:]: value for name, value in item.items()} for item in given]


def _hooks(given: Any) -> dict[str, str]:
    if not isinstance(given, list) or not all(isinstance(item, dict) and len(item) == 1 for item in given):
        raise AppSpecError("Hooks must be a list of lifecycle events with one function each.")
    hooks: dict[str, str] = {}
    for item in given:
        ((event, function),) = item.items()
        if event not in HOOKS or event in hooks:
            raise AppSpecError(f"{event} is not a lifecycle event that takes a function, or has two.")
        if not isinstance(function, str) or not function:
            raise AppSpecError(f"{event} names no function.")
        hooks[event] = function
    return hooks
