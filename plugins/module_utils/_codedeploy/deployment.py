# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployments of an ECS service by CodeDeploy: the functions of `_deployment/deployment.Engine`.

https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeployment.html
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any

from .._core import aws
from .._core.errors import RailyardError
from .._ecs.deployment import Deployment, definition_of, find_service
from .._elbv2 import health, reads, target_group
from . import appspec
from . import deployment_shape as ours

Clients = dict[str, Any]
BATCH = 25  # rule CD-32
ABSENT = {"DeploymentDoesNotExistException"}
UNSTARTED = {"DeploymentNotStartedException", "DeploymentTargetDoesNotExistException"}
NO_SUCH_WAIT = ("DeploymentIsNotInReadyStateException", "DeploymentAlreadyCompletedException")


def locate(clients: Clients, application: str, group: str) -> dict[str, Any]:
    """Where a deployment group releases: its service, its production listener, and the pair of target groups, ARN by name."""
    found = aws.call(clients["codedeploy"], "GetDeploymentGroup", applicationName=application, deploymentGroupName=group)
    info = found["deploymentGroupInfo"]
    (pair,) = (info.get("loadBalancerInfo") or {}).get("targetGroupPairInfoList") or [None]
    (service,) = info.get("ecsServices") or [None]
    if not pair or not service:
        raise RailyardError(f"deployment group {application}/{group} is for {info.get('computePlatform')}, not for ECS")
    names = [item["name"] for item in pair["targetGroups"]]
    groups = aws.call(clients["elbv2"], "DescribeTargetGroups", Names=names)["TargetGroups"]
    return {
        "application": application,
        "group": group,
        "cluster": service.get("clusterName", "default"),
        "service": service["serviceName"],
        "listener": pair["prodTrafficRoute"]["listenerArns"][0],
        "pair": {item["TargetGroupName"]: item["TargetGroupArn"] for item in groups},
    }


def running(clients: Clients, where: dict[str, Any]) -> list[str]:
    """Ids of the deployments in flight, a rollback's too, newest first."""
    return [info["deploymentId"] for info in _newest(clients, where, includeOnlyStatuses=list(ours.OPEN))]


def recent(clients: Clients, where: dict[str, Any], limit: int) -> list[str]:
    """Ids of the newest deployments, newest first; at most 25."""
    return [info["deploymentId"] for info in _newest(clients, where)[:limit]]


def _newest(clients: Clients, where: dict[str, Any], **filters: Any) -> list[dict[str, Any]]:
    """DeploymentInfos of the group, newest first; at most 25."""
    group = {"applicationName": where["application"], "deploymentGroupName": where["group"]}
    listed = aws.call(clients["codedeploy"], "ListDeployments", **group, **filters)["deployments"]
    return sorted(_infos(clients, listed[:BATCH]), key=lambda info: info["createTime"], reverse=True)


def _infos(clients: Clients, ids: list[str]) -> list[dict[str, Any]]:
    """DeploymentInfos; those that do not exist are left out."""
    return _infos_now(clients, ids)[0]


def _infos_now(clients: Clients, ids: list[str]) -> tuple[list[dict[str, Any]], datetime]:
    """The same, and the time by AWS's clock: the moments in them are compared with it."""
    answers = [aws.answer(clients["codedeploy"], "BatchGetDeployments", deploymentIds=some) for some in aws.batches(ids, BATCH)]
    now = max((aws.time_of(answer) for answer in answers), default=datetime.now(UTC))
    return [info for answer in answers for info in answer["deploymentsInfo"]], now


