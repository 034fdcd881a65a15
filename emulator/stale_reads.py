"""AWS as it was: a fork of this process before each write, which answers reads while the faults say that they are stale."""

from __future__ import annotations

import io
import os
import pickle
import socket
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import journal, wire, world
from .wire import Answer, Call

MOST = 100
SIZE = struct.Struct("!I")
Answered = Callable[[Call], tuple[Answer, str]]


@dataclass(frozen=True)
class Moment:
    """`at`: when the write came that this moment knows nothing of, in AWS's time."""

    at: float
    connection: socket.socket
    process: int


_moments: deque[Moment] = deque()


def keep(answered: Answered) -> None:
    """Keep this moment. Called with the world's lock held, before a write."""
    here, there = socket.socketpair()
    with journal.quiet():
        process = os.fork()
        if not process:
            _be(there, answered)
    there.close()
    _moments.append(Moment(world.clock.now(), here, process))
    if len(_moments) > MOST:
        _end(_moments.popleft())


def answer(call: Call, seconds: float | None) -> Answer | None:
    """What a read would have been answered so many seconds ago, or before the last write. None when nothing was written since."""
    if seconds is None:
        found = _moments[-1] if _moments else None
    else:
        since = world.clock.now() - seconds / world.clock.speed
        found = next((moment for moment in _moments if moment.at >= since), None)
    if found is None:
        return None
    environ = {name: value for name, value in call.environ.items() if isinstance(value, str | int | bool)}
    _send(found.connection, (environ, call.body))
    return Answer(*_receive(found.connection))


def forget() -> None:
    while _moments:
        _end(_moments.popleft())


def leave() -> None:
    """In a fork: the moments are another process's."""
    while _moments:
        _moments.popleft().connection.close()


def _end(moment: Moment) -> None:
    moment.connection.close()
    os.waitpid(moment.process, 0)


def _be(connection: socket.socket, answered: Answered) -> None:
    """In the fork: answer until nobody asks any more. Time stands still, and no connection of the emulator is kept open."""
    try:
        kept = connection.detach()
        os.dup2(kept, 3)
        os.closerange(4, os.sysconf("SC_OPEN_MAX"))
        connection = socket.socket(fileno=3)
        world.clock.stop()
        journal.begin_anew()
        while True:
            environ, body = _receive(connection)
            environ |= {"wsgi.input": io.BytesIO(body), "wsgi.url_scheme": "http", "CONTENT_LENGTH": str(len(body))}
            found, _error = answered(wire.read(environ))
            _send(connection, (found.status, found.headers, found.body))
    finally:
        os._exit(0)


def _send(connection: socket.socket, message: Any) -> None:
    data = pickle.dumps(message)
    connection.sendall(SIZE.pack(len(data)) + data)


def _receive(connection: socket.socket) -> Any:
    (size,) = SIZE.unpack(_exactly(connection, SIZE.size))
    return pickle.loads(_exactly(connection, size))


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data
