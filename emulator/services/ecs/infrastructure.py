"""What ECS does to load balancers with the infrastructure role of a service, and its words when it may not.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshooting-blue-green.html#troubleshooting-blue-green-permissions
"""

from __future__ import annotations

from typing import Any

from ... import world
from ...wire import Call, Refusal
from ..iam import authority
from .shapes import Run

PRINCIPAL = "ecs.amazonaws.com"
# The names of its sessions: one moves traffic, the other registers tasks and looks at their health.
MOVING, SCHEDULING = "ECSNetworkingWithELB", "ecs-service-scheduler"
LOOKS = ("DescribeListeners", "DescribeRules", "DescribeTargetGroups")
NETWORKING = "Service deployment rolled back because of invalid networking configuration."
ELB = "elasticloadbalancing"


def _roles(load_balancers: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Each role with the configuration that names it."""
    given = [item.get("advancedConfiguration", {}) for item in load_balancers]
    return [(extra["roleArn"], extra) for extra in given if extra.get("roleArn")]


def unusable(call: Call, load_balancers: list[dict[str, Any]]) -> str:
    """Why a deployment cannot even look at the load balancer, or "" (ECS-N3).

    ECS is not documented to say on whose behalf it takes the role.
    """
    for role, _ in _roles(load_balancers):
        who = authority.session(call, role, MOVING)
        looks = all(authority.decide(who, f"{ELB}:{name}").allowed for name in LOOKS)
        if not looks or not authority.assumable(call, role, PRINCIPAL):
            text = f"ECS was unable to manage the ELB resources due to missing permissions on ECS Infrastructure Role '{role}'."
            return f"{NETWORKING} {text}"
    return ""


def unmoved(call: Call, run: Run) -> str:
    """Why the stage that a deployment is in cannot move traffic, or ""."""
    member = "testListenerRule" if run["stage"] == "TEST_TRAFFIC_SHIFT" else "productionListenerRule"
    for role, extra in _roles(run["loadBalancers"]):
        if extra.get(member):
            action, resource = changes(call, extra[member])
            if denied := authority.denied(authority.session(call, role, MOVING), f"{ELB}:{action}", resource):
                return f"Service deployment rolled back because {run['stage']} lifecycle hook(s) failed. {denied}"
    return ""


def changes(call: Call, arn: str) -> tuple[str, str]:
    """Operation and resource with which a rule is changed: the default rule of a listener is the listener's own."""
    if ":listener/" in arn:
        return "ModifyListener", arn
    try:
        rule = world.aws(call, "elbv2", "DescribeRules", RuleArns=[arn])["Rules"][0]
    except Refusal:
        return "ModifyRule", arn
    listener = arn.replace(":listener-rule/", ":listener/").rpartition("/")[0]
    return ("ModifyListener", listener) if rule["IsDefault"] else ("ModifyRule", arn)


def register(call: Call, load_balancers: list[dict[str, Any]], group: str) -> None:
    """Refuse to register a task in a target group whose role may not."""
    for role, _ in _roles([item for item in load_balancers if item.get("targetGroupArn") == group]):
        if denied := authority.denied(authority.session(call, role, SCHEDULING), f"{ELB}:RegisterTargets", group):
            raise Refusal("AccessDenied", denied, 403)


def unseen(call: Call, load_balancers: list[dict[str, Any]]) -> str:
    """What a service says whose role may not look at the health of targets, or ""."""
    for item in load_balancers:
        for role, _ in _roles([item]):
            who = authority.session(call, role, SCHEDULING)
            if not (found := authority.decide(who, f"{ELB}:DescribeTargetHealth")).allowed:
                denied = f"User: {who.principal.arn} is not authorized to perform: {ELB}:DescribeTargetHealth {found.reason}"
                return f"failed to describe target health on target-group {item['targetGroupArn']} with (error {denied})"
    return ""
