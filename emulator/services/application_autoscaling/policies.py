"""Scaling policies of Application Auto Scaling, and the CloudWatch alarms of those that track a target.

https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalingPolicy.html
"""

from __future__ import annotations

import copy
import uuid
from typing import Any, cast

from ... import world
from ...registry import operation
from ...wire import Call
from . import targets as scaling
from .targets import Policy

# Which metric a predefined type is: namespace, name, statistic.
METRICS = {
    "ECSServiceAverageCPUUtilization": ("AWS/ECS", "CPUUtilization", "Average"),
    "ECSServiceAverageMemoryUtilization": ("AWS/ECS", "MemoryUtilization", "Average"),
    "ECSServiceAverageCPUUtilizationHighResolution": ("AWS/ECS", "CPUUtilization", "Average"),
    "ECSServiceAverageMemoryUtilizationHighResolution": ("AWS/ECS", "MemoryUtilization", "Average"),
    "ALBRequestCountPerTarget": ("AWS/ApplicationELB", "RequestCountPerTarget", "Sum"),
}


def _dimensions(resource: str, specification: dict[str, Any]) -> list[dict[str, str]]:
    if label := specification.get("ResourceLabel"):
        balancer, group = label.split("/targetgroup/")
        names = {"TargetGroup": f"targetgroup/{group}", "LoadBalancer": balancer}
    else:
        cluster, name = scaling.service_of(resource)
        names = {"ClusterName": cluster, "ServiceName": name}
    return [{"Name": name, "Value": value} for name, value in names.items()]


def _metric(found: Policy, wanted: dict[str, Any]) -> dict[str, Any]:
    """What the alarms of a target tracking policy watch."""
    if specification := wanted.get("PredefinedMetricSpecification"):
        namespace, name, statistic = METRICS.get(specification["PredefinedMetricType"], ("AWS/ECS", "CPUUtilization", "Average"))
        dimensions = _dimensions(found["ResourceId"], specification)
        return {"Namespace": namespace, "MetricName": name, "Statistic": statistic, "Dimensions": dimensions, "Period": 60}
    custom = wanted["CustomizedMetricSpecification"]
    if "Metrics" in custom:
        return {"Metrics": [_query(item) for item in custom["Metrics"]]}
    metric = {member: custom[member] for member in ("Namespace", "MetricName", "Statistic", "Dimensions", "Unit") if member in custom}
    return {**metric, "Period": 60}


def _query(item: dict[str, Any]) -> dict[str, Any]:
    if "MetricStat" not in item:
        return dict(item)
    return {**item, "MetricStat": {"Period": 60, **item["MetricStat"]}}


def _put_alarms(call: Call, found: Policy) -> None:
    """Two alarms: three minutes above the target, fifteen minutes below nine tenths of it."""
    wanted = found["TargetTrackingScalingPolicyConfiguration"]
    shapes = [("AlarmHigh", "GreaterThanThreshold", 3, wanted["TargetValue"])]
    if not wanted.get("DisableScaleIn"):
        shapes.append(("AlarmLow", "LessThanThreshold", 15, round(wanted["TargetValue"] * 0.9, 6)))
    scaling.forget_alarms(call, found)
    for kind, comparison, periods, threshold in shapes:
        name = f"TargetTracking-{found['ResourceId']}-{kind}-{uuid.uuid4()}"
        world.aws(
            call,
            "cloudwatch",
            "PutMetricAlarm",
            AlarmName=name,
            AlarmDescription=f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {found['PolicyARN']}.",
            AlarmActions=[found["PolicyARN"]],
            ComparisonOperator=comparison,
            EvaluationPeriods=periods,
            Threshold=threshold,
            **_metric(found, wanted),
        )
        found["Alarms"].append({"AlarmName": name, "AlarmARN": call.arn("cloudwatch", f"alarm:{name}")})


@operation("application-autoscaling", "PutScalingPolicy")
def put_scaling_policy(call: Call) -> dict[str, Any]:
    """Putting a policy of a known name replaces its configuration; its ARN stays."""
    params = call.params
    scaling.needed(call)
    name = (*scaling.key(params), params["PolicyName"])
    found: Policy | None = scaling.table(call, "policies").get(name)
    if found is None:
        found = {
            "PolicyARN": scaling.arn(call, "scalingPolicy", params["PolicyName"], str(uuid.uuid4())),
            **cast(Policy, {member: params[member] for member in (*scaling.KEY, "PolicyName")}),
            "PolicyType": params.get("PolicyType", "StepScaling"),
            "Alarms": [],
            "CreationTime": world.clock.utc(),
        }
        scaling.table(call, "policies")[name] = found
    given = {member: copy.deepcopy(value) for member, value in params.items() if member.endswith("PolicyConfiguration")}
    found.update(cast(Policy, given))
    if "TargetTrackingScalingPolicyConfiguration" in found:
        _put_alarms(call, found)
    return {"PolicyARN": found["PolicyARN"], "Alarms": found["Alarms"]}


@operation("application-autoscaling", "DescribeScalingPolicies")
def describe_scaling_policies(call: Call) -> dict[str, Any]:
    names = call.params.get("PolicyNames")
    items = [
        found
        for found in scaling.table(call, "policies").values()
        if scaling.matches(call, found, *scaling.KEY) and (not names or found["PolicyName"] in names or found["PolicyARN"] in names)
    ]
    return scaling.page(call, "ScalingPolicies", items)


@operation("application-autoscaling", "DeleteScalingPolicy")
def delete_scaling_policy(call: Call) -> dict[str, Any]:
    found = scaling.table(call, "policies").pop((*scaling.key(call.params), call.params["PolicyName"]), None)
    if found is None:
        raise scaling.absent(call, f"No scaling policy found with name {call.params['PolicyName']}")
    scaling.forget_alarms(call, found)
    return {}
