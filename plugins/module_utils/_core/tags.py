# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tags: a dict in our shape, a list of pairs in AWS's. Absent means untouched; `aws:` tags belong to AWS."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True)
class TagChange:
    """Tags to set, keys to remove, and all tags afterwards."""

    put: dict[str, str]
    remove: list[str]
    after: dict[str, str]


def as_dict(pairs: Iterable[dict[str, str]] | None, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """AWS's list of pairs as a dict, without AWS's own tags."""
    return {pair[key]: pair.get(value, "") for pair in pairs or [] if not pair[key].startswith("aws:")}


def as_pairs(tags: dict[str, Any] | None, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    return [{key: name, value: str(text)} for name, text in sorted((tags or {}).items())]


def change(live: dict[str, str], wanted: dict[str, Any] | None, purge: bool | Sequence[str]) -> TagChange:
    """What leads from live to wanted tags. `wanted` None leaves all as it is.

    `purge` removes what is not wanted: all of it, or what has a key that matches one of these patterns.
    """
    if wanted is None:
        return TagChange({}, [], dict(live))
    texts = {key: str(text) for key, text in wanted.items()}
    put = {key: text for key, text in texts.items() if live.get(key) != text}
    remove = sorted(key for key in set(live) - set(texts) if _is_purged(key, purge))
    return TagChange(put, remove, {key: text for key, text in {**live, **texts}.items() if key not in remove})


def _is_purged(key: str, purge: bool | Sequence[str]) -> bool:
    return purge if isinstance(purge, bool) else any(fnmatchcase(key, pattern) for pattern in purge)
