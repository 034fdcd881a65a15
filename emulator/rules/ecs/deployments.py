"""What ECS refuses of a deployment configuration, and of service deployments."""

from __future__ import annotations

from typing import Any

from ...registry import rule
from ...services.ecs import state as ecs
from ...wire import Call, Refusal
from .services import controller, wanted

SOURCE = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html"
STAGES_WITHOUT_PAUSE = ("TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT")
MINUTES = (0, 1440)
SHIFTS = {
    "linearConfiguration": ("LINEAR", {"stepPercent": (3.0, 100.0), "stepBakeTimeInMinutes": MINUTES}),
    "canaryConfiguration": ("CANARY", {"canaryPercent": (0.1, 100.0), "canaryBakeTimeInMinutes": MINUTES}),
}


def _given(call: Call) -> dict[str, Any]:
    found: dict[str, Any] = call.params.get("deploymentConfiguration", {})
    return found


@rule("ECS-S19", "ecs", "CreateService", "UpdateService", source=SOURCE)
def percentages(call: Call) -> Refusal | None:
    """At most 100 percent healthy, at least 100 percent in all, and room for a deployment between them."""
    settings = wanted(call).get("deploymentConfiguration", {})
    low, high = settings.get("minimumHealthyPercent", 100), settings.get("maximumPercent", 200)
    if not 0 <= low <= 100:
        return ecs.invalid("minimumHealthyPercent must be at least 0 and at most 100.")
    if wanted(call).get("schedulingStrategy") == "DAEMON":
        return None
    if high < 100:
        return ecs.invalid("maximumPercent must be at least 100.")
    if low == high == 100 and controller(call) == "ECS":
        return ecs.invalid("Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.")
    return None


@rule("ECS-S18", "ecs", "CreateService", "UpdateService", source=SOURCE)
def ecs_only(call: Call) -> Refusal | None:
    """Circuit breaker, alarms, strategies and hooks belong to the ECS controller."""
    settings, kind = _given(call), controller(call)
    if kind == "ECS":
        return None
    if settings.get("deploymentCircuitBreaker", {}).get("enable"):
        return ecs.invalid("Deployment circuit breaker feature can only be enabled with the ECS deployment controller.")
    if settings.get("alarms", {}).get("enable"):
        return ecs.invalid("Deployment alarms can only be enabled with the ECS deployment controller.")
    for member in ("lifecycleHooks", "linearConfiguration", "canaryConfiguration", "bakeTimeInMinutes"):
        if settings.get(member):
            return ecs.invalid(f"{member} is only supported with the ECS deployment controller.")
    if settings.get("strategy", "ROLLING") != "ROLLING":
        return ecs.invalid(f"Deployment strategy {settings['strategy']} is only supported with the ECS deployment controller.")
    return None


@rule("ECS-N1", "ecs", "CreateService", "UpdateService", source=SOURCE)
def strategy(call: Call) -> Refusal | None:
    """BLUE_GREEN needs a bake time; the steps of LINEAR and CANARY have ranges and go with their strategy."""
    settings = _given(call)
    kind, bake = settings.get("strategy", "ROLLING"), settings.get("bakeTimeInMinutes")
    if kind == "BLUE_GREEN" and bake is None:
        return ecs.invalid("bakeTimeInMinutes must be specified with the BLUE_GREEN deployment strategy.")
    if bake is not None and not MINUTES[0] <= bake <= MINUTES[1]:
        return ecs.invalid("bakeTimeInMinutes must be between 0 and 1440.")
    for member, (owner, ranges) in SHIFTS.items():
        if member not in settings:
            continue
        if kind != owner:
            return ecs.invalid(f"{member} is only supported with the {owner} deployment strategy.")
        for name, (low, high) in ranges.items():
            if not low <= settings[member].get(name, low) <= high:
                return ecs.invalid(f"{name} must be between {low:g} and {high:g}.")
    return None


@rule("ECS-N4", "ecs", "CreateService", "UpdateService", source=SOURCE)
def hooks(call: Call) -> Refusal | None:
    """A Lambda hook has a function and a role; a pause cannot lie in the middle of a traffic shift."""
    for hook in _given(call).get("lifecycleHooks", []):
        stages = hook.get("lifecycleStages", [])
        if not stages:
            return ecs.invalid("lifecycleStages must be specified for each lifecycle hook.")
        if hook.get("targetType", "AWS_LAMBDA") == "PAUSE":
            if refused := [stage for stage in stages if stage in STAGES_WITHOUT_PAUSE]:
                return ecs.invalid(f"PAUSE hooks are not supported at lifecycle stage {refused[0]}.")
        elif not (hook.get("hookTargetArn") and hook.get("roleArn")):
            return ecs.invalid("hookTargetArn and roleArn must be specified for lifecycle hooks of type AWS_LAMBDA.")
    return None
