# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For what a deployment in flight waits, until when, and what happens then.

CodeDeploy: https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_BlueGreenDeploymentConfiguration.html
ECS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypedDict

from .._codedeploy import deployment_shape
from .._core import aws

Clients = dict[str, Any]
HOOK = timedelta(hours=1)  # Rule CD-24.
HOOKED = ("BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic")


class Wait(TypedDict):
    """`name`: a hook, or what is waited for. `until`: ISO 8601, None where AWS does not say. `then`: what happens at that time, in words.
    `by_person`: whether somebody can let it go on."""

    name: str
    status: str
    until: str | None
    then: str
    by_person: bool


def read(engine: str, clients: Clients, where: dict[str, Any], identity: str) -> list[Wait]:
    """The waits of a deployment by its id."""
    if engine == "ecs":
        found = aws.call(clients["ecs"], "DescribeServiceDeployments", serviceDeploymentArns=[identity])["serviceDeployments"]
        return [wait for record in found for wait in of_ecs(record)]
    name = f"{where['cluster']}:{where['service']}"
    infos, targets = aws.together(
        lambda: aws.call(clients["codedeploy"], "BatchGetDeployments", deploymentIds=[identity])["deploymentsInfo"],
        lambda: aws.call(clients["codedeploy"], "BatchGetDeploymentTargets", deploymentId=identity, targetIds=[name])["deploymentTargets"],
    )
    return [wait for info, target in zip(infos, targets, strict=False) for wait in of_codedeploy(info, target)]


def of_ecs(record: dict[str, Any]) -> list[Wait]:
    """`record`: of DescribeServiceDeployments. Pure."""
    waiting = [one for one in record.get("lifecycleHookDetails", []) if one["status"] in ("AWAITING_ACTION", "IN_PROGRESS")]
    return [
        {
            "name": f"{'pause' if one.get('targetType') == 'PAUSE' else one.get('targetArn', 'hook')} {one.get('hookId', '')}".strip(),
            "status": one["status"],
            "until": _moment(one.get("expiresAt")),
            "then": {"CONTINUE": "it goes on", "ROLLBACK": "it is rolled back"}.get(one.get("timeoutAction", ""), "it is rolled back"),
            "by_person": one.get("targetType") == "PAUSE" and one["status"] == "AWAITING_ACTION",
        }
        for one in waiting
    ]


def of_codedeploy(info: dict[str, Any], target: dict[str, Any]) -> list[Wait]:
    """`info`: of BatchGetDeployments; `target`: of BatchGetDeploymentTargets. Pure."""
    seen, settings = deployment_shape.target(target), info.get("blueGreenDeploymentConfiguration") or {}
    events = target.get("ecsTarget", {}).get("lifecycleEvents", [])
    waits = [_hook(one) for one in events if one["status"] == "InProgress" and one["lifecycleEventName"] in HOOKED]
    ended = max((one["endTime"] for one in events if one.get("endTime")), default=None)
    ready = settings.get("deploymentReadyOption") or {}
    if info["status"] == "Ready":
        stops = ready.get("actionOnTimeout") == "STOP_DEPLOYMENT"
        until = _after(ended, ready.get("waitTimeInMinutes"))
        then = "it is stopped, and users stay on the old tasks" if stops else "it goes on"
        waits.append({"name": "the smoke test, or a person", "status": "Ready", "until": until, "then": then, "by_person": True})
    if deployment_shape.keeps_old_tasks(info, seen["events"], seen["status"]):
        minutes = (settings.get("terminateBlueInstancesOnDeploymentSuccess") or {}).get("terminationWaitTimeInMinutes")
        until = _after(ended, minutes)
        old = "the old tasks are stopped"
        waits.append({"name": "the end of the old tasks", "status": info["status"], "until": until, "then": old, "by_person": True})
    return waits


def _hook(event: dict[str, Any]) -> Wait:
    until = _moment(event["startTime"] + HOOK) if event.get("startTime") else None
    return {"name": f"hook {event['lifecycleEventName']}", "status": "InProgress", "until": until, "then": "it fails", "by_person": False}


def _after(moment: datetime | None, minutes: int | None) -> str | None:
    return _moment(moment + timedelta(minutes=minutes)) if moment and minutes else None


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
