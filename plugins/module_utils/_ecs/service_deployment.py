# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployments of a service by ECS itself: the functions of `_deployment/deployment.Engine`.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .._core import aws
from .._core.errors import RailyardError
from .._elbv2 import health, reads, target_group
from .._elbv2.traffic import Action
from . import deployment_options
from . import service_deployment_shape as ours
from .deployment import Deployment, find_service

Clients = dict[str, Any]
BATCH = 20  # What DescribeServiceDeployments and DescribeServiceRevisions take at once.
APPEARS = 30.0  # Seconds in which the deployment that UpdateService has begun must be listed (rule ECS-D8).
ENDED = {"ConflictException"}


def locate(clients: Clients, cluster: str, service: str) -> dict[str, Any]:
    """Where a service is, and that it deploys itself."""
    where = {"cluster": cluster, "service": service}
    found = find_service(clients, where)
    if found.get("status") != "ACTIVE":
        raise RailyardError(f"service {service} does not exist in cluster {cluster}", "ServiceNotFoundException")
    controller = (found.get("deploymentController") or {}).get("type", "ECS")
    if controller != "ECS":
        raise RailyardError(f"service {service} in cluster {cluster} is deployed by {controller}, not by ECS; see codedeploy_deployment")
    return where


def running(clients: Clients, where: dict[str, Any]) -> list[str]:
    """ARNs of the service deployments in flight, newest first."""
    return [item["serviceDeploymentArn"] for item in _listed(clients, where, status=list(ours.OPEN))]


def recent(clients: Clients, where: dict[str, Any], limit: int) -> list[str]:
    """ARNs of the newest service deployments, newest first. ECS keeps them for 90 days."""
    return [item["serviceDeploymentArn"] for item in _listed(clients, where)[:limit]]


def _listed(clients: Clients, where: dict[str, Any], **filters: Any) -> list[dict[str, Any]]:
    place = {"cluster": where["cluster"], "service": where["service"]}
    found = aws.call(clients["ecs"], "ListServiceDeployments", **place, maxResults=100, **filters)["serviceDeployments"]
    return sorted(found, key=lambda item: item["createdAt"], reverse=True)


def read_all(clients: Clients, where: dict[str, Any], ids: list[str]) -> list[Deployment]:
    """These deployments in our shape, in this order; those that do not exist are left out. Each thing is read once, at the same time."""
    if not ids:
        return []
    with ThreadPoolExecutor(8) as pool:
        service, listed = pool.submit(find_service, clients, where), pool.submit(_listed, clients, where)
        records = {item["serviceDeploymentArn"]: item for item in _records(clients, ids)}
        revisions = pool.submit(_revisions, clients, list(records.values()))
        actions = _actions(clients, service.result())
        by_arn = revisions.result()
        open_ones = [item["targetServiceRevision"]["arn"] for item in records.values() if item["status"] in ours.OPEN]
        groups = sorted({group for arn in open_ones if (group := ours.group_of_new_tasks(by_arn.get(arn, {})))})
        health = dict(zip(groups, pool.map(lambda group: reads.target_health(clients, group), groups), strict=True))
        known = {
            "service": service.result(),
            "listed": listed.result(),
            "revisions": by_arn,
            "actions": actions,
            "health": health,
            "region": clients["ecs"].meta.region_name,
        }
    return [ours.ours(records[arn], known) for arn in ids if arn in records]


def glance(clients: Clients, where: dict[str, Any], identity: str, status: str) -> Any:
    """What changes when a deployment leaves its `status`, by one call."""
    return [(item["status"], item.get("lifecycleStage"), ours.hooks(item)) for item in _records(clients, [identity])]


def _records(clients: Clients, arns: list[str]) -> list[dict[str, Any]]:
    found = [
        aws.call(clients["ecs"], "DescribeServiceDeployments", serviceDeploymentArns=some)["serviceDeployments"]
        for some in aws.batches(arns, BATCH)
    ]
    return [item for some in found for item in some]


