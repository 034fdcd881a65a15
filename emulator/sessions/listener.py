"""The websocket server of an emulator's sessions: a thread for each connection, on a port that is taken when the first is needed."""

from __future__ import annotations

import json
import os
import secrets
import threading
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from .channel import Channel

HELLO = {"MessageSchemaVersion", "RequestId", "TokenValue", "ClientId", "ClientVersion"}
_tokens: dict[str, Channel] = {}
_server: Server | None = None


def url(channel: Channel) -> str:
    """Where a client connects."""
    global _server
    if _server is None:
        _server = serve(_talk, "127.0.0.1", 0, max_size=None, compression=None, ping_interval=None)
        threading.Thread(target=_server.serve_forever, daemon=True).start()
    port = _server.socket.getsockname()[1]
    return f"ws://127.0.0.1:{port}/v1/data-channel/{channel.session}?role=publish_subscribe"


def token(channel: Channel) -> str:
    """A new one, good for one connection."""
    made = secrets.token_urlsafe(48)
    _tokens[made] = channel
    return made


def _talk(connection: ServerConnection) -> None:
    try:
        hello = json.loads(connection.recv(timeout=10))
        channel = _tokens.pop(hello.get("TokenValue"), None)
        path = (connection.request.path if connection.request else "").split("?")[0]
        if channel is None or not hello.keys() >= HELLO or not path.endswith(f"/{channel.session}") or channel.over:
            connection.close(1008, "AccessDenied")
            return
        channel.serve(connection, _messages(connection))
    except (ConnectionClosed, TimeoutError, ValueError):
        return
    finally:
        connection.close()


def _messages(connection: ServerConnection) -> Any:
    try:
        yield from connection
    except ConnectionClosed:
        return


def forget() -> None:
    """End what there is."""
    for channel in set(_tokens.values()):
        channel.vanish()
    _tokens.clear()


def _in_a_fork() -> None:
    """The server's thread is the other process's."""
    global _server
    _server = None
    _tokens.clear()


os.register_at_fork(after_in_child=_in_a_fork)
