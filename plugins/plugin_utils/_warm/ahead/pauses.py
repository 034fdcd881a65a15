# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Notices when a module sleeps: it waits for AWS to change, in a waiter or before it repeats a throttled call."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any

_sleep = time.sleep
_listeners: list[Callable[[], AbstractContextManager[None]]] = []


def notice() -> None:
    """Replace time.sleep. Must be called in the server before anything is loaded, because modules import `sleep` from `time`."""
    time.sleep = sleep


def listen(listener: Callable[[], AbstractContextManager[None]]) -> None:
    """In a module's process: each sleep takes place inside of what `listener` returns."""
    _listeners.append(listener)


def sleep(seconds: Any, /) -> None:
    with ExitStack() as around:
        for listener in _listeners:
            around.enter_context(listener())
        _sleep(seconds)
