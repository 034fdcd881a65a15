# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a listener stands: its load balancer, the pair of target groups, and the group of the PRIMARY task set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .._core import aws, shape
from .._core.errors import RailyardError
from .traffic import moved_by_ecs, primary_of


@dataclass(frozen=True)
class Place:
    """ARNs; None where there is none, or in check mode none yet.

    `initial` is the group that the options name, `primary` that of the PRIMARY task set. `by_ecs`: ECS itself moves the listener.
    """

    load_balancer: str | None = None
    pair: tuple[str, str] | None = None
    initial: str | None = None
    primary: str | None = None
    by_ecs: bool = False


def look(client_of: Callable[[str], Any], wanted: dict[str, Any], predict: bool) -> Place:
    """`client_of("elbv2")` gives a client. `wanted`: load_balancer_arn or _name, state, target_group_pair, initial, ecs.

    What does not exist is None if `predict`, or if the listener is to be deleted; else RailyardError.
    """
    client = client_of("elbv2")
    lenient = predict or wanted.get("state") == "absent"
    balancer = wanted["load_balancer_arn"] or _load_balancer(client, wanted["load_balancer_name"], lenient)
    if wanted.get("state") == "absent" or not wanted["target_group_pair"]:
        return Place(balancer)
    names = wanted["target_group_pair"]
    pair = _pair(client, names, lenient)
    initial = wanted.get("initial")
    found = service(client_of("ecs"), **wanted["ecs"]) if wanted["ecs"] else None
    by_ecs = moved_by_ecs(found)
    return Place(
        balancer,
        pair,
        initial=pair[names.index(initial)] if pair and initial else None,
        primary=resolved(client_of("ecs"), found or {}) if by_ecs and wanted.get("force_forward") else primary_of(found),
        by_ecs=by_ecs,
    )


def service(client: Any, cluster: str, service: str) -> dict[str, Any] | None:
    """A service in our shape, by an ECS client. None when there is no such service or cluster."""
    found = aws.find(client, "DescribeServices", {"ClusterNotFoundException"}, cluster=cluster, services=[service])
    services = shape.ours(shape.output_shape(client, "DescribeServices", "services"), (found or {}).get("services", []))
    return services[0] if services else None


def resolved(client: Any, service: dict[str, Any]) -> str | None:
    """The target group in which ECS has registered the tasks of a service that it deploys itself. None while a deployment uses both.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ResolvedConfiguration.html
    """
    arns = [item["arn"] for item in service.get("current_service_revisions") or []]
    found = aws.call(client, "DescribeServiceRevisions", serviceRevisionArns=arns)["serviceRevisions"] if arns else []
    groups = {
        item["targetGroupArn"] for revision in found for item in (revision.get("resolvedConfiguration") or {}).get("loadBalancers") or []
    }
    return str(groups.pop()) if len(groups) == 1 else None


def _load_balancer(client: Any, name: str, lenient: bool) -> str | None:
    found = aws.pages(client, "DescribeLoadBalancers", "LoadBalancers", {"LoadBalancerNotFound"}, Names=[name])
    if not found and not lenient:
        raise RailyardError(f"load balancer {name} does not exist")
    return found[0]["LoadBalancerArn"] if found else None


def _pair(client: Any, names: list[str], lenient: bool) -> tuple[str, str] | None:
    if all(name.startswith("arn:") for name in names):
        return names[0], names[1]
    asked = [name for name in names if name and not name.startswith("arn:")]
    found = aws.pages(client, "DescribeTargetGroups", "TargetGroups", {"TargetGroupNotFound"}, Names=asked) if all(names) else []
    arns = {group["TargetGroupName"]: group["TargetGroupArn"] for group in found}
    missing = [name for name in asked if name not in arns]
    if missing or not all(names):
        if lenient:
            return None
        raise RailyardError(f"target group {' or '.join(missing or names)} does not exist")
    first, second = (arns.get(name, name) for name in names)
    return first, second
