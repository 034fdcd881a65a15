# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One module run through the server, seen from the connection plugin."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import wire
from .wrapper import Wrapped

# Seconds that a server may take to load itself. Longer than that, and the module runs as with `local`.
PATIENCE = 30.0


class Declined(Exception):
    """The module has not been started and will not be; the message says why."""


@dataclass(frozen=True)
class Ended:
    """How a module ended: its wait status, or None when the server was killed with it."""

    status: int | None
    out: bytes
    error: bytes


def run(connection: socket.socket, wrapped: Wrapped, folder: str | None, host: str = "") -> Ended:
    """Run a module of `host` in `folder` (None: the current one). Raises Declined as long as nothing has been started."""
    with contextlib.ExitStack() as opened:
        opened.callback(connection.close)
        out, out_end = _pipe(opened)
        error, error_end = _pipe(opened)
        with contextlib.ExitStack() as given:
            given.callback(os.close, out_end)
            given.callback(os.close, error_end)
            directory = os.open(folder or ".", os.O_PATH | os.O_DIRECTORY)
            given.callback(os.close, directory)
            _agree(connection, header(wrapped, host), wrapped.archive, [out_end, error_end, directory])
        try:
            return _collect(connection, out, error)
        except BaseException:
            with contextlib.suppress(OSError):
                connection.send(wire.LEAVE)
            raise


def header(wrapped: Wrapped, host: str) -> dict[str, Any]:
    """The header of a request: what the server needs beside the module's code. `host`: the inventory host of the task."""
    return {
        "name": wrapped.name,
        "fqn": wrapped.fqn,
        "profile": wrapped.profile,
        "params": wrapped.params,
        "rlimit_nofile": wrapped.rlimit_nofile,
        "environment": dict(os.environ),
        "umask": umask(),
        "host": host,
    }


def umask() -> int:
    """This process's umask, without setting it."""
    with open("/proc/self/status") as file:
        return next(int(line.split()[1], 8) for line in file if line.startswith("Umask:"))


def _pipe(opened: contextlib.ExitStack) -> tuple[int, int]:
    ours, theirs = os.pipe()
    opened.callback(os.close, ours)
    return ours, theirs


def _agree(connection: socket.socket, header: dict[str, Any], archive: bytes, descriptors: list[int]) -> None:
    connection.settimeout(PATIENCE)
    try:
        wire.send_request(connection, header, archive, descriptors)
        word = wire.receive(connection, 1)
        if word != wire.READY:
            raise Declined(b"".join(_rest(connection)).decode(errors="replace"))
        connection.sendall(wire.GO)
    except (OSError, EOFError) as error:
        raise Declined(f"the server does not answer ({error or type(error).__name__})") from error
    connection.settimeout(None)


def _rest(connection: socket.socket) -> Iterator[bytes]:
    while data := connection.recv(4096):
        yield data


def _collect(connection: socket.socket, out: int, error: int) -> Ended:
    """Read as subprocess.communicate does: until nobody holds the module's output any more, and until it has ended."""
    said: dict[int, bytearray] = {out: bytearray(), error: bytearray(), connection.fileno(): bytearray()}
    with selectors.DefaultSelector() as selector:
        for descriptor in said:
            selector.register(descriptor, selectors.EVENT_READ)
        while selector.get_map():
            for key, _events in selector.select():
                data = _read(key.fd)
                said[key.fd] += data
                if not data:
                    selector.unregister(key.fd)
            status = said[connection.fileno()]
            if len(status) < wire.STATUS.size and connection.fileno() not in selector.get_map():
                _drain(selector, said)
                return Ended(None, bytes(said[out]), bytes(said[error]))
    return Ended(wire.STATUS.unpack(status)[0], bytes(said[out]), bytes(said[error]))


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 16)
    except ConnectionError:
        return b""


def _drain(selector: selectors.BaseSelector, said: dict[int, bytearray]) -> None:
    """Read what the pipes of a killed module still hold, without waiting for processes that it started."""
    while selector.get_map() and (ready := selector.select(0)):
        for key, _events in ready:
            data = _read(key.fd)
            said[key.fd] += data
            if not data:
                selector.unregister(key.fd)


def folder_of_run() -> Path:
    """The folder that ansible-core created for this run, and deletes after it."""
    import ansible.constants

    return Path(ansible.constants.DEFAULT_LOCAL_TMP)
