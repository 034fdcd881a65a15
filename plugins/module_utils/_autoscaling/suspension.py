# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scaling, silent while a deployment moves tasks: an alarm in the middle of it would change their number under the deployment.

https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-suspend-resume-scaling.html
"""

from __future__ import annotations

from typing import Any

from .._core import aws
from .._core.plan import Plan, Propagation, Step, apply_plan

ACTIVITIES = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
CHANGING = Propagation("ConcurrentUpdateException", "", 60)


def identity(cluster: str, service: str) -> dict[str, str]:
    return {"ServiceNamespace": "ecs", "ResourceId": f"service/{cluster}/{service}", "ScalableDimension": "ecs:service:DesiredCount"}


def read(client: Any, cluster: str, services: list[str]) -> dict[str, dict[str, Any]]:
    """By service: {min, max, suspended: AWS's SuspendedState, complete}. Services that do not scale are left out."""
    names = {identity(cluster, service)["ResourceId"]: service for service in services}
    found = aws.pages(client, "DescribeScalableTargets", "ScalableTargets", ServiceNamespace="ecs", ResourceIds=list(names))
    return {
        names[item["ResourceId"]]: {
            "min": item["MinCapacity"],
            "max": item["MaxCapacity"],
            "suspended": {name: bool((item.get("SuspendedState") or {}).get(name)) for name in ACTIVITIES},
        }
        for item in found
    }


def suspend(client: Any, cluster: str, before: dict[str, dict[str, Any]]) -> None:
    """Suspend all activities of these services. `before`: as `read` returns them."""
    _set(client, cluster, {service: {**item, "suspended": dict.fromkeys(ACTIVITIES, True)} for service, item in before.items()}, before)


def resume(client: Any, cluster: str, before: dict[str, dict[str, Any]]) -> list[str]:
    """Give services back the state that they had before; those that are gone, or have it, are left alone. Returns those that changed."""
    now = read(client, cluster, list(before)) if before else {}
    wanted = {service: {**now[service], "suspended": item["suspended"]} for service, item in before.items() if service in now}
    return _set(client, cluster, wanted, now)


def _set(client: Any, cluster: str, wanted: dict[str, dict[str, Any]], now: dict[str, dict[str, Any]]) -> list[str]:
    changed = [service for service, item in wanted.items() if item["suspended"] != now[service]["suspended"]]
    for service in changed:
        params = {**identity(cluster, service), "SuspendedState": wanted[service]["suspended"]}
        apply_plan(client, Plan(steps=(Step("RegisterScalableTarget", params, propagation=(CHANGING,)),)))
    return changed
