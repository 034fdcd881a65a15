# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the server's socket is, and how the first who needs the server starts it.

The socket is in the folder that ansible-core makes for each run (`local_tmp`): its name cannot be guessed, it is the user's
alone, it goes with the run, and the controller and its workers know it. Who binds the socket starts the server, and hands it
the listening socket: from then on connections queue, so nobody polls.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import socket
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import likeness, wire
from .loaded import find_collections

NAME = "railyard.fargate.warm"
HERE = Path(__file__).resolve().parent
# What a process looks at while it starts. The server has these and nothing else of the run's environment: credentials reach it
# with the requests. A request whose values differ is refused.
AT_START = ("HOME", "LANG", "LANGUAGE", "LD_", "LC_", "MALLOC_", "GLIBC_", "OPENSSL_", "PYTHON", "PATH", "TZ", "BOTO")
SHELL = ("PWD", "OLDPWD", "SHLVL", "_")


class Unsafe(Exception):
    """The folder of the socket is not the user's alone; the words say what is wrong."""


def at_start(environment: dict[str, str]) -> dict[str, str]:
    """The part of an environment that a process looks at while it starts."""
    return {name: value for name, value in environment.items() if name.startswith(AT_START)}


def check(folder: Path) -> None:
    """Raise Unsafe unless the folder belongs to this user and to nobody else."""
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode):
        raise Unsafe(f"{folder} is not a folder")
    if found.st_uid != os.geteuid():
        raise Unsafe(f"{folder} belongs to user {found.st_uid}")
    if found.st_mode & 0o077:
        raise Unsafe(f"others have rights on {folder} ({stat.S_IMODE(found.st_mode):04o})")


@contextlib.contextmanager
def short_name(folder: Path):  # type: ignore[no-untyped-def]
    """The folder under a name that fits into the 108 bytes that a Unix socket's address may have."""
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def connect(folder: Path) -> socket.socket:
    """A connection to the server of this run. Raises OSError when there is none, Unsafe or PermissionError when it is not ours."""
    check(folder)
    return reach(folder, NAME)


def reach(folder: Path, name: str, kind: int = socket.SOCK_STREAM) -> socket.socket:
    """A connection to a socket in the folder. Raises OSError when nobody is there, PermissionError when it is somebody else."""
    connection = socket.socket(socket.AF_UNIX, kind)
    try:
        with short_name(folder) as short:
            connection.connect(f"{short}/{name}")
        wire.check_peer(connection)
    except BaseException:
        connection.close()
        raise
    return connection


@dataclass(frozen=True)
class Keep:
    """`folder`: where keepers are found. `idle`: after how many seconds without a run one ends."""

    folder: Path
    idle: float


def start(folder: Path, controller: int, collections: list[str], record: Path | None = None, keep: Keep | None = None) -> bool:
    """Start the server of the run whose controller is this process id, unless someone has; True when it was this call.

    `collections` are the folders in which ansible-playbook looks for `ansible_collections`; `record` is the file of what to read ahead.
    With `keep` the server is a keeper's, or begins as one.
    """
    check(folder)
    if os.path.lexists(folder / NAME):
        return False
    core = str(Path(sys.modules["ansible"].__file__ or "").parent)
    run = {
        "controller": controller,
        "started": started(controller),
        "folder": str(folder),
        "record": str(record) if record else "",
        "shell": {name: os.environ[name] for name in SHELL if name in os.environ},
    }
    found = {name: str(path) for name, path in find_collections(collections).items()}
    known = {"core": core, "collections": found, "keeper": "", "idle": 0.0}
    if keep:
        known |= {"keeper": str(keep.folder / _key(known)), "idle": keep.idle}
    with socket.socket(socket.AF_UNIX) as listening, short_name(folder) as short:
        own = f"{NAME}.{os.getpid()}"
        listening.bind(f"{short}/{own}")
        os.chmod(folder / own, 0o600)
        listening.listen(wire.BACKLOG)
        try:
            os.link(folder / own, folder / NAME)
        except FileExistsError:
            return False
        finally:
            os.unlink(folder / own)
        if not keep or not _take_on(Path(str(known["keeper"])), run, listening):
            _launch(listening, {**known, **run})
    return True


def _key(known: dict[str, Any]) -> str:
    """A name for all servers that are started like one that this process would start."""
    shell = [name in os.environ for name in SHELL]
    kind = [os.environ.get("SHLVL"), os.path.isdir(os.environ.get("OLDPWD", "")), os.path.isdir(os.environ.get("PWD", ""))]
    return likeness.key(at_start(dict(os.environ)), known, sys.executable, str(HERE), shell, kind)


def _take_on(path: Path, run: dict[str, Any], listening: socket.socket) -> bool:
    """Whether a keeper at this path serves the run."""
    try:
        check(path.parent)
        with reach(path.parent, path.name, socket.SOCK_SEQPACKET) as connection:
            connection.settimeout(wire.PROMPT)
            socket.send_fds(connection, [json.dumps(run).encode()], [listening.fileno()])
            if connection.recv(1) != wire.READY:
                return False
            connection.send(wire.GO)
            return True
    except (OSError, Unsafe):
        return False


def _launch(listening: socket.socket, settings: dict[str, Any]) -> None:
    """Start the server by the same way through the shell by which `local` starts a module."""
    environment = {name: value for name, value in os.environ.items() if name.startswith(AT_START) or name in SHELL}
    said, says = os.pipe()
    nothing, closed = os.pipe()
    os.close(closed)
    text = json.dumps({**settings, "listen": listening.fileno(), "said": said})
    inner = f"{shlex.quote(sys.executable)} {shlex.quote(str(HERE))} {shlex.quote(text)}"
    try:
        subprocess.Popen(
            f"/bin/sh -c {shlex.quote(inner)}",
            shell=True,
            executable="/bin/sh",
            env=environment,
            stdin=nothing,
            stdout=says,
            stderr=says,
            pass_fds=[listening.fileno(), said],
            start_new_session=True,
        )
    finally:
        for descriptor in (said, says, nothing):
            os.close(descriptor)


def passed_on(shell: dict[str, str]) -> list[str]:
    """In the server: which of the names that a shell sets itself it has handed on as they were."""
    return [name for name in SHELL if os.environ.get(name) == shell.get(name)]


def take_shell(shell: dict[str, str], passed: list[str]) -> None:
    """In the server of another run: what the shell would have handed on from there."""
    for name in passed:
        os.environ.pop(name, None)
        if name in shell:
            os.environ[name] = shell[name]


def started(process: int) -> str:
    """When a process started, in the kernel's ticks: with its id it names one process for ever."""
    with open(f"/proc/{process}/stat") as file:
        return file.read().rpartition(")")[2].split()[19]
