# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The normal form of a task definition: equal task definitions are equal values in it.

AWS fills in defaults, keeps lists in another order, and answers with empty members; none of that is a difference.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .fargate import units

# What AWS derives, or keeps about the registration.
DERIVED = ("compatibilities", "requires_attributes", "registered_by", "deregistered_at", "delete_requested_at")
# What identifies a revision and is no part of what was declared.
IDENTITY = ("revision", "task_definition_arn", "status", "registered_at", "tags")
HEALTH_CHECK = {"interval": 30, "timeout": 5, "retries": 3, "start_period": 0}
PLATFORM = {"cpu_architecture": "X86_64", "operating_system_family": "LINUX"}
# Lists whose order has no meaning, and what orders them.
SORTED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "depends_on": lambda item: item["container_name"],
    "extra_hosts": lambda item: item["hostname"],
    "mount_points": lambda item: item.get("container_path", ""),
    "port_mappings": lambda item: (item.get("container_port", 0), item.get("container_port_range", ""), item["protocol"]),
    "properties": lambda item: item.get("name", ""),
    "resource_requirements": lambda item: item["type"],
    "secret_options": lambda item: item["name"],
    "system_controls": lambda item: item.get("namespace", ""),
    "ulimits": lambda item: item["name"],
    "volumes_from": lambda item: item.get("source_container", ""),
}
# A value that says the same as its absence. Every false but these is such a value.
SPEAKING = ("essential", "enabled")
ABSENT = {
    "cpu": (0, "0", ""),
    "version_consistency": ("enabled",),
    "root_directory": ("/",),
    "transit_encryption": ("DISABLED",),
    "transit_encryption_port": (0,),
    "iam": ("DISABLED",),
    "pid_mode": ("",),
    "ipc_mode": ("",),
    "task_role_arn": ("",),
    "execution_role_arn": ("",),
}


def normalise(definition: dict[str, Any]) -> dict[str, Any]:
    """`definition` in our shape, as AWS answers it or as it is to be registered. Identity is kept, what AWS derives is not."""
    given = {name: value for name, value in definition.items() if name not in DERIVED}
    mode = given.get("network_mode")
    given["containers"] = sorted((_container(item, mode) for item in given.pop("container_definitions", [])), key=_name)
    given["volumes"] = sorted(given.get("volumes") or [], key=_name)
    given["requires_compatibilities"] = sorted(given.get("requires_compatibilities") or [])
    given["runtime_platform"] = {**PLATFORM, **(given.get("runtime_platform") or {})}
    for name in ("cpu", "memory"):
        if given.get(name):
            given[name] = units(given[name])
    if given.get("ephemeral_storage"):
        # AWS's SizeInGiB has one member, which a machine makes size_in_gi_b of.
        given["ephemeral_storage"] = next(iter(given["ephemeral_storage"].values()))
    tags = given.pop("tags", None)
    normal: dict[str, Any] = _compact(given)
    return normal if tags is None else {**normal, "tags": tags}


def declared(normal: dict[str, Any]) -> dict[str, Any]:
    """A normal form without identity: what is compared."""
    return {name: value for name, value in normal.items() if name not in IDENTITY}


def _name(item: dict[str, Any]) -> str:
    return str(item.get("name", ""))


def _container(container: dict[str, Any], mode: str | None) -> dict[str, Any]:
    found = {"essential": True, **{name: value for name, value in container.items() if value is not None}}
    if "health_check" in found:
        found["health_check"] = {**HEALTH_CHECK, **found["health_check"]}
    found["port_mappings"] = [_port(port, mode) for port in found.get("port_mappings", [])]
    named = {
        "environment": {item["name"]: item.get("value", "") for item in found.get("environment", [])},
        "secrets": {item["name"]: item["value_from"] for item in found.get("secrets", [])},
    }
    return {**found, **named}


def _port(port: dict[str, Any], mode: str | None) -> dict[str, Any]:
    found = {"protocol": "tcp", **port}
    if not found.get("host_port"):
        found.pop("host_port", None)
        if mode in ("awsvpc", "host") and "container_port" in found:
            found["host_port"] = found["container_port"]
    return found


def _compact(value: Any) -> Any:
    """Without empty and default members, lists in order. Maps of names (environment, labels, options) are left alone."""
    if isinstance(value, list):
        return [_compact(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for name, item in value.items():
        inner = item if name in ("environment", "secrets", "options", "docker_labels", "driver_opts", "labels") else _compact(item)
        if name in SORTED and isinstance(inner, list):
            inner = sorted(inner, key=SORTED[name])
        if not _says_nothing(name, inner):
            found[name] = inner
    return found


def _says_nothing(name: str, value: Any) -> bool:
    if value is None or value == [] or value == {}:
        return True
    if value is False:
        return name not in SPEAKING
    return value in ABSENT.get(name, ())
