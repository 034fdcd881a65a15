# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policy documents of IAM's language: when two of them say the same."""

from __future__ import annotations

from typing import Any


def same(one: Any, other: Any) -> bool:
    """Whether two documents say the same: order of lists, and a list of one against its item, make no difference to AWS."""
    return bool(_normal(one) == _normal(other))


def _normal(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _normal(item) for key, item in sorted(value.items())}
    if isinstance(value, list):
        items = sorted((_normal(item) for item in value), key=repr)
        return items[0] if len(items) == 1 else items
    return str(value).lower() if isinstance(value, bool) else value if value is None else str(value)
