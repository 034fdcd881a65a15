"""What CodeDeploy refuses of deployment groups for ECS: load balancer and service must be there and fit (CD-6 to CD-10)."""

from __future__ import annotations

from typing import Any

from ... import world
from ...registry import rule
from ...services.codedeploy import configs, service_role, state
from ...wire import Call, Refusal
from .deployment_groups import API, GROUPS, SOURCE, wanted

PAIR = (
    "A deployment group associated with an application that uses the ECS compute platform must contain a valid pair of "
    "target groups that identify a load balancer."
)


def _ecs(call: Call, *members: str) -> dict[str, Any] | None:
    """The group after the call, when it is for ECS and the call says something about these members."""
    after = wanted(call)
    if after is None or after["computePlatform"] != "ECS":
        return None
    touched = call.operation == "CreateDeploymentGroup" or any(member in call.params for member in members)
    return after if touched else None


@rule("CD-6", "codedeploy", *GROUPS, source=API + "API_LoadBalancerInfo.html")
def load_balancer(call: Call) -> Refusal | None:
    """One pair of two target groups, one production listener, at most one test listener, named by name."""
    after = _ecs(call, "loadBalancerInfo")
    if after is None:
        return _server(call)
    info = after.get("loadBalancerInfo")
    if not info:
        return Refusal("InvalidLoadBalancerInfoException", "For ECS deployment group, loadBalancerInfo must be specified")
    if info.get("elbInfoList") or info.get("targetGroupInfoList"):
        text = "For ECS deployment group, elbInfoList and targetGroupInfoList can not be specified"
        return Refusal("InvalidLoadBalancerInfoException", text)
    pairs = info.get("targetGroupPairInfoList", [])
    if len(pairs) != 1:
        text = "For ECS deployment group, targetGroupPairInfoList must hold exactly one target group pair"
        return Refusal("InvalidLoadBalancerInfoException", text)
    return _pair(pairs[0])


def _server(call: Call) -> Refusal | None:
    after = wanted(call)
    if after is None or after["computePlatform"] != "Server":
        return None
    if call.params.get("ecsServices"):
        text = "Server Deployment Groups should not define a value for ecsServices, eksClusters, or targetGroupPairInfoList"
        return Refusal("InvalidInputException", text)
    info = after.get("loadBalancerInfo", {})
    if after["deploymentStyle"].get("deploymentOption") == "WITH_TRAFFIC_CONTROL" and not any(info.values()):
        text = (
            "The deploymentOption value is set to WITH_TRAFFIC_CONTROL, but no load balancer or target group has been specified in "
            "loadBalancerInfo."
        )
        return Refusal("InvalidLoadBalancerInfoException", text)
    return None


def _pair(pair: dict[str, Any]) -> Refusal | None:
    """An ARN in the place of a target group's name is longer than a name can be (CD-7)."""
    names = [group.get("name", "") for group in pair.get("targetGroups", [])]
    for name in names:
        if len(name) > 32:
            text = f"The target group name {name} specified in targetGroupPairInfoList exceeds the maximum allowed length of 32 characters."
            return Refusal("InvalidLoadBalancerInfoException", text)
    if len(names) != 2 or len(set(names)) != 2 or not all(names):
        return Refusal("InvalidTargetGroupPairException", f"{PAIR} There must be exactly two target groups.")
    if len(pair.get("prodTrafficRoute", {}).get("listenerArns", [])) != 1:
        return Refusal("InvalidTargetGroupPairException", f"{PAIR} prodTrafficRoute must hold exactly one listener ARN.")
    if "testTrafficRoute" in pair and len(pair["testTrafficRoute"].get("listenerArns", [])) != 1:
        return Refusal("InvalidTargetGroupPairException", f"{PAIR} testTrafficRoute must hold exactly one listener ARN.")
    return None


@rule("CD-8", "codedeploy", *GROUPS, source=API + "API_ECSService.html")
def service(call: Call) -> Refusal | None:
    """Exactly one ECS service, which exists and has the CODE_DEPLOY controller."""
    after = _ecs(call, "ecsServices")
    if after is None:
        return None
    services = after.get("ecsServices", [])
    if not services:
        return Refusal("InvalidECSServiceException", "For ECS deployment group, ecsServices must be specified")
    if len(services) != 1 or not services[0].get("serviceName"):
        return Refusal("InvalidECSServiceException", "For ECS deployment group, exactly one ECS service must be specified")
    cluster, name = services[0].get("clusterName", "default"), services[0]["serviceName"]
    if unseen := service_role.unseen(call, after["serviceRoleArn"], cluster, name):
        return Refusal("InvalidECSServiceException", unseen)
    found = _live_service(call, services[0])
    if found is None:
        return Refusal("InvalidECSServiceException", f"The ECS service cannot be found. Cluster: {cluster}, service: {name}")
    if found.get("deploymentController", {}).get("type", "ECS") != "CODE_DEPLOY":
        text = "Deployment group's ECS service must be configured for a CODE_DEPLOY deployment controller."
        return Refusal("InvalidECSServiceException", text)
    return None


