# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: task_definitions
version_added: 0.1.0
short_description: The task definitions of an application's processes
description:
  - Makes of processes the option C(task_definitions) of M(railyard.fargate.ecs_task_definition), with a container for each process.
positional: names
options:
  _input:
    description: Processes by name with C(cpu) and C(memory), and C(command) and C(port) where they have one.
    type: dict
    required: true
  names:
    description: What P(railyard.fargate.names#lookup) returns; C(families), C(log_groups) and C(region) are used.
    type: dict
    required: true
  common:
    description: What all task definitions have besides.
    type: dict
    default: {}
  container:
    description: What all containers have besides. C(log_options) are options of the log driver awslogs, beside group, Region and prefix.
    type: dict
    default: {}
author:
  - Railyard contributors (@railyard)
"""

EXAMPLES = r"""
- name: Register a task definition for each process
  railyard.fargate.ecs_task_definition:
    task_definitions: "{{ ecs_processes | railyard.fargate.task_definitions(names, container={'image': image}) }}"
  vars:
    names: "{{ lookup('railyard.fargate.names') }}"
    image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop@sha256:1111111111111111111111111111111111111111111111111111111111111111
"""

RETURN = r"""
_value:
  description: One for each process, in their order.
  type: list
  elements: dict
"""


def task_definitions(
    processes: dict[str, dict[str, Any]],
    names: dict[str, Any],
    common: dict[str, Any] | None = None,
    container: dict[str, Any] | None = None,
) -> list[dict[str, Any]]:
    if not isinstance(processes, dict) or not isinstance(names, dict):
        raise AnsibleFilterError("task_definitions takes a dict of processes and the names of the environment, a dict")
    return [
        {
            **(common or {}),
            "family": names["families"][name],
            "cpu": process.get("cpu"),
            "memory": process.get("memory"),
            "containers": [_container(name, process, names, container or {})],
        }
        for name, process in processes.items()
    ]


def _container(name: str, process: dict[str, Any], names: dict[str, Any], common: dict[str, Any]) -> dict[str, Any]:
    logs = {
        "awslogs-group": names["log_groups"][name],
        "awslogs-region": names["region"],
        "awslogs-stream-prefix": name,
        **common.get("log_options", {}),
    }
    return {
        **{key: value for key, value in common.items() if key != "log_options"},
        "name": name,
        "command": process.get("command", []),
        "port_mappings": [{"container_port": process["port"]}] if "port" in process else [],
        "log_configuration": {"log_driver": "awslogs", "options": logs},
    }


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"task_definitions": task_definitions}
