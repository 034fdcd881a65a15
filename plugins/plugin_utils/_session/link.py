# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The websocket of a data channel, without threads: the library `websockets` knows the protocol, this moves bytes."""

from __future__ import annotations

import base64
import json
import os
import socket
import ssl
import uuid
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

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
MOST_HEADERS = 1 << 16


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
    """A socket to the stream, through the proxy of the environment if there is one for it, as botocore has it."""
    place = urlsplit(url)
    if place.scheme not in ("ws", "wss") or not place.hostname:
        raise ConnectionError("the stream's address is no ws:// or wss://")
    secure = place.scheme == "wss"
    host, port = place.hostname, place.port or (443 if secure else 80)
    proxy = None if proxy_bypass(f"{host}:{port}") else getproxies().get("https" if secure else "http")
    made = _through(proxy, host, port) if proxy else _plain(host, port)
    return _context().wrap_socket(made, server_hostname=host) if secure else made


def _plain(host: str, port: int) -> socket.socket:
    made = socket.create_connection((host, port), CONNECTING)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def _through(proxy: str, host: str, port: int) -> socket.socket:
    """A socket to host and port through an HTTP proxy. Raises ConnectionError with the proxy's words."""
    place = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    if place.scheme != "http" or not place.hostname:
        raise ConnectionError(
            f"the proxy {place.hostname or proxy} is none that Session Manager can be reached through: it must be http://"
        )
    made = _plain(place.hostname, place.port or 80)
    try:
        made.sendall(_connect_request(place, f"[{host}]:{port}" if ":" in host else f"{host}:{port}"))
        answer = b""
        # Byte by byte, so that nothing is taken of what comes after the headers.
        while not answer.endswith(b"\r\n\r\n") and len(answer) < MOST_HEADERS and (more := made.recv(1)):
            answer += more
        status = answer.partition(b"\r\n")[0].decode("latin-1").split(" ", 2)
        if len(status) < 2 or not status[0].startswith("HTTP/") or not status[1].startswith("2"):
            raise ConnectionError(f"the proxy {place.hostname} does not connect to {host}: {' '.join(status[1:]) or 'it says nothing'}")
    except BaseException:
        made.close()
        raise
    return made


def _connect_request(proxy: SplitResult, target: str) -> bytes:
    """Pure."""
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.username is not None:
        pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(pair.encode()).decode()}")
    return "\r\n".join([*lines, "", ""]).encode()


def _context() -> ssl.SSLContext:
    """Who is trusted: whom AWS_CA_BUNDLE or REQUESTS_CA_BUNDLE names, as with botocore, else whom this machine trusts."""
    bundle = os.environ.get("AWS_CA_BUNDLE") or os.environ.get("REQUESTS_CA_BUNDLE")
    if not bundle:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(capath=bundle) if os.path.isdir(bundle) else ssl.create_default_context(cafile=bundle)
    except OSError as error:
        raise ConnectionError(f"the certificates {bundle} cannot be read: {error}") from error
