# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host will read, by the record of the run before: which of it is to be read ahead now."""

from __future__ import annotations

from collections.abc import Iterable

# After a write so few reads are begun at first; the more of them were used, the more.
FEWEST, MOST = 4, 32
# How far ahead of its place in the record a read may come: modules call AWS in several threads, and a part of a run may be left out.
REACH = 60


class Plan[Read]:
    """Of one identity of one host. A read is in a `part` of the record: how many writes and sleeps had begun before it in that run.

    What is queued is of the part that the run has come to. What lies beyond a write of the last run would be dropped by the same write of
    this one.
    """

    def __init__(self, reads: Iterable[tuple[int, Read]]) -> None:
        self._left = list(reads)
        self._part = self._left[0][0] if self._left else 0
        self._queued = self._passed = 0
        self._used = 0
        self._window: int | None = None

    def begin(self) -> list[Read]:
        """Returns what is to be queued before anything of it is asked for."""
        return self._more()

    def asked(self, read: Read) -> list[Read]:
        """A module asks for this. Returns what is to be queued now: the read itself, unless it has been, and what comes after it."""
        place = next((place for place, (_part, other) in enumerate(self._left[:REACH]) if other == read), None)
        if place is None:
            return self._more() if self._window is None else []
        self._part, _read = self._left.pop(place)
        itself = [read] if place >= self._queued else []
        self._queued -= place < self._queued
        self._passed = place if place >= self._passed else self._passed - 1
        self._used += 1
        return itself + self._more()

    def again(self) -> None:
        """The run has written: what was queued is dropped. What was passed over will not be asked for any more."""
        del self._left[: self._passed]
        self._window = max(FEWEST, min(MOST, 2 * self._used))
        self._queued = self._passed = self._used = 0

    def _more(self) -> list[Read]:
        beyond = next((place for place, (part, _read) in enumerate(self._left) if part > self._part), len(self._left))
        end = beyond if self._window is None else min(beyond, max(self._window, min(MOST, 2 * self._used)))
        new = [read for _part, read in self._left[self._queued : end]]
        self._queued += len(new)
        return new
