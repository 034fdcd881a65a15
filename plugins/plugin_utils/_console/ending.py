# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Notice that the user, the terminal or ansible-playbook is gone, so that what was created for the console can be deleted."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from ansible_collections.railyard.fargate.plugins.module_utils._core.clock import Clock
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.plugin_utils._terminal.raw import SIGNALS

LONGEST = 0.5


class Over(BaseException):
    """What a person is in is to end. Not an Exception, so that no handler of errors catches it."""


@contextmanager
def noticed(what: str = "the console") -> Iterator[Clock]:
    """While inside, a signal, or the end of ansible-playbook while the clock sleeps, raises. Outside it is a RailyardError.

    Ctrl-C is one of them until a session has the terminal: ansible-playbook gets it, and ends.
    """
    parent = os.getppid()

    def over(number: int, _frame: Any) -> NoReturn:
        # ansible-playbook terminates its workers more than once: a second signal must not interrupt the cleanup after the first one.
        ignore_signals()
        raise Over(f"{signal.Signals(number).name} came")

    def sleep(seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, LONGEST))
            if os.getppid() != parent:
                ignore_signals()
                raise Over("ansible-playbook is gone")

    before = {number: signal.signal(number, over) for number in SIGNALS}
    try:
        yield Clock(sleep=sleep)
    except Over as end:
        raise RailyardError(f"{what} was ended: {end}") from end
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is over:
                signal.signal(number, handler)


def ignore_signals() -> None:
    """Ignore all signals but SIGKILL during the cleanup."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