def _revisions(clients: Clients, records: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The service revisions of deployments, new and old, by ARN."""
    named = [item["targetServiceRevision"] for item in records if item.get("targetServiceRevision")]
    named += [source for item in records for source in item.get("sourceServiceRevisions", [])]
    found = [
        aws.call(clients["ecs"], "DescribeServiceRevisions", serviceRevisionArns=some)["serviceRevisions"]
        for some in aws.batches(sorted({item["arn"] for item in named}), BATCH)
    ]
    return {item["serviceRevisionArn"]: item for some in found for item in some}


def _actions(clients: Clients, service: dict[str, Any]) -> list[Action]:
    """What the production rule (a listener, with a Network Load Balancer) does, in our shape; [] when ECS moves no traffic."""
    rule = (ours.balancer(service).get("advancedConfiguration") or {}).get("productionListenerRule")
    return reads.actions(clients, rule) if rule else []


def started_as(clients: Clients, where: dict[str, Any], wanted: dict[str, Any]) -> tuple[Deployment | None, bool]:
    """Without force, the last deployment that succeeded when what it brought is wanted and live. UpdateService takes no token."""
    last = next((item["serviceDeploymentArn"] for item in _listed(clients, where, status=["SUCCESSFUL"])), None)
    found = next(iter(read_all(clients, where, [last])), None) if last and not wanted.get("force") else None
    service = find_service(clients, where)
    primary: dict[str, Any] = next((item for item in service.get("deployments", []) if item["status"] == "PRIMARY"), service)
    live = primary.get("taskDefinition")
    return (found if found and found["task_definition"] == live == wanted["task_definition"] else None), False


def start(clients: Clients, where: dict[str, Any], wanted: dict[str, Any]) -> str:
    """Update the service, and find the deployment that this begins: the newest one of this task definition."""
    service = find_service(clients, where)
    before = {item["serviceDeploymentArn"] for item in _listed(clients, where)}
    params = deployment_options.update(clients["ecs"], service, wanted)
    if wanted.get("health_check"):
        _prepare_idle_group(clients, service, wanted["health_check"])
    aws.call(clients["ecs"], "UpdateService", cluster=where["cluster"], service=where["service"], **params)
    started = time.monotonic()
    while True:
        new = [item["serviceDeploymentArn"] for item in _listed(clients, where) if item["serviceDeploymentArn"] not in before]
        mine = [item for item in read_all(clients, where, new) if item["task_definition"] == wanted["task_definition"]]
        if mine:
            return str(mine[0]["deployment_id"])
        if time.monotonic() - started > APPEARS:
            text = f"service {where['service']} in cluster {where['cluster']} runs {wanted['task_definition']}, and ECS began no deployment"
            raise RailyardError(f"{text} within {APPEARS:.0f} s; force: true deploys the same task definition again")
        time.sleep(1)


def _prepare_idle_group(clients: Clients, service: dict[str, Any], check: dict[str, Any]) -> None:
    """The group of the new tasks asks them what is declared; the one that users reach keeps what its tasks answer."""
    for arn, weight in ours.weights(service, _actions(clients, service), None).items():
        if not weight:
            target_group.set_health_check(clients["elbv2"], arn, health.health(check))


def proceed(clients: Clients, where: dict[str, Any], identity: str) -> bool:
    """Continue a pause (rule ECS-N5). The bake time cannot be cut short."""
    record = next(iter(_records(clients, [identity])), None)
    if record is None:
        raise RailyardError(f"service deployment {identity} does not exist")
    waiting = ours.hooks(record)
    for hook in waiting:
        try:
            aws.call(clients["ecs"], "ContinueServiceDeployment", serviceDeploymentArn=identity, hookId=hook, action="CONTINUE")
        except RailyardError:
            # A reply that was lost, or somebody else: it went on.
            if hook in ours.hooks(next(iter(_records(clients, [identity])), {})):
                raise
    return bool(waiting)


def stop(clients: Clients, where: dict[str, Any], identity: str, rollback: bool) -> None:
    """Stop it; with `rollback` ECS goes back to the service revision before, inside the same deployment."""
    kind = "ROLLBACK" if rollback else "ABORT"
    aws.find(clients["ecs"], "StopServiceDeployment", ENDED, serviceDeploymentArn=identity, stopType=kind)
