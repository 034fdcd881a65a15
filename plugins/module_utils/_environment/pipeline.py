# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks what a pipeline needs to know of the source. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .problem import Problem

NEEDED = {"railyard_repository": "acme/shop, as GitHub shows it", "railyard_branch": "main, the branch that is released"}


def source(description: dict[str, Any]) -> Iterator[Problem]:
    """A pipeline needs the repository and the branch."""
    if not description.get("railyard_pipeline"):
        return
    for variable, example in NEEDED.items():
        if not description.get(variable):
            yield Problem(f"railyard_pipeline is true, and {variable} is missing", (variable,), example)
