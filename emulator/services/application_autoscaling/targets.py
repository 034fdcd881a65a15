"""Application Auto Scaling: scalable targets and scaling activities.

https://docs.aws.amazon.com/autoscaling/application/APIReference/
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypedDict, cast

from ... import world
from ...registry import operation
from ...wire import Call, Refusal

KEY = ("ServiceNamespace", "ResourceId", "ScalableDimension")
RESUMED = {"DynamicScalingInSuspended": False, "DynamicScalingOutSuspended": False, "ScheduledScalingSuspended": False}
PAGE = 50
# Seconds of AWS's time until a target outside its new bounds is brought back into them.
ADJUSTS = 5.0


class Target(TypedDict, total=False):
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalableTarget.html"""

    ServiceNamespace: str
    ResourceId: str
    ScalableDimension: str
    MinCapacity: int
    MaxCapacity: int
    RoleARN: str
    CreationTime: datetime
    SuspendedState: dict[str, bool]
    ScalableTargetARN: str


class Policy(TypedDict, total=False):
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalingPolicy.html"""

    PolicyARN: str
    PolicyName: str
    ServiceNamespace: str
    ResourceId: str
    ScalableDimension: str
    PolicyType: str
    TargetTrackingScalingPolicyConfiguration: dict[str, Any]
    StepScalingPolicyConfiguration: dict[str, Any]
    PredictiveScalingPolicyConfiguration: dict[str, Any]
    Alarms: list[dict[str, str]]
    CreationTime: datetime


def table(call: Call, name: str) -> dict[Any, Any]:
    found: dict[Any, Any] = world.store("application-autoscaling", call).setdefault(name, {})
    return found


def key(params: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(params[member] for member in KEY)


def target(call: Call) -> Target | None:
    """The scalable target that a call is about, if it is registered."""
    found: Target | None = table(call, "targets").get(key(call.params))
    return found


def absent(call: Call, what: str, code: str = "ObjectNotFoundException") -> Refusal:
    """The refusal that names service namespace, resource and dimension, as AWS words it."""
    namespace, resource, dimension = key(call.params)
    text = f"{what} for service namespace: {namespace}, resource ID: {resource}, scalable dimension: {dimension}"
    return Refusal(code, text)


def needed(call: Call, what: str = "No scalable target registered") -> Target:
    found = target(call)
    if found is None:
        raise absent(call, what)
    return found


def page(call: Call, member: str, items: list[Any]) -> dict[str, Any]:
    size = call.params.get("MaxResults", PAGE)
    token = call.params.get("NextToken")
    try:
        start = int(base64.b64decode(token, validate=True)) if token else 0
    except ValueError:
        raise Refusal("InvalidNextTokenException", "Invalid next token") from None
    end = start + size
    more = {"NextToken": base64.b64encode(str(end).encode()).decode()} if end < len(items) else {}
    return {member: items[start:end], **more}


def matches(call: Call, found: Mapping[str, Any], *members: str) -> bool:
    return all(call.params.get(member) in (None, found.get(member)) for member in members)


# ECS services


def service_of(resource: str) -> tuple[str, str]:
    """Cluster and name in `service/<cluster>/<name>`."""
    _, cluster, name = resource.split("/")
    return cluster, name


def ecs_service(call: Call, resource: str) -> dict[str, Any] | None:
    """The ACTIVE service of a resource id."""
    parts = resource.split("/")
    if len(parts) != 3:
        return None
    try:
        found = world.aws(call, "ecs", "DescribeServices", cluster=parts[1], services=[parts[2]])["services"]
    except Refusal:
        return None
    return next((service for service in found if service["status"] == "ACTIVE"), None)


def keep_within(call: Call, found: Target, why: str = "") -> None:
    """A target whose bounds changed is brought into them, unless scaling in that direction is suspended. `why`: AWS's words for it."""
    service = ecs_service(call, found["ResourceId"]) if found["ServiceNamespace"] == "ecs" else None
    if service is None or table(call, "targets").get(key(found)) is not found:
        return
    desired, suspended = service["desiredCount"], found["SuspendedState"]
    if desired < found["MinCapacity"] and not suspended["DynamicScalingOutSuspended"]:
        set_capacity(call, found, found["MinCapacity"], why or f"minimum capacity was set to {found['MinCapacity']}")
    elif desired > found["MaxCapacity"] and not suspended["DynamicScalingInSuspended"]:
        set_capacity(call, found, found["MaxCapacity"], why or f"maximum capacity was set to {found['MaxCapacity']}")


