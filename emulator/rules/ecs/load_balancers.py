"""What ECS refuses of a service's load balancers."""

from __future__ import annotations

import re
from typing import Any

from ...registry import rule
from ...services.ecs import state as ecs
from ...services.elbv2 import store as elbv2_store
from ...wire import Call, Refusal
from .services import controller, definition, on_fargate, wanted

GUIDE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html"
BLUE_GREEN = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-blue-green.html"
OPERATIONS = ("CreateService", "UpdateService", "CreateTaskSet")
RULE = re.compile(r"arn:aws[\w-]*:elasticloadbalancing:[^:]+:\d{12}:listener(-rule/app|/net)/.+")
SHIFTING = ("BLUE_GREEN", "LINEAR", "CANARY")


def _balancers(call: Call) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call.params.get("loadBalancers", [])
    return found


@rule("ECS-S1", "ecs", "CreateService", source=GUIDE)
def for_code_deploy(call: Call) -> Refusal | None:
    """A CODE_DEPLOY service has exactly one target group (ECS-S2)."""
    if controller(call) != "CODE_DEPLOY":
        return None
    if not _balancers(call):
        return ecs.invalid("the service requires an Application Load Balancer or Network Load Balancer")
    if len(_balancers(call)) > 1:
        return ecs.invalid("load balancers can have at most 1 items with a CODE_DEPLOY deployment controller.")
    return None


@rule("ECS-S13", "ecs", *OPERATIONS, source=GUIDE)
def complete(call: Call) -> Refusal | None:
    """A target group or a Classic Load Balancer (not on Fargate, ECS-S14), with the container and its port."""
    for item in _balancers(call):
        if item.get("targetGroupArn") and item.get("loadBalancerName"):
            return ecs.invalid("loadBalancerName and targetGroupArn cannot both be specified. You must specify either one.")
        if item.get("loadBalancerName") and on_fargate(call):
            return ecs.invalid("Classic Load Balancers are not supported with Fargate.")
        if not item.get("targetGroupArn") and not item.get("loadBalancerName"):
            return ecs.invalid("targetGroupArn or loadBalancerName must be specified.")
        if not item.get("containerName"):
            return ecs.invalid("Container name cannot be blank in loadBalancers.")
        if item.get("containerPort") is None:
            return ecs.invalid("Container port cannot be blank in loadBalancers.")
    if len(_balancers(call)) > 5:
        return ecs.invalid("load balancers can have at most 5 items.")
    return None


@rule("ECS-S12", "ecs", *OPERATIONS, source=GUIDE)
def container(call: Call) -> Refusal | None:
    """The container is in the task definition and has the port."""
    value = call.params.get("taskDefinition")
    if call.operation == "CreateTaskSet":
        found = ecs.find_definition(call, value or "")
        items = _balancers(call)
    elif controller(call) == "ECS" or call.operation == "CreateService":
        found, items = definition(call), wanted(call).get("loadBalancers", [])
    else:
        return None
    for item in items if found is not None else []:
        named = ecs.container_named(found or {}, item.get("containerName", ""))
        if named is None:
            return ecs.invalid(f"The container {item.get('containerName')} does not exist in the task definition.")
        ports = [mapping.get("containerPort") for mapping in named["portMappings"]]
        if item.get("containerPort") not in ports:
            return ecs.invalid(f"The container {item['containerName']} did not have a container port {item.get('containerPort')} defined.")
    return None


@rule("ECS-S10", "ecs", *OPERATIONS, source=GUIDE)
def target_group(call: Call) -> Refusal | None:
    """The target group exists, has addresses as targets (ECS-S11), and a listener forwards to it."""
    found = ecs.find_definition(call, wanted(call).get("taskDefinition") or "") if call.operation != "CreateTaskSet" else None
    for item in _balancers(call):
        arn = item.get("targetGroupArn")
        if arn is None:
            continue
        group = elbv2_store.backend(call).target_groups.get(arn)
        if group is None:
            return ecs.invalid(f"The specified target group does not exist. targetGroupArn: {arn}")
        if found is not None and found.get("networkMode") == "awsvpc" and group.target_type != "ip":
            text = (
                f"has target type {group.target_type}, which is incompatible with the awsvpc network mode specified in the task definition."
            )
            return ecs.invalid(f"The provided target group {arn} {text}")
        if not elbv2_store.users(call, arn):
            return ecs.invalid(f"The target group with targetGroupArn {arn} does not have an associated load balancer.")
    return None


@rule("ECS-N2", "ecs", "CreateService", "UpdateService", source=BLUE_GREEN)
def advanced(call: Call) -> Refusal | None:
    """Blue/green of ECS itself needs the other target group, the rule for production traffic and a role."""
    strategy = wanted(call).get("deploymentConfiguration", {}).get("strategy", "ROLLING")
    for item in _balancers(call):
        extra = item.get("advancedConfiguration")
        if extra is None:
            if strategy in SHIFTING:
                return ecs.invalid(f"advancedConfiguration is required for load balancers with the {strategy} deployment strategy.")
            continue
        if controller(call) != "ECS":
            return ecs.invalid("advancedConfiguration is only supported with the ECS deployment controller.")
        for member in ("alternateTargetGroupArn", "productionListenerRule", "roleArn"):
            if not extra.get(member):
                return ecs.invalid(f"{member} must be specified in advancedConfiguration.")
        if (refusal := _rules(extra)) is not None:
            return refusal
        if extra["alternateTargetGroupArn"] == item.get("targetGroupArn"):
            return ecs.invalid("targetGroupArn and alternateTargetGroupArn must be different.")
    return None


def _rules(extra: dict[str, Any]) -> Refusal | None:
    for member in ("productionListenerRule", "testListenerRule"):
        value = extra.get(member)
        if value and not RULE.fullmatch(value):
            return ecs.invalid(f"{member} has an invalid ARN format. Must be RuleArn for ALB or ListenerArn for NLB. Got: {value}")
    if extra.get("testListenerRule") == extra["productionListenerRule"]:
        text = "The following rules cannot be used as both production and test listener rules"
        return ecs.invalid(f"{text}: {extra['productionListenerRule']}")
    return None
