# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines of progress: who is told of them."""

from __future__ import annotations

from collections.abc import Callable

Say = Callable[[str], None]


def to_file(path: str | None) -> Say:
    """A `say` that appends each line to a file, which somebody else shows meanwhile; without a file nobody is told."""
    if not path:
        return lambda line: None

    def say(line: str) -> None:
        # What a container writes may be no text: a line that cannot be encoded must not end what is followed.
        with open(path, "a", encoding="utf-8", errors="replace") as file:
            file.write(f"{line}\n")

    return say
