"""Somebody else, who deletes what a call is about to name. AWS refuses them what it refuses everybody: what is in use stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import world
from .wire import Answer, Call, service_model

Answered = Callable[[Call], tuple[Answer, str]]
# By service: the member by which a call names something, what deletes it, and what that wants beside the members that both have.
DELETIONS: dict[str, tuple[tuple[str, str, dict[str, Any]], ...]] = {
    "ec2": (("GroupId", "DeleteSecurityGroup", {}), ("SubnetId", "DeleteSubnet", {}), ("RouteTableId", "DeleteRouteTable", {})),
    "elbv2": (
        ("ListenerArn", "DeleteListener", {}),
        ("TargetGroupArn", "DeleteTargetGroup", {}),
        ("LoadBalancerArn", "DeleteLoadBalancer", {}),
    ),
    "ecs": (("service", "DeleteService", {"force": True}), ("taskDefinition", "DeregisterTaskDefinition", {})),
    "codebuild": (("name", "DeleteProject", {}),),
    "codeconnections": (("ConnectionArn", "DeleteConnection", {}),),
    "codedeploy": (("deploymentGroupName", "DeleteDeploymentGroup", {}), ("applicationName", "DeleteApplication", {})),
    "codepipeline": (("name", "DeletePipeline", {}),),
    "logs": (("logGroupName", "DeleteLogGroup", {}),),
    "ssm": (("Name", "DeleteParameter", {}),),
    "ecr": (("repositoryName", "DeleteRepository", {"force": True}),),
    "rds": (("DBSubnetGroupName", "DeleteDBSubnetGroup", {}),),
    "iam": (("RoleName", "DeleteRole", {}),),
}


def vanish(call: Call, answered: Answered) -> bool:
    """Delete the first thing that a call names and that can be deleted; whether there was one."""
    for member, operation, more in DELETIONS.get(call.service, ()):
        if not call.params.get(member) or operation == call.operation:
            continue
        known = service_model(call.service).operation_model(operation).input_shape.members
        named = {name: call.params[name] for name in known if name in call.params}
        if not answered(world.another(call, call.service, operation, **named, **more))[1]:
            return True
    return False