def set_capacity(call: Call, found: Target, capacity: int, cause: str) -> None:
    """Set an ECS service's desired count and write the scaling activity."""
    cluster, name = service_of(found["ResourceId"])
    start = world.clock.utc()
    world.aws(call, "ecs", "UpdateService", cluster=cluster, service=name, desiredCount=capacity)
    activity = {
        "ActivityId": str(uuid.uuid4()),
        **dict(zip(KEY, key(found), strict=True)),
        "Description": f"Setting desired count to {capacity}.",
        "Cause": cause,
        "StartTime": start,
        "EndTime": world.clock.utc(),
        "StatusCode": "Successful",
        "StatusMessage": f"Successfully set desired count to {capacity}. Change successfully fulfilled by ecs.",
    }
    world.store("application-autoscaling", call).setdefault("activities", []).insert(0, activity)


def forget_alarms(call: Call, policy: Policy) -> None:
    """Delete the alarms that a target tracking policy made."""
    names = [alarm["AlarmName"] for alarm in policy["Alarms"]]
    policy["Alarms"] = []
    if names:
        world.aws(call, "cloudwatch", "DeleteAlarms", AlarmNames=names)


def arn(call: Call, kind: str, name: str, number: str) -> str:
    namespace, resource, _ = key(call.params)
    label = "policyName" if kind == "scalingPolicy" else "scheduledActionName"
    return call.arn("autoscaling", f"{kind}:{number}:resource/{namespace}/{resource}:{label}/{name}")


# scalable targets


def _linked_role(call: Call) -> str:
    """ECS targets work through a service-linked role, whatever RoleARN says (AAS-3)."""
    try:
        world.aws(call, "iam", "CreateServiceLinkedRole", AWSServiceName="ecs.application-autoscaling.amazonaws.com")
    except Refusal as refusal:
        if refusal.code != "InvalidInput":
            raise
    path = "aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService"
    return call.arn("iam", f"role/{path}", regional=False)


@operation("application-autoscaling", "RegisterScalableTarget")
def register_scalable_target(call: Call) -> dict[str, Any]:
    """Registering again changes what is given and keeps the rest, SuspendedState included."""
    params, found = call.params, target(call)
    if found is None:
        found = {
            **cast(Target, {member: params[member] for member in KEY}),
            "RoleARN": _linked_role(call) if params["ServiceNamespace"] == "ecs" else params.get("RoleARN", ""),
            "CreationTime": world.clock.utc(),
            "SuspendedState": dict(RESUMED),
            "ScalableTargetARN": call.arn("application-autoscaling", f"scalable-target/{uuid.uuid4().hex}{uuid.uuid4().hex[:3]}"),
        }
        table(call, "targets")[key(params)] = found
        table(call, "tags")[found["ScalableTargetARN"]] = dict(params.get("Tags", {}))
    found.update(cast(Target, {member: params[member] for member in ("MinCapacity", "MaxCapacity") if member in params}))
    found["SuspendedState"] = {**found["SuspendedState"], **params.get("SuspendedState", {})}
    if "MinCapacity" in params or "MaxCapacity" in params:
        world.clock.after(ADJUSTS, partial(keep_within, call, found))
    return {"ScalableTargetARN": found["ScalableTargetARN"]}


@operation("application-autoscaling", "DescribeScalableTargets")
def describe_scalable_targets(call: Call) -> dict[str, Any]:
    wanted = call.params.get("ResourceIds")
    items = [
        found
        for found in table(call, "targets").values()
        if matches(call, found, "ServiceNamespace", "ScalableDimension") and (not wanted or found["ResourceId"] in wanted)
    ]
    return page(call, "ScalableTargets", items)


@operation("application-autoscaling", "DeregisterScalableTarget")
def deregister_scalable_target(call: Call) -> dict[str, Any]:
    """With a target go its policies, their alarms and its scheduled actions (AAS-3)."""
    found = needed(call, "No scalable target found")
    for name in [name for name in table(call, "policies") if name[:3] == key(call.params)]:
        forget_alarms(call, table(call, "policies").pop(name))
    for name in [name for name in table(call, "actions") if name[:3] == key(call.params)]:
        del table(call, "actions")[name]
    del table(call, "targets")[key(call.params)]
    table(call, "tags").pop(found["ScalableTargetARN"], None)
    return {}


@operation("application-autoscaling", "DescribeScalingActivities")
def describe_scaling_activities(call: Call) -> dict[str, Any]:
    activities = world.store("application-autoscaling", call).get("activities", [])
    return page(call, "ScalingActivities", [item for item in activities if matches(call, item, *KEY)])
