# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The websocket of a data channel, without threads: the library `websockets` knows the protocol, this moves bytes."""

from __future__ import annotations

import json
import socket
import ssl
import uuid
from urllib.parse import urlsplit

try:
    from websockets.client import ClientProtocol
    from websockets.exceptions import InvalidHandshake
    from websockets.frames import Frame, Opcode
    from websockets.protocol import State
    from websockets.uri import parse_uri
except ImportError:
    pass  # Without it the module says what is missing; see its requirements.

from .channel import VERSION

CONNECTING = 15.0
AT_ONCE = 1 << 18


class Link:
    """A connection. `fileno` is readable when `receive` has something to say."""

    def __init__(self, url: str, token: str) -> None:
        self._socket = _dial(url)
        self._protocol = ClientProtocol(parse_uri(url), max_size=None)
        try:
            self._protocol.send_request(self._protocol.connect())
            self._flush()
            while self._protocol.state is State.CONNECTING:
                self._read()
            if self._protocol.handshake_exc is not None:
                raise ConnectionError(f"Session Manager refuses the connection: {self._protocol.handshake_exc}")
            self._open(token)
        except (InvalidHandshake, TimeoutError) as error:
            self.close()
            raise ConnectionError(f"Session Manager refuses the connection: {error}") from error
        except BaseException:
            self.close()
            raise
        self._socket.setblocking(False)

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, frames: list[bytes]) -> None:
        """Raises ConnectionError once the connection is broken."""
        for raw in frames:
            self._protocol.send_binary(raw)
        self._flush()

    def ping(self) -> None:
        self._protocol.send_ping(b"")
        self._flush()

    def receive(self) -> list[bytes]:
        """Whole frames that have come; [] for nothing of interest. Raises ConnectionError once the connection is over."""
        self._read()
        found, parts = [], self._parts
        for event in self._protocol.events_received():
            if not isinstance(event, Frame) or event.opcode not in (Opcode.BINARY, Opcode.CONT):
                continue
            parts.append(bytes(event.data))
            if event.fin:
                found.append(b"".join(parts))
                parts.clear()
        self._flush()
        if self._protocol.state is State.CLOSED and not found:
            raise ConnectionError("the connection was closed")
        return found

    def close(self) -> None:
        self._socket.close()

    def _open(self, token: str) -> None:
        """The first message says who this is. It is the only one of text, and the only one that holds the token."""
        who = {"MessageSchemaVersion": "1.0", "RequestId": str(uuid.uuid4()), "TokenValue": token, "ClientId": str(uuid.uuid4())}
        self._protocol.send_text(json.dumps({**who, "ClientVersion": VERSION}).encode())
        self._flush()
        self._parts: list[bytes] = []

    def _read(self) -> None:
        try:
            data = self._socket.recv(AT_ONCE)
            while isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
                data += self._socket.recv(AT_ONCE)
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()

    def _flush(self) -> None:
        data = b"".join(part for part in self._protocol.data_to_send() if part)
        if not data:
            return
        # What the other side does not take for so long is a connection that is broken.
        self._socket.settimeout(CONNECTING)
        try:
            self._socket.sendall(data)
        except TimeoutError as error:
            raise ConnectionError("the other side takes nothing any more") from error
        finally:
            if self._protocol.state is not State.CONNECTING:
                self._socket.setblocking(False)


def _dial(url: str) -> socket.socket:
    place = urlsplit(url)
    if place.scheme not in ("ws", "wss") or not place.hostname:
        raise ConnectionError("the stream's address is no ws:// or wss://")
    plain = socket.create_connection((place.hostname, place.port or (443 if place.scheme == "wss" else 80)), CONNECTING)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if place.scheme == "ws":
        return plain
    return ssl.create_default_context().wrap_socket(plain, server_hostname=place.hostname)
