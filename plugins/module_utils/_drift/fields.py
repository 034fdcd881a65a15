# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fields of resources: each smallest value by its path. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# By what items of lists are known.
IDENTITIES = ("name", "policy_name", "key", "id")
Fields = dict[str, Any]


def fields(value: Any, path: str = "") -> Fields:
    """{"containers.web.cpu": 256} of a resource. Dicts are walked by key, lists of dicts by the names of their items; every other list
    is one value. What is None or empty is as good as not there."""
    walked = _walkable(value)
    if walked is None:
        return {} if value is None or value in ([], "") else {path: value}
    found: Fields = {}
    for key, item in walked.items():
        found.update(fields(item, f"{path}.{key}".lstrip(".")))
    return found


def different(one: Fields, other: Fields) -> list[str]:
    """The paths at which two resources differ, those of `one` first."""
    paths = [*one, *(path for path in other if path not in one)]
    return [path for path in paths if one.get(path) != other.get(path)]


def _walkable(value: Any) -> Mapping[str, Any] | None:
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        for member in IDENTITIES:
            named = {str(item[member]): item for item in value if isinstance(item.get(member), (str, int))}
            if len(named) == len(value):
                return {key: {name: one for name, one in item.items() if name != member} or {"": key} for key, item in named.items()}
    return None