def read_all(clients: Clients, where: dict[str, Any], ids: list[str]) -> list[Deployment]:
    """These deployments in our shape, in this order; those that do not exist are left out. Each thing is read once, at the same time."""
    if not ids:
        return []
    with ThreadPoolExecutor(8) as pool:
        service, actions = pool.submit(find_service, clients, where), pool.submit(reads.actions, clients, where["listener"])
        targets = {identity: pool.submit(_target, clients, where, identity) for identity in ids}
        found, now = _infos_now(clients, ids)
        infos = {info["deploymentId"]: info for info in found}
        undoing = pool.submit(_undoing, clients, where, list(infos.values()))
        seen = {identity: ours.target(targets[identity].result()) for identity in infos}
        definitions = [ours.revisions(infos[key], seen[key], service.result())[0] for key in infos]
        images = _of_each(pool, partial(_images, clients, where), definitions)
        open_ones = [seen[key] for key, info in infos.items() if info["status"] in ours.OPEN]
        health = _of_each(pool, partial(reads.target_health, clients), [ours.group_of_new_tasks(item, where["pair"]) for item in open_ones])
        rollbacks, superseded = undoing.result()
        shared = {
            "service": service.result(),
            "actions": actions.result(),
            "pair": where["pair"],
            "images": images,
            "health": health,
            "rollbacks": rollbacks,
            "superseded": superseded,
            "now": now,
            "region": clients["codedeploy"].meta.region_name,
        }
    return [ours.ours(infos[identity], seen[identity], shared) for identity in ids if identity in infos]


def _of_each(pool: ThreadPoolExecutor, read: Callable[[str], Any], names: list[str | None]) -> dict[str, Any]:
    """What `read` says of each name, read at the same time."""
    known = sorted({name for name in names if name})
    return dict(zip(known, pool.map(read, known), strict=True))


def _target(clients: Clients, where: dict[str, Any], identity: str) -> dict[str, Any] | None:
    """The service as a target of the deployment; None before it has started (rule CD-32)."""
    name = f"{where['cluster']}:{where['service']}"
    found = aws.find(clients["codedeploy"], "BatchGetDeploymentTargets", UNSTARTED | ABSENT, deploymentId=identity, targetIds=[name])
    return next(iter((found or {}).get("deploymentTargets", [])), None)


def glance(clients: Clients, where: dict[str, Any], identity: str, status: str) -> Any:
    """What changes when a deployment leaves its `status`, by one call: while traffic shifts, that of its target, else its own."""
    if status == "shifting":
        seen = ours.target(_target(clients, where, identity))
        return seen["status"], seen["events"], {label: item.get("trafficWeight") for label, item in seen["sets"].items()}
    return [(info["status"], info.get("instanceTerminationWaitTimeStarted")) for info in _infos(clients, [identity])]


def _images(clients: Clients, where: dict[str, Any], definition: str) -> dict[str, str]:
    return {item["name"]: item["image"] for item in definition_of(clients, where, definition).get("containerDefinitions", [])}


def _undoing(clients: Clients, where: dict[str, Any], infos: list[dict[str, Any]]) -> tuple[dict[str, dict[str, Any]], set[str]]:
    """What came after deployments that ended badly: the rollback of each, and which of them a newer one has superseded."""
    ended = [info for info in infos if info["status"] in ("Failed", "Stopped")]
    if not ended:
        return {}, set()
    after = {"start": min(info["createTime"] for info in ended)}
    group = {"applicationName": where["application"], "deploymentGroupName": where["group"]}
    listed = aws.call(clients["codedeploy"], "ListDeployments", **group, createTimeRange=after)["deployments"]
    later = {info["deploymentId"]: info for info in _infos(clients, listed[: 2 * BATCH])}
    ids = {info["deploymentId"]: (info.get("rollbackInfo") or {}).get("rollbackDeploymentId") for info in ended}
    rollbacks = {identity: later[back] for identity, back in ids.items() if back in later}
    superseded = {identity for identity in ids if any(appspec.marked(info, "supersedes", identity) for info in later.values())}
    return rollbacks, superseded


def started_as(clients: Clients, where: dict[str, Any], wanted: dict[str, Any]) -> tuple[Deployment | None, bool]:
    """The deployment with this request's token; without force, the last one when what it brought is wanted and live."""
    infos = _newest(clients, where)
    own = next((info for info in infos if appspec.marked(info, "token", wanted.get("token"))), None)
    found = own
    if found is None and not wanted.get("force"):
        last = next((info for info in infos if info["status"] == "Succeeded" and not ours.goes_back(info)), None)
        live: dict[str, Any] = next((item for item in find_service(clients, where).get("taskSets", []) if item["status"] == "PRIMARY"), {})
        found = last if last and live.get("taskDefinition") == wanted["task_definition"] else None
    shaped = read_all(clients, where, [found["deploymentId"]] if found else [])
    return next(iter(shaped), None), own is not None


