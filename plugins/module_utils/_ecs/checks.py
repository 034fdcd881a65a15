# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWS would refuse in a task definition, found before the first call. Pure; texts say what would be right.

Rules ECS-T1 to ECS-T17.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from . import fargate

LOG_DRIVERS = ("awslogs", "splunk", "awsfirelens")
AWSLOGS = ("awslogs-group", "awslogs-region", "awslogs-stream-prefix")
CONTAINER_FORBIDDEN = ("privileged", "links", "hostname", "extra_hosts", "dns_servers", "disable_networking", "docker_security_options")
RANGES = {"interval": (5, 300), "timeout": (2, 60), "retries": (1, 10), "start_period": (0, 300)}


def problems(definition: dict[str, Any]) -> list[str]:
    """One text for each problem of a task definition in normal form; [] when there is none."""
    containers = definition.get("containers", [])
    if not containers:
        return ["there is no container"]
    found = [*_family(definition), *_names(containers), *_dependencies(containers), *_volumes(definition)]
    for container in containers:
        found += [f"container {container['name']}: {text}" for text in _container(container, definition)]
    if "FARGATE" in definition.get("requires_compatibilities", []):
        found += _fargate(definition)
    return found


def _family(definition: dict[str, Any]) -> Iterator[str]:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", definition["family"]):
        yield "the family has 1 to 255 letters, digits, hyphens and underscores"


def _names(containers: list[dict[str, Any]]) -> Iterator[str]:
    names = [item["name"] for item in containers]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        yield f"there are two containers of the name {', '.join(twice)}"
    if not any(item["essential"] for item in containers):
        yield "no container is essential"


def _dependencies(containers: list[dict[str, Any]]) -> Iterator[str]:
    known = {item["name"]: item for item in containers}
    for item in containers:
        for wish in item.get("depends_on", []):
            name, condition = wish["container_name"], wish["condition"]
            if name not in known:
                yield f"container {item['name']}: depends_on names {name}, which does not exist"
            elif condition == "HEALTHY" and "health_check" not in known[name]:
                yield f"container {item['name']}: waits until {name} is HEALTHY, but {name} has no health_check"
            elif condition in ("COMPLETE", "SUCCESS") and known[name]["essential"]:
                yield f"container {item['name']}: waits for the end of {name}, which is essential; make it essential: false"


def _volumes(definition: dict[str, Any]) -> Iterator[str]:
    declared = {item["name"] for item in definition.get("volumes", [])}
    containers = definition["containers"]
    mounted = {mount.get("source_volume"): item["name"] for item in containers for mount in item.get("mount_points", [])}
    for name in sorted(declared - set(mounted)):
        yield f"volume {name} is mounted by no container"
    for name in sorted(set(mounted) - declared, key=str):
        yield f"container {mounted[name]}: mounts volume {name}, which is not declared"


def _container(container: dict[str, Any], definition: dict[str, Any]) -> Iterator[str]:
    both = sorted(set(container.get("environment", {})) & set(container.get("secrets", {})))
    if both:
        yield f"{', '.join(both)} cannot be in environment and in secrets"
    if not definition.get("execution_role_arn"):
        if container.get("secrets"):
            yield "secrets need an execution_role_arn of the task"
        if container.get("log_configuration", {}).get("log_driver") == "awslogs":
            yield "log driver awslogs needs an execution_role_arn of the task"
        if ".dkr.ecr." in container.get("image", ""):
            yield "an image in ECR needs an execution_role_arn of the task"
    yield from _logs(container.get("log_configuration"))
    yield from _health(container.get("health_check"))
    yield from _container_memory(container, definition)


def _logs(log: dict[str, Any] | None) -> Iterator[str]:
    if not log:
        return
    if log["log_driver"] not in LOG_DRIVERS:
        yield f"log driver {log['log_driver']} is not one of {', '.join(LOG_DRIVERS)}"
    if log["log_driver"] == "awslogs":
        missing = [option for option in AWSLOGS if option not in log.get("options", {})]
        if missing:
            yield f"log driver awslogs needs the options {', '.join(missing)}"


def _health(check: dict[str, Any] | None) -> Iterator[str]:
    if not check:
        return
    if not check.get("command") or check["command"][0] not in ("CMD", "CMD-SHELL", "NONE"):
        yield "the command of health_check begins with CMD or CMD-SHELL"
    for name, (low, high) in RANGES.items():
        if name in check and not low <= check[name] <= high:
            yield f"{name} of health_check is {check[name]}; it is {low} to {high}"


def _container_memory(container: dict[str, Any], definition: dict[str, Any]) -> Iterator[str]:
    own, soft, task = container.get("memory"), container.get("memory_reservation"), definition.get("memory")
    if own and task and task.isdigit() and own > int(task):
        yield f"memory {own} is more than the task's {task}"
    if own and soft and soft > own:
        yield f"memory_reservation {soft} is more than memory {own}"


def _fargate(definition: dict[str, Any]) -> Iterator[str]:
    if definition.get("network_mode") != "awsvpc":
        yield f"Fargate has network mode awsvpc only, not {definition.get('network_mode')}"
    if definition.get("pid_mode") == "host":
        yield "Fargate has pid_mode task only, not host"
    size = fargate.size_problem(definition.get("cpu"), definition.get("memory"))
    if size:
        yield size
    elif (total := sum(item.get("cpu", 0) for item in definition["containers"])) > int(definition["cpu"]):
        yield f"the containers have cpu {total} together, the task has {definition['cpu']}"
    storage = definition.get("ephemeral_storage")
    if storage is not None and not 21 <= storage <= 200:
        yield f"ephemeral_storage is {storage} GiB; it is 21 to 200"
    for container in definition["containers"]:
        yield from (f"container {container['name']}: {text}" for text in _fargate_container(container))


def _fargate_container(container: dict[str, Any]) -> Iterator[str]:
    forbidden = [name for name in CONTAINER_FORBIDDEN if container.get(name)]
    if forbidden:
        yield f"Fargate does not have {', '.join(forbidden)}"
    if container.get("stop_timeout", 0) > 120:
        yield f"stop_timeout is {container['stop_timeout']}; Fargate waits 120 seconds at most"
    for port in container.get("port_mappings", []):
        if "container_port" in port and port["host_port"] != port["container_port"]:
            yield f"host_port {port['host_port']} is not container_port {port['container_port']}; leave it out"
