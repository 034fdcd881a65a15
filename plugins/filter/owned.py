# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.railyard.fargate.plugins.module_utils._core import ownership
from ansible_collections.railyard.fargate.plugins.module_utils._core.tags import as_dict

DOCUMENTATION = r"""
name: owned
version_added: 0.1.0
short_description: Those of a list of resources that belong to an environment
description:
  - Keeps the resources that have the tags C(application), C(environment) and C(managed-by) of the environment, and leaves out what only has
    a name like its own.
positional: tags
options:
  _input:
    description: Resources as info modules return them, each a dict with C(tags), or with C(tag_list) as snapshots have it.
    type: list
    elements: dict
    required: true
  tags:
    description: Tags of the environment's resources. All resources are kept when the three are not among them.
    type: dict
    required: true
author:
  - Railyard contributors (@railyard)
"""

EXAMPLES = r"""
- name: Snapshots of ours
  ansible.builtin.debug:
    msg: "{{ snapshots | railyard.fargate.owned(rds_tags) }}"
  vars:
    snapshots:
      - {db_snapshot_identifier: shop-staging-final, tags: {application: shop, environment: staging, managed-by: railyard}}
"""

RETURN = r"""
_value:
  description: The resources that belong to it.
  type: list
"""


def owned(resources: list[dict[str, Any]], tags: dict[str, Any]) -> list[dict[str, Any]]:
    if not isinstance(resources, list) or not isinstance(tags, dict):
        raise AnsibleFilterError("owned takes a list of resources and the tags of an environment, a dict")
    owner = ownership.declared(tags)
    return [item for item in resources if ownership.is_owned(owner, item.get("tags") or _of_list(item))]


def _of_list(item: dict[str, Any]) -> dict[str, str]:
    """M(amazon.aws.rds_snapshot_info) returns tags as AWS's list."""
    found: dict[str, str] = as_dict(item.get("tag_list"), "key", "value")
    return found


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"owned": owned}
