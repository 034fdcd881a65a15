# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible_collections.railyard.fargate.plugins.module_utils._core import partition

DOCUMENTATION = r"""
name: service_principal
version_added: 0.1.0
short_description: What a policy calls a service of AWS
description:
  - Most services have one name in all partitions; CodeDeploy has another one in China.
positional: region
options:
  _input:
    description: The service, what stands before the first dot of its name.
    type: str
    required: true
  region:
    description: Name of the Region.
    type: str
    required: true
author:
  - Railyard contributors (@railyard)
"""

EXAMPLES = r"""
principal: "{{ 'codedeploy' | railyard.fargate.service_principal(railyard_region) }}"
"""

RETURN = r"""
_value:
  description: The principal.
  type: str
  sample: codedeploy.amazonaws.com
"""


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"service_principal": partition.principal}
