"""What an ECS service stands on: a cluster, a network, a load balancer with a pair of target groups, a task definition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.support import groups, roles
from tests.support.emulated import Emulated

CLUSTER = "shop-production"
FAMILY = "shop-production-web"


@dataclass(frozen=True)
class Stage:
    emulated: Emulated
    subnets: list[str]
    group: str
    blue: str
    green: str
    listener: str
    role: str
    definition: str

    def register(self, image: str = "shop:1", memory: str = "512") -> str:
        """Register another revision; its ARN."""
        return register(self.emulated, self.role, image, memory)


def register(emulated: Emulated, role: str, image: str, memory: str = "512", **more: Any) -> str:
    container = {"name": "web", "image": image, "portMappings": [{"containerPort": 3000}], **more}
    return str(
        emulated.client("ecs").register_task_definition(
            family=FAMILY,
            cpu="256",
            memory=memory,
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            taskRoleArn=role,
            executionRoleArn=role,
            containerDefinitions=[container],
        )["taskDefinition"]["taskDefinitionArn"]
    )


def build(emulated: Emulated) -> Stage:
    ec2, elb = emulated.client("ec2"), emulated.client("elbv2")
    emulated.client("ecs").create_cluster(clusterName=CLUSTER)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    zones = ("eu-west-1a", "eu-west-1b")
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number, zone in enumerate(zones)
    ]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    group = groups.make(emulated, vpc, "tasks")
    balancer = elb.create_load_balancer(Name="shop", Subnets=subnets, SecurityGroups=[group])["LoadBalancers"][0]["LoadBalancerArn"]
    blue, green = (
        elb.create_target_group(Name=name, Protocol="HTTP", Port=3000, VpcId=vpc, TargetType="ip")["TargetGroups"][0]["TargetGroupArn"]
        for name in ("blue", "green")
    )
    action = {"Type": "forward", "TargetGroupArn": blue}
    listener = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[action])["Listeners"][0][
        "ListenerArn"
    ]
    role = roles.make(emulated, "execution", "tasks")
    return Stage(emulated, subnets, group, blue, green, listener, role, register(emulated, role, "shop:1"))
