# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A problem of a description: what is wrong, its place, and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Union

Path = tuple[Union[str, int], ...]


@dataclass(frozen=True)
class Problem:
    """`what` and `right` are short texts for a person and hold no secret; `path` leads to the value.

    The path `("railyard_sizes", "web", "memory")` is `railyard_sizes.web.memory`; an empty path: the description is not the cause.
    `place`: file and line, when they are known without the path.
    """

    what: str
    path: Path
    right: str
    place: tuple[str, int | None] | None = None


def dotted(path: Path) -> str:
    """The path as a person would write it: `railyard_sizes.web.memory`, `railyard_secrets[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def one_of(values: Iterable[Any]) -> str:
    """`1024, 2048 or 4096`"""
    texts = [str(value) for value in values]
    return f"{', '.join(texts[:-1])} or {texts[-1]}" if len(texts) > 1 else "".join(texts)


def likely(name: str, known: Sequence[str]) -> str:
    """The known name that a person who wrote `name` most likely meant, "" when there is none."""
    return next(iter(difflib.get_close_matches(name, known, 1, 0.6)), "")


def nearest(name: str, known: Sequence[str]) -> str:
    """A hint for an unknown `name`: the nearest known name, else all known names when they are at most 40."""
    if meant := likely(name, known):
        return f"did you mean {meant}?"
    return f"known here: {', '.join(sorted(known))}" if len(known) <= 40 else "see ansible-doc -t role railyard.fargate.preflight"
