"""The steps of a deployment: how one follows another in time, how one fails, and how a deployment is undone by another one.

https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import world
from ...wire import Refusal
from . import appspec, service_role, traffic
from . import deployment as deploying
from .deployment import Deployment, DeploymentError
from .traffic import TrafficError

# How many seconds CodeDeploy itself takes for a step.
STEP = 2.0


def guarded(step: Callable[[Deployment], None]) -> Callable[[Deployment], None]:
    """What AWS's other services refuse in a step ends the deployment, not the emulator."""

    def run(deployment: Deployment) -> None:
        try:
            step(deployment)
        except DeploymentError as error:
            fail(deployment, error.code, str(error))
        except TrafficError as error:
            fail(deployment, "ELASTIC_LOAD_BALANCING_INVALID", str(error))
        except Refusal as refusal:
            fail(deployment, "ECS_UPDATE_ERROR", refusal.message)

    return run


def later(deployment: Deployment, seconds: float, step: Callable[[Deployment], None], lived: bool = False) -> None:
    deploying.after(deployment, seconds, guarded(step), lived)


def ecs(deployment: Deployment, operation: str, **params: Any) -> dict[str, Any]:
    service_role.require_ecs(deployment, operation, params)
    return world.aws(deployment.call, "ecs", operation, **deployment.service, **params)


def task_sets(deployment: Deployment, *names: str) -> list[dict[str, Any]]:
    """The task sets of the service, or those of these ids. CodeDeploy sees them by DescribeServices."""
    wanted = {"taskSets": list(names)} if names else {}
    found: list[dict[str, Any]] = world.aws(deployment.call, "ecs", "DescribeTaskSets", **deployment.service, **wanted)["taskSets"]
    return found


def snapshot(deployment: Deployment) -> list[dict[str, Any]]:
    """taskSetsInfo: the original and the replacement task set as they are now."""
    try:
        found = {item["id"]: item for item in task_sets(deployment)}
        share = traffic.shifted(deployment.call, deployment.pair) if deployment.pair else 0.0
    except (Refusal, TrafficError):
        return []
    infos = []
    for label, name, weight in (("Blue", deployment.blue, 100.0 - share), ("Green", deployment.green, share)):
        if name in found and deployment.pair is not None:
            item, group = found[name], deployment.pair.active if label == "Blue" else deployment.pair.idle
            infos.append(
                {
                    "identifer": name,
                    "desiredCount": item["computedDesiredCount"],
                    "pendingCount": item["pendingCount"],
                    "runningCount": item["runningCount"],
                    "status": item["status"],
                    "trafficWeight": weight,
                    "targetGroup": {"name": deployment.pair.names[group]},
                    "taskSetLabel": label,
                }
            )
    return infos


def finish(deployment: Deployment, status: str, error: dict[str, str] | None = None) -> None:
    """End a deployment; its target keeps showing the task sets as they were then."""
    deployment.task_sets = snapshot(deployment)
    deploying.close(deployment, status, error)


def launch(deployment: Deployment, first: Callable[[Deployment], None]) -> None:
    """Created → Queued → InProgress, and there the first step."""

    def queue(deployment: Deployment) -> None:
        deploying.set_status(deployment, "Queued", "Pending")
        later(deployment, STEP, start)

    def start(deployment: Deployment) -> None:
        deployment.info["startTime"] = world.clock.utc()
        deploying.set_status(deployment, "InProgress", "InProgress")
        first(deployment)

    later(deployment, STEP, queue)


def fail(deployment: Deployment, code: str, message: str, *, status: str = "Failed", diagnostic: str = "") -> None:
    """End a deployment for a reason, and undo it when its group says so."""
    if deployment.ended:
        return
    for event in deployment.events:
        if event["status"] == "InProgress" and status == "Failed":
            deploying.end(deployment, event, "Failed", message, diagnostic)
    finish(deployment, status, {"code": code, "message": message})
    if _rolls_back(deployment, "DEPLOYMENT_STOP_ON_ALARM" if code == "ALARM_ACTIVE" else "DEPLOYMENT_FAILURE"):
        roll_back(deployment)


def stop(deployment: Deployment, wanted: bool | None) -> None:
    """Somebody stops a deployment; `wanted` says whether to undo it, None leaves it to the group."""
    finish(deployment, "Stopped", {"code": "MANUAL_STOP", "message": "The deployment was stopped on request."})
    if wanted or (wanted is None and _rolls_back(deployment, "DEPLOYMENT_STOP_ON_REQUEST")):
        roll_back(deployment)


def _rolls_back(deployment: Deployment, event: str) -> bool:
    given = deployment.info.get("autoRollbackConfiguration", {})
    return deployment.undoes is None and bool(given.get("enabled")) and event in given.get("events", [])


def roll_back(deployment: Deployment) -> None:
    """A new deployment that undoes this one; each names the other (CD-26)."""
    revision = deployment.info.get("previousRevision") or _original(deployment)
    group = deploying.live_group(deployment) or deployment.group
    undoing = deploying.make(deployment.call, group, revision, creator="codeDeployRollback")
    undoing.undoes = deployment
    message = f"The deployment {deployment.id} has ended as {deployment.info['status']}; {undoing.id} rolls it back."
    deployment.info["rollbackInfo"] = {"rollbackDeploymentId": undoing.id, "rollbackMessage": message}
    undoing.info["rollbackInfo"] = {"rollbackTriggeringDeploymentId": deployment.id, "rollbackMessage": message}
    launch(undoing, lambda undoing: later(undoing, STEP, _undo))


def _original(deployment: Deployment) -> dict[str, Any]:
    """The revision that was live before the group's first deployment: nobody deployed it, so it is written from its task set."""
    try:
        found = task_sets(deployment, deployment.blue) if deployment.blue else []
    except Refusal:
        found = []
    if not found:
        return dict(deployment.info["revision"])
    (balancer,) = found[0]["loadBalancers"][:1]
    content = appspec.write(found[0]["taskDefinition"], balancer["containerName"], balancer["containerPort"])
    return {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}


def _undo(deployment: Deployment) -> None:
    """Send traffic back to the original task set, make it primary again and delete the replacement."""
    undone = deployment.undoes
    assert undone is not None
    deployment.pair, deployment.blue = undone.pair, undone.blue
    for event in deployment.events:
        if event["lifecycleEventName"] == "AllowTraffic":
            deploying.begin(deployment, event)
            _traffic_back(undone)
            deploying.end(deployment, event, "Succeeded")
        else:
            deploying.end(deployment, event, "Skipped")
    if undone.green:
        if undone.switched:
            ecs(undone, "UpdateServicePrimaryTaskSet", primaryTaskSet=undone.blue)
        ecs(undone, "DeleteTaskSet", taskSet=undone.green, force=True)
    later(deployment, STEP, lambda deployment: finish(deployment, "Succeeded"))


def _traffic_back(undone: Deployment) -> None:
    if undone.pair is None or not undone.green:
        return
    for listener in filter(None, (undone.pair.production, undone.pair.test)):
        service_role.shift(undone, listener, 0)
