# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a deployment is stuck, why the last one failed, and why the next one would."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .._codedeploy import deployment as codedeploy
from .._core import aws
from .._deployment.deployment import lost, name
from .._ecs import service_deployment
from .._ecs.deployment import Deployment, find_service
from .._elbv2 import traffic
from .._environment.naming import Names
from .._status.live import InFlight, LoadBalancer
from .findings import Finding, finding

Clients = dict[str, Any]
WEB = "web"
# Events of a service that say why its tasks do not come, and what helps.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
EVENTS = (
    (re.compile(r"unable to place a task"), "Fargate has no room, or a limit of the account is reached: AWS's words say which"),
    (re.compile(r"unable to consistently start tasks"), "its tasks stop again and again: see what is said of the tasks"),
    (re.compile(r"is unhealthy in "), "its targets are unhealthy: see what is said of the targets"),
    (re.compile(r"failed to register targets|unable to register targets"), "ECS may not register its tasks in the target group; site.yml"),
    (re.compile(r"was unable to assume the role"), "a role of the task definition is gone, or does not trust ECS; site.yml"),
)
# Words in AWS's reason for which a deployment failed, and what helps.
FAILED = (
    (
        re.compile(r"ALARM_ACTIVE|alarms?: |ALARM"),
        "an alarm has stopped it: playbooks/status.yml shows which; it must be OK before the next one",
    ),
    (re.compile(r"MANUAL_STOP"), "somebody has stopped it"),
    (re.compile(r"HOOK_EXECUTION"), "a hook has failed or did not answer within its time"),
    (re.compile(r"IAM_ROLE_PERMISSIONS|not authorized|AccessDenied"), "the role of the deployment may not do what it has to; site.yml"),
    (re.compile(r"Primary taskset target group must be behind listener"), "the listener sends elsewhere; playbooks/repair.yml"),
    (
        re.compile(r"HEALTH_CONSTRAINTS|become healthy|health checks|circuit breaker", re.I),
        "its new tasks were never healthy: see tasks and targets",
    ),
    (re.compile(r"TIMEOUT|timed out"), "nobody has let it go on in time, or its tasks did not become healthy in time"),
)
GO_ON, BACK = "playbooks/deployment.yml -e do=continue", "playbooks/deployment.yml -e do=rollback"


def read(clients: Clients, names: Names, engine: str, going: InFlight | None, balancer: LoadBalancer, alarms: set[str]) -> list[Finding]:
    """`going`: the deployment in flight, else the last one is looked at. `alarms`: names of those that are in alarm."""
    where: dict[str, Any] = {"application": names.codedeploy, "group": WEB, "cluster": names.cluster, "service": WEB}
    where |= {"listener": balancer["listener_arn"], "pair": {traffic.name(arn): arn for arn in balancer["pair"]}}
    service = find_service(clients, where)
    found = [stuck(going, [event["message"] for event in service.get("events", [])])] if going else []
    if not going:
        by: Any = codedeploy if engine == "codedeploy" else service_deployment
        recent: list[Deployment] = by.read_all(clients, where, by.recent(clients, where, 1))
        found += [failed(one) for one in recent if lost(one)]
    watched = _watched(clients, names, engine, service)
    return [*found, *alarmed(engine, sorted(watched & alarms), bool(going))]


def _watched(clients: Clients, names: Names, engine: str, service: dict[str, Any]) -> set[str]:
    """Names of the alarms that stop a deployment."""
    if engine == "ecs":
        watch = (service.get("deploymentConfiguration") or {}).get("alarms") or {}
        return set(watch.get("alarmNames", [])) if watch.get("enable") else set()
    group = aws.call(clients["codedeploy"], "GetDeploymentGroup", applicationName=names.codedeploy, deploymentGroupName=WEB)
    watch = group["deploymentGroupInfo"].get("alarmConfiguration") or {}
    return {one["name"] for one in watch.get("alarms", [])} if watch.get("enabled") else set()


def stuck(going: InFlight, events: Iterable[str]) -> Finding:
    """Why a deployment is where it is. `events`: of the service, the newest first. Pure."""
    what, status = f"a deployment of {going['definition']} is under way: {going['progress']}", going["status"]
    if status == "ready":
        hint = "it waits for the smoke test of a release, or for a person"
        return finding("deployment", WEB, what, [], hint, GO_ON)
    if status != "preparing":
        return finding("deployment", WEB, what, [], "it goes on by itself; playbooks/deployment.yml shows when it ends")
    for event in events:
        for pattern, hint in EVENTS:
            if pattern.search(event):
                return finding("deployment", WEB, what, [event], hint, BACK)
    return finding("deployment", WEB, what, [], "its tasks are starting, and nothing says that they cannot; playbooks/deployment.yml")


def failed(last: Deployment) -> Finding:
    """Why the last deployment failed. Pure."""
    reason, ended = last["status_reason"] or "", str(last["finished_at"] or last["created_at"])[:16].replace("T", " ")
    what = f"the last deployment, of {name(last['task_definition'])}, {last['status'].replace('_', ' ')} ({ended} UTC)"
    hint = next((hint for pattern, hint in FAILED if pattern.search(reason)), "")
    return finding("deployment", WEB, what, [reason] if reason else [], hint)


def alarmed(engine: str, names: list[str], going: bool) -> list[Finding]:
    """What alarms that are on do to a deployment that begins now. Pure."""
    if not names:
        return []
    what = f"{', '.join(names)}: in alarm, and deployments watch it"
    if engine == "ecs":
        hint = "ECS watches no alarm in a deployment that begins while one is on: nothing would stop it"
    else:
        hint = "CodeDeploy fails every deployment that begins while one is on"
    hint += "; wait until it is OK. playbooks/status.yml shows it"
    return [finding("deployment", WEB, what, [], hint)] if not going else []
