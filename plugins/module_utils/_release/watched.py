# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of the alarms that stop a deployment ring before it begins.

CodeDeploy ends a deployment at once then, and ECS watches none of them. Whoever repairs what rings, or goes back, has to get through.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html
"""

from __future__ import annotations

from typing import Any

from .._core import aws
from .._core.errors import RailyardError
from .environment import WEB, Clients, Environment
from .preconditions import Live

TYPES = ["MetricAlarm", "CompositeAlarm"]
# Who may not look is told nothing; the deployment says itself that it was ended.
DENIED = ("AccessDenied", "AccessDeniedException")
BECAUSE = {"codedeploy": "CodeDeploy would end it at once", "ecs": "ECS watches none then"}


def ringing(env: Environment, clients: Clients, live: Live) -> list[str]:
    """Names of the watched alarms that are in the state ALARM."""
    names = _watched(env, clients, live)
    if not names:
        return []
    try:
        found = aws.call(clients["cloudwatch"], "DescribeAlarms", AlarmNames=names, StateValue="ALARM", AlarmTypes=TYPES)
    except RailyardError as error:
        if error.code in DENIED:
            return []
        raise
    return sorted(alarm["AlarmName"] for kind in ("MetricAlarms", "CompositeAlarms") for alarm in found.get(kind, []))


def _watched(env: Environment, clients: Clients, live: Live) -> list[str]:
    if env.engine == "codedeploy":
        group = {"applicationName": env.names.codedeploy, "deploymentGroupName": WEB}
        told = aws.call(clients["codedeploy"], "GetDeploymentGroup", **group)["deploymentGroupInfo"].get("alarmConfiguration") or {}
        return [alarm["name"] for alarm in told.get("alarms", [])] if told.get("enabled") else []
    service: dict[str, Any] = dict(live.services[WEB])
    told = (service.get("deployment_configuration") or {}).get("alarms") or {}
    return list(told.get("alarm_names") or []) if told.get("enable") else []


def sentence(env: Environment, names: list[str]) -> str:
    """What is said of them before the deployment begins."""
    verb = "is" if len(names) == 1 else "are"
    return f"{', '.join(names)} {verb} in ALARM already: no alarm watches this deployment, because {BECAUSE[env.engine]}"
