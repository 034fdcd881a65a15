# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What UpdateService is told to deploy, and how. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html (rules ECS-N1, ECS-N4)
"""

from __future__ import annotations

from typing import Any

from .._core import shape
from .._core.errors import RailyardError

STRATEGIES = ("ROLLING", "BLUE_GREEN", "LINEAR", "CANARY")
# Where a release waits for a person or a smoke test: test traffic is on the new tasks, users are on the old ones.
PAUSE = "POST_TEST_TRAFFIC_SHIFT"
# What deployments change of a load balancer themselves.
GROUPS = ("target_group_arn", "alternate_target_group_arn")
STEPS = {
    "LINEAR": ("linearConfiguration", "stepPercent", "stepBakeTimeInMinutes"),
    "CANARY": ("canaryConfiguration", "canaryPercent", "canaryBakeTimeInMinutes"),
}


def update(client: Any, service: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Parameters of UpdateService. `service` is AWS's; `wanted` has task_definition and, where they are to change, strategy,
    bake_minutes, step_percent, step_minutes, pause, pause_minutes, network, platform_version, capacity_provider_strategy,
    load_balancer (in our shape, without target groups), force."""
    params: dict[str, Any] = {"taskDefinition": wanted["task_definition"]}
    live = service.get("deploymentConfiguration") or {}
    configuration = configure(live, wanted)
    if configuration != live:
        params["deploymentConfiguration"] = configuration
    if wanted.get("network"):
        given = wanted["network"]
        public = "ENABLED" if given.get("assign_public_ip") else "DISABLED"
        inner = {"subnets": given["subnets"], "securityGroups": given.get("security_groups") or [], "assignPublicIp": public}
        params["networkConfiguration"] = {"awsvpcConfiguration": inner}
    if wanted.get("platform_version"):
        params["platformVersion"] = wanted["platform_version"]
    if wanted.get("capacity_provider_strategy"):
        strategy = wanted["capacity_provider_strategy"]
        params["capacityProviderStrategy"] = [
            {"capacityProvider": item["capacity_provider"], "weight": item.get("weight", 0), "base": item.get("base", 0)}
            for item in strategy
        ]
    balancers = _balancers(client, service, wanted)
    if balancers != service.get("loadBalancers", []):
        params["loadBalancers"] = balancers
    if wanted.get("force"):
        params["forceNewDeployment"] = True
    return params


def _balancers(client: Any, service: dict[str, Any], wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """The service's load balancer with what is wanted of it: container, port, listener rules. Several are left alone."""
    live: list[dict[str, Any]] = service.get("loadBalancers", [])
    if len(live) != 1 or not wanted.get("load_balancer"):
        return live
    (balancer,) = live
    asked = dict(wanted["load_balancer"])
    advanced = asked.pop("advanced_configuration", None) or {}
    members: Any = shape.input_shape(client, "UpdateService", "loadBalancers")
    given = shape.aws(members.member, {name: value for name, value in asked.items() if name not in GROUPS})
    rules = shape.aws(
        members.member.members["advancedConfiguration"], {name: value for name, value in advanced.items() if value and name not in GROUPS}
    )
    if rules and balancer.get("advancedConfiguration"):
        given["advancedConfiguration"] = {**balancer["advancedConfiguration"], **rules}
    return [{**balancer, **given}]


def configure(live: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """The deployment configuration: what is live, with what is wanted of it. Raises RailyardError for what does not go together."""
    strategy = wanted.get("strategy") or live.get("strategy", "ROLLING")
    made = dict(live)
    if wanted.get("strategy"):
        made["strategy"] = strategy
        for name, _percent, _minutes in STEPS.values():
            made.pop(name, None)
    if wanted.get("bake_minutes") is not None:
        made["bakeTimeInMinutes"] = wanted["bake_minutes"]
    if strategy == "BLUE_GREEN" and made.get("bakeTimeInMinutes") is None:
        raise RailyardError("strategy BLUE_GREEN needs bake_minutes, for example 5 (rule ECS-N1)")
    steps = {key: wanted.get(key) for key in ("step_percent", "step_minutes") if wanted.get(key) is not None}
    if steps and strategy not in STEPS:
        raise RailyardError(f"{' and '.join(steps)} go with the strategies LINEAR and CANARY; the strategy is {strategy}")
    if strategy in STEPS:
        name, percent, minutes = STEPS[strategy]
        given = {percent: steps.get("step_percent"), minutes: steps.get("step_minutes")}
        found = {**(live.get(name) or {}), **{key: value for key, value in given.items() if value is not None}}
        made.update({name: found} if found else {})
    if wanted.get("pause") is not None:
        made["lifecycleHooks"] = _hooks(live, wanted, strategy)
        if not made["lifecycleHooks"] and not live.get("lifecycleHooks"):
            del made["lifecycleHooks"]
    return made


def _hooks(live: dict[str, Any], wanted: dict[str, Any], strategy: str) -> list[dict[str, Any]]:
    """The hooks that are there, with or without our pause."""
    kept = [hook for hook in live.get("lifecycleHooks", []) if not _ours(hook)]
    if not wanted["pause"]:
        return kept
    if strategy == "ROLLING":
        raise RailyardError("pause goes with the strategies BLUE_GREEN, LINEAR and CANARY: a rolling deployment has no test traffic")
    timeout = {"timeoutInMinutes": wanted.get("pause_minutes") or 60, "action": "ROLLBACK"}
    return [*kept, {"targetType": "PAUSE", "lifecycleStages": [PAUSE], "timeoutConfiguration": timeout}]


def _ours(hook: dict[str, Any]) -> bool:
    return bool(hook.get("targetType") == "PAUSE" and hook.get("lifecycleStages") == [PAUSE])
