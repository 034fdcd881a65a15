# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A terminal that passes every key on as it is, and signals that are noted instead of ending the process. Both end as they began."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


@contextmanager
def raw(terminal: int) -> Iterator[None]:
    """Nothing waits for the terminal meanwhile: reads and writes raise BlockingIOError instead.

    A worker that has a controlling terminal is in its foreground meanwhile.
    """
    saved, blocking = termios.tcgetattr(terminal), os.get_blocking(terminal)
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        with _in_foreground(terminal):
            tty.setraw(terminal, termios.TCSADRAIN)
            os.set_blocking(terminal, False)
            try:
                yield
            finally:
                # The terminal may be gone.
                with contextlib.suppress(OSError, termios.error):
                    os.set_blocking(terminal, blocking)
                    # What the terminal does not take must not hold this up.
                    termios.tcsetattr(terminal, termios.TCSANOW, saved)
    finally:
        signal.signal(signal.SIGTTOU, before)


@contextmanager
def _in_foreground(terminal: int) -> Iterator[None]:
    group = _foreground(terminal)
    if group is None or group == os.getpgrp():
        yield
        return
    os.tcsetpgrp(terminal, os.getpgrp())
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.tcsetpgrp(terminal, group)


def _foreground(terminal: int) -> int | None:
    """The group of processes that has the terminal; None when it is not this process's controlling terminal."""
    try:
        return os.tcgetpgrp(terminal)
    except OSError as error:
        if error.errno in (errno.ENOTTY, errno.EPERM):
            return None
        raise


@dataclass
class Noted:
    """`names` of the signals that came. `descriptor` can be read once there is one."""

    descriptor: int
    names: list[str] = field(default_factory=list)


@contextmanager
def noted() -> Iterator[Noted]:
    """While inside, a signal that would end this process is noted only."""
    descriptor, waker = os.pipe()
    os.set_blocking(waker, False)
    found = Noted(descriptor)

    def note(number: int, _frame: Any) -> None:
        found.names.append(signal.Signals(number).name)

    before = {number: signal.signal(number, note) for number in SIGNALS}
    woken = signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    try:
        yield found
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(descriptor)
        os.close(waker)
