# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: services
version_added: 0.1.0
short_description: The ECS services of an application's processes
description:
  - Makes of processes the option C(services) of M(railyard.fargate.ecs_service).
positional: task_definitions
options:
  _input:
    description: Processes by name with C(min) and C(max), the limits of their number of tasks.
    type: dict
    required: true
  task_definitions:
    description: The task definitions of the processes, in their order, as M(railyard.fargate.ecs_task_definition) returns them.
    type: list
    elements: dict
    required: true
  released:
    description: Whether there is an image to run. Without one there are no tasks yet.
    type: bool
    default: true
  common:
    description: What all services have besides.
    type: dict
    default: {}
  own:
    description: What single services have instead, by process.
    type: dict
    default: {}
author:
  - Railyard contributors (@railyard)
"""

EXAMPLES = r"""
- name: Create or update a service for each process
  railyard.fargate.ecs_service:
    cluster: shop-production
    services: "{{ ecs_processes | railyard.fargate.services(registered.task_definitions, common={'launch_type': 'FARGATE'}) }}"
"""

RETURN = r"""
_value:
  description: One for each process, in their order.
  type: list
  elements: dict
"""


def services(
    processes: dict[str, dict[str, Any]],
    task_definitions: list[dict[str, Any]],
    released: bool = True,
    common: dict[str, Any] | None = None,
    own: dict[str, dict[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    if not isinstance(processes, dict) or not isinstance(task_definitions, list) or len(processes) != len(task_definitions):
        raise AnsibleFilterError("services takes a dict of processes and a list of their task definitions, one for each")
    return [
        {
            **(common or {}),
            "name": name,
            # Check mode has only predicted a new revision.
            "task_definition": definition.get("task_definition_arn") or definition["family"],
            "desired_count": process["min"] if released else 0,
            "desired_count_min": process["min"] if released else None,
            "desired_count_max": process["max"],
            **(own or {}).get(name, {}),
        }
        for (name, process), definition in zip(processes.items(), task_definitions, strict=True)
    ]


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"services": services}
