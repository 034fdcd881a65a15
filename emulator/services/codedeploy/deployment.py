"""One deployment: what is remembered of it, its lifecycle events, and how it ends.

https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ... import world
from ...wire import Call
from . import events, state
from .appspec import AppSpec
from .traffic import Pair

EVENTS = (
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "AllowTestTraffic",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
)
TEST_EVENTS = ("AllowTestTraffic", "AfterAllowTestTraffic")


class DeploymentError(Exception):
    """What ends a deployment: `code` is one of AWS's ErrorInformation."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Deployment:
    """`turn` grows when a wait ends early, so that timers of before do nothing."""

    call: Call
    info: dict[str, Any]
    group: dict[str, Any]
    events: list[dict[str, Any]] = field(default_factory=list)
    spec: AppSpec | None = None
    pair: Pair | None = None
    blue: str = ""
    green: str = ""
    task_sets: list[dict[str, Any]] = field(default_factory=list)
    switched: bool = False
    target_status: str = "Pending"
    updated: datetime = field(default_factory=world.clock.utc)
    waiting: str = ""
    hook: str = ""
    turn: int = 0
    waited: float = 0.0
    stopping: bool = False
    undoes: Deployment | None = None

    @property
    def id(self) -> str:
        return str(self.info["deploymentId"])

    @property
    def ended(self) -> bool:
        return self.info["status"] in ("Succeeded", "Failed", "Stopped")

    @property
    def service(self) -> dict[str, str]:
        """The ECS service, as the parameters of ECS's operations name it."""
        (given,) = self.group.get("ecsServices") or [{}]
        return {"cluster": given.get("clusterName", "default"), "service": given.get("serviceName", "")}

    def option(self, *path: str) -> Any:
        """A value inside blueGreenDeploymentConfiguration, or None."""
        value: Any = self.group.get("blueGreenDeploymentConfiguration", {})
        for name in path:
            value = value.get(name, {})
        return value or None


def new_id() -> str:
    return "d-" + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(9))


def make(call: Call, group: dict[str, Any], revision: dict[str, Any], **members: Any) -> Deployment:
    """A deployment of a group, remembered as the group's last attempt. `members` are DeploymentInfo's."""
    info: dict[str, Any] = {
        "applicationName": group["applicationName"],
        "deploymentGroupName": group["deploymentGroupName"],
        "deploymentConfigName": group["deploymentConfigName"],
        "deploymentId": new_id(),
        "revision": revision,
        "status": "Created",
        "createTime": world.clock.utc(),
        "creator": "user",
        "ignoreApplicationStopFailures": False,
        "autoRollbackConfiguration": group["autoRollbackConfiguration"],
        "updateOutdatedInstancesOnly": False,
        "deploymentStyle": group["deploymentStyle"],
        "instanceTerminationWaitTimeStarted": False,
        "fileExistsBehavior": "DISALLOW",
        "deploymentStatusMessages": [],
        "computePlatform": group["computePlatform"],
    }
    for member in ("blueGreenDeploymentConfiguration", "loadBalancerInfo"):
        if member in group:
            info[member] = group[member]
    if "targetRevision" in group:
        info["previousRevision"] = group["targetRevision"]
    info.update({name: value for name, value in members.items() if value is not None})
    deployment = Deployment(call, deepcopy(info), deepcopy(group))
    deployment.events = [{"lifecycleEventName": name, "status": "Pending"} for name in event_names(group)]
    state.deployments(call)[deployment.id] = deployment
    remember(deployment, "lastAttemptedDeployment")
    return deployment


def event_names(group: dict[str, Any]) -> list[str]:
    pairs = group.get("loadBalancerInfo", {}).get("targetGroupPairInfoList") or [{}]
    tested = bool(pairs[0].get("testTrafficRoute", {}).get("listenerArns"))
    return [name for name in EVENTS if tested or name not in TEST_EVENTS]


def live_group(deployment: Deployment) -> dict[str, Any] | None:
    """The deployment's group as it is now; it may have another name or be gone."""
    for application in state.applications(deployment.call).values():
        for group in application["groups"].values():
            if group["deploymentGroupId"] == deployment.group["deploymentGroupId"]:
                found: dict[str, Any] = group
                return found
    return None


def remember(deployment: Deployment, member: str) -> None:
    """Note the deployment in its group, as the last attempted or the last successful one."""
    group = live_group(deployment)
    if group is None:
        return
    last = {"deploymentId": deployment.id, "status": deployment.info["status"], "createTime": deployment.info["createTime"]}
    if "completeTime" in deployment.info:
        last["endTime"] = deployment.info["completeTime"]
    group[member] = last


def active(call: Call, group: dict[str, Any]) -> Deployment | None:
    """The deployment of a group that has not ended."""
    for deployment in state.deployments(call).values():
        if not deployment.ended and deployment.group["deploymentGroupId"] == group["deploymentGroupId"]:
            found: Deployment = deployment
            return found
    return None


def after(deployment: Deployment, seconds: float, step: Callable[[Deployment], None], lived: bool = False) -> None:
    """Do a step when seconds have passed, unless the deployment has gone another way by then. `lived`: it waits for whoever deploys."""
    turn = deployment.turn

    def due() -> None:
        if deployment.turn == turn and not deployment.ended:
            step(deployment)

    (world.clock.after_lived if lived else world.clock.after)(seconds, due)


def set_status(deployment: Deployment, status: str, target: str) -> None:
    changed = deployment.info["status"] != status
    deployment.info["status"] = status
    deployment.target_status = target
    deployment.updated = world.clock.utc()
    remember(deployment, "lastAttemptedDeployment")
    if changed:
        events.of_deployment(deployment.call, deployment.info)


def begin(deployment: Deployment, event: dict[str, Any]) -> None:
    event.update(status="InProgress", startTime=world.clock.utc())
    deployment.updated = world.clock.utc()


def end(deployment: Deployment, event: dict[str, Any], status: str, message: str = "", code: str = "") -> None:
    """Close a lifecycle event, with diagnostics as AWS gives them."""
    now = world.clock.utc()
    event.setdefault("startTime", now)
    code = code or ("Success" if status in ("Succeeded", "Skipped") else "UnknownError")
    event.update(status=status, endTime=now)
    event["diagnostics"] = {"errorCode": code, "scriptName": "", "message": message or status, "logTail": ""}
    deployment.updated = now


def close(deployment: Deployment, status: str, error: dict[str, str] | None = None) -> None:
    """End the deployment: what is still open of it is failed or skipped."""
    for event in deployment.events:
        if event["status"] == "InProgress":
            end(deployment, event, "Failed", error["message"] if error else "")
        elif event["status"] == "Pending":
            event["status"] = "Skipped"
    if error:
        deployment.info["errorInformation"] = error
    deployment.info["completeTime"] = world.clock.utc()
    deployment.waiting = deployment.hook = ""
    set_status(deployment, status, {"Succeeded": "Succeeded", "Stopped": "Skipped"}.get(status, "Failed"))
    if status == "Succeeded":
        remember(deployment, "lastSuccessfulDeployment")
        if (group := live_group(deployment)) is not None:
            group["targetRevision"] = deployment.info["revision"]
