"""Events of deployments.

https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html
"""

from __future__ import annotations

from typing import Any

from ...wire import Call
from ..events import delivery

KIND = "CodeDeploy Deployment State-change Notification"
STATES = {"InProgress": "START", "Succeeded": "SUCCESS", "Failed": "FAILURE", "Stopped": "STOP", "Ready": "READY"}


def of_deployment(call: Call, info: dict[str, Any]) -> None:
    if state := STATES.get(info["status"]):
        application, group = info["applicationName"], info["deploymentGroupName"]
        detail = {"region": call.region, "deploymentId": info["deploymentId"], "application": application, "deploymentGroup": group}
        event = delivery.event(
            call, "aws.codedeploy", KIND, call.arn("codedeploy", f"application:{application}"), {**detail, "state": state}
        )
        event["resources"].insert(0, call.arn("codedeploy", f"deploymentgroup:{application}/{group}"))
        delivery.deliver(call, event)