def start(clients: Clients, where: dict[str, Any], wanted: dict[str, Any]) -> str:
    """Create the deployment. A group has one at a time (rule CD-20): when it is ours, from a request whose reply was lost, that is it."""
    group = {"applicationName": where["application"], "deploymentGroupName": where["group"]}
    revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": appspec.write(_complete(clients, where, wanted))}}
    if wanted.get("health_check"):
        prepare_idle_group(clients, where, wanted["health_check"])
    options = {"deploymentConfigName": wanted.get("deployment_config"), "description": appspec.description(wanted)}
    if wanted.get("ignore_alarms"):
        options["overrideAlarmConfiguration"] = {"enabled": False}
    try:
        given = {key: value for key, value in options.items() if value}
        return str(aws.call(clients["codedeploy"], "CreateDeployment", **group, revision=revision, **given)["deploymentId"])
    except RailyardError as error:
        if error.code != "DeploymentLimitExceededException":
            raise
        return _own(clients, where, wanted, error)


def prepare_idle_group(clients: Clients, where: dict[str, Any], check: dict[str, Any]) -> None:
    """The group of the new tasks asks them what is declared; the one that users reach keeps what its tasks answer."""
    sets = find_service(clients, where).get("taskSets", [])
    used = {item["targetGroupArn"] for one in sets for item in one.get("loadBalancers", [])}
    for arn in set(where["pair"].values()) - used:
        target_group.set_health_check(clients["elbv2"], arn, health.health(check))


def _complete(clients: Clients, where: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Container and port that nobody named are those of the primary task set."""
    if wanted.get("container") and wanted.get("port"):
        return wanted
    sets = find_service(clients, where).get("taskSets", [])
    live = next((item["loadBalancers"][0] for item in sets if item["status"] == "PRIMARY" and item.get("loadBalancers")), None)
    if live is None:
        raise RailyardError(f"service {where['service']} has no primary task set behind a load balancer; give container and port")
    return {**wanted, "container": wanted.get("container") or live["containerName"], "port": wanted.get("port") or live["containerPort"]}


def _own(clients: Clients, where: dict[str, Any], wanted: dict[str, Any], error: RailyardError) -> str:
    infos = _newest(clients, where, includeOnlyStatuses=list(ours.OPEN))
    for info in infos:
        same = appspec.task_definition(info.get("revision")) == wanted["task_definition"]
        if not ours.goes_back(info) and (same or appspec.marked(info, "token", wanted.get("token"))):
            return str(info["deploymentId"])
    named = ", ".join(info["deploymentId"] for info in infos) or "one that has just ended"
    choices = "wait for it, stop it and roll back, or supersede it (if_running: wait, refuse or supersede)"
    raise RailyardError(f"deployment group {where['group']} is busy with {named}: {choices}. {error.message}", error.code) from error


def proceed(clients: Clients, where: dict[str, Any], identity: str) -> bool:
    """End the wait that the deployment is in: for a person, or before the old tasks go (rule CD-27)."""
    info = next(iter(_infos(clients, [identity])), None)
    if info is None:
        raise RailyardError(f"deployment {identity} of {where['application']}/{where['group']} does not exist")
    seen = ours.target(_target(clients, where, identity))
    keeps = ours.keeps_old_tasks(info, seen["events"], seen["status"])
    waits = "TERMINATION_WAIT" if keeps else {"Ready": "READY_WAIT"}.get(info["status"])
    if waits is None:
        return False
    # Refused, it waits no more: the reply to an earlier call was lost, or somebody else was faster.
    aws.find(clients["codedeploy"], "ContinueDeployment", NO_SUCH_WAIT, deploymentId=identity, deploymentWaitType=waits)
    return True


def stop(clients: Clients, where: dict[str, Any], identity: str, rollback: bool) -> None:
    """Stop it; with `rollback` CodeDeploy starts another deployment that sends the traffic back (rule CD-26)."""
    ended = {"DeploymentAlreadyCompletedException"}
    aws.find(clients["codedeploy"], "StopDeployment", ended, deploymentId=identity, autoRollbackEnabled=rollback)
