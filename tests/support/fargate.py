"""What tests of ECS begin with: a network with a way out, roles, a log group, a cluster, and a load balancer when asked for."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from emulator import process

from . import groups, roles
from .emulated import REGION, Emulated

CLUSTER = "shop"
LOGS = {
    "logDriver": "awslogs",
    "options": {"awslogs-group": "/shop", "awslogs-region": REGION, "awslogs-stream-prefix": "rails"},
}
CONTAINER = {"name": "web", "image": "shop:1", "portMappings": [{"containerPort": 3000}], "logConfiguration": LOGS}


@dataclass
class Fargate:
    emulated: Emulated
    vpc: str
    subnets: list[str]
    group: str
    role: str
    groups: dict[str, str] = field(default_factory=dict)

    @property
    def ecs(self) -> Any:
        return self.emulated.client("ecs")

    @property
    def network(self) -> dict[str, Any]:
        vpc = {"subnets": self.subnets, "securityGroups": [self.group], "assignPublicIp": "ENABLED"}
        return {"awsvpcConfiguration": vpc}

    def definition(self, **changes: Any) -> dict[str, Any]:
        """Parameters of a legal RegisterTaskDefinition; a change to None removes a member."""
        wanted = {
            "family": "shop-web",
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "256",
            "memory": "512",
            "executionRoleArn": self.role,
            "taskRoleArn": self.role,
            "containerDefinitions": [copy.deepcopy(CONTAINER)],
            **changes,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    def define(self, **changes: Any) -> str:
        return str(self.ecs.register_task_definition(**self.definition(**changes))["taskDefinition"]["taskDefinitionArn"])

    def allow(self, action: str, resource: str) -> None:
        """Give the role of tasks a right beside those that it has."""
        roles.put(self.emulated, "execution", action, resource, name=action.replace(":", "-"))

    def task(self, **changes: Any) -> dict[str, Any]:
        """Parameters of a legal RunTask."""
        wanted = {
            "cluster": CLUSTER,
            "taskDefinition": "shop-web",
            "launchType": "FARGATE",
            "networkConfiguration": self.network,
            **changes,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    def run(self, **changes: Any) -> str:
        """Run one task; its ARN."""
        return str(self.ecs.run_task(**self.task(**changes))["tasks"][0]["taskArn"])

    def ended(self, arn: str) -> dict[str, Any]:
        """The task after it had two minutes."""
        self.emulated.advance(120)
        return dict(self.ecs.describe_tasks(cluster=CLUSTER, tasks=[arn])["tasks"][0])

    def target(self, group: str) -> dict[str, Any]:
        return {"targetGroupArn": self.groups[group], "containerName": "web", "containerPort": 3000}

    def service(self, **changes: Any) -> dict[str, Any]:
        """Parameters of a legal CreateService."""
        wanted = {
            "cluster": CLUSTER,
            "serviceName": "web",
            "taskDefinition": "shop-web",
            "desiredCount": 2,
            "launchType": "FARGATE",
            "networkConfiguration": self.network,
            **changes,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    def blue_green(self, **changes: Any) -> dict[str, Any]:
        return self.service(deploymentController={"type": "CODE_DEPLOY"}, loadBalancers=[self.target("blue")], **changes)

    def described(self, name: str = "web") -> dict[str, Any]:
        return dict(self.ecs.describe_services(cluster=CLUSTER, services=[name], include=["TAGS"])["services"][0])

    def until(self, reached: Any, seconds: float = 1200.0) -> dict[str, Any]:
        """Let time pass until `reached(service)`; the service."""
        for _ in range(int(seconds / 10)):
            service = self.described()
            if reached(service):
                return service
            self.emulated.advance(10)
        raise AssertionError(self.described())


def steady(service: dict[str, Any]) -> bool:
    runs = service["deployments"] or service["taskSets"]
    done = all(run.get("rolloutState", "COMPLETED") == "COMPLETED" and run.get("stabilityStatus") != "STABILIZING" for run in runs)
    return bool(len(runs) == 1 and done and service["runningCount"] == service["desiredCount"])


def build(emulated: Emulated, *, balanced: bool = False) -> Fargate:
    ec2 = emulated.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"][0]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]["SubnetId"]
        for number, zone in enumerate("ab")
    ]
    group = groups.make(emulated, vpc)
    role = roles.make(emulated, "execution")
    for name in ("/shop", "/shop/run"):
        emulated.client("logs").create_log_group(logGroupName=name)
    emulated.client("ecs").create_cluster(clusterName=CLUSTER)
    made = Fargate(emulated, vpc, subnets, group, role)
    if balanced:
        _balance(made)
    made.define()
    return made


def _balance(made: Fargate) -> None:
    """Target groups blue (behind the listener), green and lonely."""
    elb = made.emulated.client("elbv2")
    balancer = elb.create_load_balancer(Name="shop", Subnets=made.subnets, SecurityGroups=[made.group])["LoadBalancers"][0]
    for name in ("blue", "green", "lonely"):
        wanted = {"Name": name, "Protocol": "HTTP", "Port": 3000, "VpcId": made.vpc, "TargetType": "ip"}
        made.groups[name] = elb.create_target_group(**wanted)["TargetGroups"][0]["TargetGroupArn"]
    weights = [{"TargetGroupArn": made.groups[name], "Weight": weight} for name, weight in (("blue", 100), ("green", 0))]
    action = {"Type": "forward", "ForwardConfig": {"TargetGroups": weights}}
    elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[action])


@contextmanager
def slowly(emulated: Emulated, speed: float = 1.0) -> Iterator[None]:
    """Time in which single states can be seen: it passes only by `advance`."""
    before = process.control(emulated.state, "speed", factor=speed)["before"]
    try:
        yield
    finally:
        process.control(emulated.state, "speed", factor=before)
