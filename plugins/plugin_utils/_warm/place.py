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
from pathlib import Path

from . import wire

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


def reach(folder: Path, name: str) -> socket.socket:
    """A connection to a socket in the folder. Raises OSError when nobody is there, PermissionError when it is somebody else."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        with short_name(folder) as short:
            connection.connect(f"{short}/{name}")
        wire.check_peer(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def start(folder: Path, controller: int, collections: list[str], record: Path | None = None) -> bool:
    """Start the server of the run whose controller is this process id, unless someone has; True when it was this call.

    `collections` are the folders in which ansible-playbook looks for `ansible_collections`; `record` is the file of what to read ahead.
    """
    check(folder)
    if os.path.lexists(folder / NAME):
        return False
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
        _launch(listening, folder, controller, collections, record)
    return True


def _launch(listening: socket.socket, folder: Path, controller: int, collections: list[str], record: Path | None) -> None:
    """Start the server by the same way through the shell by which `local` starts a module."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(AT_START) or name in SHELL}
    said, says = os.pipe()
    nothing, closed = os.pipe()
    os.close(closed)
    settings = {
        "listen": listening.fileno(),
        "said": said,
        "controller": controller,
        "started": started(controller),
        "collections": collections,
        "folder": str(folder),
        "record": str(record) if record else "",
        "core": str(Path(sys.modules["ansible"].__file__ or "").parent),
    }
    inner = f"{shlex.quote(sys.executable)} {shlex.quote(str(HERE))} {shlex.quote(json.dumps(settings))}"
    try:
        subprocess.Popen(
            f"/bin/sh -c {shlex.quote(inner)}",
            shell=True,
            executable="/bin/sh",
            env=kept,
            stdin=nothing,
            stdout=says,
            stderr=says,
            pass_fds=[listening.fileno(), said],
            start_new_session=True,
        )
    finally:
        for descriptor in (said, says, nothing):
            os.close(descriptor)


def started(process: int) -> str:
    """When a process started, in the kernel's ticks: with its id it names one process for ever."""
    with open(f"/proc/{process}/stat") as file:
        return file.read().rpartition(")")[2].split()[19]
