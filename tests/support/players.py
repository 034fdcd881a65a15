"""Players for programs that start ansible-playbook by themselves, as ansible-lint and molecule do: they find `bin/ansible-playbook` first.

Runs in the same folder and with the same settings share a player (player.py), which the first of them starts. Nothing heavy is imported
here: each run does it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(__file__).resolve().parent / "bin"
PLACE = "RAILYARD_PLAYERS"
# A pipe that nobody writes to. Players end when the process ends that has it open.
LIFE = "life"
LONGEST = 1 << 20


@contextlib.contextmanager
def at_hand() -> Iterator[dict[str, str]]:
    """The environment of such a program. Its players end with the `with`."""
    with tempfile.TemporaryDirectory(prefix="players-", ignore_cleanup_errors=True) as place:
        os.mkfifo(Path(place) / LIFE)
        life = os.open(Path(place) / LIFE, os.O_RDWR)
        try:
            yield {**os.environ, PLACE: place, "PATH": f"{PROGRAMS}:{Path(sys.executable).parent}:{os.environ['PATH']}"}
        finally:
            os.close(life)


def play(words: list[str]) -> int:
    """Run `ansible-playbook WORDS` with this process's folder, environment, input and output. Returns its exit code."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.connect(str(_started()))
        return asked(connection, {"words": words, "environment": dict(os.environ), "folder": os.getcwd()}, [0, 1, 2])


def asked(connection: socket.socket, request: Mapping[str, object], files: list[int]) -> int:
    """The exit code of a run; `files` are its standard input, output and error."""
    socket.send_fds(connection, [json.dumps(request).encode()], files)
    return int(connection.recv(LONGEST) or b"-9")


def read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    """What ansible-core and Python read while they are loaded, and never again. The same path may be spelled in several ways."""
    found = {name: value for name, value in environment.items() if name.startswith(("ANSIBLE_", "PYTHON", "LC_", "LANG", "HOME"))}
    return {name: ":".join(os.path.normpath(part) if "/" in part else part for part in value.split(":")) for name, value in found.items()}


def _started() -> Path:
    """The socket of the player for this process's folder and settings."""
    settings = json.dumps([os.getcwd(), sorted(read_at_start(os.environ).items())])
    place = Path(os.environ[PLACE]) / hashlib.sha256(settings.encode()).hexdigest()[:16]
    place.mkdir(exist_ok=True)
    path = place / "socket"
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            _start(path)
    return path


def _start(path: Path) -> None:
    code = f"import sys; sys.path[0] = {str(ROOT)!r}; from tests.support import player; player.serve({str(path)!r})"
    with (path.parents[1] / LIFE).open("rb") as life, path.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-c", code], stdin=life, stdout=subprocess.PIPE, stderr=log, start_new_session=True)
    assert process.stdout is not None
    if not process.stdout.readline():
        raise RuntimeError(path.with_suffix(".log").read_text())