def _live_service(call: Call, given: dict[str, Any]) -> dict[str, Any] | None:
    try:
        cluster, name = given.get("clusterName", "default"), given["serviceName"]
        services = world.aws(call, "ecs", "DescribeServices", cluster=cluster, services=[name])["services"]
    except Refusal:
        return None
    return next((item for item in services if item["status"] == "ACTIVE"), None)


@rule("CD-9", "codedeploy", *GROUPS, source=SOURCE)
def one_group_per_service(call: Call) -> Refusal | None:
    """An ECS service belongs to one deployment group."""
    after = _ecs(call, "ecsServices")
    if after is None:
        return None
    mine = [_key(item) for item in after.get("ecsServices", [])]
    for application in state.applications(call).values():
        for group in application["groups"].values():
            if group.get("deploymentGroupId") != after.get("deploymentGroupId") and mine == [_key(s) for s in group.get("ecsServices", [])]:
                text = f"The ECS service is already associated with the deployment group {group['deploymentGroupName']}"
                return Refusal("ECSServiceMappingLimitExceededException", text)
    return None


def _key(given: dict[str, Any]) -> tuple[str, str]:
    return (given.get("clusterName", "default").rsplit("/", 1)[-1], given.get("serviceName", "").rsplit("/", 1)[-1])


@rule("CD-10", "codedeploy", *GROUPS, source="https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html")
def network(call: Call) -> Refusal | None:
    """Listeners and target groups exist; listeners are on one load balancer, target groups are alike (ECS-L1, ECS-L6)."""
    after = _ecs(call, "loadBalancerInfo")
    if after is None:
        return None
    (pair,) = after["loadBalancerInfo"]["targetGroupPairInfoList"]
    names = [group["name"] for group in pair["targetGroups"]]
    arns = pair["prodTrafficRoute"]["listenerArns"] + pair.get("testTrafficRoute", {}).get("listenerArns", [])
    try:
        groups = world.aws(call, "elbv2", "DescribeTargetGroups", Names=names)["TargetGroups"]
        listeners = world.aws(call, "elbv2", "DescribeListeners", ListenerArns=arns)["Listeners"]
    except Refusal as refusal:
        return Refusal("InvalidLoadBalancerInfoException", f"{PAIR} {refusal.message}")
    if len(set(arns)) < len(arns) or len({listener["LoadBalancerArn"] for listener in listeners}) != 1:
        text = "The production and the test listener must be two listeners of the same load balancer."
        return Refusal("InvalidLoadBalancerInfoException", f"{PAIR} {text}")
    used = {arn for group in groups for arn in group["LoadBalancerArns"]}
    if used - {listeners[0]["LoadBalancerArn"]}:
        return Refusal("InvalidLoadBalancerInfoException", f"{PAIR} A target group belongs to another load balancer.")
    if len({(group["Protocol"], group["TargetType"], group["VpcId"]) for group in groups}) != 1:
        return Refusal("InvalidTargetGroupPairException", f"{PAIR} The target groups differ in protocol, target type or VPC.")
    return None


@rule(
    "ECS-L5", "codedeploy", *GROUPS, source="https://docs.aws.amazon.com/codedeploy/latest/userguide/troubleshooting-deployments-ecs.html"
)
def gradual(call: Call) -> Refusal | None:
    """Behind a Network Load Balancer all traffic moves at once."""
    after = _ecs(call, "loadBalancerInfo", "deploymentConfigName")
    if after is None:
        return None
    listeners = after["loadBalancerInfo"]["targetGroupPairInfoList"][0]["prodTrafficRoute"]["listenerArns"]
    config = configs.find(call, after["deploymentConfigName"])
    if config is None or len(configs.shifts(config)) == 1 or ":listener/net/" not in listeners[0]:
        return None
    text = "Only ALB supports gradual traffic routing, use AllAtOnce Traffic routing instead when you create/update Deployment group."
    return Refusal("InvalidTrafficRoutingConfigurationException", text)
