"""Stopping and continuing service deployments by hand.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stop-service-deployment.html
"""

from __future__ import annotations

from typing import Any

from ...registry import operation
from ...wire import Call, Refusal
from . import scheduler, service_deployments
from . import state as ecs

BEING_STOPPED = ("STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")
STOPPED = "Service deployment was stopped by the user."


@operation("ecs", "StopServiceDeployment")
def stop_service_deployment(call: Call) -> dict[str, Any]:
    """ROLLBACK goes back to the revision before; ABORT leaves things as they are (ECS-N5). What is being stopped goes on stopping."""
    record = service_deployments.find(call)
    if record["status"] in BEING_STOPPED:
        return {"serviceDeploymentArn": record["serviceDeploymentArn"]}
    if record["status"] not in ("PENDING", "IN_PROGRESS"):
        raise Refusal("ConflictException", "The service deployment is already in a terminal state.")
    run = record["targetServiceRevision"]
    if call.params.get("stopType", "ROLLBACK") == "ABORT":
        service_deployments.finish(record, "STOPPED", STOPPED)
        run.update({"rolloutState": "FAILED", "rolloutStateReason": STOPPED})
    else:
        if not record["sourceServiceRevisions"]:
            raise ecs.invalid("The service deployment cannot be rolled back: there is no earlier service revision.")
        run["undo"] = STOPPED
        service_deployments.finish(record, "ROLLBACK_REQUESTED", STOPPED)
    scheduler.wake(call, record["service"])
    return {"serviceDeploymentArn": record["serviceDeploymentArn"]}


@operation("ecs", "ContinueServiceDeployment")
def continue_service_deployment(call: Call) -> dict[str, Any]:
    """Answer a pause: go on, or roll back."""
    record = service_deployments.find(call)
    waiting = [detail for detail in record.get("lifecycleHookDetails", []) if detail["status"] == "AWAITING_ACTION"]
    detail = next((each for each in waiting if each["hookId"] == call.params["hookId"]), None)
    if detail is None:
        raise ecs.invalid("The lifecycle hook does not exist or is not awaiting an action.")
    detail["status"] = "SUCCEEDED"
    if call.params.get("action", "CONTINUE") == "ROLLBACK":
        detail["status"] = "FAILED"
        record["targetServiceRevision"]["undo"] = "Service deployment rolled back by the user at a lifecycle hook."
    scheduler.wake(call, record["service"])
    return {"serviceDeploymentArn": record["serviceDeploymentArn"]}
