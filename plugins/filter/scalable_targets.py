# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.railyard.fargate.plugins.filter.scaling_policies import scaling_policies

DOCUMENTATION = r"""
name: scalable_targets
version_added: 0.1.0
short_description: The scalable targets of an application's processes
description:
  - Makes of processes the option C(scalable_targets) of M(railyard.fargate.application_autoscaling_target), with the policies that
    P(railyard.fargate.scaling_policies#filter) makes of each.
positional: names, load_balancer
options:
  _input:
    description: Processes by name with C(min), C(max) and C(scale).
    type: dict
    required: true
  names:
    description: What P(railyard.fargate.names#lookup) returns; C(scalable_targets) is used.
    type: dict
    required: true
  load_balancer:
    description: Result of the alb role.
    type: dict
    required: true
  released:
    description: Whether there is an image to run. Without one there are no tasks yet.
    type: bool
    default: true
  scale_in_cooldown:
    description: Seconds after lowering the number of tasks before it is lowered again.
    type: int
  scale_out_cooldown:
    description: Seconds after raising the number of tasks before it is raised again.
    type: int
author:
  - Railyard contributors (@railyard)
"""

EXAMPLES = r"""
- name: Create or update scalable targets and scaling policies
  railyard.fargate.application_autoscaling_target:
    scalable_targets: "{{ ecs_processes | railyard.fargate.scalable_targets(lookup('railyard.fargate.names'), alb_result) }}"
"""

RETURN = r"""
_value:
  description: One for each process, in their order.
  type: list
  elements: dict
"""


def scalable_targets(
    processes: dict[str, dict[str, Any]],
    names: dict[str, Any],
    load_balancer: dict[str, Any],
    released: bool = True,
    scale_in_cooldown: int | None = None,
    scale_out_cooldown: int | None = None,
) -> list[dict[str, Any]]:
    if not isinstance(processes, dict) or not isinstance(names, dict):
        raise AnsibleFilterError("scalable_targets takes a dict of processes and the names of the environment, a dict")
    return [
        {
            "resource_id": names["scalable_targets"][name],
            "min_capacity": process["min"] if released else 0,
            "max_capacity": process["max"],
            "policies": scaling_policies(process, load_balancer, scale_in_cooldown, scale_out_cooldown),
        }
        for name, process in processes.items()
    ]


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"scalable_targets": scalable_targets}
