# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A CodeDeploy deployment in the shape of both engines. Pure.

https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentInfo.html
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from .._core import partition
from .._ecs import deployment
from .._elbv2 import traffic
from .._elbv2.traffic import Action
from . import appspec

OPEN = ("Created", "Queued", "InProgress", "Baking", "Ready")
# The new deployment of a rollback is not there in the moment in which the old one has failed.
ROLLBACK_APPEARS = timedelta(seconds=60)
DONE = ("Succeeded", "Skipped")
EVENTS = {"ALARM_ACTIVE": "DEPLOYMENT_STOP_ON_ALARM", "MANUAL_STOP": "DEPLOYMENT_STOP_ON_REQUEST"}


def target(found: dict[str, Any] | None) -> dict[str, Any]:
    """What BatchGetDeploymentTargets says of the service: its status, those of the lifecycle events, and the task sets by colour."""
    ecs = (found or {}).get("ecsTarget") or {}
    return {
        "status": ecs.get("status"),
        "events": {event["lifecycleEventName"]: event["status"] for event in ecs.get("lifecycleEvents", [])},
        "said": next((words for event in ecs.get("lifecycleEvents", []) if (words := _failed(event))), None),
        "sets": {item["taskSetLabel"]: item for item in ecs.get("taskSetsInfo", []) if item.get("taskSetLabel")},
    }


def _failed(event: dict[str, Any]) -> str | None:
    """Why a lifecycle event failed."""
    if event["status"] != "Failed":
        return None
    return f"{event['lifecycleEventName']}: {(event.get('diagnostics') or {}).get('message') or 'failed'}"


def goes_back(info: dict[str, Any]) -> bool:
    """Whether this is the deployment of a rollback, which CodeDeploy starts itself (rule CD-26)."""
    return bool(info.get("creator") == "codeDeployRollback")


def keeps_old_tasks(info: dict[str, Any], events: dict[str, str], target_status: str | None) -> bool:
    """Whether all traffic is on the new tasks and the old ones only wait for their end (rule CD-28).

    CodeDeploy does not always set its flag for ECS: https://github.com/aws/containers-roadmap/issues/269. The target says it as well.
    """
    if info["status"] not in OPEN or goes_back(info):
        return False
    shifted = events.get("AfterAllowTraffic") in DONE and events.get("AllowTraffic") in (*DONE, None)
    return bool(info.get("instanceTerminationWaitTimeStarted")) or target_status == "Succeeded" or shifted


def status(
    info: dict[str, Any],
    events: dict[str, str],
    rollback: dict[str, Any] | None,
    superseded: bool,
    now: datetime,
    target_status: str | None = None,
) -> str:
    """Our word for where a deployment is. `rollback`: the deployment that undoes it, if there is one (rules CD-25, CD-26)."""
    raw = info["status"]
    if raw == "Succeeded":
        return "rolled_back" if goes_back(info) else "succeeded"
    if raw in OPEN:
        return _open(info, events, target_status)
    if rollback is not None and rollback["status"] in OPEN:
        return "rolling_back"
    if rollback is None and _rollback_due(info, now):
        return "rolling_back"
    if superseded:
        return "superseded"
    if rollback is not None:
        return "rolled_back" if rollback["status"] == "Succeeded" else "failed"
    return "stopped" if raw == "Stopped" and _code(info) in ("", "MANUAL_STOP") else "failed"


def _open(info: dict[str, Any], events: dict[str, str], target_status: str | None) -> str:
    if goes_back(info):
        return "rolling_back"
    if keeps_old_tasks(info, events, target_status):
        return "waiting"
    if info["status"] == "Ready":
        return "ready"
    return "shifting" if events.get("AllowTraffic") in ("InProgress", "Succeeded") else "preparing"


def _code(info: dict[str, Any]) -> str:
    return str((info.get("errorInformation") or {}).get("code", ""))


def _rollback_due(info: dict[str, Any], now: datetime) -> bool:
    """Whether the group says that CodeDeploy goes back after this, and it may not have begun yet."""
    given, ended = info.get("autoRollbackConfiguration") or {}, info.get("completeTime")
    told = given.get("enabled") and EVENTS.get(_code(info), "DEPLOYMENT_FAILURE") in given.get("events", [])
    return bool(told and ended and not goes_back(info) and now - ended < ROLLBACK_APPEARS)


def reason(info: dict[str, Any], said: str | None, rollback: dict[str, Any] | None) -> str | None:
    """Why, in AWS's words: its error, what failed, and what it says of a rollback that failed."""
    error = info.get("errorInformation") or {}
    parts = [f"{error['code']}: {error.get('message', '')}"] if error.get("code") else [said] if said else []
    if rollback is not None and rollback["status"] in ("Failed", "Stopped"):
        words = (rollback.get("errorInformation") or {}).get("message", "")
        parts.append(f"its rollback {rollback['deploymentId']} has {rollback['status'].lower()}: {words}")
    return "; ".join(part for part in parts if part) or None


