"""What an ECS deployment does to listeners: find the pair of target groups, and move weights between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ... import world
from ...wire import Call, Refusal


@dataclass(frozen=True)
class Pair:
    """The target group of the primary task set and the other one of the deployment group: ARNs and names."""

    active: str
    idle: str
    names: dict[str, str]
    production: str
    test: str | None


class TrafficError(Exception):
    """Why CodeDeploy cannot use the load balancer, in its words."""


def pair(call: Call, group: dict[str, Any], active: str) -> Pair:
    """Find which group is idle. `active` is the ARN that the primary task set registers its tasks in."""
    (given,) = group["loadBalancerInfo"]["targetGroupPairInfoList"]
    names = [entry["name"] for entry in given["targetGroups"]]
    try:
        found = world.aws(call, "elbv2", "DescribeTargetGroups", Names=names)["TargetGroups"]
    except Refusal as refusal:
        raise TrafficError(f"The target groups {', '.join(names)} cannot be used: {refusal.message}") from None
    arns = {entry["TargetGroupArn"]: entry["TargetGroupName"] for entry in found}
    if active not in arns or len(arns) != 2:
        raise TrafficError(
            "A deployment group associated with an application that uses the ECS compute platform must contain a valid pair of "
            "target groups that identify a load balancer."
        )
    (idle,) = set(arns) - {active}
    test = given.get("testTrafficRoute", {}).get("listenerArns") or [None]
    return Pair(active, idle, arns, given["prodTrafficRoute"]["listenerArns"][0], test[0])


def _rules(call: Call, listener: str) -> list[dict[str, Any]]:
    try:
        rules: list[dict[str, Any]] = world.aws(call, "elbv2", "DescribeRules", ListenerArn=listener)["Rules"]
    except Refusal as refusal:
        raise TrafficError(f"The listener {listener} cannot be used: {refusal.message}") from None
    return rules


def weights(rule: dict[str, Any]) -> dict[str, int]:
    """Target group → weight of a rule that forwards; empty for any other rule."""
    forward = next((action for action in rule["Actions"] if action["Type"] == "forward"), None)
    tuples = forward.get("ForwardConfig", {}).get("TargetGroups", []) if forward else []
    return {entry["TargetGroupArn"]: entry.get("Weight", 1) for entry in tuples}


def check(call: Call, found: Pair) -> None:
    """The primary task set's group must be behind both listeners, if only with weight 0 (ECS-L2). Raises TrafficError."""
    for listener in filter(None, (found.production, found.test)):
        if not any(found.active in weights(rule) for rule in _rules(call, listener)):
            raise TrafficError(
                f"The ELB could not be updated due to the following error: Primary taskset target group must be behind listener {listener}"
            )


def is_network(call: Call, listener: str) -> bool:
    return ":listener/net/" in listener


def shift(call: Call, found: Pair, listener: str, percent: int, may: Callable[[str, str], None]) -> None:
    """Send `percent` of a listener's traffic to the idle group. `may` is asked before each change: its action and its resource.

    The other group stays behind the listener with weight 0. Rules other than the default one follow when they forward to the pair.
    """
    wanted = [{"TargetGroupArn": found.idle, "Weight": percent}, {"TargetGroupArn": found.active, "Weight": 100 - percent}]
    config = {"TargetGroups": wanted if not is_network(call, listener) else wanted[percent == 0 :][:1]}
    for rule in _rules(call, listener):
        if not weights(rule).keys() & {found.active, found.idle}:
            continue
        before = [action for action in rule["Actions"] if action["Type"] != "forward"]
        forward: dict[str, Any] = {"Type": "forward", "ForwardConfig": config}
        if before:
            forward["Order"] = max(action["Order"] for action in before) + 1
        actions = [*before, forward]
        may(*(("ModifyListener", listener) if rule["IsDefault"] else ("ModifyRule", rule["RuleArn"])))
        if rule["IsDefault"]:
            world.aws(call, "elbv2", "ModifyListener", ListenerArn=listener, DefaultActions=actions)
        else:
            world.aws(call, "elbv2", "ModifyRule", RuleArn=rule["RuleArn"], Actions=actions)


def shifted(call: Call, found: Pair) -> float:
    """The percent of production traffic that the idle group gets."""
    for rule in _rules(call, found.production):
        given = weights(rule)
        if given.keys() & {found.active, found.idle} and sum(given.values()):
            return 100.0 * given.get(found.idle, 0) / sum(given.values())
    return 0.0


def healthy(call: Call, group: str, count: int) -> bool:
    """Whether at least `count` targets of a group are healthy, and none of those that stay is not."""
    described = world.aws(call, "elbv2", "DescribeTargetHealth", TargetGroupArn=group)["TargetHealthDescriptions"]
    states = [entry["TargetHealth"]["State"] for entry in described]
    staying = [state for state in states if state != "draining"]
    return len(staying) >= count and all(state in ("healthy", "unused") for state in staying)
