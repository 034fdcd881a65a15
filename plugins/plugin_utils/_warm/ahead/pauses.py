# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Notices when a module sleeps: it waits for AWS to change, in a waiter or before it repeats a throttled call."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

_sleep = time.sleep
_listeners: list[Callable[[], None]] = []


def notice() -> None:
    """Replace time.sleep. Must be called in the server before anything is loaded, because modules import `sleep` from `time`."""
    time.sleep = sleep


def listen(listener: Callable[[], None]) -> None:
    """In a module's process: `listener` is called before each sleep."""
    _listeners.append(listener)


def sleep(seconds: Any, /) -> None:
    for listener in _listeners:
        listener()
    _sleep(seconds)
