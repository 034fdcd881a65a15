"""Service-linked roles: those that AWS itself makes, and that only it may change.

https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from ... import world
from ...refusal import Refusal
from ...registry import operation
from ...wire import Call
from .policies import LINKED_POLICIES
from .roles import find

# What follows "AWSServiceRoleFor", and the managed policy of the role.
SERVICES = {
    "ecs.amazonaws.com": ("ECS", "AmazonECSServiceRolePolicy"),
    "rds.amazonaws.com": ("RDS", "AmazonRDSServiceRolePolicy"),
    "elasticloadbalancing.amazonaws.com": ("ElasticLoadBalancing", "AWSElasticLoadBalancingServiceRolePolicy"),
    "ecs.application-autoscaling.amazonaws.com": ("ApplicationAutoScaling_ECSService", "AWSApplicationAutoscalingECSServicePolicy"),
    "rds.application-autoscaling.amazonaws.com": ("ApplicationAutoScaling_RDSCluster", "AWSApplicationAutoscalingRDSClusterPolicy"),
    "autoscaling.amazonaws.com": ("AutoScaling", "AutoScalingServiceRolePolicy"),
    "spot.amazonaws.com": ("EC2Spot", "AWSEC2SpotServiceRolePolicy"),
    "spotfleet.amazonaws.com": ("EC2SpotFleet", "AWSEC2SpotFleetServiceRolePolicy"),
    "ssm.amazonaws.com": ("AmazonSSM", "AmazonSSMServiceRolePolicy"),
    "ecr.amazonaws.com": ("ECR", "ECRPullThroughCache_ServiceRolePolicy"),
    "replication.ecr.amazonaws.com": ("ECRReplication", "ECRReplicationServiceRolePolicy"),
    "backup.amazonaws.com": ("Backup", "AWSBackupServiceLinkedRolePolicyForBackup"),
    "codestar-notifications.amazonaws.com": ("CodeStarNotifications", "AWSCodeStarNotificationsServiceRolePolicy"),
    "elasticache.amazonaws.com": ("ElastiCache", "ElastiCacheServiceRolePolicy"),
    "servicediscovery.amazonaws.com": ("AWSCloudMapServiceRole", ""),
    "vpc-lattice.amazonaws.com": ("VpcLattice", "AWSVpcLatticeServiceRolePolicy"),
}
SUFFIXED = {"autoscaling.amazonaws.com"}
# Where a service's resources are that still need its role: moto's backend and table, or our own store and table.
USED_BY_MOTO = {"elasticloadbalancing.amazonaws.com": ("elbv2", "load_balancers")}
USED_BY_US = {"ecs.amazonaws.com": ("ecs", "clusters"), "rds.amazonaws.com": ("rds", "instances")}


def role_name(service: str, suffix: str = "") -> str:
    return f"AWSServiceRoleFor{SERVICES[service][0]}" + (f"_{suffix}" if suffix else "")


def ensure(call: Call, service: str) -> None:
    """What a service does at its first use in an account: it makes its role."""
    if find(call, role_name(service)) is None:
        create(call, service)


def create(call: Call, service: str, suffix: str = "", description: str = "") -> Any:
    backend = world.backend("iam", call)
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
    }
    role = backend.create_role(
        role_name(service, suffix),
        json.dumps(document),
        f"/aws-service-role/{service}/",
        permissions_boundary=None,
        description=description,
        tags=[],
        max_session_duration=3600,
        linked_service=service,
    )
    policy = backend.managed_policies.get(LINKED_POLICIES + SERVICES[service][1])
    if policy is not None:
        policy.attach_to(role)
    return role


@operation("iam", "CreateServiceLinkedRole")
def create_service_linked_role(call: Call) -> dict[str, Any]:
    service, suffix = call.params["AWSServiceName"], call.params.get("CustomSuffix", "")
    if service not in SERVICES:
        raise Refusal("InvalidInput", f"Service role creation is unsupported for service: {service}")
    if suffix and service not in SUFFIXED:
        raise Refusal("InvalidInput", f"Custom suffix is not allowed for {service}")
    name = role_name(service, suffix)
    if find(call, name) is not None:
        raise Refusal("InvalidInput", f"Service role name {name} has been taken in this account, please try a different suffix.")
    create(call, service, suffix, call.params.get("Description", ""))
    role = world.aws(call, "iam", "GetRole", RoleName=name)["Role"]
    return {"Role": {key: value for key, value in role.items() if key not in ("RoleLastUsed", "MaxSessionDuration")}}


def _tasks(call: Call) -> dict[str, Any]:
    tasks: dict[str, Any] = world.everywhere("iam", call).setdefault("deletions", {})
    return tasks


@operation("iam", "DeleteServiceLinkedRole")
def delete_service_linked_role(call: Call) -> dict[str, Any]:
    """Deleting is a task of its own, which fails when the service still has something that needs the role."""
    role = find(call, call.params["RoleName"])
    if role is None or not role._linked_service:
        raise Refusal("NoSuchEntity", f"The role with name {call.params['RoleName']} cannot be found.", 404)
    service = role._linked_service
    identifier = f"task{role.path}{role.name}/{uuid.uuid4()}"
    used = in_use(call, service)
    _tasks(call)[identifier] = used
    if not used:
        for policy in list(role.managed_policies.values()):
            policy.detach_from(role)
        world.backend("iam", call).roles.pop(role.id)
    return {"DeletionTaskId": identifier}


def in_use(call: Call, service: str) -> str:
    """The Region in which a service still has resources of the account, or nothing."""
    if service in USED_BY_US:
        store, table = USED_BY_US[service]
        return next((region for region, kept in world.regions(store, call) if _live(kept.get(table, {}))), "")
    if service in USED_BY_MOTO:
        name, table = USED_BY_MOTO[service]
        return call.region if getattr(world.backend(name, call), table) else ""
    return ""


def _live(kept: dict[str, Any]) -> bool:
    return any(not isinstance(item, dict) or item.get("status") != "INACTIVE" for item in kept.values())


@operation("iam", "GetServiceLinkedRoleDeletionStatus")
def get_service_linked_role_deletion_status(call: Call) -> dict[str, Any]:
    identifier = call.params["DeletionTaskId"]
    if identifier not in _tasks(call):
        raise Refusal("NoSuchEntity", f"Deletion task {identifier} cannot be found.", 404)
    region = _tasks(call)[identifier]
    if not region:
        return {"Status": "SUCCEEDED"}
    reason = "Service linked role can not be deleted because it is currently in use."
    return {"Status": "FAILED", "Reason": {"Reason": reason, "RoleUsageList": [{"Region": region, "Resources": []}]}}
