"""A load balancer with two target groups on the emulated AWS: what tests of listeners and target groups begin with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .emulated import REGION, Emulated


@dataclass
class Front:
    """A load balancer with two target groups and no listener."""

    emulated: Emulated
    vpc: str
    subnets: list[str]
    balancer: dict[str, Any]
    blue: str
    green: str

    @property
    def arn(self) -> str:
        return str(self.balancer["LoadBalancerArn"])

    def listen(self, *groups: tuple[str, int], port: int = 80) -> dict[str, Any]:
        actions = forward(*groups) if groups else [{"Type": "forward", "TargetGroupArn": self.blue}]
        elb = self.emulated.client("elbv2")
        return dict(elb.create_listener(LoadBalancerArn=self.arn, Protocol="HTTP", Port=port, DefaultActions=actions)["Listeners"][0])

    def health(self, group: str = "") -> list[tuple[str, str]]:
        found = self.emulated.client("elbv2").describe_target_health(TargetGroupArn=group or self.blue)["TargetHealthDescriptions"]
        return [(entry["TargetHealth"]["State"], entry["TargetHealth"].get("Reason", "")) for entry in found]

    def users(self, group: str) -> list[str]:
        elb = self.emulated.client("elbv2")
        return list(elb.describe_target_groups(TargetGroupArns=[group])["TargetGroups"][0]["LoadBalancerArns"])


def forward(*groups: tuple[str, int]) -> list[dict[str, Any]]:
    return [{"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in groups]}}]


def build(emulated: Emulated) -> Front:
    ec2, elb = emulated.client("ec2"), emulated.client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]["SubnetId"]
        for number, zone in enumerate("abc")
    ]
    balancer = elb.create_load_balancer(Name="shop", Subnets=subnets[:2])["LoadBalancers"][0]
    blue, green = (
        elb.create_target_group(Name=name, Protocol="HTTP", Port=3000, VpcId=vpc, TargetType="ip")["TargetGroups"][0]["TargetGroupArn"]
        for name in ("blue", "green")
    )
    return Front(emulated, vpc, subnets, balancer, blue, green)
