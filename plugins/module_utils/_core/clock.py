# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clock by which something is waited for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from . import interruption


@dataclass(frozen=True)
class Clock:
    """Real time, whose waits a person can end; tests put AWS's own in its place."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = interruption.sleep


REAL = Clock()
# Seconds without output after which a line says that the wait continues.
REPORT_EVERY = 30.0
FIRST_PAUSE, PAUSE, LONGEST_PAUSE = 1.0, 5.0, 15.0
# So many seconds after something has changed there is a look each FIRST_PAUSE; later the pauses grow.
CLOSELY = 120.0


def next_pause(pause: float, waited: float = 0.0) -> float:
    """The pause after this one, in seconds: half as long again, up to 5 s. After a long wait it is a twentieth of the time
    `waited`, up to the 15 s of AWS's own waiters."""
    return min(pause * 1.5, max(PAUSE, min(waited / 20, LONGEST_PAUSE)))


def until_report(passed: float) -> float:
    """Seconds until the next line that says that a wait continues, when `passed` seconds are over since the last line; at least one."""
    return max(1.0, REPORT_EVERY - passed)


def time_of_day() -> str:
    """The local time, `14:03:22`."""
    return datetime.now().astimezone().strftime("%H:%M:%S")


Seen = TypeVar("Seen")


def look_until(look: Callable[[], Seen], settled: Callable[[Seen], bool], seconds: float, clock: Clock = REAL) -> Seen:
    """What `look` sees once it is `settled`, or the last that it saw after `seconds`; it looks once at least."""
    started, pause = clock.now(), 0.5
    while True:
        seen = look()
        if settled(seen) or clock.now() - started >= seconds:
            return seen
        clock.sleep(pause)
        pause = next_pause(pause, clock.now() - started)
