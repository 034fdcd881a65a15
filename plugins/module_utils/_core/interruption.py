# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A person who ends a run while something is waited for. A signal only asks for it: a call to AWS is not broken off, a wait is."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Seconds after which a wait notices it.
LONGEST = 0.3
_asked = _noticing = False


class Interrupted(BaseException):
    """`message` says what goes on, for a person. Not an Exception: nothing on the way takes it for an error that can be got over."""

    def __init__(self, message: str = "", **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


@contextmanager
def noticed() -> Iterator[None]:
    """While inside, SIGINT, SIGTERM and SIGHUP let the next `sleep` raise Interrupted, in whatever thread."""
    global _asked, _noticing

    def ask(_number: int, _frame: Any) -> None:
        global _asked
        _asked = True

    _asked, _noticing = False, True
    before = {number: signal.signal(number, ask) for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN}
    try:
        yield
    finally:
        _noticing = False
        for number, handler in before.items():
            signal.signal(number, handler)


def asked() -> bool:
    """Whether somebody wants this run to end."""
    return _asked


def check() -> None:
    """Raises Interrupted when somebody wants this run to end: at a place where nothing is half done."""
    if _asked:
        raise Interrupted


def sleep(seconds: float) -> None:
    """time.sleep, but for an interruption."""
    if not _noticing:
        time.sleep(seconds)
        return
    until = time.monotonic() + seconds
    check()
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(left, LONGEST))
        check()
