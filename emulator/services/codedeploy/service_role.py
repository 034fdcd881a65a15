"""What CodeDeploy does with the service role of a deployment group: each request of it is judged by that role's policies.

https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any

from ...wire import Call
from ..iam import authority
from . import traffic
from .deployment import Deployment, DeploymentError

SERVICES = {
    "ecs": "AmazonECS",
    "elasticloadbalancing": "AmazonElasticLoadBalancingV2",
    "cloudwatch": "AmazonCloudWatch",
    "lambda": "AWSLambda",
    "s3": "AmazonS3",
}
PRINCIPAL = "codedeploy.amazonaws.com"
NOT_PASSED = (
    "The ECS service cannot be updated due to the following error: ECS was unable to assume the role '{role}' that was provided for this "
    "task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has "
    "permissions to pass this role."
)


def assumable(call: Call, role: str, application: str, group: str) -> bool:
    """Whether CodeDeploy may be in a role, under its name or a Region's own."""
    source = call.arn("codedeploy", f"deploymentgroup:{application}/{group}")
    names = (PRINCIPAL, f"codedeploy.{call.region}.amazonaws.com")
    return any(authority.assumable(call, role, name, source) for name in names)


def unseen(call: Call, role: str, cluster: str, service: str) -> str:
    """Why CodeDeploy cannot look at a service when a group is made, or ""."""
    who = authority.session(call, role, secrets.token_hex(8))
    resource = call.arn("ecs", f"service/{cluster.rsplit('/', 1)[-1]}/{service.rsplit('/', 1)[-1]}")
    if authority.decide(who, "ecs:DescribeServices", resource).allowed:
        return ""
    cause = f"User: {who.principal.arn} is not authorized to perform: ecs:DescribeServices"
    return f"Could not load ECS service information for cluster: {cluster}, service: {service}. Cause: {cause}"


def require(deployment: Deployment, action: str, resource: str = "*", more: Mapping[str, str] | None = None) -> None:
    """End the deployment where the service role does not allow a request."""
    role, group = deployment.group["serviceRoleArn"], deployment.group
    if not assumable(deployment.call, role, group["applicationName"], group["deploymentGroupName"]):
        text = f"AWS CodeDeploy does not have the permissions required to assume the role {role}."
        raise DeploymentError("IAM_ROLE_MISSING", text)
    if not authority.decide(authority.session(deployment.call, role, deployment.id), action, resource, more).allowed:
        service = SERVICES[action.partition(":")[0]]
        raise DeploymentError(
            "IAM_ROLE_PERMISSIONS",
            f"The IAM role {role} does not give you permission to perform operations in the following AWS service: {service}. Contact your "
            "AWS administrator if you need help. If you are an AWS administrator, you can grant permissions to your users or groups by "
            "creating IAM policies.",
        )


def require_ecs(deployment: Deployment, operation: str, params: Mapping[str, Any]) -> None:
    """A request about the service, or about one of its task sets."""
    cluster, service = (deployment.service[name].rsplit("/", 1)[-1] for name in ("cluster", "service"))
    arn = deployment.call.arn
    more = {"ecs:cluster": arn("ecs", f"cluster/{cluster}"), "ecs:service": arn("ecs", f"service/{cluster}/{service}")}
    of_task_set = f"task-set/{cluster}/{service}/{params.get('taskSet', '*')}"
    resource = arn("ecs", of_task_set) if operation in ("CreateTaskSet", "DeleteTaskSet") else more["ecs:service"]
    require(deployment, f"ecs:{operation}", resource, more)


def require_elb(deployment: Deployment, *operations: str) -> None:
    """Requests to see something of load balancers, which have no resource."""
    for operation in operations:
        require(deployment, f"elasticloadbalancing:{operation}")


def require_readable(deployment: Deployment) -> None:
    """A revision in S3 is read with the service role."""
    place = deployment.info["revision"].get("s3Location")
    if place:
        action = "s3:GetObjectVersion" if place.get("version") else "s3:GetObject"
        require(deployment, action, f"arn:aws:s3:::{place['bucket']}/{place['key']}")


def require_pass(deployment: Deployment, definition: Mapping[str, Any]) -> None:
    """The roles of tasks are handed to ECS, which takes them from whoever may pass them (CD-16)."""
    who = authority.session(deployment.call, deployment.group["serviceRoleArn"], deployment.id)
    for member in ("taskRoleArn", "executionRoleArn"):
        role = definition.get(member)
        if role and not authority.decide(who, "iam:PassRole", role, {"iam:passedtoservice": "ecs-tasks.amazonaws.com"}).allowed:
            raise DeploymentError("ECS_UPDATE_ERROR", NOT_PASSED.format(role=role))


def _may_move(deployment: Deployment, operation: str, resource: str) -> None:
    require(deployment, f"elasticloadbalancing:{operation}", resource)


def shift(deployment: Deployment, listener: str, percent: int) -> None:
    """Move traffic of a listener (see traffic.shift)."""
    assert deployment.pair is not None
    traffic.shift(deployment.call, deployment.pair, listener, percent, partial(_may_move, deployment))
