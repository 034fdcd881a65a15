"""What the workers of one run of pytest share: a folder that goes with the run, and what is made in it once for all of them."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from emulator import process

ROOT = Path(__file__).resolve().parents[2]
# Set by the process that a person has started; workers inherit it: its process id, and the folder.
RUN = "RAILYARD_TEST_RUN"


def begin() -> None:
    if RUN not in os.environ:
        os.environ[RUN] = f"{os.getpid()}:{tempfile.mkdtemp(prefix='railyard-tests-')}"
        atexit.register(_end)


def _end() -> None:
    if owner() == os.getpid():
        shutil.rmtree(folder(), ignore_errors=True)


def owner() -> int:
    """The process with which everything that is shared ends."""
    begin()
    return int(os.environ[RUN].split(":")[0])


def folder() -> Path:
    begin()
    return Path(os.environ[RUN].split(":", 1)[1])


def ansible_home() -> Path:
    """Where ansible-core, and what runs of this collection keep between them, is in the runs of one worker."""
    return ROOT / ".cache" / "tests" / os.environ.get("PYTEST_XDIST_WORKER", "alone")


def end_keepers() -> None:
    """A keeper whose socket is gone ends."""
    for socket in (ansible_home() / "railyard.fargate" / "keepers").glob("*"):
        socket.unlink(missing_ok=True)


def emulator(name: str, make: Callable[[Path], process.State]) -> tuple[process.State, Path]:
    """The emulator of this name, and its state file. Whoever asks first makes it, and the others wait; nobody writes to it later.

    `make` starts it with this state file, fills it, and returns it."""
    place = folder() / name
    place.mkdir(exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        path = place / "state.json"
        if (place / "made").exists() and (state := process.running(path)):
            return state, path
        process.stop(path)
        state = make(path)
        (place / "made").touch()
        return state, path
