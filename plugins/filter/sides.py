# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ..module_utils._drift import shown

DOCUMENTATION = r"""
name: sides
version_added: 0.1.0
short_description: Values of one field as texts beside each other
description:
  - Each value is one line without control characters. Of lists only that is shown which is not in all of them.
options:
  _input:
    description: The values, null for none.
    type: list
    elements: raw
    required: true
author:
  - Railyard contributors (@railyard)
"""

EXAMPLES = r"""
declared_and_live: "{{ [field.declared, field.live] | railyard.fargate.sides }}"
"""

RETURN = r"""
_value:
  description: A text for each value.
  type: list
  elements: str
"""


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"sides": shown.sides}
