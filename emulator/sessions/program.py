"""What is at the other end of a session: a program on a terminal of its own, or a port of this machine."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import signal
import socket
import struct
import subprocess
import sys
import termios
from collections.abc import Sequence
from typing import Protocol

AT_ONCE = 1 << 16
# A console for whoever says of none: it calculates, and knows its environment.
CONSOLE = """
import os, sys
command = os.environ.get("EMULATED_COMMAND", "")
print("Loading the environment with", command)
if "--sandbox" in command.split():
    print("Any modifications you make will be rolled back on exit")
while True:
    try:
        line = input("shop> ").strip()
    except EOFError:
        break
    except KeyboardInterrupt:
        print("^C")
        continue
    if line in ("exit", "quit"):
        break
    try:
        print("=>", eval(line, {"ENV": os.environ}))
    except Exception as error:
        print(type(error).__name__, error)
"""


class Program(Protocol):
    """`read` waits, and answers b"" at the end."""

    def read(self) -> bytes: ...

    def write(self, data: bytes) -> None: ...

    def resize(self, columns: int, rows: int) -> None: ...

    def disconnect(self) -> None: ...

    def close(self) -> None: ...


class OnTerminal:
    """A program that has a terminal. It hears of Ctrl-C as any program does, through the terminal."""

    def __init__(self, words: Sequence[str], environment: dict[str, str]) -> None:
        self._outer, inner = pty.openpty()
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._process = subprocess.Popen(
            words or [sys.executable, "-u", "-c", CONSOLE],
            stdin=inner,
            stdout=inner,
            stderr=inner,
            env={**kept, **environment, "TERM": "xterm-256color"},
            start_new_session=True,
            preexec_fn=_begin,
        )
        os.close(inner)

    def read(self) -> bytes:
        try:
            return os.read(self._outer, AT_ONCE)
        except OSError:
            return b""

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


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class AtPort:
    """A port: connected to when the first bytes come, and again after a caller has gone."""

    def __init__(self, host: str, port: int) -> None:
        self._place = (host, port)
        self._socket: socket.socket | None = None

    def read(self) -> bytes:
        found = self._socket
        if found is None:
            return b""
        try:
            return found.recv(AT_ONCE)
        except OSError:
            return b""

    def connect(self) -> None:
        """Raises OSError when nothing listens there."""
        if self._socket is None:
            self._socket = socket.create_connection(self._place, 5)
            self._socket.settimeout(None)

    @property
    def connected(self) -> bool:
        return self._socket is not None

    def write(self, data: bytes) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.sendall(data)

    def resize(self, columns: int, rows: int) -> None:
        """Ports have no size."""

    def disconnect(self) -> None:
        found, self._socket = self._socket, None
        if found is not None:
            with contextlib.suppress(OSError):
                found.shutdown(socket.SHUT_RDWR)
            found.close()

    def close(self) -> None:
        self.disconnect()
