"""What Application Auto Scaling refuses."""

from __future__ import annotations

import re
from itertools import pairwise
from math import inf
from typing import Any

from ...registry import rule
from ...services.application_autoscaling import targets as scaling
from ...services.application_autoscaling.scheduled_actions import MOST_TAGS
from ...wire import Call, Refusal
from . import schedules

SERVICE = "application-autoscaling"
REFERENCE = "https://docs.aws.amazon.com/autoscaling/application/APIReference/"
TARGET_OPERATIONS = (
    "RegisterScalableTarget",
    "DeregisterScalableTarget",
    "PutScalingPolicy",
    "DeleteScalingPolicy",
    "PutScheduledAction",
    "DeleteScheduledAction",
)
LISTS = ("DescribeScalableTargets", "DescribeScalingPolicies", "DescribeScheduledActions", "DescribeScalingActivities")
CONFIGURATIONS = {
    "StepScaling": "StepScalingPolicyConfiguration",
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
    "PredictiveScaling": "PredictiveScalingPolicyConfiguration",
}
LABEL = re.compile(r"(app|net)/[^/]+/[0-9a-f]+/targetgroup/[^/]+/[0-9a-f]+")


def _refused(message: str) -> Refusal:
    return Refusal("ValidationException", message)


def _backwards(bounds: dict[str, Any]) -> bool:
    return "MinCapacity" in bounds and "MaxCapacity" in bounds and bounds["MaxCapacity"] < bounds["MinCapacity"]


@rule("AAS-1", SERVICE, *TARGET_OPERATIONS, source=f"{REFERENCE}API_RegisterScalableTarget.html")
def dimension(call: Call) -> Refusal | None:
    """Namespace, resource and dimension of an ECS service belong together."""
    namespace, resource, wanted = scaling.key(call.params)
    ecs = namespace == "ecs"
    fits = resource.startswith("service/") and wanted == "ecs:service:DesiredCount"
    if (ecs and not fits) or (not ecs and wanted.split(":")[0] != namespace):
        return _refused("Unsupported service namespace, resource type or scalable dimension")
    return None


@rule("AAS-1", SERVICE, "RegisterScalableTarget", source=f"{REFERENCE}API_RegisterScalableTarget.html")
def service_exists(call: Call) -> Refusal | None:
    """An ECS service must exist and be active."""
    resource = call.params["ResourceId"]
    if call.params["ServiceNamespace"] == "ecs" and scaling.ecs_service(call, resource) is None:
        return _refused(f"ECS service doesn't exist: {resource}")
    return None


@rule("AAS-1", SERVICE, "RegisterScalableTarget", source=f"{REFERENCE}API_RegisterScalableTarget.html")
def bounds(call: Call) -> Refusal | None:
    """A new target needs both bounds; the lower one is not above the upper one, also together with what is registered."""
    found = scaling.target(call)
    for member, text in (("MinCapacity", "Minimum"), ("MaxCapacity", "Maximum")):
        if found is None and member not in call.params:
            return _refused(f"{text} capacity must be specified")
        if call.params.get(member, 0) < 0:
            return _refused(f"{text} capacity cannot be less than 0")
    if _backwards({**(found or {}), **call.params}):
        return _refused("Maximum capacity cannot be less than minimum capacity")
    return None


@rule("AAS-1", SERVICE, "RegisterScalableTarget", "TagResource", source=f"{REFERENCE}API_TagResource.html")
def tags(call: Call) -> Refusal | None:
    """At most fifty tags, and keys that begin with aws: are AWS's own."""
    if call.operation == "RegisterScalableTarget" and len(call.params.get("Tags", {})) > MOST_TAGS:
        return _refused(f"Number of tags specified exceeds the limit of {MOST_TAGS}")
    for name in call.params.get("Tags", {}):
        if name.lower().startswith("aws:"):
            return _refused("Tag keys starting with 'aws:' are reserved for system use")
    return None


@rule("AAS-2", SERVICE, "PutScalingPolicy", source=f"{REFERENCE}API_PutScalingPolicy.html")
def configuration(call: Call) -> Refusal | None:
    """The one configuration is the one that PolicyType names."""
    found = scaling.table(call, "policies").get((*scaling.key(call.params), call.params["PolicyName"]))
    kind = call.params.get("PolicyType") or (found or {}).get("PolicyType", "StepScaling")
    if found is not None and kind != found["PolicyType"]:
        return _refused("You cannot change the policy type of an existing scaling policy")
    given = [member for member in CONFIGURATIONS.values() if member in call.params]
    if CONFIGURATIONS[kind] not in given:
        return _refused(f"{kind} policy configuration must be specified")
    if len(given) > 1:
        return _refused("You must only provide a single scaling policy configuration, which must match the scaling policy type specified.")
    return None


