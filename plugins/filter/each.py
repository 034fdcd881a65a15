# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: each
version_added: 0.1.0
short_description: An item of a module's list for each name
description:
  - Makes of a list of names the list that an option such as C(services) of M(railyard.fargate.ecs_service) takes.
positional: option
options:
  _input:
    description: Names.
    type: list
    elements: str
    required: true
  option:
    description: The option of an item that has the name.
    type: str
    required: true
  common:
    description: What all items have besides.
    type: dict
    default: {}
author:
  - Railyard contributors (@railyard)
"""

EXAMPLES = r"""
- name: Hold the scaling of all services
  railyard.fargate.application_autoscaling_target:
    scalable_targets: "{{ names.scalable_targets.values() | railyard.fargate.each('resource_id', {'suspended': true}) }}"
"""

RETURN = r"""
_value:
  description: One item for each name, in their order.
  type: list
  elements: dict
"""


def each(names: Any, option: str, common: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    if isinstance(names, (str, dict)) or not isinstance(common or {}, dict):
        raise AnsibleFilterError("each takes a list of names, the option of an item that has the name, and a dict of what all have besides")
    return [{**(common or {}), option: name} for name in names]


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"each": each}
