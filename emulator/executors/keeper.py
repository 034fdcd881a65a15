"""The keeper of the emulator's children: a process that kills their groups as soon as the emulator is gone, however it went.

It hears of groups on its standard input, `+GROUP` and `-GROUP`; the end of that is the end of the emulator. `=PROGRAM` is podman or docker,
whose containers with the label of this emulator are removed then.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

LABEL = "railyard-emulator"
_lock = threading.Lock()
_keeper: subprocess.Popen[bytes] | None = None
_folder: Path | None = None


def folder() -> Path:
    """A folder of this emulator's own, which goes when it does."""
    with _lock:
        return _begun()[1]


def keep(group: int) -> None:
    _tell(f"+{group}")


def leave(group: int) -> None:
    """The group has ended."""
    _tell(f"-{group}")


def clean(engine: str) -> None:
    """This program runs containers for the emulator."""
    _tell(f"={engine}")


def _tell(words: str) -> None:
    with _lock:
        process, _ = _begun()
        assert process.stdin is not None
        process.stdin.write(f"{words}\n".encode())
        process.stdin.flush()


def _begun() -> tuple[subprocess.Popen[bytes], Path]:
    global _keeper, _folder
    if _keeper is None or _folder is None:
        _folder = Path(tempfile.mkdtemp(prefix="railyard-emulator-"))
        _folder.chmod(0o711)
        command = [sys.executable, "-I", "-S", __file__, str(_folder)]
        _keeper = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
    return _keeper, _folder


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def kill(group: int, number: int = signal.SIGKILL) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _be(path: str) -> None:
    groups, engines = set[int](), set[str]()
    for line in sys.stdin:
        if line[0] == "=":
            engines.add(line[1:].strip())
        elif line[0] == "+":
            groups.add(int(line[1:]))
        else:
            groups.discard(int(line[1:]))
    for group in groups:
        kill(group)
    for engine in engines:
        words = [engine, "ps", "--all", "--quiet", "--filter", f"label={LABEL}={Path(path).name}"]
        left = subprocess.run(words, capture_output=True, text=True, check=False).stdout.split()
        subprocess.run([engine, "rm", "--force", *left], capture_output=True, check=False)
    shutil.rmtree(path, ignore_errors=True)


def _forget() -> None:
    """In a copy of this process: the keeper is the other's."""
    global _keeper, _folder
    _keeper = _folder = None


os.register_at_fork(after_in_child=_forget)

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _be(sys.argv[1])
