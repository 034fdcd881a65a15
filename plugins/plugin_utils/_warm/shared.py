# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In the controller: what a worker has computed need not be computed by the ones that are forked after it.

A worker is a fork of the controller, and what it has computed ends with it. So each sends it through a socket that both have from the fork,
and the controller passes it on to the workers that it forks later. Nothing is kept between runs.
"""

from __future__ import annotations

import contextlib
import inspect
import marshal
import os
import socket
from typing import Any

# Bytes that may be on their way while the controller does something else. What finds no place is computed again.
ROOM = 1 << 22
LONGEST = 1 << 20


class Unsupported(Exception):
    """An ansible-core or a Jinja whose functions are not known; the message says what is different."""


def check_version(what: str, name: str, version: str, oldest: tuple[int, int], newest: tuple[int, int]) -> None:
    """Raises Unsupported where the first two numbers of a version are not within these."""
    if not oldest <= tuple(int(part) for part in version.split(".")[:2]) <= newest:
        raise Unsupported(f"{what}: {name} {version} is not known")


def check_parameters(what: str, function: Any, name: str, parameters: list[str]) -> None:
    """Raises Unsupported where a function has other parameters."""
    if list(inspect.signature(function).parameters) != parameters:
        raise Unsupported(f"{what}: {name} is not what it was")


class Shared:
    """Values by all that they are computed from; both are of the types that `marshal` knows. `computed`: how many computations the
    controller knows of, its own and others'."""

    def __init__(self) -> None:
        self.values: dict[tuple[Any, ...], Any] = {}
        self.computed = 0
        self._controller = os.getpid()
        self._receives, self._sends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for end, option in ((self._receives, socket.SO_RCVBUF), (self._sends, socket.SO_SNDBUF)):
            end.setblocking(False)
            end.setsockopt(socket.SOL_SOCKET, option, ROOM)

    def keep(self, key: tuple[Any, ...], value: Any) -> None:
        """For this process and for workers that the controller forks after its next `take`."""
        self.values[key] = value
        self.computed += 1
        if os.getpid() != self._controller:
            with contextlib.suppress(OSError, ValueError):
                self._sends.send(marshal.dumps((key, value)))

    def take(self) -> None:
        """In the controller: take what workers have computed."""
        with contextlib.suppress(OSError):
            while data := self._receives.recv(LONGEST):
                key, value = marshal.loads(data)
                self.values[key] = value
                self.computed += 1

    def close(self) -> None:
        self._receives.close()
        self._sends.close()
