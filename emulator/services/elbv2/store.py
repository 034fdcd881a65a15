"""moto's load balancers, target groups, listeners and rules, found by ARN, and the refusals when there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from moto.elbv2 import models

from ... import world
from ...wire import Call, Refusal

# A type checker takes moto's classes for abstract; moto makes objects of them all the same.
LoadBalancer: Any = models.FakeLoadBalancer
TargetGroup: Any = models.FakeTargetGroup
Listener: Any = models.FakeListener
ListenerRule: Any = models.FakeListenerRule
Action: Any = models.FakeAction

KINDS = {
    "load balancer": ("loadbalancer", "LoadBalancerNotFound", "One or more load balancers not found"),
    "target group": ("targetgroup", "TargetGroupNotFound", "One or more target groups not found"),
    "listener": ("listener", "ListenerNotFound", "One or more listeners not found"),
    "listener rule": ("listener-rule", "RuleNotFound", "One or more rules not found"),
}


def backend(call: Call) -> Any:
    return world.backend("elbv2", call)


def well_formed(kind: str, arn: str) -> None:
    """Refuse an ARN that cannot be of something of this kind."""
    if not re.fullmatch(rf"arn:[\w-]+:elasticloadbalancing:[\w-]*:\d*:{KINDS[kind][0]}/\S+", arn):
        raise Refusal("ValidationError", f"'{arn}' is not a valid {kind} ARN")


def _looked_up(kind: str, arn: str, found: Any) -> Any:
    well_formed(kind, arn)
    if found is None:
        raise Refusal(*KINDS[kind][1:])
    return found


def load_balancer(call: Call, arn: str) -> Any:
    return _looked_up("load balancer", arn, backend(call).load_balancers.get(arn))


def target_group(call: Call, arn: str) -> Any:
    return _looked_up("target group", arn, backend(call).target_groups.get(arn))


def listeners(call: Call) -> Iterator[Any]:
    for balancer in backend(call).load_balancers.values():
        yield from balancer.listeners.values()


def listener(call: Call, arn: str) -> Any:
    return _looked_up("listener", arn, next((found for found in listeners(call) if found.arn == arn), None))


def rule(call: Call, arn: str) -> tuple[Any, Any]:
    """A rule and the listener that it belongs to."""
    pairs = ((found, owner) for owner in listeners(call) for found in owner.rules.values())
    pair: tuple[Any, Any] = _looked_up("listener rule", arn, next((pair for pair in pairs if pair[0].arn == arn), None))
    return pair


def resource(call: Call, arn: str) -> Any:
    """Whatever can carry tags."""
    kind = arn.split(":", 5)[-1].split("/")[0]
    if kind == "targetgroup":
        return target_group(call, arn)
    if kind == "listener":
        return listener(call, arn)
    if kind == "listener-rule":
        return rule(call, arn)
    return load_balancer(call, arn)


def groups_of(actions: list[dict[str, Any]]) -> list[str]:
    """The ARNs of the target groups that actions forward to, weight 0 included."""
    arns = []
    for action in actions:
        if action.get("Type") == "forward":
            tuples = action.get("ForwardConfig", {}).get("TargetGroups", [])
            arns += [entry["TargetGroupArn"] for entry in tuples] or [action.get("TargetGroupArn", "")]
    return arns


def users(call: Call, group_arn: str) -> list[str]:
    """The load balancers whose listeners or rules forward to a target group."""
    arns = []
    for found in listeners(call):
        actions = [action.data for entry in found.rules.values() for action in entry.actions]
        if group_arn in groups_of(actions) and found.load_balancer_arn not in arns:
            arns.append(found.load_balancer_arn)
    return arns


def tags(call: Call) -> Any:
    return backend(call).tagging_service


def page(call: Call, items: list[Any], key: str, view: Any) -> dict[str, Any]:
    """One page of a list, in the caller's PageSize; at most 400."""
    marker = call.params.get("Marker") or "0"
    if not marker.isdigit():
        raise Refusal("ValidationError", f"'{marker}' is not a valid marker")
    start, size = int(marker), call.params.get("PageSize") or 400
    answer: dict[str, Any] = {key: [view(item) for item in items[start : start + size]]}
    if start + size < len(items):
        answer["NextMarker"] = str(start + size)
    return answer
