# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Problems as text and as data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

from .problem import Problem, dotted

Place = Optional[tuple[str, Optional[int]]]


def text(subject: str, found: Sequence[Problem], places: Sequence[Place]) -> str:
    """A numbered list, a paragraph for each problem. `places` has file and line of each problem, None where they are not known."""
    count = "1 problem" if len(found) == 1 else f"{len(found)} problems"
    paragraphs = [f"{subject}: {count}. Nothing has been written."]
    for number, (problem, place) in enumerate(zip(found, places, strict=True), 1):
        lines = [f"{number}. {problem.what}"]
        where = ", ".join(part for part in (dotted(problem.path), _shown(place)) if part)
        if where:
            lines.append(f"   where: {where}")
        lines.append(f"   right: {problem.right}")
        paragraphs.append("\n".join(lines))
    return "\n\n".join(paragraphs)


def data(found: Sequence[Problem], places: Sequence[Place]) -> list[dict[str, Any]]:
    """A dict of what, where, file, line and right for each problem; `where` is the path as a text."""
    listed = []
    for problem, place in zip(found, places, strict=True):
        file, line = place or (None, None)
        listed.append({"what": problem.what, "where": dotted(problem.path), "file": file, "line": line, "right": problem.right})
    return listed


def _shown(place: Place) -> str:
    if place is None:
        return ""
    file, line = place
    return f"{file}:{line}" if line else file
