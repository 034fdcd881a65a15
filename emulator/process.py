"""The emulator as a process, seen from outside: start, find, prove, stop. One per state file; server.py is what runs in it.

The state file (mode 0600) holds pid, address and a token. A client never trusts an address alone: it sends a challenge, and only
the server that was started with this file's token can answer it.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
STATE = Path(os.environ.get("RAILYARD_EMULATOR_STATE", ROOT / ".cache" / "emulator.json"))


# What a container does when it runs (executors/): it plays what scripts say, or runs a program or a container of this machine.
SCRIPT, PROCESS, CONTAINER = EXECUTORS = ("script", "process", "container")


@dataclass(frozen=True)
class State:
    pid: int
    url: str
    token: str
    speed: float
    latency: bool = False
    executor: str = SCRIPT


class EmulatorError(Exception):
    """Something a person has to know; the text says what and what to do."""


def proof(token: str, challenge: str) -> str:
    """What only a server that knows `token` can say to `challenge`."""
    return hmac.new(token.encode(), challenge.encode(), hashlib.sha256).hexdigest()


def _request(url: str, path: str, token: str = "", body: dict[str, Any] | None = None, timeout: float = 60) -> Any:
    """Send a request to a control endpoint.

    `http.client`, because every run of Ansible sends one, and urllib.request takes longer to import than this request takes.
    """
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=timeout)
    try:
        headers = {"X-Emulator-Token": token} if token else {}
        connection.request("GET" if body is None else "POST", f"/_emulator/{path}", json.dumps(body) if body is not None else None, headers)
        reply = connection.getresponse()
        answer = json.loads(reply.read())
        if reply.status >= 400:
            raise EmulatorError(f"the emulator's endpoint {path.split('?')[0]} says: {answer.get('error', reply.status)}")
        return answer
    finally:
        connection.close()


def running(path: Path = STATE) -> State | None:
    """The emulator of this state file, if it runs and proves that it is the one."""
    challenge = secrets.token_hex(16)
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, http.client.HTTPException, EmulatorError):
        state = State(**json.loads(path.read_text()))
        answer = _request(state.url, f"identity?challenge={challenge}", timeout=5)
        if hmac.compare_digest(answer["proof"], proof(state.token, challenge)):
            return replace(state, speed=answer.get("speed", state.speed), latency=answer.get("latency", False))
    return None


def control(state: State, name: str, **body: Any) -> Any:
    """The answer of the control endpoint `name` (control.py) to `body`. Raises EmulatorError."""
    return _request(state.url, name, state.token, body)


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Two starts at the same time are one start: the second waits and finds what the first has started."""
    with path.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def start(path: Path = STATE, speed: float = 60.0, port: int = 0, parent: int = 0, timeout: float = 60, executor: str = SCRIPT) -> State:
    """Start the emulator unless it runs. It ends with the process `parent`, if one is given."""
    if (state := running(path)) is not None:
        return state
    path.parent.mkdir(parents=True, exist_ok=True)
    with _only_one(path):
        return running(path) or _spawn(
            path, ["--speed", str(speed), "--port", str(port), "--parent", str(parent), "--executor", executor], timeout
        )


def fork(origin: State, path: Path, parent: int = 0, timeout: float = 60) -> State:
    """Start an emulator whose AWS is a copy of another's as it is now. From then on neither knows of the other."""
    control(origin, "fork", path=str(path.resolve()), parent=parent)
    return _await(path, timeout, lambda state: True, lambda: True)


def _spawn(path: Path, settings: list[str], timeout: float) -> State:
    log = path.with_suffix(".log")
    command = [sys.executable, "-m", "emulator", "serve", "--state", str(path.resolve()), *settings]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
    try:
        return _await(path, timeout, lambda state: state.pid == process.pid, lambda: process.poll() is None)
    except EmulatorError:
        if process.poll() is None:
            process.kill()
        raise


def _await(path: Path, timeout: float, right: Callable[[State], bool], lives: Callable[[], bool]) -> State:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline and lives():
        if (state := running(path)) is not None and right(state):
            return state
        time.sleep(0.02)
    raise EmulatorError(f"the emulator did not start; {path.with_suffix('.log')} says why")


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
