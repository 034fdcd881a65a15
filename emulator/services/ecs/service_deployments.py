"""Service deployments and service revisions: what a service with the ECS controller has been through.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
"""

from __future__ import annotations

import copy
import secrets
from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from . import state as ecs
from .shapes import Run, Service, ServiceDeployment

GOING = ("PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")


def _path(service: Service) -> str:
    return str(service["serviceArn"].split("service/", 1)[1])


def roll_back(record: ServiceDeployment, reason: str) -> None:
    """The deployment goes back to the revision that it came from."""
    sources = record["sourceServiceRevisions"]
    record["rollback"] = {"reason": reason, "startedAt": world.clock.utc()}
    if sources:
        record["rollback"]["serviceRevisionArn"] = sources[0]["revision"]
    finish(record, "ROLLBACK_IN_PROGRESS", reason)


def begin(call: Call, service: Service, run: Run, source: Run | None, threshold: int) -> None:
    """Write down a deployment that begins; one that was still going on is stopped by it."""
    for earlier in table(call, service):
        if earlier["status"] in GOING:
            finish(earlier, "STOPPED", "Service deployment was stopped because a new service deployment was started.")
    now = world.clock.utc()
    run["revision"] = _revision(call, service, run)
    settings = service["deploymentConfiguration"]
    breaker, alarms = settings.get("deploymentCircuitBreaker", {}), settings.get("alarms", {})
    watched = alarms.get("alarmNames", []) if alarms.get("enable") else []
    # With one in ALARM at the beginning none is watched: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
    watches = bool(watched) and not ringing(call, watched)
    record: ServiceDeployment = {
        "serviceDeploymentArn": f"{call.arn('ecs', 'service-deployment')}/{_path(service)}/{secrets.token_urlsafe(16)[:21]}",
        "serviceArn": service["serviceArn"],
        "clusterArn": service["clusterArn"],
        "createdAt": now,
        "startedAt": now,
        "updatedAt": now,
        "status": "IN_PROGRESS",
        "targetServiceRevision": run,
        "sourceServiceRevisions": [source] if source else [],
        "deploymentConfiguration": copy.deepcopy(settings),
        "deploymentCircuitBreaker": {
            "status": "MONITORING" if breaker.get("enable") else "DISABLED",
            "failureCount": 0,
            "threshold": threshold,
        },
        "alarms": {"status": "MONITORING" if watches else "DISABLED", "alarmNames": watched, "triggeredAlarmNames": []},
        "service": service,
    }
    ecs.table(call, "serviceDeployments")[record["serviceDeploymentArn"]] = record
    run["record"] = record
    service["currentServiceDeployment"] = record["serviceDeploymentArn"]


def ringing(call: Call, names: list[str]) -> list[str]:
    """Which of the metric alarms are in the state ALARM."""
    found = world.aws(call, "cloudwatch", "DescribeAlarms", AlarmNames=names)["MetricAlarms"]
    return [alarm["AlarmName"] for alarm in found if alarm["StateValue"] == "ALARM"]


def _revision(call: Call, service: Service, run: Run) -> str:
    arn = f"{call.arn('ecs', 'service-revision')}/{_path(service)}/{ecs.new_number()}"
    members = ("taskDefinition", "launchType", "capacityProviderStrategy", "platformVersion", "platformFamily", "networkConfiguration")
    definition = ecs.find_definition(call, run["taskDefinition"]) or {"containerDefinitions": []}
    images = [{"containerName": item["name"], "image": item["image"]} for item in definition["containerDefinitions"]]
    balancers = [{"targetGroupArn": item["targetGroupArn"]} for item in run.get("loadBalancers", []) if "targetGroupArn" in item]
    ecs.table(call, "serviceRevisions")[arn] = {
        "serviceRevisionArn": arn,
        "serviceArn": service["serviceArn"],
        "clusterArn": service["clusterArn"],
        **{member: copy.deepcopy(value) for member, value in run.items() if member in members},
        "loadBalancers": copy.deepcopy(service["loadBalancers"]),
        "serviceRegistries": copy.deepcopy(service["serviceRegistries"]),
        "containerImages": images,
        "guardDutyEnabled": False,
        "createdAt": world.clock.utc(),
        "resolvedConfiguration": {"loadBalancers": balancers},
    }
    return arn


