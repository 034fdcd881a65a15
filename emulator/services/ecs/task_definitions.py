"""ECS task definitions, with all that AWS adds when it stores one.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
"""

from __future__ import annotations

import copy
import re
from typing import Any, cast

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from . import state as ecs
from . import task_roles
from .shapes import ContainerDefinition, TaskDefinition

# What AWS answers for members that a container definition leaves out.
CONTAINER = {"cpu": 0, "portMappings": [], "essential": True, "environment": [], "mountPoints": [], "volumesFrom": [], "systemControls": []}
HEALTH_CHECK = {"interval": 30, "timeout": 5, "retries": 3}
UNITS = {"vcpu": 1024, "gb": 1024, "": 1}
REVISION = re.compile(r"[^:]+:\d+")
GIVEN = (
    "pidMode",
    "ipcMode",
    "proxyConfiguration",
    "inferenceAccelerators",
    "ephemeralStorage",
    "runtimePlatform",
    "enableFaultInjection",
    "trustedExecutionConfiguration",
)


def units(text: str) -> str:
    """`1 vCPU` and `.25 vCPU` are CPU units, `2 GB` is MiB; AWS stores plain numbers. What is none of these stays as it is."""
    match = re.fullmatch(r"\s*([\d.]+)\s*(vcpu|gb|)\s*", text, re.IGNORECASE)
    return str(int(float(match[1]) * UNITS[match[2].lower()])) if match else text


def role_arn(call: Call, role: str) -> str:
    """A role may be given by its name; AWS stores the ARN."""
    return role if role.startswith("arn:") else call.arn("iam", f"role/{role}", regional=False)


def _container(given: dict[str, Any], network_mode: str | None) -> ContainerDefinition:
    container = cast(ContainerDefinition, {**copy.deepcopy(CONTAINER), **copy.deepcopy(given)})
    for mapping in container["portMappings"]:
        mapping.setdefault("protocol", "tcp")
        if "containerPort" in mapping and network_mode in ("awsvpc", "host"):
            mapping["hostPort"] = mapping["containerPort"]
        else:
            mapping.setdefault("hostPort", 0)
    if "healthCheck" in container:
        container["healthCheck"] = {**HEALTH_CHECK, **container["healthCheck"]}
    return container


def _attributes(found: TaskDefinition) -> list[dict[str, str]]:
    """What a container instance would need to run these containers; it follows from the rest of the definition."""
    names = {"com.amazonaws.ecs.capability.docker-remote-api.1.18"}
    if found.get("taskRoleArn"):
        names.add("com.amazonaws.ecs.capability.task-iam-role")
    if found.get("networkMode") == "awsvpc":
        names.add("ecs.capability.task-eni")
    for container in found["containerDefinitions"]:
        names |= _container_attributes(container, bool(found.get("executionRoleArn")))
    return [{"name": name} for name in sorted(names)]


def _container_attributes(container: ContainerDefinition, execution_role: bool) -> set[str]:
    names = set()
    driver = container.get("logConfiguration", {}).get("logDriver")
    if driver:
        names |= {f"com.amazonaws.ecs.capability.logging-driver.{driver}", "com.amazonaws.ecs.capability.docker-remote-api.1.19"}
        if driver == "awslogs" and execution_role:
            names.add("ecs.capability.execution-role-awslogs")
    if ".dkr.ecr." in container.get("image", ""):
        names.add("com.amazonaws.ecs.capability.ecr-auth")
        if execution_role:
            names.add("ecs.capability.execution-role-ecr-pull")
    for secret in container.get("secrets", []):
        kind = "asm" if ":secretsmanager:" in secret["valueFrom"] else "ssm"
        names.add(f"ecs.capability.secrets.{kind}.environment-variables")
    if container.get("healthCheck"):
        names |= {"ecs.capability.container-health-check", "com.amazonaws.ecs.capability.docker-remote-api.1.24"}
    if container.get("dependsOn"):
        names.add("ecs.capability.container-ordering")
    return names


def _compatibilities(found: TaskDefinition) -> list[str]:
    fargate = found.get("networkMode") == "awsvpc" and found.get("cpu") and found.get("memory")
    return ["EC2", "FARGATE"] if fargate else ["EC2"]


def make(call: Call, family: str, revision: int) -> TaskDefinition:
    """The task definition that AWS stores for the parameters of RegisterTaskDefinition."""
    params = call.params
    found: TaskDefinition = {
        "taskDefinitionArn": call.arn("ecs", f"task-definition/{family}:{revision}"),
        "containerDefinitions": [_container(item, params.get("networkMode")) for item in params["containerDefinitions"]],
        "family": family,
        "revision": revision,
        "volumes": [_volume(item) for item in params.get("volumes", [])],
        "status": "ACTIVE",
        "placementConstraints": copy.deepcopy(params.get("placementConstraints", [])),
        "registeredAt": world.clock.utc(),
        "registeredBy": call.arn("iam", "root", regional=False),
    }
    roles = {member: role_arn(call, params[member]) for member in ("taskRoleArn", "executionRoleArn") if params.get(member)}
    sizes = {member: units(params[member]) for member in ("cpu", "memory") if params.get(member)}
    found.update(cast(TaskDefinition, {**roles, **sizes}))
    if params.get("networkMode"):
        found["networkMode"] = params["networkMode"]
    if params.get("requiresCompatibilities"):
        found["requiresCompatibilities"] = list(params["requiresCompatibilities"])
    found.update(cast(TaskDefinition, {member: copy.deepcopy(params[member]) for member in GIVEN if params.get(member)}))
    found["compatibilities"] = _compatibilities(found)
    found["requiresAttributes"] = _attributes(found)
    return found


