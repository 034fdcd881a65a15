# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of fields as people read them. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

# What a terminal would obey, and what turns text around.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
NOTHING, SAME = "—", "(nothing else)"


def sides(values: Sequence[Any]) -> list[str]:
    """Values of one field beside each other. Of lists only that is shown which is not in all of them."""
    if any(isinstance(value, list) for value in values) and all(value is None or isinstance(value, list) for value in values):
        lists = [value or [] for value in values]
        common = [item for item in lists[0] if all(item in value for value in lists)]
        return [_listed([item for item in value if item not in common], bool(common)) for value in lists]
    return [plain(value) for value in values]


def _listed(items: list[Any], others: bool) -> str:
    return "; ".join(plain(item) for item in items) or (SAME if others else NOTHING)


def plain(value: Any) -> str:
    """One line without control characters. A dict is its members that say something, as `key value`."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        text = ", ".join(f"{key} {plain(item)}" for key, item in value.items() if item not in (None, "", [], {})) or "{}"
    elif isinstance(value, list):
        text = ", ".join(plain(item) for item in value)
    else:
        text = value if isinstance(value, str) else json.dumps(value)
    return CONTROL.sub("", " ".join(text.split()))
