"""Deployments: start, look at, stop, continue. https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeployment.html"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from ...registry import operation
from ...wire import Call, Refusal
from . import configs, ecs, revisions, state, steps
from . import deployment as deploying
from .deployment import Deployment

# How long a stop takes, in seconds.
STOPPING = 4.0
# Nothing stands behind the other platforms here, as in an account that has no instances and no function.
NOTHING = {
    "Server": ("NO_INSTANCES", "The deployment failed because no instances were found for your deployment group. Check your tags."),
    "Lambda": ("INVALID_LAMBDA_FUNCTION", "The Lambda function or its alias that the AppSpec file names does not exist."),
}


def find(call: Call) -> Deployment:
    wanted = call.params.get("deploymentId")
    if not wanted:
        raise Refusal("DeploymentIdRequiredException", "Deployment ID is missing")
    if not re.fullmatch(r"d-[A-Z0-9]{9}", wanted):
        raise Refusal("InvalidDeploymentIdException", f"Specified DeploymentId is not in the valid format: {wanted}")
    if wanted not in state.deployments(call):
        raise Refusal("DeploymentDoesNotExistException", f"The deployment {wanted} could not be found")
    found: Deployment = state.deployments(call)[wanted]
    return found


def shape(deployment: Deployment) -> dict[str, Any]:
    overview = dict.fromkeys(("Pending", "InProgress", "Succeeded", "Failed", "Skipped", "Ready"), 0)
    overview[deployment.target_status] += 1
    return {**deployment.info, "deploymentOverview": overview}


@operation("codedeploy", "CreateDeployment")
def create_deployment(call: Call) -> dict[str, Any]:
    """Start a deployment, if none is active in its group (CD-20)."""
    params = call.params
    application = state.application(call, params["applicationName"])
    group = state.group(call, params["applicationName"], params["deploymentGroupName"])
    if "deploymentConfigName" in params:
        configs.config(call, params["deploymentConfigName"])
    if (running := deploying.active(call, group)) is not None:
        name = group["deploymentGroupName"]
        text = f"The Deployment Group '{name}' already has an active Deployment '{running.id}'"
        raise Refusal("DeploymentLimitExceededException", text)
    revision = revisions.completed(params.get("revision") or group.get("targetRevision") or {})
    if not revision:
        raise Refusal("RevisionRequiredException", "Revision is missing")
    taken = ("deploymentConfigName", "description", "autoRollbackConfiguration", "overrideAlarmConfiguration", "fileExistsBehavior")
    flags = ("ignoreApplicationStopFailures", "updateOutdatedInstancesOnly", "targetInstances", "deploymentMode")
    members = {name: params.get(name) for name in (*taken, *flags)}
    deployment = deploying.make(call, group, revision, **members)
    revisions.used(call, application, revision, group["deploymentGroupName"])
    steps.launch(deployment, ecs.start if group["computePlatform"] == "ECS" else _nothing)
    return {"deploymentId": deployment.id}


def _nothing(deployment: Deployment) -> None:
    steps.fail(deployment, *NOTHING[deployment.group["computePlatform"]])


@operation("codedeploy", "GetDeployment")
def get_deployment(call: Call) -> dict[str, Any]:
    return {"deploymentInfo": shape(find(call))}


@operation("codedeploy", "BatchGetDeployments")
def batch_get_deployments(call: Call) -> dict[str, Any]:
    wanted = state.batch(call.params["deploymentIds"], 25)
    known = state.deployments(call)
    return {"deploymentsInfo": [shape(known[name]) for name in wanted if name in known]}


@operation("codedeploy", "ListDeployments")
def list_deployments(call: Call) -> dict[str, Any]:
    """Newest first."""
    params = call.params
    application, group = params.get("applicationName"), params.get("deploymentGroupName")
    if application and not group:
        raise Refusal("DeploymentGroupNameRequiredException", "If applicationName is specified, then deploymentGroupName must be specified")
    if group and not application:
        raise Refusal("ApplicationNameRequiredException", "If deploymentGroupName is specified, then applicationName must be specified")
    chosen = list(reversed(state.deployments(call).values()))
    if application:
        identity = state.group(call, application, str(group))["deploymentGroupId"]
        chosen = [deployment for deployment in chosen if deployment.group["deploymentGroupId"] == identity]
    if statuses := params.get("includeOnlyStatuses"):
        chosen = [deployment for deployment in chosen if deployment.info["status"] in statuses]
    start, end = _range(params.get("createTimeRange", {}))
    chosen = [deployment for deployment in chosen if start <= deployment.info["createTime"] <= end]
    return state.page(call, [deployment.id for deployment in chosen], "deployments")


def _range(given: dict[str, Any]) -> tuple[datetime, datetime]:
    edges = (given.get("start") or datetime.min, given.get("end") or datetime.max)
    start, end = (edge if edge.tzinfo else edge.replace(tzinfo=UTC) for edge in edges)
    if start > end:
        raise Refusal("InvalidTimeRangeException", "The start of the time range must not be after its end")
    return start, end


def _open(call: Call) -> Deployment:
    deployment = find(call)
    if deployment.ended:
        raise Refusal("DeploymentAlreadyCompletedException", f"The deployment {deployment.id} has already completed")
    return deployment


@operation("codedeploy", "StopDeployment")
def stop_deployment(call: Call) -> dict[str, Any]:
    deployment, wanted = _open(call), call.params.get("autoRollbackEnabled")
    if not deployment.stopping:
        deployment.stopping = True
        deployment.turn += 1
        steps.later(deployment, STOPPING, lambda deployment: steps.stop(deployment, wanted))
    return {"status": "Pending", "statusMessage": "The deployment is being stopped."}


@operation("codedeploy", "ContinueDeployment")
def continue_deployment(call: Call) -> dict[str, Any]:
    """End the wait that the deployment is in; no other one (CD-27)."""
    deployment, wanted = _open(call), call.params.get("deploymentWaitType", "READY_WAIT")
    if deployment.waiting != wanted or deployment.stopping:
        raise Refusal("DeploymentIsNotInReadyStateException", f"The deployment {deployment.id} does not wait for {wanted}")
    ecs.go_on(deployment)
    return {}


@operation("codedeploy", "SkipWaitTimeForInstanceTermination")
def skip_wait_time_for_instance_termination(call: Call) -> dict[str, Any]:
    deployment = _open(call)
    if deployment.waiting != "TERMINATION_WAIT" or deployment.stopping:
        raise Refusal("DeploymentIsNotInReadyStateException", f"The deployment {deployment.id} does not wait for TERMINATION_WAIT")
    ecs.go_on(deployment)
    return {}


@operation("codedeploy", "PutLifecycleEventHookExecutionStatus")
def put_lifecycle_event_hook_execution_status(call: Call) -> dict[str, Any]:
    deployment, execution = find(call), call.params.get("lifecycleEventHookExecutionId", "")
    status = call.params.get("status")
    if status not in ("Succeeded", "Failed"):
        text = f"Invalid lifecycle event hook execution status: {status}. It must be Succeeded or Failed"
        raise Refusal("InvalidLifecycleEventHookExecutionStatusException", text)
    if execution not in [ecs.execution_id(deployment.id, event["lifecycleEventName"]) for event in deployment.events]:
        raise Refusal("InvalidLifecycleEventHookExecutionIdException", f"Invalid lifecycle event hook execution id: {execution}")
    if deployment.hook != execution:
        raise Refusal("LifecycleEventAlreadyCompletedException", "An attempt to return the status of an already completed lifecycle event")
    ecs.called_back(deployment, str(status))
    return {"lifecycleEventHookExecutionId": execution}
