"""What the emulated ECS keeps, and how its things are found.

Clusters, services, tasks and task definitions are kept in the shapes of AWS's answers. Members that AWS does not have
stay inside: the serializer writes only what the model names.
"""

from __future__ import annotations

import base64
import binascii
import random
import secrets
from typing import Any

from ... import world
from ...wire import Call, Refusal
from .shapes import Cluster, ContainerDefinition, Service, Task, TaskDefinition

PLATFORM = "1.4.0"


def table(call: Call, name: str) -> dict[Any, Any]:
    """One of ECS's tables in this account and Region: clusters, services, tasks, definitions, tags, settings …"""
    found: dict[Any, Any] = world.store("ecs", call).setdefault(name, {})
    return found


def new_id() -> str:
    """A task's or container's id: 32 hexadecimal digits."""
    return secrets.token_hex(16)


def new_number() -> str:
    """What follows `ecs-svc/` in the id of a deployment or task set: 19 digits."""
    return str(random.randrange(10**18, 10**19))


def last(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]


def invalid(message: str) -> Refusal:
    return Refusal("InvalidParameterException", message)


def client_error(message: str) -> Refusal:
    return Refusal("ClientException", message)


# clusters


def cluster_name(value: str | None) -> str:
    return last(value) if value else "default"


def find_cluster(call: Call, value: str | None) -> Cluster | None:
    """The cluster of a name or ARN (absent: the cluster "default"), INACTIVE ones too."""
    found: Cluster | None = table(call, "clusters").get(cluster_name(value))
    return found


def cluster(call: Call, value: str | None) -> Cluster:
    """The active cluster of a name or ARN. Raises ClusterNotFoundException."""
    found = find_cluster(call, value)
    if found is None:
        raise Refusal("ClusterNotFoundException", "Cluster not found.")
    if found["status"] == "INACTIVE":
        raise Refusal("ClusterNotFoundException", "The referenced cluster was inactive.")
    return found


def in_cluster(found: Cluster, identifier: str) -> None:
    """Refuse an ARN that names another cluster than the call does."""
    parts = identifier.split("/")
    if identifier.startswith("arn:") and len(parts) == 3 and parts[1] != found["clusterName"]:
        raise invalid(f"Invalid identifier: Identifier is for {parts[1]}. Your cluster is {found['clusterName']}")


# services


def find_service(call: Call, cluster_value: str | None, value: str) -> Service | None:
    """The service of a name or ARN, DRAINING and INACTIVE ones too."""
    found: Service | None = table(call, "services").get((cluster_name(cluster_value), last(value)))
    return found


def service(call: Call, cluster_value: str | None, value: str) -> Service:
    """An ACTIVE service. Raises ClusterNotFoundException, ServiceNotFoundException, ServiceNotActiveException."""
    in_cluster(cluster(call, cluster_value), value)
    found = find_service(call, cluster_value, value)
    if found is None:
        raise Refusal("ServiceNotFoundException", "Service not found.")
    if found["status"] != "ACTIVE":
        raise Refusal("ServiceNotActiveException", "Service was not ACTIVE.")
    return found


def controller(found: Service) -> str:
    kind: str = found["deploymentController"]["type"]
    return kind


def services_in(call: Call, name: str) -> list[Service]:
    return [found for (owner, _), found in table(call, "services").items() if owner == name]


# task definitions


def definitions(call: Call, family: str) -> dict[int, TaskDefinition]:
    found: dict[int, TaskDefinition] = table(call, "definitions").get(family, {})
    return found


def find_definition(call: Call, value: str) -> TaskDefinition | None:
    """The task definition of `family` (newest ACTIVE revision), `family:revision` or an ARN."""
    if value.startswith("arn:"):
        if not value.startswith(call.arn("ecs", "task-definition/")):
            return None
        value = last(value)
    family, _, revision = value.partition(":")
    known = definitions(call, family)
    if revision:
        return known.get(int(revision)) if revision.isdigit() else None
    return next((known[number] for number in sorted(known, reverse=True) if known[number]["status"] == "ACTIVE"), None)


def definition(call: Call, value: str) -> TaskDefinition:
    """A task definition that new tasks may use. Raises ClientException."""
    found = find_definition(call, value)
    if found is None:
        raise client_error("TaskDefinition not found.")
    if found["status"] != "ACTIVE":
        raise client_error("TaskDefinition is inactive")
    return found


def container_named(found: TaskDefinition, name: str) -> ContainerDefinition | None:
    return next((container for container in found["containerDefinitions"] if container["name"] == name), None)


# tasks


def tasks_of(call: Call, owner: str) -> list[Task]:
    """The tasks that a deployment, task set or caller started (`startedBy`) and that are not STOPPED."""
    return [task for task in table(call, "tasks").values() if task.get("startedBy") == owner and task["lastStatus"] != "STOPPED"]


def live_tasks(call: Call, name: str) -> list[Task]:
    """The tasks of a cluster that are not STOPPED."""
    return [task for task in table(call, "tasks").values() if last(task["clusterArn"]) == name and task["lastStatus"] != "STOPPED"]


def find_task(call: Call, found: Cluster, value: str) -> Task | None:
    """The task of an id or ARN in a cluster."""
    task: Task | None = table(call, "tasks").get(f"{call.arn('ecs', 'task')}/{found['clusterName']}/{last(value)}")
    return task


def wanted_task(call: Call) -> Task:
    """The task that a call names. Raises InvalidParameterException."""
    found = cluster(call, call.params.get("cluster"))
    in_cluster(found, call.params["task"])
    task = find_task(call, found, call.params["task"])
    if task is None:
        raise invalid("The referenced task was not found.")
    return task


# tags


def tags(call: Call, arn: str) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in table(call, "tags").get(arn, {}).items()]


def set_tags(call: Call, arn: str, wanted: list[dict[str, str]] | None) -> None:
    if wanted:
        table(call, "tags").setdefault(arn, {}).update({tag["key"]: tag.get("value", "") for tag in wanted})


def include(call: Call, name: str) -> bool:
    return name in call.params.get("include", [])


# answers in pieces


def page(call: Call, items: list[Any], default: int = 100, highest: int = 100) -> tuple[list[Any], dict[str, str]]:
    """One page of a list and the member `nextToken`, when there is more. Raises InvalidParameterException."""
    size = call.params.get("maxResults", default)
    if not 1 <= size <= highest:
        raise invalid(f"maxResults must be between 1 and {highest}")
    start = 0
    if token := call.params.get("nextToken"):
        try:
            start = int(base64.b64decode(token, validate=True).decode())
        except (binascii.Error, ValueError):
            raise invalid("Invalid token") from None
    end = start + size
    more = {"nextToken": base64.b64encode(str(end).encode()).decode()} if end < len(items) else {}
    return items[start:end], more


def missing(call: Call, kind: str, name: str) -> dict[str, str]:
    """The entry of `failures` for something that is not there; `kind` is the beginning of its ARN's resource."""
    return {"arn": name if name.startswith("arn:") else call.arn("ecs", f"{kind}/{name}"), "reason": "MISSING"}
