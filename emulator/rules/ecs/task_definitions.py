"""What RegisterTaskDefinition refuses of a task definition as a whole; its containers are in containers.py."""

from __future__ import annotations

import json
import re
from typing import Any

from ...registry import rule
from ...services.ecs import state as ecs
from ...services.ecs.task_definitions import units
from ...wire import Call, Refusal

PARAMETERS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html"
SIZES = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html"
ROLE = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/.+|[\w+=,.@/-]+")
# CPU units → the memory sizes in MiB that Fargate has for them (ECS-T3).
FARGATE: dict[int, range | tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: range(1024, 4097, 1024),
    1024: range(2048, 8193, 1024),
    2048: range(4096, 16385, 1024),
    4096: range(8192, 30721, 1024),
    8192: range(16384, 61441, 4096),
    16384: range(32768, 122881, 8192),
    32768: (61440, 122880, 249856),
}


def fargate(call: Call) -> bool:
    return "FARGATE" in call.params.get("requiresCompatibilities", [])


def register(number: str, source: str = PARAMETERS) -> Any:
    return rule(number, "ecs", "RegisterTaskDefinition", source=source)


def no_size(cpu: str, memory: str) -> Refusal | None:
    """The refusal of a pair of CPU and memory that Fargate does not have."""
    values = (units(cpu), units(memory))
    if all(value.isdigit() for value in values) and int(values[1]) in FARGATE.get(int(values[0]), ()):
        return None
    text = f"No Fargate configuration exists for given values: {values[0]} CPU, {values[1]} memory."
    return ecs.client_error(f"{text} See the Amazon ECS documentation for the valid values.")


@register("ECS-T1")
def network_mode(call: Call) -> Refusal | None:
    """Fargate has one network mode."""
    if fargate(call) and call.params.get("networkMode") != "awsvpc":
        return ecs.client_error("Fargate only supports network mode \u2018awsvpc\u2019.")
    return None


@register("ECS-T2", SIZES)
def size(call: Call) -> Refusal | None:
    """Fargate needs CPU and memory of the task, in a pair that it has (ECS-T3)."""
    if not fargate(call):
        return None
    for member in ("cpu", "memory"):
        if not call.params.get(member):
            return ecs.client_error(f"Fargate requires that '{member}' be defined at the task level.")
    return no_size(call.params["cpu"], call.params["memory"])


@register("ECS-T2", SIZES)
def size_on_instances(call: Call) -> Refusal | None:
    """Elsewhere CPU and memory of the task are numbers, or in vCPU and GB."""
    for member in ("cpu", "memory"):
        if call.params.get(member) and not units(call.params[member]).isdigit():
            text = f"Invalid '{member}' setting for task."
            return ecs.client_error(f"{text} For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.")
    return None


@register("ECS-T4")
def containers(call: Call) -> Refusal | None:
    """At least one container, and one of them essential."""
    given = call.params["containerDefinitions"]
    if not given:
        return ecs.client_error("Container list cannot be empty.")
    for member in ("name", "image"):
        if any(not container.get(member) for container in given):
            return ecs.client_error(f"Container.{member} should not be null or empty.")
    if not any(container.get("essential", True) for container in given):
        return ecs.client_error("Task definition doesn't have any essential container.")
    if len(given) > 10:
        return ecs.client_error("Task definition can have at most 10 containers.")
    return None


@register("ECS-T5")
def execution_role(call: Call) -> Refusal | None:
    """Images in ECR, awslogs (ECS-T6) and secrets (ECS-T7) are fetched and written with the execution role."""
    if call.params.get("executionRoleArn"):
        return None
    for container in call.params["containerDefinitions"]:
        logs = container.get("logConfiguration", {})
        if container.get("secrets") or logs.get("secretOptions"):
            return ecs.client_error("When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.")
        if not fargate(call):
            continue
        if logs.get("logDriver") == "awslogs":
            text = "Fargate requires task definition to have execution role ARN to support log driver awslogs."
            return ecs.client_error(text)
        if ".dkr.ecr." in container.get("image", ""):
            return ecs.client_error("Fargate requires task definition to have execution role ARN to support ECR images.")
    return None


@register("ECS-R8")
def roles(call: Call) -> Refusal | None:
    """A role is named by its ARN or its name."""
    for member in ("executionRoleArn", "taskRoleArn"):
        if call.params.get(member) and not ROLE.fullmatch(call.params[member]):
            return ecs.client_error("Role is not valid")
    return None


