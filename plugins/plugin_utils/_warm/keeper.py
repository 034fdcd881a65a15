# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process that outlives runs: it has loaded what a server loads, and forks the server of the next run in a few milliseconds.

A user has at most one keeper for a checkout and a Python. It receives the folder of a run and the process id of its controller, and
no request: no parameter, no credential. It ends

- after `idle` seconds without a run,
- within seconds, when its checkout is deleted, or when its socket is deleted or replaced by that of a newer keeper,
- when a run comes whose fingerprint differs, or before which a loaded file has changed.

    controller → keeper   settings, and the socket on which the run's server shall listen
    keeper → controller   READY: the fingerprint is equal and no loaded file has changed
    controller → keeper   GO: from here on the keeper's fork is the server of the run
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import file_stamps, server_socket, wire
from .preloaded import Preloaded

# Seconds between two checks whether the checkout and the keeper's socket still exist: a newer keeper replaces the socket.
INTERVAL = 5.0
COMM = Path("/proc/self/comm")
NAME = b"railyard-keeper"


@dataclass
class Keeper:
    """`path`: of its socket. `idle`: seconds without a run after which it ends. `files`: stamps of what it has loaded.

    `fingerprint`: of process_fingerprint. `checkout`: a folder that exists as long as the checkout does."""

    path: Path
    idle: float
    fingerprint: str
    checkout: Path
    files: file_stamps.Stamps
    listening: socket.socket
    inode: int
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    used: float = field(default_factory=time.monotonic)

    def loop(self) -> dict[str, Any]:
        """Serve runs. Returns in the server that is forked for a run, with its settings, and never in the keeper."""
        name = COMM.read_bytes()
        COMM.write_bytes(NAME)
        os.chdir("/")
        self.selector.register(self.listening, selectors.EVENT_READ)
        while True:
            for key, _events in self.selector.select(min(INTERVAL, self.idle)):
                self.used = time.monotonic()
                if key.data:
                    self.reap(key.fd, key.data)
                elif served := self.accept():
                    # At once: the kernel's part of the selector is the keeper's, too.
                    self.selector.close()
                    self.listening.close()
                    os.setsid()
                    COMM.write_bytes(name)
                    return served
            if not self.needed():
                self.end()

    def accept(self) -> dict[str, Any]:
        """Answer one connection. Returns the settings of a run in the server that is forked for it, and {} in the keeper."""
        served: dict[str, Any] = {}
        descriptors: list[int] = []
        try:
            with self.listening.accept()[0] as connection:
                wire.check_peer(connection)
                connection.settimeout(wire.PROMPT)
                text, descriptors, _flags, _address = socket.recv_fds(connection, wire.SETTINGS, 1)
                settings = {**json.loads(text), "listen": descriptors[0]}
                if settings["fingerprint"] != self.fingerprint or file_stamps.stamps(self.files) != self.files:
                    self.end()
                self.idle = settings["idle"]
                connection.send(wire.READY)
                if connection.recv(1) == wire.GO:
                    served = self.fork(settings)
        except (OSError, ValueError, LookupError):
            pass
        finally:
            # Modules would wait for an answer as long as a process holds the socket open.
            for descriptor in [] if served else descriptors:
                os.close(descriptor)
        return served

    def fork(self, settings: dict[str, Any]) -> dict[str, Any]:
        process = os.fork()
        if not process:
            return settings
        self.watch(process)
        return {}

    def watch(self, server: int) -> None:
        """Do not end before this server of a run, and the idle time after it."""
        self.selector.register(os.pidfd_open(server), selectors.EVENT_READ, server)

    def reap(self, watch: int, server: int) -> None:
        self.selector.unregister(watch)
        os.close(watch)
        # The server that it has been forked from is not its child.
        with contextlib.suppress(ChildProcessError):
            os.waitpid(server, 0)

    def needed(self) -> bool:
        """Whether a run may still need it: its checkout and socket exist, and a server of it runs or its idle time is not over."""
        idle = len(self.selector.get_map()) == 1 and time.monotonic() - self.used > self.idle
        return self.found() and self.checkout.is_dir() and not idle

    def found(self) -> bool:
        """Whether the socket at its path is its own."""
        with contextlib.suppress(OSError):
            return self.path.lstat().st_ino == self.inode
        return False

    def end(self) -> None:
        """End this process. Servers that it has forked go on."""
        if self.found():
            self.path.unlink(missing_ok=True)
        os._exit(0)


def leave(settings: dict[str, Any], preloaded: Preloaded) -> dict[str, Any]:
    """Fork a keeper, unless a file has changed since loading began. Returns the settings of the run to serve: in this process `settings`,
    and in each server that the keeper forks those of a later run."""
    if preloaded.refusal:
        return settings
    files = file_stamps.stamps(file_stamps.loaded_files(Path(settings["core"]), preloaded.archive.sources.values()))
    if file_stamps.latest_change(files) > preloaded.began:
        return settings
    server = os.getpid()
    if os.fork():
        return settings
    # Modules would wait for an answer of a dead server as long as this process held the socket open.
    os.close(settings["listen"])
    os.setsid()
    changes = server_socket.shell_changes(settings["shell"])
    try:
        keeper = _listen(settings, files)
        keeper.watch(server)
    except (OSError, server_socket.Unsafe):
        os._exit(0)
    settings = keeper.loop()
    server_socket.apply_shell(settings["shell"], changes)
    return settings


def _listen(settings: dict[str, Any], files: file_stamps.Stamps) -> Keeper:
    """Listen at the keeper's path; an older keeper there ends. Raises OSError and Unsafe."""
    path = Path(settings["keeper"])
    server_socket.check(path.parent)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    own = path.with_name(f"{path.name}.{os.getpid()}")
    with server_socket.short_name(path.parent) as short:
        listening.bind(f"{short}/{own.name}")
    own.chmod(0o600)
    listening.listen(wire.BACKLOG)
    inode = own.lstat().st_ino
    os.replace(own, path)
    return Keeper(path, settings["idle"], settings["fingerprint"], server_socket.HERE, files, listening, inode)
