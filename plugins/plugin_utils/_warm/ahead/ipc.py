# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages between a run's processes and the fetcher, over a Unix socket in the folder of the run."""

from __future__ import annotations

import contextlib
import pickle
import socket
import struct
from pathlib import Path
from typing import Any

from .. import server_socket, wire

NAME = "railyard.fargate.ahead"
SIZE = struct.Struct("!I")
# Words of the controller, all answered. Something that may write BEGINS beside the server and ENDS (a name is sent with both), or has
# CHANGED something by a way that is not known; KEEP the record of this run (answered with a sentence about it).
BEGINS, ENDS, CHANGED, KEEP = "begins", "ends", "changed", "keep"
# Words of a module: ASK for the answer to a request (answered with it or None); NOTE that the module has called AWS after an ASK
# (not answered).
ASK, NOTE = "ask", "note"
WORDS = {BEGINS, ENDS, CHANGED, KEEP, ASK, NOTE}


def listen(folder: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX)
    with server_socket.short_name(folder) as short:
        listening.bind(f"{short}/{NAME}")
    listening.listen(wire.BACKLOG)
    return listening


def connect(folder: Path) -> socket.socket:
    """A connection to the fetcher. Raises OSError when no process listens, PermissionError when it is another user's."""
    return server_socket.reach(folder, NAME)


def send(connection: socket.socket, message: Any) -> None:
    data = pickle.dumps(message)
    connection.sendall(SIZE.pack(len(data)) + data)


def receive(connection: socket.socket) -> Any:
    """The next message. Raises EOFError when the other end has closed."""
    (size,) = SIZE.unpack(wire.receive(connection, SIZE.size))
    return pickle.loads(wire.receive(connection, size))


def tell(folder: Path, word: str, *what: Any) -> Any:
    """Send a word of the controller and return the answer; None when there is no fetcher."""
    with contextlib.suppress(OSError, EOFError), connect(folder) as connection:
        connection.settimeout(10)
        send(connection, (word, *what))
        return receive(connection)
    return None
