# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: sized
version_added: 0.1.0
short_description: Give processes, or the database, the sizes of an environment
description:
  - Merges what an environment says in C(railyard_sizes) over what all environments share. Sizes of other names are left out.
positional: sizes
options:
  _input:
    description: A dict of processes by name, or the database (with O(part)).
    type: dict
    required: true
  sizes:
    description: C(railyard_sizes), a dict of dicts by process name, and C(database).
    type: dict
    required: true
  part:
    description: Take the one entry of this name, C(database) for example, over the input itself.
    type: str
author:
  - Railyard contributors (@railyard)
"""

EXAMPLES = r"""
ecs_processes: "{{ railyard_processes | railyard.fargate.sized(railyard_sizes) }}"
rds_database: "{{ railyard_database | railyard.fargate.sized(railyard_sizes, part='database') }}"
"""

RETURN = r"""
_value:
  description: The input with its sizes.
  type: dict
"""


def sized(shared: dict[str, Any], sizes: dict[str, Any], part: str = "") -> dict[str, Any]:
    if not isinstance(shared, dict) or not isinstance(sizes, dict):
        raise AnsibleFilterError("sized takes a dict of processes (or the database) and railyard_sizes, both dicts")
    if part:
        return {**shared, **(sizes.get(part) or {})}
    return {name: {**(process or {}), **(sizes.get(name) or {})} for name, process in shared.items()}


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"sized": sized}
