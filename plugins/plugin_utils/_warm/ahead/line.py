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

from .. import place, wire

NAME = "railyard.fargate.ahead"
SIZE = struct.Struct("!I")
# Words of the controller: drop what was read ahead (answered with True); keep the record of this run (answered with a line about it).
DROP, KEEP = "drop", "keep"
# Words of a module: what has been read ahead for this? (answered with a value or None); this was read (not answered).
ASK, NOTE = "ask", "note"
WORDS = {DROP, KEEP, ASK, NOTE}


def listen(folder: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX)
    with place.short_name(folder) as short:
        listening.bind(f"{short}/{NAME}")
    listening.listen(wire.BACKLOG)
    return listening


def connect(folder: Path) -> socket.socket:
    """Raises OSError when nobody is there, PermissionError when it is somebody else."""
    return place.reach(folder, NAME)


def send(connection: socket.socket, message: Any) -> None:
    data = pickle.dumps(message)
    connection.sendall(SIZE.pack(len(data)) + data)


def receive(connection: socket.socket) -> Any:
    """Raises EOFError when the other end is gone."""
    (size,) = SIZE.unpack(wire.receive(connection, SIZE.size))
    return pickle.loads(wire.receive(connection, size))


def tell(folder: Path, word: str) -> Any:
    """Say DROP or KEEP and wait for the answer; None where nobody reads ahead."""
    with contextlib.suppress(OSError, EOFError), connect(folder) as connection:
        connection.settimeout(10)
        send(connection, (word,))
        return receive(connection)
    return None
