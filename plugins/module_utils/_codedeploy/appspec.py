# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The AppSpec of an ECS deployment, and the words that find it again.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html (rule CD-22)
"""

from __future__ import annotations

import json
import re
from typing import Any

from .._core.errors import RailyardError

DEFINITION = re.compile(r"arn:[\w-]+:ecs:[\w-]+:\d{12}:task-definition/[\w-]+:\d+")
LONGEST_DESCRIPTION = 256  # rule CD-31


def write(wanted: dict[str, Any]) -> str:
    """The AppSpec as JSON. `wanted`: task_definition, container, port; where they are to change, platform_version, network,
    capacity_provider_strategy and hooks."""
    if not DEFINITION.fullmatch(str(wanted["task_definition"])):
        text = f"task definition {wanted['task_definition']!r}: CodeDeploy takes only a full ARN with its revision"
        raise RailyardError(f"{text}, as arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-web:7")
    return json.dumps(document(wanted))


def document(wanted: dict[str, Any]) -> dict[str, Any]:
    """The AppSpec as `write` has it, with whatever stands for the task definition. Pure."""
    properties: dict[str, Any] = {
        "TaskDefinition": wanted["task_definition"],
        "LoadBalancerInfo": {"ContainerName": wanted["container"], "ContainerPort": wanted["port"]},
    }
    if wanted.get("platform_version"):
        properties["PlatformVersion"] = wanted["platform_version"]
    if wanted.get("network"):
        properties["NetworkConfiguration"] = {"AwsvpcConfiguration": _network(wanted["network"])}
    if wanted.get("capacity_provider_strategy"):
        properties["CapacityProviderStrategy"] = [_capacity(item) for item in wanted["capacity_provider_strategy"]]
    resource = {"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}
    hooks = [{event: function} for event, function in (wanted.get("hooks") or {}).items()]
    return {"version": 0.0, "Resources": [resource], **({"Hooks": hooks} if hooks else {})}


def _network(given: dict[str, Any]) -> dict[str, Any]:
    public = "ENABLED" if given.get("assign_public_ip") else "DISABLED"
    return {"Subnets": given["subnets"], "SecurityGroups": given.get("security_groups") or [], "AssignPublicIp": public}


def _capacity(given: dict[str, Any]) -> dict[str, Any]:
    return {"CapacityProvider": given["capacity_provider"], "Weight": given.get("weight", 0), "Base": given.get("base", 0)}


def task_definition(revision: dict[str, Any] | None) -> str | None:
    """The task definition that a revision names; None when CodeDeploy keeps only where the AppSpec lies (S3)."""
    content = str(((revision or {}).get("appSpecContent") or {}).get("content") or "")
    found = DEFINITION.search(content)
    return found.group() if found else None


def container(revision: dict[str, Any] | None) -> str | None:
    """The container behind the load balancer, in YAML or JSON."""
    content = str(((revision or {}).get("appSpecContent") or {}).get("content") or "")
    found = re.search(r"""["']?ContainerName["']?\s*:\s*["']?([\w-]+)""", content)
    return found.group(1) if found else None


def description(wanted: dict[str, Any]) -> str:
    """What a person wrote, and after it the token of the request and what it supersedes: CodeDeploy keeps no tags of deployments."""
    marks = [f"{key}={wanted[key]}" for key in ("token", "supersedes") if wanted.get(key)]
    tail = f"[{' '.join(marks)}]" if marks else ""
    text = str(wanted.get("description") or "")[: LONGEST_DESCRIPTION - len(tail) - 1]
    return f"{text} {tail}".strip()


def marked(info: dict[str, Any], key: str, value: str | None) -> bool:
    """Whether a deployment's description carries this mark."""
    return bool(value) and re.search(rf"\[[^\]]*\b{key}={re.escape(str(value))}[ \]]", str(info.get("description", ""))) is not None
