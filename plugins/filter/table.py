# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible_collections.railyard.fargate.plugins.module_utils._logs import table

DOCUMENTATION = r"""
name: table
version_added: 0.1.0
short_description: Rows of an answer as an aligned table, or as CSV
description:
  - What M(railyard.fargate.logs_query) has found, for a person or for a spreadsheet. Control characters are made visible.
options:
  _input:
    description: Rows.
    type: list
    elements: dict
    required: true
  columns:
    description: The columns and their order. By default all that there are.
    type: list
    elements: str
  csv:
    description: Whether it is CSV.
    type: bool
    default: false
author:
  - Railyard contributors (@railyard)
"""

EXAMPLES = r"""
text: "{{ answer.rows | railyard.fargate.table(answer.columns) }}"
"""

RETURN = r"""
_value:
  description: The table.
  type: str
"""


def shown(rows: list[dict[str, str]], columns: list[str] | None = None, csv: bool = False) -> str:
    return str((table.comma_separated if csv else table.table)(rows, columns or ()))


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"table": shown}
