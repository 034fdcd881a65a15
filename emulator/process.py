"""The emulator as a process: start, find, prove, stop. One per state file.

The state file (mode 0600) holds pid, address and a token. A client never trusts an address alone: it sends a challenge, and only
the server that was started with this file's token can answer it.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
STATE = Path(os.environ.get("RAILYARD_EMULATOR_STATE", ROOT / ".cache" / "emulator.json"))


@dataclass(frozen=True)
class State:
    pid: int
    url: str
    token: str
    speed: float


class EmulatorError(Exception):
    """Something a person has to know; the text says what and what to do."""


def _request(url: str, token: str = "", body: dict[str, Any] | None = None, timeout: float = 30) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"X-Emulator-Token": token})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=timeout) as reply:
        return json.load(reply)


def running(path: Path = STATE) -> State | None:
    """The emulator of this state file, if it runs and proves that it is the one."""
    from .control import proof

    with suppress(OSError, ValueError, TypeError):
        state = State(**json.loads(path.read_text()))
        challenge = secrets.token_hex(16)
        with suppress(urllib.error.URLError, OSError, ValueError, KeyError):
            if _request(f"{state.url}/_emulator/identity?challenge={challenge}", timeout=5)["proof"] == proof(state.token, challenge):
                return state
    return None


def door(state: State, name: str, **body: Any) -> Any:
    """Ask the emulator's own door (see control.py)."""
    return _request(f"{state.url}/_emulator/{name}", state.token, body)


def start(path: Path = STATE, speed: float = 60.0, port: int = 0, parent: int = 0, timeout: float = 60) -> State:
    """Start the emulator unless it runs. It ends with the process `parent`, if one is given."""
    if (state := running(path)) is not None:
        return state
    path.parent.mkdir(parents=True, exist_ok=True)
    log = path.with_suffix(".log")
    command = [sys.executable, "-m", "emulator", "serve", "--state", str(path), "--speed", str(speed), "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--parent", str(parent)], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline and process.poll() is None:
        if (state := running(path)) is not None and state.pid == process.pid:
            return state
        time.sleep(0.05)
    if process.poll() is None:
        process.kill()
    raise EmulatorError(f"the emulator did not start; {log} says why")


def stop(path: Path = STATE) -> bool:
    """Stop the emulator of this state file. False when none runs."""
    state = running(path)
    if state is None:
        path.unlink(missing_ok=True)
        return False
    os.kill(state.pid, signal.SIGTERM)
    deadline = time.monotonic() + 10
    while running(path) is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    path.unlink(missing_ok=True)
    return True


def serve(path: Path, speed: float, port: int, parent: int) -> None:
    """Be the emulator, until stopped or until `parent` has gone."""
    import threading

    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from werkzeug.serving import make_server

    from . import app, control, world

    class Handler(MotoRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_request(self, *_: Any) -> None:
            """Every call is in the journal."""

    world.clock.speed = speed
    token = secrets.token_hex(32)
    control.set_token(token)
    server = make_server("127.0.0.1", port, app.application, threaded=True, request_handler=Handler)
    server.daemon_threads = True
    server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    state = State(os.getpid(), f"http://127.0.0.1:{server.server_port}", token, speed)
    _write(path, json.dumps(asdict(state)))
    if parent:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    server.serve_forever()


def _write(path: Path, text: str) -> None:
    fresh = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)


def _end_with(parent: int) -> None:
    with suppress(OSError):
        import select

        watch = os.pidfd_open(parent)
        select.select([watch], [], [])
    os._exit(0)
