# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A local port in a session: what connects to it is connected to the port beyond the node, one connection after the other."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable
from typing import Any

from .channel import Channel, Closed, Output, Said
from .frames import Flag
from .session import Session

AT_ONCE = 1 << 16
REFUSED = 255


def run(session: Session, events: Iterable[Any], port: int, say: Callable[[str], None]) -> int:
    """Until the session is over; 0, or REFUSED when the other side says why. `port` 0 takes a free one.

    Raises session.Lost, and OSError for a port that is taken.
    """
    code = 0
    with socket.create_server(("127.0.0.1", port)) as listening:
        say(f"127.0.0.1:{listening.getsockname()[1]} is the port beyond the node now")
        callers = _Callers(session.channel, listening)
        session.sources = callers.sources
        try:
            for event in events:
                if event is listening:
                    callers.accept()
                elif isinstance(event, Output):
                    callers.hear(event.data)
                elif isinstance(event, Said) and event.flag == Flag.CANNOT_CONNECT:
                    say("nothing answers at the port beyond the node")
                    callers.hang_up()
                elif isinstance(event, Closed) and event.text:
                    say(event.text)
                    code = REFUSED
                elif event is callers.caller and event is not None:
                    callers.speak(event)
        finally:
            callers.hang_up()
    return code


class _Callers:
    """At most one at a time: `caller`."""

    def __init__(self, channel: Channel, listening: socket.socket) -> None:
        self.channel, self.listening = channel, listening
        self.caller: socket.socket | None = None
        # The agent connects before anybody calls, and some servers speak first.
        self.greeting: bytes | None = b""

    def sources(self) -> list[socket.socket]:
        return [self.listening if self.caller is None else self.caller]

    def accept(self) -> None:
        self.caller, _address = self.listening.accept()
        greeting, self.greeting = self.greeting, None
        self.hear(greeting or b"")

    def hear(self, data: bytes) -> None:
        """From the port beyond. What comes for a caller who is gone is lost, as on any connection."""
        if self.caller is not None:
            try:
                self.caller.sendall(data)
            except OSError:
                self.leave()
        elif self.greeting is not None:
            self.greeting += data

    def speak(self, caller: socket.socket) -> None:
        """To the port beyond."""
        try:
            data = caller.recv(AT_ONCE)
        except OSError:
            data = b""
        if data:
            self.channel.keys(data, time.monotonic())
        else:
            self.leave()

    def leave(self) -> None:
        """The caller has gone: so that the port beyond is hung up, too."""
        self.channel.flag(Flag.DISCONNECT_FROM_PORT, time.monotonic())
        self.hang_up()

    def hang_up(self) -> None:
        if self.caller is not None:
            self.caller.close()
        self.caller = None
