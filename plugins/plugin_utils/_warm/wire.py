# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What passes between the connection plugin and the server over a Unix socket of the user.

    client → server   length of header, length of payload; header (JSON), payload; with them the descriptors OUT, ERR and CWD
    server → client   READY, or REFUSED and a reason
    client → server   GO: from here on the module runs, and may not run again anywhere else
    server → client   the module's wait status, when it has ended
    client → server   LEAVE: the task has timed out; as with `local`, the module runs on

A client that closes without LEAVE has been killed: the server kills its module.
"""

from __future__ import annotations

import json
import os
import socket
import struct
from typing import Any

READY, REFUSED, GO, LEAVE = b"r", b"x", b"g", b"l"
SIZES = struct.Struct("!II")
STATUS = struct.Struct("!i")
DESCRIPTORS = 3
BACKLOG = 128
# Between a controller and a keeper: the most that settings may be, and the seconds in which each answers the other.
SETTINGS = 1 << 16
PROMPT = 1.0


def peer(connection: socket.socket) -> int:
    """User id of the process at the other end, as the kernel knows it."""
    size = struct.calcsize("3i")
    return int(struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))[1])


def check_peer(connection: socket.socket) -> None:
    """Raise PermissionError unless both ends belong to the same user."""
    other = peer(connection)
    if other != os.geteuid():
        raise PermissionError(f"the process at the other end of the socket belongs to user {other}")


def send_request(connection: socket.socket, header: dict[str, Any], payload: bytes, descriptors: list[int]) -> None:
    text = json.dumps(header).encode()
    sizes = SIZES.pack(len(text), len(payload))
    socket.send_fds(connection, [sizes], descriptors)
    connection.sendall(text)
    connection.sendall(payload)


def receive(connection: socket.socket, size: int) -> bytes:
    """Exactly `size` bytes. Raises EOFError when the other end is gone before."""
    data = bytearray()
    while len(data) < size:
        try:
            got = connection.recv(size - len(data))
        except ConnectionError:
            got = b""
        if not got:
            raise EOFError("the server is gone")
        data += got
    return bytes(data)
