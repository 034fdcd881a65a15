# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Auto-scaling is suspended while a deployment moves tasks, because an alarm would change the number of tasks during the deployment.

https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-suspend-resume-scaling.html
"""

from __future__ import annotations

from typing import Any, TypedDict

from .._core import aws
from .._core.plan import Plan, Propagation, Step, apply_plan

ACTIVITIES = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
CHANGING = Propagation("ConcurrentUpdateException", "", 60)


class Scaling(TypedDict):
    """What is suspended of a service's auto-scaling: `min` and `max` tasks, and for each activity (of ACTIVITIES) whether it is."""

    min: int
    max: int
    suspended: dict[str, bool]


def identity(cluster: str, service: str) -> dict[str, str]:
    return {"ServiceNamespace": "ecs", "ResourceId": f"service/{cluster}/{service}", "ScalableDimension": "ecs:service:DesiredCount"}


def read(client: Any, cluster: str, services: list[str]) -> dict[str, Scaling]:
    """By service, in the order of `services`; AWS has one of its own. Services that do not scale are left out."""
    names = {identity(cluster, service)["ResourceId"]: service for service in services}
    listed = aws.pages(client, "DescribeScalableTargets", "ScalableTargets", ServiceNamespace="ecs", ResourceIds=list(names))
    found = {names[item["ResourceId"]]: item for item in listed}
    return {service: _scaling(found[service]) for service in services if service in found}


def _scaling(target: dict[str, Any]) -> Scaling:
    suspended = target.get("SuspendedState") or {}
    activities = {name: bool(suspended.get(name)) for name in ACTIVITIES}
    return {"min": target["MinCapacity"], "max": target["MaxCapacity"], "suspended": activities}


def suspend(client: Any, cluster: str, before: dict[str, Scaling]) -> None:
    """Suspend all activities of these services. `before`: as `read` returns them."""
    wanted: dict[str, Scaling] = {name: {**item, "suspended": dict.fromkeys(ACTIVITIES, True)} for name, item in before.items()}
    _set(client, cluster, wanted, before)


def resume(client: Any, cluster: str, before: dict[str, Scaling]) -> list[str]:
    """Give services back the state that they had before; those that are gone, or have it, are left alone. Returns those that changed."""
    now = read(client, cluster, list(before)) if before else {}
    wanted: dict[str, Scaling] = {
        service: {**now[service], "suspended": item["suspended"]} for service, item in before.items() if service in now
    }
    return _set(client, cluster, wanted, now)


def _set(client: Any, cluster: str, wanted: dict[str, Scaling], now: dict[str, Scaling]) -> list[str]:
    changed = [service for service, item in wanted.items() if item["suspended"] != now[service]["suspended"]]

    def register(service: str) -> None:
        params = {**identity(cluster, service), "SuspendedState": wanted[service]["suspended"]}
        apply_plan(client, Plan(steps=(Step("RegisterScalableTarget", params, propagation=(CHANGING,)),)))

    aws.concurrently(register, changed)
    return changed
