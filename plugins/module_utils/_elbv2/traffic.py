# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of a pair of target groups is active. Everybody who needs to know asks here.

CodeDeploy and ECS move a listener between two target groups and swap their roles with every release (rule ECS-L3). Since late 2022
CodeDeploy leaves the idle group behind the listener with weight 0, and turns a single `TargetGroupArn` into a `ForwardConfig`: a missing
group and weight 0 are the same here, and so are the two ways to write a forward.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NotRequired, TypedDict


class WeightedGroup(TypedDict):
    """A target group that a forward names; `weight` is its share of the sum of all weights."""

    target_group_arn: str
    weight: NotRequired[int | None]


class ForwardConfig(TypedDict, total=False):
    """The groups of a forward. `target_group_stickiness_config`: {enabled, duration_seconds}."""

    target_groups: list[WeightedGroup]
    target_group_stickiness_config: dict[str, Any]


class Action(TypedDict, total=False):
    """An action of a listener or of a rule in our shape. `type`: forward, redirect, fixed-response or authenticate-*."""

    type: str
    order: int
    target_group_arn: str | None
    forward_config: ForwardConfig
    redirect_config: dict[str, str]
    fixed_response_config: dict[str, str]


@dataclass(frozen=True)
class Traffic:
    """What a listener does with a pair of target groups (ARNs).

    `active` serves users, `idle` is the other of the pair; both None when it cannot be told. `weights` is the percent of the traffic for
    each of the pair. `shifting`: both get traffic. `problem` says in words what stands in the way of the next deployment, or is None.
    `foreign`: the listener does something that no deployment of this pair does.
    """

    active: str | None = None
    idle: str | None = None
    weights: dict[str, int] = field(default_factory=dict)
    shifting: bool = False
    problem: str | None = None
    foreign: bool = False

    def as_result(self) -> dict[str, Any]:
        """The part of a module's result that says who is live."""
        return {
            "active_target_group_arn": self.active,
            "idle_target_group_arn": self.idle,
            "weights": self.weights,
            "shifting": self.shifting,
            "problem": self.problem,
        }


def decide(pair: Sequence[str], listener_actions: list[Action], primary: str | None = None) -> Traffic:
    """Who of `pair` (two ARNs) is active.

    `listener_actions` are the listener's default actions in our shape. `primary` is the target group of the PRIMARY task set
    (`primary_of`), or None when there is no service yet. The primary task set decides as soon as it is known: in the middle of a shift
    it is still the old one, and rule ECS-L2 asks for it. Without it the heavier group is active, the first of the pair when they are even.
    """
    targets = forwarded(listener_actions)
    ours = {arn: (targets or {}).get(arn, 0) for arn in pair}
    heavier = max(pair, key=lambda arn: ours[arn]) if any(ours.values()) else None
    active = primary if primary in pair else heavier
    idle = next(arn for arn in pair if arn != active) if active else None
    foreign = targets is None or not targets or not set(targets) <= set(pair)
    return Traffic(
        active=active,
        idle=idle,
        weights=_percent(ours, sum((targets or {}).values())),
        shifting=all(ours.values()),
        problem=_problem(pair, listener_actions, ours, primary, foreign),
        foreign=foreign,
    )


def forwarded(actions: list[Action]) -> dict[str, int] | None:
    """Weights above 0 by target group ARN when the actions are exactly one forward, else None."""
    if len(actions) != 1 or actions[0].get("type") != "forward":
        return None
    groups = (actions[0].get("forward_config") or {}).get("target_groups") or []
    if not groups and (arn := actions[0].get("target_group_arn")):
        return {arn: 1}
    # A group without a weight among several counts 1, as in AWS's console.
    weights = {group["target_group_arn"]: group.get("weight") for group in groups}
    return {arn: 1 if weight is None else weight for arn, weight in weights.items() if weight != 0}


def named(actions: list[Action]) -> set[str]:
    """ARNs of all target groups that forwards name, those with weight 0 as well."""
    groups = [group for action in actions for group in (action.get("forward_config") or {}).get("target_groups") or []]
    return {arn for item in (*groups, *actions) if (arn := item.get("target_group_arn"))}


def primary_of(service: Mapping[str, Any] | None) -> str | None:
    """The target group of a service's PRIMARY task set. `service` is in our shape (DescribeServices), None when there is none.

    A service without task sets names its group itself. One with an alternate group (ECS's own blue/green) names what was declared, not what
    is live: ECS moves the listener itself and in one piece with its revisions, so that the listener's weights say who serves users.
    """
    balancer = _balancer(service)
    arn: str | None = None if moved_by_ecs(service) else balancer.get("target_group_arn")
    return arn


def moved_by_ecs(service: Mapping[str, Any] | None) -> bool:
    """Whether ECS itself moves the listener of a service, which then has an alternate group. `service` as in `primary_of`."""
    return bool(_balancer(service).get("advanced_configuration"))


def _balancer(service: Mapping[str, Any] | None) -> dict[str, Any]:
    if not service or service.get("status") == "INACTIVE":
        return {}
    task_sets = service.get("task_sets") or []
    primary = next((task_set for task_set in task_sets if task_set.get("status") == "PRIMARY"), {} if task_sets else service)
    return next(iter(primary.get("load_balancers") or []), {})


def described(actions: list[Action]) -> str:
    """The actions of a listener for a person: `forwards to shop-blue (90), shop-green (10)`."""
    return ", then ".join(_described(action) for action in actions) or "does nothing"


def _described(action: Action) -> str:
    kind = action.get("type")
    if kind == "forward":
        weights = forwarded([action]) or {}
        return "forwards to " + (", ".join(f"{name(arn)} ({weight})" for arn, weight in weights.items()) or "nobody")
    if kind == "redirect":
        to = action.get("redirect_config") or {}
        url = f"{to.get('protocol', '#{protocol}')}://{to.get('host', '#{host}')}:{to.get('port', '#{port}')}{to.get('path', '/#{path}')}"
        return f"redirects to {url} ({to.get('status_code')})"
    if kind == "fixed-response":
        return f"answers {(action.get('fixed_response_config') or {}).get('status_code')} itself"
    return f"does {kind}"


def name(arn: str) -> str:
    """The name in a target group's ARN; the ARN itself when it is none."""
    parts = arn.split("/")
    return parts[1] if len(parts) == 3 and parts[0].endswith(":targetgroup") else arn


def _percent(weights: dict[str, int], total: int) -> dict[str, int]:
    return {arn: round(100 * weight / total) if total else 0 for arn, weight in weights.items()}


def _problem(pair: Sequence[str], actions: list[Action], ours: dict[str, int], primary: str | None, foreign: bool) -> str | None:
    both = " and ".join(name(arn) for arn in pair)
    if foreign:
        return f"the listener {described(actions)}; expected a forward within {both}"
    if primary and primary not in pair:
        return f"the PRIMARY task set is behind {name(primary)}, which is not one of {both}"
    if primary and not ours[primary]:
        return (
            f"the listener {described(actions)}, but the PRIMARY task set is behind {name(primary)}; unless a deployment is running, "
            "CodeDeploy refuses the next one: Primary taskset target group must be behind listener"
        )
    return None