@rule("AAS-2", SERVICE, "PutScalingPolicy", source=f"{REFERENCE}API_TargetTrackingScalingPolicyConfiguration.html")
def target_tracking(call: Call) -> Refusal | None:
    """Predefined or customized metric, and one of them."""
    wanted = call.params.get("TargetTrackingScalingPolicyConfiguration")
    if wanted is None:
        return None
    members = [name for name in ("PredefinedMetricSpecification", "CustomizedMetricSpecification") if name in wanted]
    if not members:
        return _refused("PredefinedMetricSpecification or CustomizedMetricSpecification must be set for target tracking scaling.")
    if len(members) > 1:
        return _refused(
            "Only one of PredefinedMetricSpecification or CustomizedMetricSpecification can be set for target tracking scaling."
        )
    if wanted["TargetValue"] <= 0:
        return _refused("Target value must be greater than 0")
    return None


@rule("AAS-2", SERVICE, "PutScalingPolicy", source=f"{REFERENCE}API_PredefinedMetricSpecification.html")
def resource_label(call: Call) -> Refusal | None:
    """ALBRequestCountPerTarget needs a ResourceLabel, the other types forbid it."""
    wanted = call.params.get("TargetTrackingScalingPolicyConfiguration", {}).get("PredefinedMetricSpecification")
    if wanted is None:
        return None
    kind, label = wanted["PredefinedMetricType"], wanted.get("ResourceLabel")
    if call.params["ServiceNamespace"] == "ecs" and not kind.startswith(("ECSService", "ALBRequest")):
        supported = "[ECSServiceAverageCPUUtilization, ECSServiceAverageMemoryUtilization, ALBRequestCountPerTarget]"
        text = f"only supports the following predefined metric types: {supported}"
        return _refused(f"Scalable dimension {call.params['ScalableDimension']} {text}")
    if kind != "ALBRequestCountPerTarget":
        return _refused(f"Resource label should not be specified for predefined metric type {kind}") if label else None
    if not label:
        return _refused(f"Resource label should be specified for predefined metric type {kind}")
    if not LABEL.fullmatch(label):
        return _refused(f"Invalid resource label '{label}' for predefined metric type {kind}")
    return None


def _apart(steps: list[dict[str, Any]]) -> bool:
    """Whether each interval ends where the next one begins. An absent bound has no end."""
    edges = sorted((step.get("MetricIntervalLowerBound", -inf), step.get("MetricIntervalUpperBound", inf)) for step in steps)
    return all(low < high for low, high in edges) and all(before[1] == after[0] for before, after in pairwise(edges))


@rule("AAS-2", SERVICE, "PutScalingPolicy", source=f"{REFERENCE}API_StepScalingPolicyConfiguration.html")
def steps(call: Call) -> Refusal | None:
    """Steps need an adjustment type, and cover the range without a gap at its ends."""
    wanted = call.params.get("StepScalingPolicyConfiguration")
    if wanted is None:
        return None
    if not wanted.get("AdjustmentType"):
        return _refused("Adjustment type must be specified")
    if not wanted.get("StepAdjustments"):
        return _refused("At least one step adjustment must be specified")
    if wanted.get("MinAdjustmentMagnitude") is not None and wanted["AdjustmentType"] != "PercentChangeInCapacity":
        return _refused("Minimum adjustment magnitude is only allowed for adjustment type PercentChangeInCapacity")
    if not _apart(wanted["StepAdjustments"]):
        return _refused("Step adjustment intervals must not be empty, overlap or leave a gap")
    for word in ("lower", "upper"):
        missing = [step for step in wanted["StepAdjustments"] if f"MetricInterval{word.title()}Bound" not in step]
        if len(missing) > 1:
            return _refused(f"At most one step adjustment may have an unspecified {word} bound")
    return None


@rule("AAS-2", SERVICE, "PutScheduledAction", source=f"{REFERENCE}API_PutScheduledAction.html")
def scheduled(call: Call) -> Refusal | None:
    """A schedule of the three kinds, an action with at least one bound, a window that opens before it closes."""
    params = call.params
    new = (*scaling.key(params), params["ScheduledActionName"]) not in scaling.table(call, "actions")
    schedule, action = params.get("Schedule"), params.get("ScalableTargetAction")
    if new and schedule is None:
        return _refused("Schedule must be set")
    if schedule is not None and not schedules.valid(schedule):
        return _refused("Invalid schedule expression")
    if "Timezone" in params and not schedules.zone(params["Timezone"]):
        return _refused(f"Invalid timezone: {params['Timezone']}")
    if new and action is None:
        return _refused("ScalableTargetAction must be set")
    if action is not None and not {"MinCapacity", "MaxCapacity"} & set(action):
        return _refused("At least one of minimum capacity and maximum capacity should be provided")
    if _backwards(action or {}):
        return _refused("Maximum capacity cannot be less than minimum capacity")
    if "StartTime" in params and "EndTime" in params and params["StartTime"] > params["EndTime"]:
        return _refused("StartTime must be before EndTime")
    return None


@rule("AAS-1", SERVICE, *LISTS, source=f"{REFERENCE}API_DescribeScalableTargets.html")
def page_size(call: Call) -> Refusal | None:
    """Pages hold 1 to 50 entries; a dimension is asked for together with a resource."""
    if not 1 <= call.params.get("MaxResults", 50) <= 50:
        return _refused("Max results must be between 1 and 50")
    if "ResourceId" not in call.params and not call.params.get("ResourceIds") and "ScalableDimension" in call.params:
        return _refused("Scalable dimension cannot be specified without a resource ID")
    return None
