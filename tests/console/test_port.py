"""A port beyond the node, as callers of the local port find it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.nodes import Node

Answer = Callable[[socket.socket], None]


def echo(caller: socket.socket) -> None:
    while data := caller.recv(65536):
        caller.sendall(data)


def greet(caller: socket.socket) -> None:
    caller.sendall(b"hello")
    echo(caller)


@contextmanager
def serving(answer: Answer) -> Iterator[int]:
    """Another machine's server; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    caller, _address = listening.accept()
                except OSError:
                    return
                with caller:
                    answer(caller)

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)


def heard(caller: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size and (data := caller.recv(65536)):
        found += data
    return found


def call(local: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", local), 10)


@pytest.mark.parametrize("faults", [{}, {"lost": 2}, {"unheard": 2}, {"cut": 6}], ids=str)
def test_bytes_go_both_ways(node: Node, faults: dict[str, Any]) -> None:
    sent = bytes(range(256)) * 400
    with serving(echo) as port, node.forwarded(port=port, **faults) as (local, _client), call(local) as caller:
        threading.Thread(target=caller.sendall, args=(sent,)).start()
        assert heard(caller, len(sent)) == sent


def test_one_caller_after_the_other(node: Node) -> None:
    with serving(echo) as port, node.forwarded(port=port) as (local, _client):
        for text in (b"first", b"second", b"third"):
            with call(local) as caller:
                caller.sendall(text)
                assert heard(caller, len(text)) == text


def test_where_nothing_answers_the_reason_is_shown_and_it_is_no_success(node: Node) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = closed.getsockname()[1]
    with node.forwarded(port=nobody) as (_local, client):
        assert client.stdout is not None
        assert "Unable to connect to specified port" in client.stdout.read()
        if "_session.client" in client.args:
            assert client.wait(30) != 0


def test_port_passes_on_what_the_server_sends_first(node: Node) -> None:
    with serving(greet) as port, node.forwarded(port=port) as (local, _client), call(local) as caller:
        assert heard(caller, 5) == b"hello"
