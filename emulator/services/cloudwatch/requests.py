"""What a load balancer measures of each request.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
"""

from __future__ import annotations

from ... import world
from ...wire import Call
from . import metrics
from .of_services import balancer, group

SPACE = "AWS/ApplicationELB"


def by_target(call: Call, load_balancer: str, target_group: str, status: int, seconds: float) -> None:
    """A target has answered. `load_balancer`, `target_group`: their ARNs."""
    names = {"LoadBalancer": balancer(load_balancer)}
    for dimensions in (names, {**names, "TargetGroup": group(target_group)}):
        _count(call, dimensions, "RequestCount")
        _count(call, dimensions, f"HTTPCode_Target_{status // 100}XX_Count")
        metrics.record(call, SPACE, "TargetResponseTime", dimensions, seconds)


def by_itself(call: Call, load_balancer: str, status: int) -> None:
    """The load balancer has answered itself. A request counts when a target was chosen for it."""
    names = {"LoadBalancer": balancer(load_balancer)}
    _count(call, names, f"HTTPCode_ELB_{status // 100}XX_Count")
    if status in (500, 502, 503, 504):
        _count(call, names, f"HTTPCode_ELB_{status}_Count")
    if status in (502, 504):
        _count(call, names, "RequestCount")


def _count(call: Call, dimensions: dict[str, str], metric: str) -> None:
    metrics.record(call, SPACE, metric, dimensions, 1.0, world.clock.now())
