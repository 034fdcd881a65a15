"""The way of a program to a server that security groups keep it from: packets get lost, until a rule lets them through.

A port of 127.0.0.1 whose queue is full takes no connection, and whoever connects waits, as for an address that does not answer. Once the
way is open it leads to the server, also whoever waits.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

from .. import registry, world

AT_ONCE = 1 << 16
QUEUE = 128
_lock = threading.Lock()
_closed: set[Way] = set()


class Way:
    """`port` leads to the port `target` as soon as `opens()`."""

    def __init__(self, target: int, opens: Callable[[], bool]) -> None:
        self.opens, self._target = opens, target
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.port: int = self._listening.getsockname()[1]
        self._filler = socket.create_connection(("127.0.0.1", self.port))
        with _lock:
            _closed.add(self)

    def open(self) -> None:
        with _lock:
            if self in _closed:
                _closed.remove(self)
                self._filler.close()
                self._listening.listen(QUEUE)
                threading.Thread(target=self._serve, daemon=True).start()

    def end(self) -> None:
        """Connections that are there end with their program."""
        with _lock:
            _closed.discard(self)
            self._filler.close()
            with contextlib.suppress(OSError):
                self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._lead, args=(self._listening.accept()[0],), daemon=True).start()

    def _lead(self, caller: socket.socket) -> None:
        with caller, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._target)) as server:
            back = threading.Thread(target=_pass_on, args=(server, caller), daemon=True)
            back.start()
            _pass_on(caller, server)
            back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(AT_ONCE):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _look() -> None:
    for way in list(_closed):
        if way.opens():
            way.open()


@registry.on_reset
def _forget() -> None:
    for way in list(_closed):
        way.end()


world.clock.looks.append(_look)
