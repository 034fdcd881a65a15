"""A service with CodeDeploy's controller behind a load balancer, on the emulated AWS: what blue/green tests begin with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from . import groups, roles
from .emulated import REGION, Emulated

ACCOUNT = "123456789012"
CONFIG = "CodeDeployDefault.ECSCanary10Percent5Minutes"


@dataclass
class Stage:
    """Names and ARNs of what `build` made; `group` are the parameters of CreateDeploymentGroup."""

    emulated: Emulated
    vpc: str
    subnets: list[str]
    security_group: str
    load_balancer: str
    blue: str
    green: str
    listener: str
    test_listener: str
    role: str
    group: dict[str, Any]

    def define(self, image: str = "shop:1", port: int = 3000) -> str:
        """Register a revision of the task definition; its ARN."""
        container = {"name": "web", "image": image, "essential": True, "portMappings": [{"containerPort": port}]}
        registered = self.emulated.client("ecs").register_task_definition(
            family="shop",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            executionRoleArn=f"arn:aws:iam::{ACCOUNT}:role/execution",
            containerDefinitions=[container],
        )
        return str(registered["taskDefinition"]["taskDefinitionArn"])

    def create_group(self, **changes: Any) -> None:
        wanted = {**self.group, **changes}
        self.emulated.client("codedeploy").create_deployment_group(**{k: v for k, v in wanted.items() if v is not None})

    def appspec(self, definition: str, **changes: Any) -> str:
        properties = {"TaskDefinition": definition, "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 3000}}
        service = {"Type": "AWS::ECS::Service", "Properties": properties}
        return json.dumps({"version": 0.0, "Resources": [{"TargetService": service}], **changes})

    def deploy(self, definition: str, content: str = "", **changes: Any) -> str:
        """Start a deployment; its id."""
        revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": content or self.appspec(definition)}}
        codedeploy = self.emulated.client("codedeploy")
        names = {"applicationName": "shop", "deploymentGroupName": "production"}
        return str(codedeploy.create_deployment(**names, revision=revision, **changes)["deploymentId"])

    def deployment(self, name: str) -> dict[str, Any]:
        return dict(self.emulated.client("codedeploy").get_deployment(deploymentId=name)["deploymentInfo"])

    def target(self, name: str) -> dict[str, Any]:
        found = self.emulated.client("codedeploy").get_deployment_target(deploymentId=name, targetId="shop:web")
        return dict(found["deploymentTarget"]["ecsTarget"])

    def events(self, name: str) -> dict[str, str]:
        return {event["lifecycleEventName"]: event["status"] for event in self.target(name)["lifecycleEvents"]}

    def weights(self, listener: str = "") -> dict[str, int]:
        """Weight of each target group behind a listener, by the group's colour."""
        found = self.emulated.client("elbv2").describe_listeners(ListenerArns=[listener or self.listener])["Listeners"][0]
        colours = {self.blue: "blue", self.green: "green"}
        groups = found["DefaultActions"][0]["ForwardConfig"]["TargetGroups"]
        return {colours[group["TargetGroupArn"]]: group["Weight"] for group in groups}

    def until(self, name: str, *statuses: str, seconds: float = 5400.0, step: float = 15.0) -> dict[str, Any]:
        """Let time pass until the deployment has one of these statuses."""
        for _ in range(int(seconds / step)):
            info = self.deployment(name)
            if info["status"] in statuses:
                return info
            self.emulated.advance(step)
        raise AssertionError(f"{name} is still {self.deployment(name)['status']}: {self.events(name)}")


def _network(emulated: Emulated) -> tuple[str, list[str], str]:
    ec2 = emulated.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]["SubnetId"]
        for number, zone in enumerate("ab")
    ]
    return vpc, subnets, groups.make(emulated, vpc)


def _balance(emulated: Emulated, vpc: str, subnets: list[str], security_group: str, kind: str) -> tuple[str, list[str], list[str]]:
    elb = emulated.client("elbv2")
    filtered = {"SecurityGroups": [security_group]} if kind == "application" else {}
    balancer = elb.create_load_balancer(Name="shop", Subnets=subnets, Type=kind, **filtered)["LoadBalancers"][0]["LoadBalancerArn"]
    protocol = "HTTP" if kind == "application" else "TCP"
    pair = [
        elb.create_target_group(Name=name, Protocol=protocol, Port=3000, VpcId=vpc, TargetType="ip")["TargetGroups"][0]["TargetGroupArn"]
        for name in ("shop-blue", "shop-green")
    ]
    listeners = [
        elb.create_listener(
            LoadBalancerArn=balancer, Protocol=protocol, Port=port, DefaultActions=[{"Type": "forward", "TargetGroupArn": pair[0]}]
        )["Listeners"][0]["ListenerArn"]
        for port in (80, 8080)
    ]
    return balancer, pair, listeners


def build(emulated: Emulated, *, count: int = 2, kind: str = "application", controller: str = "CODE_DEPLOY") -> Stage:
    """A steady service of two tasks, an ECS application without a deployment group, and a role for CodeDeploy."""
    vpc, subnets, security_group = _network(emulated)
    balancer, (blue, green), (listener, test_listener) = _balance(emulated, vpc, subnets, security_group, kind)
    roles.make(emulated, "execution")
    role = roles.make(emulated, "codedeploy")
    stage = Stage(emulated, vpc, subnets, security_group, balancer, blue, green, listener, test_listener, role, {})
    ecs = emulated.client("ecs")
    ecs.create_cluster(clusterName="shop")
    network = {"subnets": subnets, "securityGroups": [security_group], "assignPublicIp": "ENABLED"}
    ecs.create_service(
        cluster="shop",
        serviceName="web",
        taskDefinition=stage.define(),
        desiredCount=count,
        launchType="FARGATE",
        deploymentController={"type": controller},
        networkConfiguration={"awsvpcConfiguration": network},
        loadBalancers=[{"targetGroupArn": blue, "containerName": "web", "containerPort": 3000}],
    )
    emulated.client("codedeploy").create_application(applicationName="shop", computePlatform="ECS")
    emulated.advance(600)
    stage.group = group(stage)
    return stage


def group(stage: Stage) -> dict[str, Any]:
    pair = {
        "targetGroups": [{"name": "shop-blue"}, {"name": "shop-green"}],
        "prodTrafficRoute": {"listenerArns": [stage.listener]},
        "testTrafficRoute": {"listenerArns": [stage.test_listener]},
    }
    return {
        "applicationName": "shop",
        "deploymentGroupName": "production",
        "deploymentConfigName": CONFIG,
        "serviceRoleArn": stage.role,
        "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        "blueGreenDeploymentConfiguration": {
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 5},
            "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
        },
        "loadBalancerInfo": {"targetGroupPairInfoList": [pair]},
        "ecsServices": [{"clusterName": "shop", "serviceName": "web"}],
    }
