"""What CreateService and UpdateService refuse; load balancers and networks are in files of their own."""

from __future__ import annotations

from typing import Any

from ...registry import rule
from ...services.ecs import state as ecs
from ...services.ecs.shapes import TaskDefinition
from ...wire import Call, Refusal

CREATE = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html"
UPDATE = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html"
LARGEST = 2**31 - 1
PLATFORMS = ("LATEST", "1.4.0", "1.3.0", "1.0.0")
IDENTIFIERS = {"cluster", "service"}
# What UpdateService may change of a service, by its deployment controller (ECS-U1).
ALLOWED = {
    "CODE_DEPLOY": {
        "desiredCount",
        "deploymentConfiguration",
        "healthCheckGracePeriodSeconds",
        "placementConstraints",
        "placementStrategy",
        "enableECSManagedTags",
        "propagateTags",
    },
    "EXTERNAL": {
        "desiredCount",
        "placementConstraints",
        "placementStrategy",
        "healthCheckGracePeriodSeconds",
        "enableECSManagedTags",
        "propagateTags",
    },
}
WORDS = {
    "taskDefinition": "task definition",
    "networkConfiguration": "network parameters",
    "platformVersion": "network parameters",
    "forceNewDeployment": "network parameters",
    "loadBalancers": "load balancers",
    "serviceRegistries": "service registries",
    "capacityProviderStrategy": "capacity provider strategy",
    "enableExecuteCommand": "execute command",
    "serviceConnectConfiguration": "service connect configuration",
    "volumeConfigurations": "volume configurations",
    "availabilityZoneRebalancing": "availability zone rebalancing",
}


def wanted(call: Call) -> dict[str, Any]:
    """The service as the call would have it: the parameters, over what is stored when the service is updated."""
    if call.operation == "CreateService":
        return call.params
    found = ecs.find_service(call, call.params.get("cluster"), call.params["service"]) or {}
    return {**found, **call.params}


def controller(call: Call) -> str:
    kind: str = wanted(call).get("deploymentController", {}).get("type", "ECS")
    return kind


def on_fargate(call: Call) -> bool:
    """Whether the tasks run on Fargate: by launch type, by capacity providers, or by the cluster's default."""
    params = wanted(call)
    if params.get("launchType"):
        return bool(params["launchType"] == "FARGATE")
    found = ecs.find_cluster(call, params.get("cluster")) or {}
    return bool(params.get("capacityProviderStrategy") or found.get("defaultCapacityProviderStrategy"))


def definition(call: Call) -> TaskDefinition | None:
    value = wanted(call).get("taskDefinition")
    return ecs.find_definition(call, value) if value else None


# CreateService


@rule("ECS-S4", "ecs", "CreateService", source=CREATE)
def task_definition(call: Call) -> Refusal | None:
    """Controllers ECS and CODE_DEPLOY need a task definition; EXTERNAL takes it from its task sets."""
    given = call.params.get("taskDefinition")
    if controller(call) == "EXTERNAL":
        return ecs.invalid("TaskDefinition must be blank") if given else None
    return None if given else ecs.invalid("TaskDefinition can not be blank.")


@rule("ECS-S5", "ecs", "CreateService", source=CREATE)
def desired_count(call: Call) -> Refusal | None:
    """A replica service has a desired count, a daemon service has none."""
    given = call.params.get("desiredCount")
    if call.params.get("schedulingStrategy") == "DAEMON":
        text = "The daemon scheduling strategy does not support a desired count for services."
        return ecs.invalid(f"{text} Remove the desired count value and try again.") if given is not None else None
    return ecs.invalid("The replica scheduling strategy requires a desired count for services.") if given is None else None


@rule("ECS-S5", "ecs", "CreateService", "UpdateService", source=UPDATE)
def negative(call: Call) -> Refusal | None:
    """Counts are not negative."""
    return ecs.invalid("Desired count cannot be negative.") if call.params.get("desiredCount", 0) < 0 else None


@rule("ECS-S3", "ecs", "CreateService", source=CREATE)
def daemon(call: Call) -> Refusal | None:
    """DAEMON is not for Fargate, nor for CODE_DEPLOY and EXTERNAL."""
    if call.params.get("schedulingStrategy") != "DAEMON":
        return None
    if controller(call) != "ECS":
        return ecs.invalid(f"The daemon scheduling strategy is not supported with the {controller(call)} deployment controller.")
    if on_fargate(call):
        return ecs.invalid("The daemon scheduling strategy is not supported with the Fargate launch type.")
    return None


@rule("ECS-S15", "ecs", "CreateService", source=CREATE)
def role(call: Call) -> Refusal | None:
    """awsvpc services use the service-linked role, no other."""
    found = definition(call)
    if call.params.get("role") and found is not None and found.get("networkMode") == "awsvpc":
        return ecs.invalid("You cannot specify an IAM role for services that require a service linked role.")
    return None


@rule("ECS-S17", "ecs", "CreateService", "UpdateService", source=CREATE)
def placement(call: Call) -> Refusal | None:
    """Fargate places tasks itself."""
    for member, words in (("placementConstraints", "Placement constraints"), ("placementStrategy", "Placement strategies")):
        if call.params.get(member) and on_fargate(call):
            return ecs.invalid(f"{words} are not supported with FARGATE launch type.")
    return None


