"""Callers of a local port, one after the other."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from ansible_collections.railyard.fargate.plugins.plugin_utils._session import frames
from ansible_collections.railyard.fargate.plugins.plugin_utils._session.channel import Channel
from ansible_collections.railyard.fargate.plugins.plugin_utils._session.port import _Callers


@pytest.fixture
def callers() -> Iterator[_Callers]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = _Callers(Channel("s", "t"), listening)
        yield made
        made.hang_up()


def called(callers: _Callers) -> socket.socket:
    caller = socket.create_connection(callers.listening.getsockname(), 10)
    callers.accept()
    return caller


def sent(callers: _Callers) -> list[tuple[int, bytes]]:
    return [(frame.payload_type, frame.payload) for frame in map(frames.unpack, callers.channel.out)]


def test_what_a_server_said_before_anybody_called_is_for_the_first_caller(callers: _Callers) -> None:
    callers.hear(b"hel")
    callers.hear(b"lo")
    with called(callers) as caller:
        assert caller.recv(99) == b"hello"


def test_what_was_for_one_caller_is_not_for_the_next(callers: _Callers) -> None:
    called(callers).close()
    assert callers.caller is not None
    callers.speak(callers.caller)
    assert sent(callers) == [(frames.Payload.FLAG, b"\0\0\0\1")]
    callers.hear(b"for whom?")
    with called(callers) as caller:
        callers.hear(b"for you")
        assert caller.recv(99) == b"for you"


def test_others_wait_while_somebody_calls(callers: _Callers) -> None:
    assert callers.sources() == [callers.listening]
    with called(callers) as caller:
        assert callers.sources() == [callers.caller]
        caller.sendall(b"select 1")
        assert callers.caller is not None
        callers.speak(callers.caller)
    assert sent(callers) == [(frames.Payload.OUTPUT, b"select 1")]