def _volume(given: dict[str, Any]) -> dict[str, Any]:
    plain = not any(key.endswith("VolumeConfiguration") or key == "configuredAtLaunch" for key in given)
    return {**({"host": {}} if plain else {}), **copy.deepcopy(given)}


@operation("ecs", "RegisterTaskDefinition")
def register_task_definition(call: Call) -> dict[str, Any]:
    family = call.params["family"]
    known = ecs.table(call, "definitions").setdefault(family, {})
    revision = max(known, default=0) + 1
    known[revision] = found = make(call, family, revision)
    ecs.set_tags(call, found["taskDefinitionArn"], call.params.get("tags"))
    tags = ecs.tags(call, found["taskDefinitionArn"])
    return {"taskDefinition": found, **({"tags": tags} if tags else {})}


@operation("ecs", "DescribeTaskDefinition")
def describe_task_definition(call: Call) -> dict[str, Any]:
    found = ecs.find_definition(call, call.params["taskDefinition"])
    if found is None:
        raise ecs.client_error("Unable to describe task definition.")
    return {"taskDefinition": found, "tags": ecs.tags(call, found["taskDefinitionArn"]) if ecs.include(call, "TAGS") else []}


@operation("ecs", "DeregisterTaskDefinition")
def deregister_task_definition(call: Call) -> dict[str, Any]:
    """An INACTIVE revision stays describable, and its number is never given again."""
    wanted = call.params["taskDefinition"]
    if not REVISION.fullmatch(ecs.last(wanted)):
        raise ecs.client_error(f"Invalid revision number. Number: {ecs.last(wanted)}")
    found = ecs.find_definition(call, wanted)
    if found is None:
        raise ecs.client_error("The specified task definition does not exist. Specify a valid account, family, revision and try again.")
    if found["status"] != "ACTIVE":
        raise ecs.client_error("The specified task definition is inactive. Specify an active task definition and try again.")
    found.update({"status": "INACTIVE", "deregisteredAt": world.clock.utc()})
    return {"taskDefinition": found}


@operation("ecs", "DeleteTaskDefinitions")
def delete_task_definitions(call: Call) -> dict[str, Any]:
    """Only INACTIVE revisions can be deleted; the others come back in `failures` (ECS-D5)."""
    answer: dict[str, Any] = {"taskDefinitions": [], "failures": []}
    for name in call.params["taskDefinitions"]:
        found = ecs.find_definition(call, name) if REVISION.fullmatch(ecs.last(name)) else None
        if found is None:
            text = "The specified task definition identifier is invalid. Specify a valid name or ARN and try again."
            answer["failures"].append({"arn": name, "reason": text})
        elif found["status"] == "ACTIVE":
            text = "The specified task definition is still in ACTIVE status. Please deregister the target and try again."
            answer["failures"].append({"arn": found["taskDefinitionArn"], "reason": text})
        else:
            found.update({"status": "DELETE_IN_PROGRESS", "deleteRequestedAt": world.clock.utc()})
            answer["taskDefinitions"].append(found)
    return answer


def _sorted(call: Call) -> list[TaskDefinition]:
    known = [found for family in ecs.table(call, "definitions").values() for found in family.values()]
    return sorted(known, key=lambda found: (found["family"], found["revision"]), reverse=call.params.get("sort") == "DESC")


@operation("ecs", "ListTaskDefinitions")
def list_task_definitions(call: Call) -> dict[str, Any]:
    """`familyPrefix` is the whole name of a family here."""
    family, status = call.params.get("familyPrefix"), call.params.get("status", "ACTIVE")
    arns = [found["taskDefinitionArn"] for found in _sorted(call) if family in (None, found["family"]) and found["status"] == status]
    items, more = ecs.page(call, arns)
    return {"taskDefinitionArns": items, **more}


@operation("ecs", "ListTaskDefinitionFamilies")
def list_task_definition_families(call: Call) -> dict[str, Any]:
    """A family is ACTIVE while one of its revisions is; without `status` both kinds are listed."""
    prefix, status = call.params.get("familyPrefix", ""), call.params.get("status", "ALL")
    families = []
    for family, known in sorted(ecs.table(call, "definitions").items()):
        own = "ACTIVE" if any(found["status"] == "ACTIVE" for found in known.values()) else "INACTIVE"
        if family.startswith(prefix) and status in ("ALL", own):
            families.append(family)
    items, more = ecs.page(call, families)
    return {"families": items, **more}


def ready(call: Call, found: TaskDefinition) -> Refusal | None:
    """ECS must be able to assume the roles of a task definition when it starts a task (ECS-R8)."""
    for role in (found.get("executionRoleArn"), found.get("taskRoleArn")):
        if role and not task_roles.assumable(call, role):
            return ecs.client_error(
                f"ECS was unable to assume the role '{role}' that was provided for this task. Please verify that the role being "
                "passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role."
            )
    return None
