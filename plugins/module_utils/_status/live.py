# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users reach: services, load balancer and the deployment in flight, in the few words that a person looks for. Pure."""

from __future__ import annotations

from typing import Any, TypedDict

from .._core import shape
from .._deployment.waits import Wait
from .._ecs.deployment import Deployment
from .._ecs.service import Service as LiveService
from .._elbv2 import maintenance, traffic

# The states of targets in the order in which they are shown; AWS may have more.
BASE = ("healthy", "initial", "draining", "unhealthy", "unused", "unavailable")


class Run(TypedDict):
    """The tasks of one revision: `definition` as family:revision, and whether it is the primary one."""

    definition: str
    primary: bool
    desired: int
    running: int
    pending: int


class Service(TypedDict):
    """`engine`: who deploys it, codedeploy or ecs. `active_group`: ARN of the group of its primary tasks, None where the listener knows."""

    name: str
    engine: str
    desired: int
    running: int
    pending: int
    active_group: str | None
    runs: list[Run]


class Group(TypedDict):
    """A target group: its `weight` in percent, its number of targets by state, and AWS's `reasons` for which some are unhealthy."""

    name: str
    arn: str
    weight: int
    targets: dict[str, int]
    reasons: list[str]


class LoadBalancer(TypedDict):
    """`answers`: what it does beside forwarding. `maintenance`: ARN of the rule that shows a page to everybody, None without one."""

    listener_arn: str
    pair: list[str]
    groups: list[Group]
    answers: str | None
    certificate_arns: list[str]
    maintenance: str | None


class InFlight(TypedDict):
    """`percent`: of the traffic on its tasks, None while unknown. `progress`: a line of all that is known of it. `waits`: for what."""

    deployment_id: str | None
    engine: str
    status: str
    percent: int | None
    progress: str
    definition: str
    created_at: str | None
    rollback: bool
    console_url: str | None
    waits: list[Wait]


def service(found: LiveService) -> Service:
    """`found`: as _ecs/service.py shapes it."""
    by_codedeploy = found["deployment_controller"] == "CODE_DEPLOY"
    listed = found.get("task_sets", []) if by_codedeploy else found.get("deployments", [])
    return {
        "name": found["service_name"],
        "engine": "codedeploy" if by_codedeploy else "ecs",
        "desired": found.get("desired_count", 0),
        "running": found.get("running_count", 0),
        "pending": found.get("pending_count", 0),
        "active_group": traffic.primary_of(found),
        "runs": [_run(one) for one in listed],
    }


def _run(found: dict[str, Any]) -> Run:
    return {
        "definition": str(found.get("task_definition")).rpartition("/")[2],
        "primary": found.get("status") == "PRIMARY",
        "desired": found.get("computed_desired_count", found.get("desired_count")) or 0,
        "running": found.get("running_count") or 0,
        "pending": found.get("pending_count") or 0,
    }


def load_balancer(
    client: Any,
    production: dict[str, Any],
    listeners: list[dict[str, Any]],
    rules: list[dict[str, Any]],
    health: dict[str, list[dict[str, Any]]],
) -> LoadBalancer:
    """`health`: the targets of both groups by ARN, in our shape."""
    members: Any = shape.output_shape(client, "DescribeListeners", "Listeners")
    actions: list[traffic.Action] = shape.ours(members.member, production).get("default_actions", [])
    seen = traffic.decide(list(health), actions)
    page = next((rule["RuleArn"] for rule in rules if maintenance.is_page(rule)), None)
    return {
        "listener_arn": production["ListenerArn"],
        "pair": list(health),
        "groups": [group(arn, seen.weights.get(arn, 0), targets) for arn, targets in health.items()],
        "answers": traffic.described(actions) if seen.foreign else None,
        "certificate_arns": [one["CertificateArn"] for listener in listeners for one in listener.get("Certificates", [])],
        "maintenance": page,
    }


def group(arn: str, weight: int, targets: list[dict[str, Any]]) -> Group:
    """`targets`: as target_group.find_targets returns them."""
    states = [str(one["target_health"].get("state")).partition(".")[0] for one in targets]
    said = [one["target_health"] for one in targets if str(one["target_health"].get("state")).startswith("unhealthy")]
    return {
        "name": traffic.name(arn),
        "arn": arn,
        "weight": weight,
        "targets": {state: states.count(state) for state in dict.fromkeys((*BASE, *states)) if state in states},
        "reasons": sorted({str(one.get("description") or one.get("reason")) for one in said}),
    }


def in_flight(found: Deployment, progress: str, percent: int | None, waits: list[Wait]) -> InFlight:
    return {
        "deployment_id": found["deployment_id"],
        "engine": found["engine"],
        "status": found["status"],
        "percent": percent,
        "progress": progress,
        "definition": str(found["task_definition"]).rpartition("/")[2],
        "created_at": found["created_at"],
        "rollback": found["status"] == "rolling_back",
        "console_url": found["console_url"],
        "waits": waits,
    }
