"""Roles for tests, with what each kind of role needs and nothing else."""

from __future__ import annotations

import json
from typing import Any

from .emulated import Emulated

MANAGED = "arn:aws:iam::aws:policy/"
# What each kind of role has at AWS's own recommendation: the service that takes it on, and AWS's managed policies.
KINDS = {
    "execution": ("ecs-tasks.amazonaws.com", ("service-role/AmazonECSTaskExecutionRolePolicy",)),
    "task": ("ecs-tasks.amazonaws.com", ()),
    "build": ("codebuild.amazonaws.com", ()),
    "codedeploy": ("codedeploy.amazonaws.com", ("AWSCodeDeployRoleForECS",)),
    "balancing": ("ecs.amazonaws.com", ("AmazonECSInfrastructureRolePolicyForLoadBalancers",)),
    "codepipeline": ("codepipeline.amazonaws.com", ()),
    "node": ("ssm.amazonaws.com", ("AmazonSSMManagedInstanceCore",)),
}
# What ECS Exec needs of a task's own role.
CHANNELS = [f"ssmmessages:{name}" for name in ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")]


def trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def make(emulated: Emulated, kind: str, name: str = "") -> str:
    """A role of a kind, with its kind's name unless said; its ARN."""
    service, policies = KINDS[kind]
    iam, called = emulated.client("iam"), name or kind
    arn = str(iam.create_role(RoleName=called, AssumeRolePolicyDocument=trust(service))["Role"]["Arn"])
    for policy in policies:
        iam.attach_role_policy(RoleName=called, PolicyArn=MANAGED + policy)
    return arn


def put(emulated: Emulated, role: str, actions: str | list[str], resource: Any = "*", effect: str = "Allow", name: str = "more") -> None:
    """Give a role a policy of its own, beside or in place of the one of that name."""
    statement = {"Effect": effect, "Action": actions, "Resource": resource}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    emulated.client("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)


def strip(emulated: Emulated, role: str) -> None:
    """Take all policies from a role."""
    iam = emulated.client("iam")
    for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=role, PolicyArn=policy["PolicyArn"])
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        iam.delete_role_policy(RoleName=role, PolicyName=name)