@rule("ECS-S16", "ecs", "CreateService", "UpdateService", "CreateTaskSet", "RunTask", source=CREATE)
def platform(call: Call) -> Refusal | None:
    """A platform version is Fargate's, and one that exists."""
    version = call.params.get("platformVersion")
    if version is None:
        return None
    if call.params.get("launchType") == "EC2":
        return ecs.invalid("The platform version must be null when specifying an EC2 launch type.")
    if version not in PLATFORMS:
        return Refusal("PlatformUnknownException", "The specified platform version does not exist.")
    return None


@rule("ECS-S22", "ecs", "CreateService", "UpdateService", source=CREATE)
def grace_period(call: Call) -> Refusal | None:
    """The grace period is for services with a load balancer."""
    given = call.params.get("healthCheckGracePeriodSeconds")
    if given is None:
        return None
    if not 0 <= given <= LARGEST:
        return ecs.invalid(f"Health check grace period must be between 0 and {LARGEST} seconds.")
    params = wanted(call)
    sets = any(run.get("loadBalancers") for run in params.get("taskSets", []))
    if not params.get("loadBalancers") and not sets and controller(call) != "EXTERNAL":
        return ecs.invalid("Health check grace period is only valid for services configured to use load balancers")
    return None


@rule(
    "ECS-S20", "ecs", "CreateService", "UpdateService", source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html"
)
def execute_command(call: Call) -> Refusal | None:
    """ECS Exec needs a task role."""
    found, params = definition(call), wanted(call)
    if not params.get("enableExecuteCommand") or found is None or found.get("taskRoleArn"):
        return None
    verb = "created" if call.operation == "CreateService" else "updated"
    return ecs.invalid(
        f"The service couldn't be {verb} because a valid taskRoleArn is not being used. "
        "Specify a valid task role in your task definition and try again."
    )


@rule("ECS-S21", "ecs", "CreateService", source=CREATE)
def client_token(call: Call) -> Refusal | None:
    """A client token has up to 36 printable characters."""
    token = call.params.get("clientToken", "")
    if len(token) > 36 or any(not 33 <= ord(character) <= 126 for character in token):
        return ecs.invalid("Invalid clientToken. It can have at most 36 ASCII characters in the range of 33-126.")
    return None


@rule("ECS-S6", "ecs", "CreateService", "UpdateService", "CreateTaskSet", "RunTask", source=CREATE)
def launch_type(call: Call) -> Refusal | None:
    """On Fargate run task definitions that are compatible with it."""
    value = call.params.get("taskDefinition")
    found = ecs.find_definition(call, value) if value else None
    if found is None or "FARGATE" in found["compatibilities"]:
        return None
    fargate = call.params.get("launchType") == "FARGATE" if call.operation in ("RunTask", "CreateTaskSet") else on_fargate(call)
    return ecs.invalid("Task definition does not support launch_type FARGATE.") if fargate else None


# UpdateService


@rule("ECS-U2", "ecs", "UpdateService", source=UPDATE)
def allowed(call: Call) -> Refusal | None:
    """CODE_DEPLOY and EXTERNAL services change by deployments and task sets, even when the value stays (ECS-U1 to U4)."""
    found = ecs.find_service(call, call.params.get("cluster"), call.params["service"])
    if found is None or ecs.controller(found) == "ECS" or _leaves(call):
        return None
    kind = ecs.controller(found)
    given = {name for name, value in call.params.items() if not (name == "forceNewDeployment" and not value)}
    for name in sorted(given - ALLOWED[kind] - IDENTIFIERS, key=lambda name: list(WORDS).index(name) if name in WORDS else 99):
        words = WORDS.get(name, name)
        repair = "Use AWS CodeDeploy to trigger a new deployment." if kind == "CODE_DEPLOY" else "Create a new task set instead."
        return ecs.invalid(f"Unable to update {words} on services with a {kind} deployment controller. {repair}")
    return None


def _leaves(call: Call) -> bool:
    return bool(call.params.get("deploymentController", {}).get("type") == "ECS")


@rule("ECS-U5", "ecs", "UpdateService", source=UPDATE)
def other_controller(call: Call) -> Refusal | None:
    """A service can come to the ECS controller with one task set, its primary; it cannot go from ECS to CODE_DEPLOY."""
    found = ecs.find_service(call, call.params.get("cluster"), call.params["service"])
    new = call.params.get("deploymentController", {}).get("type")
    if found is None or new is None or new == ecs.controller(found):
        return None
    if new != "ECS":
        return ecs.invalid(f"Updating the deployment controller to {new} is not supported.")
    if len(found["taskSets"]) > 1:
        text = "is not supported when there are multiple tasksets in the service. Please ensure your service has only one taskset"
        return ecs.invalid(f"Updating the deployment controller {text} and try again.")
    if not any(run["status"] == "PRIMARY" for run in found["taskSets"]):
        text = "requires a primary taskset in the service. Please ensure your service has a primary taskset"
        return ecs.invalid(f"Updating the deployment controller {text} and try again.")
    return None


@rule("ECS-S5", "ecs", "UpdateService", source=UPDATE)
def daemon_count(call: Call) -> Refusal | None:
    """A daemon service has no desired count."""
    found = ecs.find_service(call, call.params.get("cluster"), call.params["service"])
    if found is not None and found["schedulingStrategy"] == "DAEMON" and "desiredCount" in call.params:
        return ecs.invalid("The daemon scheduling strategy does not support a desired count for services.")
    return None