def revisions(info: dict[str, Any], seen: dict[str, Any], service: dict[str, Any]) -> tuple[str | None, str | None]:
    """The new and the old task definition: what the task sets run, else what the AppSpecs say."""
    sets = {item["id"]: item for item in service.get("taskSets", [])}
    green, blue = (_named(sets, seen, label) for label in ("Green", "Blue"))
    green = green or next((item for item in sets.values() if item.get("externalId") == info["deploymentId"]), {})
    new = appspec.task_definition(info.get("revision")) or green.get("taskDefinition")
    primary = _primary(info, service) if info["status"] in OPEN else None
    return new, blue.get("taskDefinition") or primary or appspec.task_definition(info.get("previousRevision"))


def _named(sets: dict[str, dict[str, Any]], seen: dict[str, Any], label: str) -> dict[str, Any]:
    """The task set of a colour as the service shows it; {} when it is gone."""
    return sets.get(seen["sets"].get(label, {}).get("identifer", ""), {})


def _primary(info: dict[str, Any], service: dict[str, Any]) -> str | None:
    """What the primary task set runs, unless that is the deployment's own: a group's first deployment has no revision before it."""
    live: dict[str, Any] = next((item for item in service.get("taskSets", []) if item["status"] == "PRIMARY"), {})
    return live.get("taskDefinition") if live.get("externalId") != info["deploymentId"] else None


def group_of_new_tasks(seen: dict[str, Any], pair: dict[str, str]) -> str | None:
    """The ARN of the target group of the replacement task set. `pair`: ARN by name."""
    return pair.get((seen["sets"].get("Green", {}).get("targetGroup") or {}).get("name", ""))


def tasks(seen: dict[str, Any], healthy: int | None) -> deployment.TaskCounts:
    green = seen["sets"].get("Green", {})
    return {
        "desired": green.get("desiredCount"),
        "running": green.get("runningCount"),
        "pending": green.get("pendingCount"),
        "healthy": healthy,
    }


def weights(actions: list[Action], pair: dict[str, str], new: str | None) -> dict[str, int]:
    """What a listener sends to each of the pair, the group of the new tasks first. `actions` in our shape."""
    forwarded = traffic.forwarded(actions) or {}
    arns = sorted(pair.values(), key=lambda arn: arn != new)
    total = sum(forwarded.values())
    return {arn: round(100 * forwarded.get(arn, 0) / total) if total else 0 for arn in arns}


def image(info: dict[str, Any], images: dict[str, str]) -> str | None:
    """The image of the container behind the load balancer. `images`: by container, of the new task definition."""
    return images.get(appspec.container(info.get("revision")) or "") or next(iter(images.values()), None)


def ours(info: dict[str, Any], seen: dict[str, Any], known: dict[str, Any]) -> deployment.Deployment:
    """The whole shape.

    `seen`: what `target` returns. `known` is what was read besides: service, actions, pair, images (by task definition), health (by
    target group), rollbacks (by the deployment that they undo), superseded (ids), now, region.
    """
    region, identity = known["region"], info["deploymentId"]
    rollback = known["rollbacks"].get(identity)
    new, old = revisions(info, seen, known["service"])
    group = group_of_new_tasks(seen, known["pair"])
    health = known["health"].get(group, {}) if info["status"] in OPEN else {}
    return deployment.shape(
        "codedeploy",
        deployment_id=identity,
        status=status(info, seen["events"], rollback, identity in known["superseded"], known["now"], seen["status"]),
        status_reason=reason(info, seen["said"], rollback) or health.get("said"),
        task_definition=new,
        previous_task_definition=old,
        image=image(info, known["images"].get(new, {})),
        created_at=deployment.moment(info.get("createTime")),
        finished_at=deployment.moment(info.get("completeTime")),
        weights=weights(known["actions"], known["pair"], group),
        tasks=tasks(seen, health.get("healthy")),
        rollback=_rollback(info, rollback),
        console_url=partition.console(region, f"codesuite/codedeploy/deployments/{identity}?region={region}"),
    )


def _rollback(info: dict[str, Any], rollback: dict[str, Any] | None) -> deployment.Rollback | None:
    identity = (info.get("rollbackInfo") or {}).get("rollbackDeploymentId")
    if not identity:
        return None
    raw = (rollback or {}).get("status")
    return {"deployment_id": identity, "status": "rolling_back" if raw in OPEN else str(raw).lower() if raw else None}
