# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where in the inventory a value stands. The only place that looks at ansible-core's tags, an API that is not public.

When that API changes, nothing is located, and every message is complete but for file and line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.railyard.fargate.plugins.plugin_utils.commands import short

try:
    from ansible._internal._datatag._tags import Origin
except ImportError:
    Origin = None  # type: ignore[assignment, misc]

Place = tuple[str, int | None]


def locate(variables: Mapping[str, Any], path: Sequence[str | int]) -> Place | None:
    """File and line of the value at `path`, or of the nearest value above it that has them, in variables that are not templated."""
    here: Any = variables
    found = None
    for part in path:
        key: Any = None
        if isinstance(here, Mapping) and part in here:
            key = next(name for name in here if name == part)
        elif not (isinstance(here, list) and isinstance(part, int) and part < len(here)):
            break
        here = here[part]
        found = _place(here, key) or found
    return found


def file_of(value: Any) -> str | None:
    """The whole path of the file that a value comes from."""
    try:
        tag = Origin.get_tag(value)
        return tag.path if tag else None
    except (AttributeError, TypeError):
        return None


def _place(value: Any, key: Any) -> Place | None:
    """A container in block style begins at its first entry, so its key says better where it stands; true and false have no tag at all."""
    own, named = _origin(value), _origin(key)
    if own and named and isinstance(value, dict | list) and own[0] == named[0]:
        return named
    return own or named


def _origin(value: Any) -> Place | None:
    try:
        tag = Origin.get_tag(value)
        if tag is None:
            return None
        if tag.path:
            return short(tag.path), tag.line_num
        return (tag.description, None) if tag.description else None
    except (AttributeError, TypeError):
        return None
