"""The HTTP side: a thread for each connection, connections kept, bodies read whole before they are looked at.

`serve` makes this process the emulator of a state file (see process.py).
"""

from __future__ import annotations

import io
import json
import os
import secrets
import select
import signal
import socket
import struct
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from . import app, certificates, control, docker_registry, executors, faults, registry, router, world
from .process import State

_urls: dict[tuple[str, int], str] = {}


class Handler(MotoRequestHandler):
    """werkzeug closes every connection, because it cannot know where a body ends that nobody has read. Here each is read first."""

    protocol_version = "HTTP/1.1"
    application = staticmethod(app.application)

    def run_wsgi(self) -> None:
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        environ = self.make_environ()
        chunked = environ.pop("wsgi.input_terminated", False)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        body = environ["wsgi.input"].read() if chunked else self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0))
        environ.update({"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))})
        try:
            self._answer(self.application(environ, self._start))
        except faults.Broken:
            # Closed with nothing to wait for, which the other side sees as a reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def do_CONNECT(self) -> None:
        """A way to a registry, which speaks TLS: what comes by it are requests to this server."""
        host = self.path.partition(":")[0]
        if docker_registry.REGISTRY.fullmatch(host) is None:
            self.send_error(502)
            return
        self.send_response_only(200, "Connection established")
        self.end_headers()
        try:
            self.request = certificates.context(host).wrap_socket(self.connection, server_side=True)
        except OSError:
            self.close_connection = True
        else:
            self.setup()

    def _start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        code, words = status.split(" ", 1)
        self.send_response(int(code), words)
        for name, value in headers:
            self.send_header(name, value)

    def _answer(self, body: Any) -> None:
        self.end_headers()
        self.wfile.write(b"".join(body))
        self.wfile.flush()

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The `Date` of an answer is the emulator's time."""
        return super().date_time_string(world.clock.now() if timestamp is None else timestamp)

    def log_request(self, *_: Any) -> None:
        """Every call is in the journal."""


def make(port: int) -> BaseWSGIServer:
    """A server on 127.0.0.1; port 0 takes a free one."""
    server = make_server("127.0.0.1", port, app.application, threaded=True, request_handler=Handler)
    server.daemon_threads = True  # type: ignore[attr-defined]
    server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return server


@registry.control_endpoint("urls")
def urls(_: dict[str, Any]) -> dict[str, str]:
    """A URL of this machine for each HTTP listener, by its load balancer's name and its port: a browser needs no proxy for it."""
    for name, port in router.listeners():
        if (name, port) not in _urls:
            kind = type("Through", (Handler,), {"application": staticmethod(partial(app.through, f"http://{name}:{port}"))})
            server = make_server("127.0.0.1", 0, app.application, threaded=True, request_handler=kind)
            server.daemon_threads = True  # type: ignore[attr-defined]
            threading.Thread(target=server.serve_forever, daemon=True).start()
            _urls[name, port] = f"http://127.0.0.1:{server.server_port}/"
    return {f"{name}:{port}": _urls[name, port] for name, port in router.listeners()}


# The servers' threads are the other process's.
os.register_at_fork(after_in_child=_urls.clear)


def serve(path: Path, speed: float, port: int, parent: int, executor: str) -> None:
    """Be the emulator, until stopped or until `parent` has gone."""
    executors.programs.use(executor)
    world.clock.speed = speed
    be(path, port, parent)


def be(path: Path, port: int, parent: int) -> None:
    """Serve what this process holds of AWS."""
    token = secrets.token_hex(32)
    control.begin(token, be)
    listener = make(port)
    world.url = f"http://127.0.0.1:{listener.server_port}"
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    state = State(os.getpid(), world.url, token, world.clock.speed, executor=executors.programs.executor())
    _write(path, json.dumps(asdict(state)))
    if parent:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    with suppress(KeyboardInterrupt):
        listener.serve_forever()


def _write(path: Path, text: str) -> None:
    fresh = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)


def _end_with(parent: int) -> None:
    with suppress(OSError):
        if hasattr(os, "pidfd_open"):
            select.select([os.pidfd_open(parent)], [], [])
        while True:
            os.kill(parent, 0)
            time.sleep(1)
    os._exit(0)
