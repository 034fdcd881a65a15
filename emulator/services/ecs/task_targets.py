"""A task as targets of its service's target groups."""

from __future__ import annotations

from ... import world
from ...wire import Call, Refusal
from ..elbv2 import targets as elbv2_targets
from . import infrastructure
from .shapes import Task


def _targets(task: Task) -> list[tuple[str, int]]:
    return [(item["targetGroupArn"], item["containerPort"]) for item in task["loadBalancers"] if "targetGroupArn" in item]


def register(call: Call, task: Task, *, healthy: bool, status: int) -> str:
    """Register it in each group; why that failed, or "". `status`: what it answers to health checks that fail."""
    for group, port in _targets(task):
        try:
            infrastructure.register(call, task["loadBalancers"], group)
            world.aws(call, "elbv2", "RegisterTargets", TargetGroupArn=group, Targets=[{"Id": task["address"], "Port": port}])
            elbv2_targets.set_health(call, group, task["address"], healthy, status)
        except Refusal as refusal:
            return f"Task failed to register targets in (target-group {group}) with (error {refusal.message})"
    return ""


def drain(call: Call, task: Task) -> float:
    """Deregister the targets; the longest deregistration delay of their groups, in seconds."""
    delay = 0.0
    for group, port in _targets(task):
        try:
            world.aws(call, "elbv2", "DeregisterTargets", TargetGroupArn=group, Targets=[{"Id": task["address"], "Port": port}])
            attributes = world.aws(call, "elbv2", "DescribeTargetGroupAttributes", TargetGroupArn=group)["Attributes"]
        except Refusal:
            continue
        values = {item["Key"]: item["Value"] for item in attributes}
        delay = max(delay, float(values.get("deregistration_delay.timeout_seconds", 300)))
    return delay
