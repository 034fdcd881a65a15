# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A terminal in a session: keys in, output out, and its size whenever it changes."""

from __future__ import annotations

import os
import signal
import termios
import time
import tty
from collections.abc import Iterable
from typing import Any

from .channel import Closed, Exit, Output, Ready
from .session import Session

KEYS = 4096
NO_TERMINAL = os.terminal_size((300, 100))


def run(session: Session, events: Iterable[Any], source: int, sink: int) -> int:
    """Until the session is over; its exit code, which is 0 when the service tells none. Raises session.Lost."""
    resized, waker = os.pipe()
    os.set_blocking(waker, False)
    before = signal.signal(signal.SIGWINCH, lambda *_unused: None)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    saved = _raw(source)
    try:
        return _run(session, events, source, sink, resized)
    finally:
        if saved is not None:
            termios.tcsetattr(source, termios.TCSADRAIN, saved)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGWINCH, before)
        os.close(resized)
        os.close(waker)


def _run(session: Session, events: Iterable[Any], source: int, sink: int, resized: int) -> int:
    channel, code, known, sources = session.channel, 0, None, [resized, source]
    session.sources = lambda: sources
    for event in events:
        now = time.monotonic()
        if (size := _size(sink)) != known:
            known = size
            channel.size(*size, now)
        match event:
            case Output(data):
                write(sink, data)
            case Ready(text) if text:
                write(sink, text.encode() + b"\r\n")
            case Closed(text) if text:
                write(sink, b"\r\n" + text.encode() + b"\r\n")
            case Exit(number):
                code = number
            case int() if event == source:
                data = _read(source)
                if data:
                    channel.keys(data, now)
                else:
                    sources.remove(source)
            case int():
                os.read(resized, KEYS)
    return code


def write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, KEYS)
    except OSError:
        return b""


def _raw(descriptor: int) -> list[Any] | None:
    if not os.isatty(descriptor):
        return None
    saved = termios.tcgetattr(descriptor)
    tty.setraw(descriptor, termios.TCSADRAIN)
    return saved


def _size(descriptor: int) -> os.terminal_size:
    try:
        return os.get_terminal_size(descriptor)
    except OSError:
        return NO_TERMINAL
