"""What a deployment on ECS does itself: the replacement task set, its health, and the traffic that moves to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import world
from ...wire import Refusal
from . import configs, service_role, traffic
from .deployment import Deployment, DeploymentError
from .steps import ecs, later, task_sets

# Seconds between two looks at the tasks, and until CodeDeploy gives them up (CD-28).
LOOK = 10.0
INSTALL = 3600.0
TOO_LONG = "The deployment timed out while waiting for the replacement task set to become healthy. This time out period is 60 minutes."
Done = Callable[[Deployment], None]


def live_service(deployment: Deployment) -> dict[str, Any]:
    cluster, name = deployment.service["cluster"], deployment.service["service"]
    service_role.require_ecs(deployment, "DescribeServices", {})
    try:
        services = world.aws(deployment.call, "ecs", "DescribeServices", cluster=cluster, services=[name])["services"]
    except Refusal:
        services = []
    found: dict[str, Any] = next((item for item in services if item["status"] == "ACTIVE"), {})
    if found.get("deploymentController", {}).get("type") != "CODE_DEPLOY":
        raise DeploymentError("INVALID_ECS_SERVICE", f"The ECS service {name} does not exist, or has no CODE_DEPLOY deployment controller.")
    return found


def install(deployment: Deployment, done: Done) -> None:
    """Create the replacement task set in the idle target group and wait until it is healthy.

    ECS accepts no target group that is behind no load balancer: the idle one joins the listener with weight 0.
    """
    spec, pair, call = deployment.spec, deployment.pair, deployment.call
    assert spec is not None and pair is not None
    service = live_service(deployment)
    for left in service["taskSets"]:
        if left["id"] != deployment.blue and left["status"] == "ACTIVE":
            ecs(deployment, "DeleteTaskSet", taskSet=left["id"], force=True)
    if not traffic.is_network(call, pair.production):
        service_role.shift(deployment, pair.production, 0)
    primary = next(item for item in service["taskSets"] if item["id"] == deployment.blue)
    placement = {"capacityProviderStrategy": spec.capacity or primary.get("capacityProviderStrategy")}
    if not placement["capacityProviderStrategy"]:
        placement = {"launchType": primary.get("launchType", "FARGATE")}
    optional = {
        "networkConfiguration": spec.network or primary.get("networkConfiguration"),
        "platformVersion": spec.platform_version or primary.get("platformVersion"),
    }
    created = ecs(
        deployment,
        "CreateTaskSet",
        externalId=deployment.id,
        taskDefinition=_checked_definition(deployment, placement),
        loadBalancers=[{"targetGroupArn": pair.idle, "containerName": spec.container, "containerPort": spec.port}],
        scale={"value": 100.0, "unit": "PERCENT"},
        **placement,
        **{name: value for name, value in optional.items() if value},
    )
    deployment.green = created["taskSet"]["id"]
    _await_tasks(deployment, done)


def _checked_definition(deployment: Deployment, placement: dict[str, Any]) -> str:
    """The revision's task definition, if it fits the AppSpec and the service (CD-23)."""
    spec = deployment.spec
    assert spec is not None
    definition = world.aws(deployment.call, "ecs", "DescribeTaskDefinition", taskDefinition=spec.task_definition)["taskDefinition"]
    if definition["status"] != "ACTIVE":
        raise DeploymentError("ECS_UPDATE_ERROR", "TaskDefinition is inactive")
    container = next((item for item in definition["containerDefinitions"] if item["name"] == spec.container), None)
    if container is None:
        raise DeploymentError("ECS_UPDATE_ERROR", f"The container {spec.container} does not exist in the task definition.")
    if spec.port not in [mapping.get("containerPort") for mapping in container.get("portMappings", [])]:
        raise DeploymentError("ECS_UPDATE_ERROR", f"The container {spec.container} did not have a container port {spec.port} defined.")
    fargate = placement.get("launchType") == "FARGATE" or str(placement.get("capacityProviderStrategy")).find("FARGATE") >= 0
    if fargate and "FARGATE" not in definition.get("requiresCompatibilities", []):
        raise DeploymentError("ECS_UPDATE_ERROR", "Task definition does not support launch_type FARGATE.")
    service_role.require_pass(deployment, definition)
    return spec.task_definition


def _await_tasks(deployment: Deployment, done: Done) -> None:
    (green,) = task_sets(deployment, deployment.green)
    wanted = green["computedDesiredCount"]
    assert deployment.pair is not None
    ready = green["runningCount"] >= wanted and not green["pendingCount"]
    if ready and traffic.healthy(deployment.call, deployment.pair.idle, wanted):
        done(deployment)
    elif deployment.waited >= INSTALL:
        raise DeploymentError("TIMEOUT", TOO_LONG)
    else:
        deployment.waited += LOOK
        later(deployment, LOOK, lambda deployment: _await_tasks(deployment, done))


def allow_test_traffic(deployment: Deployment, done: Done) -> None:
    assert deployment.pair is not None and deployment.pair.test is not None
    service_role.shift(deployment, deployment.pair.test, 100)
    done(deployment)


def allow_traffic(deployment: Deployment, done: Done) -> None:
    """Move production traffic as the configuration says; then the replacement is the primary task set."""
    config = configs.config(deployment.call, deployment.info["deploymentConfigName"])
    _shift(deployment, configs.shifts(config), done)


def _shift(deployment: Deployment, steps: list[tuple[int, float]], done: Done) -> None:
    assert deployment.pair is not None
    (percent, seconds), *rest = steps
    service_role.shift(deployment, deployment.pair.production, percent)
    if rest:
        later(deployment, seconds, lambda deployment: _shift(deployment, rest, done))
        return
    ecs(deployment, "UpdateServicePrimaryTaskSet", primaryTaskSet=deployment.green)
    deployment.switched = True
    done(deployment)


WORK = {"Install": install, "AllowTestTraffic": allow_test_traffic, "AllowTraffic": allow_traffic}
