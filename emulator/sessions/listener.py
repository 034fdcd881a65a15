"""The websocket server of an emulator's sessions: a thread for each connection, on a port that is taken when the first is needed."""

from __future__ import annotations

import json
import os
import secrets
import threading
import weakref
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from .channel import Channel

HELLO = {"MessageSchemaVersion", "RequestId", "TokenValue", "ClientId", "ClientVersion"}
PATH = "/v1/data-channel/{}?role=publish_subscribe"
PATIENCE = 10.0
_tokens: dict[str, Channel] = {}
_channels: weakref.WeakSet[Channel] = weakref.WeakSet()
_server: Server | None = None


def url(channel: Channel) -> str:
    """Where a client connects."""
    global _server
    if _server is None:
        _server = serve(_talk, "127.0.0.1", 0, max_size=None, compression=None, ping_interval=None)
        threading.Thread(target=_server.serve_forever, daemon=True).start()
    return f"ws://127.0.0.1:{_server.socket.getsockname()[1]}{PATH.format(channel.session)}"


def token(channel: Channel) -> str:
    """A new one, good for one connection."""
    made = secrets.token_urlsafe(48)
    _tokens[made] = channel
    _channels.add(channel)
    return made


def _talk(connection: ServerConnection) -> None:
    try:
        channel = _opened(connection)
        if channel is None:
            connection.close(1008, "AccessDenied")
        else:
            channel.serve(connection)
    except (ConnectionClosed, TimeoutError, ValueError):
        return
    finally:
        connection.close()


def _opened(connection: ServerConnection) -> Channel | None:
    """The channel that the first message opens; None when the service refuses it."""
    hello: Any = json.loads(connection.recv(timeout=PATIENCE))
    if not isinstance(hello, dict) or not hello.keys() >= HELLO:
        return None
    channel = _tokens.pop(hello["TokenValue"], None)
    path = connection.request.path if connection.request else ""
    return channel if channel and not channel.over and path == PATH.format(channel.session) else None


def forget() -> None:
    """End what there is; connections break."""
    for channel in list(_channels):
        channel.cut()
        channel.vanish()
    _tokens.clear()
    _channels.clear()


def _in_a_fork() -> None:
    """The server's thread is the other process's, and so are programs and connections."""
    global _server
    _server = None
    _tokens.clear()
    for channel in list(_channels):
        channel.forsake()
    _channels.clear()


os.register_at_fork(after_in_child=_in_a_fork)
