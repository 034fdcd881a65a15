# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The socket of a run's server: where it is, and how the process that needs the server first starts it.

The socket is in the folder that ansible-core creates for each run (`local_tmp`): the folder has a random name, only the user may
enter it, ansible-core deletes it after the run, and the controller and its workers know it. The process that binds the socket
starts the server and passes it the listening socket: from then on connections wait in the queue of the socket, without polling.
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

from . import process_fingerprint, wire
from .loaded_modules import find_collections

NAME = "railyard.fargate.warm"
HERE = Path(__file__).resolve().parent
# Variables that a process reads while it starts. The server gets these and no others of the run's environment: credentials come
# with the requests. A request whose values differ is refused.
AT_START = ("HOME", "LANG", "LANGUAGE", "LD_", "LC_", "MALLOC_", "GLIBC_", "OPENSSL_", "PYTHON", "PATH", "TZ", "BOTO")
# Variables that a shell sets itself. They come from the run, and are no reason for another server.
SHELL = ("PWD", "OLDPWD", "SHLVL", "_")


class Unsafe(Exception):
    """Other users may reach the folder of the socket; the message says why."""


def at_start(environment: dict[str, str]) -> dict[str, str]:
    """The variables of an environment that a process reads while it starts."""
    return {name: value for name, value in environment.items() if name.startswith(AT_START)}


def check(folder: Path) -> None:
    """Raise Unsafe unless the folder belongs to this user and nobody else may enter it."""
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
    """A connection to the server of this run. Raises OSError when there is none, Unsafe or PermissionError when it is not this user's."""
    check(folder)
    return reach(folder, NAME)


def reach(folder: Path, name: str, kind: int = socket.SOCK_STREAM) -> socket.socket:
    """A connection to a socket in the folder. Raises OSError when no process listens, PermissionError when it is another user's."""
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
    """`folder`: the folder of the keepers' sockets. `idle`: after how many seconds without a run a keeper ends."""

    folder: Path
    idle: float


def start(folder: Path, controller: int, collections: list[str], record: Path | None = None, keep: Keep | None = None) -> bool:
    """Start the server of the run whose controller has this process id, unless it has been started; True when this call started it.

    `collections` are the folders in which ansible-playbook looks for `ansible_collections`; `record` is the file of what to read ahead.
    With `keep` a keeper forks the server, and when there is none the server leaves one behind.
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
    code = {"core": core, "collections": found}
    kept = {"keeper": "", "idle": 0.0, "fingerprint": ""}
    if keep:
        environment = at_start(dict(os.environ))
        kept = {
            "keeper": str(keep.folder / _keeper_name()),
            "idle": keep.idle,
            "fingerprint": process_fingerprint.fingerprint(environment, code),
        }
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
        if not keep or not _served_by_keeper(Path(str(kept["keeper"])), {**run, **kept}, listening):
            _launch(listening, {**code, **kept, **run})
    return True


def _keeper_name() -> str:
    """Name of the socket of this user's keeper for this checkout and this Python."""
    return process_fingerprint.digest(os.geteuid(), str(HERE), sys.executable)


def _served_by_keeper(path: Path, settings: dict[str, Any], listening: socket.socket) -> bool:
    """Whether the keeper at this path has forked the server of the run."""
    try:
        check(path.parent)
        with reach(path.parent, path.name, socket.SOCK_SEQPACKET) as connection:
            connection.settimeout(wire.PROMPT)
            socket.send_fds(connection, [json.dumps(settings).encode()], [listening.fileno()])
            if connection.recv(1) != wire.READY:
                return False
            connection.send(wire.GO)
            return True
    except (OSError, Unsafe):
        return False


def _launch(listening: socket.socket, settings: dict[str, Any]) -> None:
    """Start the server through the shell, as `local` starts a module."""
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


@dataclass(frozen=True)
class ShellChanges:
    """What the shell in front of the server does with SHELL: which of them it passes on unchanged, and how much it adds to SHLVL."""

    unchanged: list[str]
    levels: int


def shell_changes(shell: dict[str, str]) -> ShellChanges:
    """In the server: what the shell changed. `shell`: the values in the controller of the run that started the server."""
    unchanged = [name for name in SHELL if os.environ.get(name) == shell.get(name)]
    return ShellChanges(unchanged, _level(dict(os.environ)) - _level(shell))


def apply_shell(shell: dict[str, str], changes: ShellChanges) -> None:
    """In the server of a later run: set SHELL as the shell would have. `shell`: the values in the controller of this run."""
    for name in changes.unchanged:
        os.environ.pop(name, None)
        if name in shell:
            os.environ[name] = shell[name]
    if changes.levels and "SHLVL" in os.environ:
        os.environ["SHLVL"] = str(_level(shell) + changes.levels)


def _level(environment: dict[str, str]) -> int:
    level = environment.get("SHLVL", "")
    return int(level) if level.isdecimal() else 0


def started(process: int) -> str:
    """When a process started, in clock ticks since boot: with the process id it identifies one process."""
    with open(f"/proc/{process}/stat") as file:
        return file.read().rpartition(")")[2].split()[19]
