# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parts of a screen, read at the same time. A part that cannot be read says why, and hides no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypedDict

from .._core.errors import RailyardError

READ, ABSENT, UNREADABLE = "read", "absent", "unreadable"


class Part(TypedDict):
    """`state`: READ, ABSENT (it was not made) or UNREADABLE. `reason`: why there is nothing, or AWS's words. `found`: what was read."""

    state: str
    reason: str | None
    found: Any


class Absent(Exception):
    """The part was not made; its text says what makes it."""


class Reading:
    """The parts as they are being read. A reader may ask for a part that was listed before it, and then waits for that one.

    What `part` raises about another part is the reason for which the asking one cannot be read either.
    """

    def __init__(self, readers: Mapping[str, Callable[[Reading], Any]]) -> None:
        self._readers, self._asked = readers, {name: Future[Any]() for name in readers}

    def part(self, name: str) -> Any:
        return self._asked[name].result()

    def all(self) -> dict[str, Part]:
        """Every part, in the order of the readers. Takes as long as its slowest one."""
        with ThreadPoolExecutor(len(self._readers)) as pool:
            for name, reader in self._readers.items():
                pool.submit(self._read, name, reader)
        return {name: _part(asked) for name, asked in self._asked.items()}

    def _read(self, name: str, reader: Callable[[Reading], Any]) -> None:
        try:
            self._asked[name].set_result(reader(self))
        except Exception as error:
            self._asked[name].set_exception(error)


def _part(asked: Future[Any]) -> Part:
    """Raises what is no refusal of AWS: a defect is not hidden in a screen."""
    try:
        return {"state": READ, "reason": None, "found": asked.result()}
    except Absent as absent:
        return {"state": ABSENT, "reason": str(absent), "found": None}
    except RailyardError as error:
        return {"state": UNREADABLE, "reason": error.message, "found": None}