@register("ECS-T10")
def unsupported(call: Call) -> Refusal | None:
    """What belongs to container instances has no place on Fargate."""
    params = call.params
    if params.get("inferenceAccelerators"):
        return ecs.client_error("Unsupported field 'inferenceAccelerators'")
    if not fargate(call):
        return None
    for member in ("ipcMode", "placementConstraints"):
        if params.get(member):
            return ecs.client_error(f"Fargate compatible task definitions do not support {member}")
    if params.get("pidMode") == "host":
        return ecs.client_error("Fargate compatible task definitions do not support pidMode 'host'")
    for volume in params.get("volumes", []):
        if volume.get("host", {}).get("sourcePath"):
            return ecs.client_error("Fargate compatible task definitions do not support sourcePath")
        if volume.get("dockerVolumeConfiguration"):
            return ecs.client_error("Fargate compatible task definitions do not support dockerVolumeConfiguration")
    return None


@register("ECS-T12")
def shares(call: Call) -> Refusal | None:
    """The containers share what the task has."""
    params, given = call.params, call.params["containerDefinitions"]
    cpu, memory = (units(params.get(member) or "") for member in ("cpu", "memory"))
    if cpu.isdigit() and sum(container.get("cpu", 0) for container in given) > int(cpu):
        return ecs.client_error("The sum of all container 'cpu' values cannot be greater than the task-level 'cpu' value.")
    for container in given:
        prefix = f"Invalid setting for container '{container['name']}'."
        hard, soft = container.get("memory"), container.get("memoryReservation")
        if hard is None and soft is None and not memory:
            return ecs.client_error(f"{prefix} At least one of 'memory' or 'memoryReservation' must be specified.")
        if hard is not None and soft is not None and soft > hard:
            return ecs.client_error(f"{prefix} 'memory' must be greater than or equal to 'memoryReservation'.")
        if memory.isdigit() and (hard or soft or 0) > int(memory):
            which = "memory" if hard else "memoryReservation"
            return ecs.client_error(f"The '{which}' setting for container '{container['name']}' is greater than for the task.")
    return None


@register("ECS-T15")
def storage(call: Call) -> Refusal | None:
    """Ephemeral storage: 21 to 200 GiB, on Fargate only."""
    wanted = call.params.get("ephemeralStorage")
    if wanted is None:
        return None
    if call.params.get("requiresCompatibilities") and not fargate(call):
        return ecs.client_error("Tasks using the EC2 launch type do not support EphemeralStorage")
    if not 21 <= wanted.get("sizeInGiB", 0) <= 200:
        return ecs.client_error("Invalid 'ephemeralStorage' setting. The supported values are between 21 and 200 GiB.")
    return None


@register("ECS-T16")
def volumes(call: Call) -> Refusal | None:
    """Mount points name declared volumes, and what is configured at launch is mounted."""
    declared = [volume.get("name", "") for volume in call.params.get("volumes", [])]
    mounted = [point.get("sourceVolume") for item in call.params["containerDefinitions"] for point in item.get("mountPoints", [])]
    for volume in mounted:
        if volume not in declared:
            return ecs.client_error(f"Unknown volume '{volume}'.")
    if len(set(declared)) < len(declared):
        return ecs.client_error("Volume names must be unique.")
    late = [volume["name"] for volume in call.params.get("volumes", []) if volume.get("configuredAtLaunch")]
    if unused := [volume for volume in late if volume not in mounted]:
        return ecs.client_error(f"Volumes [{', '.join(unused)}] are not referenced by any of the containers.")
    return None


@register("ECS-T16")
def length(call: Call) -> Refusal | None:
    """A task definition has up to 64 KiB."""
    size = len(json.dumps(call.params, separators=(",", ":"), default=str))
    return ecs.client_error(f"Actual length: '{size}'. Max allowed length is '65536' bytes.") if size > 65536 else None


@register("ECS-T1")
def platform(call: Call) -> Refusal | None:
    """Windows on Fargate needs at least 1 vCPU."""
    family = call.params.get("runtimePlatform", {}).get("operatingSystemFamily", "LINUX")
    cpu = units(call.params.get("cpu") or "")
    if fargate(call) and family.startswith("WINDOWS") and cpu.isdigit() and int(cpu) < 1024:
        return ecs.client_error(f"No Fargate configuration exists for given values: {cpu} CPU with {family}.")
    return None
