"""What is at the other end of a session: a program on a terminal of its own, or a port of this machine."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import termios
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

AT_ONCE = 1 << 16
TERM = "xterm-256color"
LOCAL = ("", "localhost", "127.0.0.1")


class Unable(Exception):
    """There is nothing at the other end; the words are the agent's."""


class Program(Protocol):
    """`read` waits, and answers None at the end. `write` raises Unable."""

    def read(self) -> bytes | None: ...

    def write(self, data: bytes) -> None: ...

    def resize(self, columns: int, rows: int) -> None: ...

    def disconnect(self) -> None: ...

    def close(self) -> None: ...


class OnTerminal:
    """A program that has a terminal. It hears of Ctrl-C as any program does, through the terminal."""

    def __init__(
        self, words: Sequence[str], environment: dict[str, str], folder: str | None = None, ended: Callable[[], None] | None = None
    ) -> None:
        """`folder`: where it starts; `ended` is called after its end."""
        self._ended = ended
        self._outer, inner = pty.openpty()
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._process = subprocess.Popen(
            words,
            cwd=folder,
            stdin=inner,
            stdout=inner,
            stderr=inner,
            env={**kept, **environment, "TERM": TERM},
            start_new_session=True,
            preexec_fn=_begin,
        )
        os.close(inner)

    def read(self) -> bytes | None:
        """All that is there, so that much output is few pieces."""
        data = b""
        with contextlib.suppress(OSError):
            data = os.read(self._outer, AT_ONCE)
            while data and len(data) < AT_ONCE and select.select([self._outer], [], [], 0)[0]:
                data += os.read(self._outer, AT_ONCE)
        return data or None

    def write(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            while data:
                data = data[os.write(self._outer, data) :]

    def resize(self, columns: int, rows: int) -> None:
        with contextlib.suppress(OSError):
            fcntl.ioctl(self._outer, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def disconnect(self) -> None:
        """Only ports are disconnected."""

    def close(self) -> None:
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._ended is not None:
            self._ended()


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class AtPort:
    """A port: connected to at the beginning, and again by the first bytes that come after a connection has ended. Only this machine's.

    `place`: host and port; `instead`: the port of this machine that stands for it.
    """

    def __init__(self, host: str, port: int, instead: int | None = None) -> None:
        self._place = f"{host}:{port}"
        if instead is None and host not in LOCAL:
            raise Unable(f"Unable to connect to specified port: dial tcp: lookup {host}: no such host")
        self._port = instead or port
        self._changed = threading.Condition()
        self._ended = False
        self._socket: socket.socket | None = None
        self._connect()

    @property
    def known(self) -> bool:
        """Whether there is or was a connection."""
        return not self._ended

    def read(self) -> bytes | None:
        while (found := self._connection()) is not None:
            with contextlib.suppress(OSError):
                if data := found.recv(AT_ONCE):
                    return data
            self._forget(found)
        return None

    def write(self, data: bytes) -> None:
        if self._socket is None:
            self._connect()
        if (found := self._socket) is not None:
            with contextlib.suppress(OSError):
                found.sendall(data)

    def resize(self, columns: int, rows: int) -> None:
        """Ports have no size."""

    def disconnect(self) -> None:
        if (found := self._socket) is not None:
            with contextlib.suppress(OSError):
                found.shutdown(socket.SHUT_RDWR)
            self._forget(found)

    def close(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self.disconnect()

    def _connection(self) -> socket.socket | None:
        """Waits for one. None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._socket is not None)
            return None if self._ended else self._socket

    def _connect(self) -> None:
        try:
            made = socket.create_connection(("127.0.0.1", self._port), 5)
        except OSError as error:
            raise Unable(f"Unable to connect to specified port: dial tcp {self._place}: {error.strerror or error}") from error
        made.settimeout(None)
        with self._changed:
            self._socket = made
            self._changed.notify_all()

    def _forget(self, connection: socket.socket) -> None:
        with self._changed:
            if self._socket is connection:
                self._socket = None
        connection.close()
