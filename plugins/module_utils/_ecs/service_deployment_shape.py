# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service deployment of ECS itself in the shape of both engines. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html
"""

from __future__ import annotations

from typing import Any

from .._core import partition
from .._elbv2 import traffic
from .._elbv2.traffic import Action
from . import deployment

OPEN = ("PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")
STAGES = {
    "PRODUCTION_TRAFFIC_SHIFT": "shifting",
    "POST_PRODUCTION_TRAFFIC_SHIFT": "shifting",
    "BAKE_TIME": "waiting",
    "CLEAN_UP": "waiting",
}
STATUSES = {
    "SUCCESSFUL": "succeeded",
    "ROLLBACK_REQUESTED": "rolling_back",
    "ROLLBACK_IN_PROGRESS": "rolling_back",
    "ROLLBACK_SUCCESSFUL": "rolled_back",
    "ROLLBACK_FAILED": "failed",
}


def hooks(record: dict[str, Any]) -> list[str]:
    """Ids of the pauses that wait for a person."""
    details = record.get("lifecycleHookDetails", [])
    return [item["hookId"] for item in details if item.get("targetType") == "PAUSE" and item["status"] == "AWAITING_ACTION"]


def status(record: dict[str, Any], listed: list[dict[str, Any]]) -> str:
    """Our word for where a deployment is (rule ECS-N5). `listed`: the deployments of the service, as ListServiceDeployments has them.

    ECS has no status for a deployment that gave way to a newer one: it is STOPPED, and the newer one was created before it ended.
    """
    raw = record["status"]
    if raw in STATUSES:
        return STATUSES[raw]
    if raw == "STOPPED":
        if any(_gave_way(record, other) for other in listed):
            return "superseded"
        return "failed" if "TRIGGERED" in _monitors(record) else "stopped"
    if hooks(record):
        return "ready"
    return STAGES.get(record.get("lifecycleStage", ""), "preparing")


def _gave_way(record: dict[str, Any], other: dict[str, Any]) -> bool:
    ended = record.get("finishedAt") or record.get("stoppedAt") or record.get("updatedAt")
    newer = other["serviceDeploymentArn"] != record["serviceDeploymentArn"] and other["createdAt"] >= record["createdAt"]
    return bool(newer and ended and other["createdAt"] <= ended)


def _monitors(record: dict[str, Any]) -> list[str]:
    return [(record.get(name) or {}).get("status", "") for name in ("deploymentCircuitBreaker", "alarms")]


def reason(record: dict[str, Any]) -> str | None:
    """Why, in AWS's words, with the names of the alarms that rang."""
    parts = [record.get("statusReason"), (record.get("rollback") or {}).get("reason")]
    rang = (record.get("alarms") or {}).get("triggeredAlarmNames") or []
    if rang:
        parts.append(f"alarms: {', '.join(rang)}")
    return "; ".join(dict.fromkeys(part for part in parts if part)) or None


def balancer(service: dict[str, Any]) -> dict[str, Any]:
    """The service's first load balancer that ECS moves traffic of, else its first one, else {}."""
    balancers: list[dict[str, Any]] = service.get("loadBalancers", [])
    return next((item for item in balancers if item.get("advancedConfiguration")), balancers[0] if balancers else {})


def group_of_new_tasks(revision: dict[str, Any]) -> str | None:
    """The target group in which a revision registers its tasks."""
    resolved = (revision.get("resolvedConfiguration") or {}).get("loadBalancers") or revision.get("loadBalancers") or []
    return next((item["targetGroupArn"] for item in resolved if item.get("targetGroupArn")), None)


def weights(service: dict[str, Any], actions: list[Action], new: str | None) -> dict[str, int]:
    """What the production rule sends to each of the pair, in percent, the group of the new tasks first. `actions` in our shape."""
    used = balancer(service)
    other = (used.get("advancedConfiguration") or {}).get("alternateTargetGroupArn")
    arns = [arn for arn in (used.get("targetGroupArn"), other) if arn]
    if not other:
        return dict.fromkeys(arns, 100)
    forwarded = traffic.forwarded([item for item in actions if item.get("type") == "forward"]) or {}
    total = sum(forwarded.values())
    return {arn: round(100 * forwarded.get(arn, 0) / total) if total else 0 for arn in sorted(arns, key=lambda arn: arn != new)}


def image(service: dict[str, Any], revision: dict[str, Any]) -> str | None:
    """The image of the container behind the load balancer, of the first container where there is none."""
    images = {item["containerName"]: item.get("image") for item in revision.get("containerImages", [])}
    return images.get(balancer(service).get("containerName", "")) or next(iter(images.values()), None)


def ours(record: dict[str, Any], known: dict[str, Any]) -> deployment.Deployment:
    """The whole shape. `known`: service, revisions (by ARN), actions, listed, health (by target group), region."""
    revisions, service = known["revisions"], known["service"]
    target = record.get("targetServiceRevision") or {}
    revision = revisions.get(target.get("arn"), {})
    group = group_of_new_tasks(revision)
    where = status(record, known["listed"])
    health = known["health"].get(group, {}) if record["status"] in OPEN else {}
    return deployment.shape(
        "ecs",
        deployment_id=record["serviceDeploymentArn"],
        status=where,
        status_reason=reason(record) or health.get("said"),
        task_definition=revision.get("taskDefinition"),
        previous_task_definition=_previous(record, revisions),
        image=image(service, revision),
        created_at=deployment.moment(record.get("createdAt")),
        finished_at=deployment.moment(record.get("finishedAt")),
        weights=weights(service, known["actions"], group),
        tasks={
            "desired": target.get("requestedTaskCount"),
            "running": target.get("runningTaskCount"),
            "pending": target.get("pendingTaskCount"),
            "healthy": health.get("healthy"),
        },
        rollback=_rollback(record, where),
        console_url=_console(record["serviceDeploymentArn"], known["region"]),
    )


def _previous(record: dict[str, Any], revisions: dict[str, dict[str, Any]]) -> str | None:
    sources = record.get("sourceServiceRevisions", [])
    live: dict[str, Any] = max(sources, key=lambda item: item.get("requestedProductionTrafficWeight", 0), default={})
    found: str | None = revisions.get(live.get("arn", ""), {}).get("taskDefinition")
    return found


def _rollback(record: dict[str, Any], status: str) -> deployment.Rollback | None:
    """ECS goes back inside the same deployment, to a service revision: its ARN stands for the rollback's id."""
    back = (record.get("rollback") or {}).get("serviceRevisionArn")
    words = {"rolling_back": "rolling_back", "rolled_back": "succeeded"}
    return {"deployment_id": back, "status": words.get(status, "failed")} if back else None


def _console(arn: str, region: str) -> str:
    cluster, service, identity = arn.split("/")[-3:]
    return partition.console(region, f"ecs/v2/clusters/{cluster}/services/{service}/deployments/{identity}?region={region}")
