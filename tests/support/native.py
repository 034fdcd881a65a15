"""Services that ECS itself deploys blue/green, linear or canary on the emulated AWS, and their service deployments."""

from __future__ import annotations

from typing import Any

from . import roles
from .fargate import CLUSTER, CONTAINER, Fargate, steady


def rule(fargate: Fargate) -> str:
    elb = fargate.emulated.client("elbv2")
    balancer = elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    listener = elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"][0]["ListenerArn"]
    return str(elb.describe_rules(ListenerArn=listener)["Rules"][0]["RuleArn"])


def weights(fargate: Fargate) -> dict[str, int]:
    actions = fargate.emulated.client("elbv2").describe_rules(RuleArns=[rule(fargate)])["Rules"][0]["Actions"]
    names = {arn: name for name, arn in fargate.groups.items()}
    return {names[item["TargetGroupArn"]]: item["Weight"] for item in actions[0]["ForwardConfig"]["TargetGroups"]}


def balancing(fargate: Fargate) -> str:
    """The role with which ECS changes listener rules."""
    return roles.make(fargate.emulated, "balancing")


def create(fargate: Fargate, role: str = "", **configuration: Any) -> dict[str, Any]:
    extra = {
        "alternateTargetGroupArn": fargate.groups["green"],
        "productionListenerRule": rule(fargate),
        "roleArn": role or balancing(fargate),
    }
    balancer = {**fargate.target("blue"), "advancedConfiguration": extra}
    fargate.ecs.create_service(**fargate.service(loadBalancers=[balancer], deploymentConfiguration=configuration))
    return fargate.until(steady, seconds=14400)


def release(fargate: Fargate, image: str = "shop:2") -> str:
    """Deploy another image; the ARN of the service deployment."""
    fargate.define(containerDefinitions=[{**CONTAINER, "image": image}])
    fargate.ecs.update_service(cluster=CLUSTER, service="web", taskDefinition="shop-web")
    return str(fargate.ecs.list_service_deployments(cluster=CLUSTER, service="web")["serviceDeployments"][0]["serviceDeploymentArn"])


def record(fargate: Fargate, arn: str) -> dict[str, Any]:
    return dict(fargate.ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0])


def until(fargate: Fargate, arn: str, reached: Any) -> dict[str, Any]:
    for _ in range(2000):
        found = record(fargate, arn)
        if reached(found):
            return found
        fargate.emulated.advance(10)
    raise AssertionError(record(fargate, arn))
