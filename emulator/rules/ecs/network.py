"""What ECS refuses of a network configuration."""

from __future__ import annotations

from typing import Any

from ... import world
from ...registry import rule
from ...services.ecs import state as ecs
from ...wire import Call, Refusal
from .services import controller, wanted

SOURCE = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html"
OPERATIONS = ("CreateService", "UpdateService", "CreateTaskSet", "RunTask", "StartTask")


@rule("ECS-S6", "ecs", *OPERATIONS, source=SOURCE)
def mode(call: Call) -> Refusal | None:
    """awsvpc needs a network, other modes have none (ECS-S7); nothing is inherited from a service (ECS-R2)."""
    if call.operation == "UpdateService" and controller(call) != "ECS":
        return None
    params = wanted(call) if call.operation == "UpdateService" else call.params
    found = ecs.find_definition(call, params.get("taskDefinition") or "")
    given = (params.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    if found is None:
        return None
    if found.get("networkMode") == "awsvpc" and given is None:
        return ecs.invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    if found.get("networkMode") != "awsvpc" and given is not None:
        return ecs.invalid("Network Configuration is not valid for the given networkMode of this task definition.")
    return None


@rule("ECS-S8", "ecs", *OPERATIONS, source=SOURCE)
def places(call: Call) -> Refusal | None:
    """One to sixteen subnets and at most five security groups, all there and in one VPC."""
    network = (call.params.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    if network is None:
        return None
    subnets, groups = network.get("subnets", []), network.get("securityGroups", [])
    if not subnets:
        return ecs.invalid("subnets can not be empty.")
    if len(subnets) > 16:
        return ecs.invalid("subnets can have at most 16 items.")
    if len(groups) > 5:
        return ecs.invalid("securityGroups can have at most 5 items.")
    return _vpcs(call, subnets, groups)


def _vpcs(call: Call, subnets: list[str], groups: list[str]) -> Refusal | None:
    ec2 = world.backend("ec2", call)
    known: dict[str, Any] = {name: found for zone in ec2.subnets.values() for name, found in zone.items()}
    for name in subnets:
        if name not in known:
            text = f"The subnet ID '{name}' does not exist (ErrorCode: InvalidSubnetID.NotFound)"
            return ecs.invalid(f"Error retrieving subnet information for [{name}]: {text}")
    vpcs = {known[name].vpc_id for name in subnets}
    if len(vpcs) > 1:
        return ecs.invalid("All subnets must belong to the same VPC.")
    for name in groups:
        group = ec2.get_security_group_from_id(name)
        if group is None:
            text = f"The security group '{name}' does not exist (ErrorCode: InvalidGroup.NotFound)"
            return ecs.invalid(f"Error retrieving security group information for [{name}]: {text}")
        if group.vpc_id not in vpcs:
            return ecs.invalid(f"Security group {name} does not appear to belong to the same VPC as the input subnets.")
    return None
