"""Events of deployments of services.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
"""

from __future__ import annotations

from ... import world
from ...wire import Call
from ..events import delivery
from .shapes import Run, Service

KIND = "ECS Deployment State Change"


def failed(call: Call, service: Service, run: Run, reason: str) -> None:
    at = world.clock.utc().strftime("%Y-%m-%dT%H:%M:%SZ")
    detail = {"eventType": "ERROR", "eventName": "SERVICE_DEPLOYMENT_FAILED", "deploymentId": run["id"], "updatedAt": at, "reason": reason}
    delivery.deliver(call, delivery.event(call, "aws.ecs", KIND, service["serviceArn"], detail))
