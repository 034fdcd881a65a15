"""One ECS task as DescribeTasks shows it: made from a task definition, overrides and a network."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable
from typing import Any, cast

from ... import world
from ...wire import Call, Refusal
from . import state as ecs
from .shapes import Cluster, Container, ContainerDefinition, Task, TaskDefinition

INTERFACE = "ElasticNetworkInterface"


def overridden(task: Task, definition: TaskDefinition) -> list[ContainerDefinition]:
    """The container definitions with the task's overrides: `command` replaces, `environment` is merged by name (ECS-R5)."""
    overrides = {item["name"]: item for item in task["overrides"].get("containerOverrides", [])}
    containers = []
    for given in definition["containerDefinitions"]:
        container: dict[str, Any] = {**copy.deepcopy(given)}
        for member, value in overrides.get(container["name"], {}).items():
            if member == "environment":
                merged = {item["name"]: item for item in [*container["environment"], *value]}
                value = list(merged.values())
            container[member] = value
        containers.append(cast(ContainerDefinition, container))
    return containers


def _container(call: Call, arn: str, container: ContainerDefinition) -> Container:
    found: Container = {
        "containerArn": call.arn("ecs", f"container/{arn.split('task/', 1)[1]}/{uuid.uuid4()}"),
        "taskArn": arn,
        "name": container["name"],
        "image": container["image"],
        "lastStatus": "PENDING",
        "networkInterfaces": [],
        "healthStatus": "UNKNOWN",
        "cpu": str(container["cpu"]),
    }
    if "memory" in container:
        found["memory"] = str(container["memory"])
    if "memoryReservation" in container:
        found["memoryReservation"] = str(container["memoryReservation"])
    return found


def make(call: Call, cluster: Cluster, definition: TaskDefinition, run: dict[str, Any], watch: Callable[[], None] | None) -> Task:
    """A new task, PROVISIONING.

    `run` says how it runs: launchType or capacityProviderName, platformVersion, networkConfiguration, overrides, group,
    startedBy, tags, enableExecuteCommand, loadBalancers. `watch` is called when the task started, is to stop, or stopped.
    """
    arn = f"{call.arn('ecs', 'task')}/{cluster['clusterName']}/{ecs.new_id()}"
    overrides = copy.deepcopy(run.get("overrides") or {})
    architecture = definition.get("runtimePlatform", {}).get("cpuArchitecture", "X86_64").lower()
    overrides.setdefault("containerOverrides", [{"name": item["name"]} for item in definition["containerDefinitions"]])
    overrides.setdefault("inferenceAcceleratorOverrides", [])
    task: Task = {
        "taskArn": arn,
        "clusterArn": cluster["clusterArn"],
        "taskDefinitionArn": definition["taskDefinitionArn"],
        "attachments": [],
        "attributes": [{"name": "ecs.cpu-architecture", "value": architecture}],
        "availabilityZone": "",
        "overrides": overrides,
        "lastStatus": "PROVISIONING",
        "desiredStatus": "RUNNING",
        "healthStatus": "UNKNOWN",
        "createdAt": world.clock.utc(),
        "enableExecuteCommand": bool(run.get("enableExecuteCommand")),
        "group": run.get("group") or f"family:{definition['family']}",
        "inferenceAccelerators": [],
        "launchType": run.get("launchType") or "FARGATE",
        "version": 1,
        "service": run.get("service"),
        "loadBalancers": copy.deepcopy(run.get("loadBalancers") or []),
        "network": copy.deepcopy((run.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}),
        "watch": watch,
    }
    _placed(task, run, definition)
    task["containers"] = [_container(call, arn, item) for item in overridden(task, definition)]
    _attach(call, task)
    ecs.table(call, "tasks")[arn] = task
    ecs.set_tags(call, arn, run.get("tags"))
    return task


def _placed(task: Task, run: dict[str, Any], definition: TaskDefinition) -> None:
    overrides = task["overrides"]
    if cpu := overrides.get("cpu") or definition.get("cpu"):
        task["cpu"] = cpu
    if memory := overrides.get("memory") or definition.get("memory"):
        task["memory"] = memory
    if run.get("startedBy"):
        task["startedBy"] = run["startedBy"]
    if run.get("capacityProviderName"):
        task["capacityProviderName"] = run["capacityProviderName"]
    if task["launchType"] == "FARGATE":
        wanted = run.get("platformVersion") or "LATEST"
        storage = overrides.get("ephemeralStorage") or definition.get("ephemeralStorage") or {"sizeInGiB": 20}
        task.update(
            {
                "platformVersion": ecs.PLATFORM if wanted == "LATEST" else wanted,
                "platformFamily": "Linux",
                "ephemeralStorage": storage,
                "fargateEphemeralStorage": {"sizeInGiB": storage["sizeInGiB"]},
            }
        )
    if task["enableExecuteCommand"]:
        task["agent"] = {"name": "ExecuteCommandAgent", "lastStatus": "PENDING"}


def subnet(call: Call, name: str) -> Any:
    """moto's subnet of an id; None when it was deleted since."""
    return next((zone[name] for zone in world.backend("ec2", call).subnets.values() if name in zone), None)


def _attach(call: Call, task: Task) -> None:
    """The network interface that the task will get: in one of the subnets, in turn."""
    subnets = task["network"].get("subnets", [])
    if not subnets:
        return
    number = len(ecs.table(call, "tasks"))
    task["subnet"] = subnets[number % len(subnets)]
    known = subnet(call, task["subnet"])
    task["availabilityZone"] = known.availability_zone if known else ""
    details = [{"name": "subnetId", "value": task["subnet"]}]
    task["attachments"] = [{"id": str(uuid.uuid4()), "type": INTERFACE, "status": "PRECREATED", "details": details}]


def attach(call: Call, task: Task) -> None:
    """The network interface is there; the containers have its address."""
    if not task["attachments"]:
        return
    attachment = task["attachments"][0]
    groups = task["network"].get("securityGroups")
    made = world.aws(
        call,
        "ec2",
        "CreateNetworkInterface",
        SubnetId=task["subnet"],
        Description=call.arn("ecs", f"attachment/{attachment['id']}"),
        **({"Groups": groups} if groups else {}),
    )["NetworkInterface"]
    address = made["PrivateIpAddress"]
    details = {
        "networkInterfaceId": made["NetworkInterfaceId"],
        "macAddress": made.get("MacAddress", ""),
        "privateDnsName": f"ip-{address.replace('.', '-')}.{call.region}.compute.internal",
        "privateIPv4Address": address,
    }
    attachment["details"] += [{"name": name, "value": value} for name, value in details.items()]
    attachment["status"] = "ATTACHED"
    task["address"], task["interface"] = address, made["NetworkInterfaceId"]
    for container in task["containers"]:
        container["networkInterfaces"] = [{"attachmentId": attachment["id"], "privateIpv4Address": address}]


def detach(call: Call, task: Task) -> None:
    if interface := task.pop("interface", None):
        try:
            world.aws(call, "ec2", "DeleteNetworkInterface", NetworkInterfaceId=interface)
        except Refusal:
            return
        finally:
            task["attachments"][0]["status"] = "DELETED"


def view(call: Call, task: Task, *, with_tags: bool) -> dict[str, Any]:
    """The task as an answer shows it."""
    return {**task, "tags": ecs.tags(call, task["taskArn"]) if with_tags else []}


def container(task: Task, name: str) -> Container:
    return next(item for item in task["containers"] if item["name"] == name)
