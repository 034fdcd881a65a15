"""Targets of a deployment. https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ECSTarget.html"""

from __future__ import annotations

from typing import Any

from ...registry import operation
from ...wire import Call, Refusal
from . import deployments, state, steps
from .deployment import Deployment


def _started(call: Call) -> Deployment:
    deployment = deployments.find(call)
    if deployment.info["status"] in ("Created", "Queued"):
        raise Refusal("DeploymentNotStartedException", f"The deployment {deployment.id} has not started")
    return deployment


def target_id(deployment: Deployment) -> str | None:
    """`cluster:service`; other platforms have no target here."""
    if deployment.group["computePlatform"] != "ECS":
        return None
    return "{cluster}:{service}".format_map(deployment.service)


def _shape(deployment: Deployment) -> dict[str, Any]:
    cluster, service = deployment.service["cluster"], deployment.service["service"]
    target = {
        "deploymentId": deployment.id,
        "targetId": target_id(deployment),
        "targetArn": deployment.call.arn("ecs", f"service/{cluster}/{service}"),
        "lastUpdatedAt": deployment.updated,
        "lifecycleEvents": deployment.events,
        "status": deployment.target_status,
        "taskSetsInfo": deployment.task_sets if deployment.ended else steps.snapshot(deployment),
    }
    return {"deploymentTargetType": "ECSTarget", "ecsTarget": target}


def _one(deployment: Deployment, wanted: str) -> dict[str, Any]:
    if wanted != target_id(deployment):
        text = f"The deployment {deployment.id} has no deployment target with the id {wanted}"
        raise Refusal("DeploymentTargetDoesNotExistException", text)
    return _shape(deployment)


@operation("codedeploy", "ListDeploymentTargets")
def list_deployment_targets(call: Call) -> dict[str, Any]:
    deployment = _started(call)
    statuses = call.params.get("targetFilters", {}).get("TargetStatus")
    found = [target_id(deployment)] if target_id(deployment) and (not statuses or deployment.target_status in statuses) else []
    return state.page(call, found, "targetIds")


@operation("codedeploy", "GetDeploymentTarget")
def get_deployment_target(call: Call) -> dict[str, Any]:
    return {"deploymentTarget": _one(_started(call), call.params["targetId"])}


@operation("codedeploy", "BatchGetDeploymentTargets")
def batch_get_deployment_targets(call: Call) -> dict[str, Any]:
    """At most 25 targets at once (CD-32)."""
    deployment, wanted = _started(call), call.params["targetIds"]
    if len(wanted) > 25:
        raise Refusal("DeploymentTargetListSizeExceededException", "The maximum number of targets that can be requested is 25")
    return {"deploymentTargets": [_one(deployment, name) for name in wanted]}
