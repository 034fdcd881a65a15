# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible_collections.railyard.fargate.plugins.module_utils._core import partition as partitions

DOCUMENTATION = r"""
name: partition
version_added: 0.1.0
short_description: The partition of a Region, with which ARNs begin
description:
  - V(aws), V(aws-cn), V(aws-us-gov) or V(aws-eusc), by the name of the Region.
options:
  _input:
    description: Name of the Region.
    type: str
    required: true
author:
  - Railyard contributors (@railyard)
"""

EXAMPLES = r"""
role: "arn:{{ railyard_region | railyard.fargate.partition }}:iam::{{ railyard_account_id }}:role/shop-production-task"
"""

RETURN = r"""
_value:
  description: The partition.
  type: str
  sample: aws-cn
"""


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"partition": partitions.name}
