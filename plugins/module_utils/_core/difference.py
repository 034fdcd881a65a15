# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is different between two values, as data that a person can read."""

from __future__ import annotations

from typing import Any


def differences(before: Any, after: Any, path: str = "") -> dict[str, dict[str, Any]]:
    """Each smallest difference by its path: {"containers.web.cpu": {"before": 256, "after": 512}}; None is what is not there.

    Dicts are walked by key, lists of dicts with a `name` by name, other lists are one value.
    """
    old, new = _walkable(before), _walkable(after)
    if old is None or new is None:
        return {} if before == after else {path: {"before": before, "after": after}}
    found: dict[str, dict[str, Any]] = {}
    for key in [*old, *(key for key in new if key not in old)]:
        found.update(differences(old.get(key), new.get(key), f"{path}.{key}".lstrip(".")))
    return found


def _walkable(value: Any) -> dict[str, Any] | None:
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and value and all(isinstance(item, dict) and "name" in item for item in value):
        named = {item["name"]: item for item in value}
        return named if len(named) == len(value) else None
    return None
