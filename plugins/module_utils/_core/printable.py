# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text that others have written, as a terminal may show it. Pure."""

from __future__ import annotations

import re

# Escape sequences, control characters but tab and newline, and the signs that turn the direction of what follows.
UNSEEN = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def plain(text: object) -> str:
    """The text without what a terminal would obey."""
    return UNSEEN.sub("", str(text))


def line(text: object, width: int = 0) -> str:
    """`plain` in one line; longer than `width` it ends with an ellipsis. 0 is any width."""
    words = " ".join(plain(text).split())
    return words if not width or len(words) <= width else f"{words[: width - 1].rstrip()}…"