def finish(record: ServiceDeployment, status: str, reason: str = "") -> None:
    """End a deployment, or move it to another status; a deployment that ended stays as it is."""
    if record["status"] not in GOING:
        return
    now = world.clock.utc()
    record.update({"status": status, "updatedAt": now})
    if reason:
        record["statusReason"] = reason
    if status not in GOING:
        record["finishedAt"] = now
        record["service"].pop("currentServiceDeployment", None)
        for monitor in (record["deploymentCircuitBreaker"], record["alarms"]):
            if monitor["status"] == "MONITORING":
                monitor["status"] = "MONITORING_COMPLETE"
    if status == "STOPPED":
        record["stoppedAt"] = now


def table(call: Call, service: Service) -> list[ServiceDeployment]:
    """A service's deployments, newest first."""
    every = ecs.table(call, "serviceDeployments").values()
    return [record for record in reversed(list(every)) if record["serviceArn"] == service["serviceArn"]]


def summary(run: Run, *, weights: bool = False) -> dict[str, Any]:
    counts = {"requestedTaskCount": run["desiredCount"], "runningTaskCount": run["runningCount"], "pendingTaskCount": run["pendingCount"]}
    traffic = {"requestedProductionTrafficWeight": float(run.get("weight", 0.0)), "requestedTestTrafficWeight": float(run.get("test", 0.0))}
    return {"arn": run["revision"], **counts, **(traffic if weights else {})}


def view(record: ServiceDeployment) -> dict[str, Any]:
    shifting = "lifecycleStage" in record
    sources = [summary(run, weights=shifting) for run in record["sourceServiceRevisions"]]
    target = summary(record["targetServiceRevision"], weights=shifting)
    return {**record, "targetServiceRevision": target, "sourceServiceRevisions": sources}


def find(call: Call) -> ServiceDeployment:
    """The deployment that a call names. Raises ServiceDeploymentNotFoundException."""
    record: ServiceDeployment | None = ecs.table(call, "serviceDeployments").get(call.params["serviceDeploymentArn"])
    if record is None:
        raise Refusal("ServiceDeploymentNotFoundException", "The service deployment was not found.")
    return record


@operation("ecs", "ListServiceDeployments")
def list_service_deployments(call: Call) -> dict[str, Any]:
    ecs.cluster(call, call.params.get("cluster"))
    service = ecs.find_service(call, call.params.get("cluster"), call.params["service"])
    if service is None:
        raise Refusal("ServiceNotFoundException", "Service not found.")
    window, wanted = call.params.get("createdAt", {}), call.params.get("status")
    found = [
        {**record, "targetServiceRevisionArn": record["targetServiceRevision"]["revision"]}
        for record in table(call, service)
        if (not wanted or record["status"] in wanted)
        and window.get("after", record["createdAt"]) <= record["createdAt"] <= window.get("before", record["createdAt"])
    ]
    items, more = ecs.page(call, found)
    return {"serviceDeployments": items, **more}


@operation("ecs", "DescribeServiceDeployments")
def describe_service_deployments(call: Call) -> dict[str, Any]:
    known = ecs.table(call, "serviceDeployments")
    arns = call.params["serviceDeploymentArns"]
    failures = [{"arn": arn, "reason": "MISSING"} for arn in arns if arn not in known]
    return {"serviceDeployments": [view(known[arn]) for arn in arns if arn in known], "failures": failures}


@operation("ecs", "DescribeServiceRevisions")
def describe_service_revisions(call: Call) -> dict[str, Any]:
    known = ecs.table(call, "serviceRevisions")
    arns = call.params["serviceRevisionArns"]
    failures = [{"arn": arn, "reason": "MISSING"} for arn in arns if arn not in known]
    return {"serviceRevisions": [known[arn] for arn in arns if arn in known], "failures": failures}
