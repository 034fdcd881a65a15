# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployment configurations. https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentConfigInfo.html"""

from __future__ import annotations

from typing import Any

from .._core import aws, shape
from .._core.errors import RailyardError
from .._core.plan import Plan, Step

PREDEFINED = "CodeDeployDefault."
LONGEST = 2880


def find(client: Any, name: str) -> dict[str, Any] | None:
    """The configuration of this name in our shape, or None."""
    found = aws.find(client, "GetDeploymentConfig", {"DeploymentConfigDoesNotExistException"}, deploymentConfigName=name)
    if found is None:
        return None
    live: dict[str, Any] = shape.ours(
        shape.output_shape(client, "GetDeploymentConfig", "deploymentConfigInfo"), found["deploymentConfigInfo"]
    )
    return live


def find_all(client: Any, names: list[str] | None, predefined: bool = True) -> list[dict[str, Any]]:
    """The configurations of these names that exist; all if names is None or empty, CodeDeploy's own only if `predefined`."""
    every = [] if names else aws.pages(client, "ListDeploymentConfigs", "deploymentConfigsList")
    asked = names or [name for name in every if predefined or not name.startswith(PREDEFINED)]
    return [live for live in (find(client, name) for name in asked) if live]


def make_plan(client: Any, wanted: dict[str, Any], live: dict[str, Any] | None) -> Plan:
    """`wanted`: name, state, traffic_routing. A configuration cannot be changed: CodeDeploy has no operation for it."""
    name = wanted["name"]
    if name.startswith(PREDEFINED):
        raise RailyardError(f"{name} is CodeDeploy's own: it is always there and cannot be made or deleted; use its name as it is")
    if wanted["state"] == "absent":
        return Plan(live, None, (Step("DeleteDeploymentConfig", {"deploymentConfigName": name}),) if live else ())
    routing = traffic_routing(wanted["traffic_routing"])
    declared = {"deployment_config_name": name, "compute_platform": "ECS", "traffic_routing_config": routing}
    if live is None:
        params = shape.aws(shape.input_shape(client, "CreateDeploymentConfig"), declared)
        return Plan(None, declared, (Step("CreateDeploymentConfig", params, already=("DeploymentConfigAlreadyExistsException",)),))
    if live["compute_platform"] != "ECS" or described(live.get("traffic_routing_config")) != described(routing):
        before = f"{live['compute_platform']}, {described(live.get('traffic_routing_config'))}"
        message = f"deployment configuration {name} is for {before} and cannot become ECS, {described(routing)}"
        raise RailyardError(f"{message}; choose another name, or delete it when no deployment group uses it", live=live, wanted=declared)
    return Plan(live, live)


def traffic_routing(routing: dict[str, Any]) -> dict[str, Any]:
    """`{type: all_at_once | canary | linear, percentage, interval}` in AWS's members (our shape). Raises RailyardError for rule CD-12."""
    kind, percentage, interval = routing["type"], routing.get("percentage"), routing.get("interval")
    if kind == "all_at_once":
        if percentage is not None or interval is not None:
            raise RailyardError("traffic_routing of type all_at_once takes no percentage and no interval")
        return {"type": "AllAtOnce"}
    if percentage is None or interval is None:
        raise RailyardError(f"traffic_routing of type {kind} needs percentage and interval")
    if not 1 <= percentage <= 99:
        raise RailyardError(f"traffic_routing.percentage is {percentage}; it must be 1 to 99")
    # The last step of a linear shift needs no interval after it.
    steps = 1 if kind == "canary" else -(-100 // percentage) - 1
    if interval < 1 or interval * steps > LONGEST:
        raise RailyardError(
            f"traffic_routing.interval is {interval} minutes, {steps} times; it must be 1 or more and {LONGEST} at most in all"
        )
    name = kind.capitalize()
    return {"type": f"TimeBased{name}", f"time_based_{kind}": {f"{kind}_percentage": percentage, f"{kind}_interval": interval}}


def described(routing: dict[str, Any] | None) -> str:
    """A traffic routing in AWS's members (our shape) for a person: `canary 10 % and 5 minutes`."""
    for kind in ("canary", "linear"):
        step = (routing or {}).get(f"time_based_{kind}")
        if step:
            return f"{kind} {step.get(f'{kind}_percentage')} % and {step.get(f'{kind}_interval')} minutes"
    return "all at once" if (routing or {}).get("type") == "AllAtOnce" else "no traffic routing"
