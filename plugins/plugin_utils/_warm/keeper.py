# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process that outlives runs: it has loaded what a server loads, and forks the server of the next run in a few milliseconds.

It is told which folder a run has and who its controller is, and never sees a request: no parameter, no credential. It ends when nobody has
needed it for a while, when it is not the one to be found any more, and when a file that it has loaded is not what it was.

    controller → keeper   settings, and the socket on which the run's server shall listen
    keeper → controller   READY: all that it has loaded is as it was
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

from . import place, sight, wire
from .stock import Stock

# Seconds after which a keeper looks whether it is still the one to be found.
LOOK = 30.0
COMM = Path("/proc/self/comm")
NAME = b"railyard-keeper"


@dataclass
class Keeper:
    """`idle`: seconds without a run after which it ends. `files`: what has been loaded, as it was then."""

    path: Path
    idle: float
    files: sight.Files
    listening: socket.socket
    inode: int
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    used: float = field(default_factory=time.monotonic)

    def loop(self) -> dict[str, Any]:
        """Serve the runs to come. Returns in each run's fork, with its settings, and never in the keeper."""
        name = COMM.read_bytes()
        COMM.write_bytes(NAME)
        os.chdir("/")
        self.selector.register(self.listening, selectors.EVENT_READ)
        while True:
            for key, _events in self.selector.select(min(LOOK, self.idle)):
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
            if not self.found() or (len(self.selector.get_map()) == 1 and time.monotonic() - self.used > self.idle):
                self.end()

    def accept(self) -> dict[str, Any]:
        """What a controller wants; its settings in the fork, nothing in the keeper."""
        served: dict[str, Any] = {}
        descriptors: list[int] = []
        try:
            with self.listening.accept()[0] as connection:
                wire.check_peer(connection)
                connection.settimeout(wire.PROMPT)
                text, descriptors, _flags, _address = socket.recv_fds(connection, wire.SETTINGS, 1)
                settings = {**json.loads(text), "listen": descriptors[0]}
                if sight.look(self.files) != self.files:
                    self.end()
                connection.send(wire.READY)
                if connection.recv(1) == wire.GO:
                    served = self.fork(settings)
        except (OSError, ValueError, IndexError):
            pass
        finally:
            # As long as it is open somewhere, modules would wait for an answer.
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
        """Be there as long as this server of a run, and then for the idle time."""
        self.selector.register(os.pidfd_open(server), selectors.EVENT_READ, server)

    def reap(self, watch: int, server: int) -> None:
        self.selector.unregister(watch)
        os.close(watch)
        # The server that it has been forked from is not its child.
        with contextlib.suppress(ChildProcessError):
            os.waitpid(server, 0)

    def found(self) -> bool:
        """Whether whoever looks for a keeper finds this one."""
        with contextlib.suppress(OSError):
            return self.path.lstat().st_ino == self.inode
        return False

    def end(self) -> None:
        """Servers of runs go on without it."""
        if self.found():
            self.path.unlink(missing_ok=True)
        os._exit(0)


def leave(settings: dict[str, Any], stock: Stock) -> dict[str, Any]:
    """Leave a keeper behind, unless something has changed while all was loaded. Returns the settings of the run to serve: in this process
    those that it was started with, and in each fork of the keeper those of another run."""
    if stock.refusal:
        return settings
    files = sight.look(sight.loaded(Path(settings["core"]), stock.archive.sources.values()))
    if sight.newest(files) > stock.began:
        return settings
    server = os.getpid()
    if os.fork():
        return settings
    # Held open here, a socket whose server has died would let modules wait for an answer.
    os.close(settings["listen"])
    os.setsid()
    passed = place.passed_on(settings["shell"])
    try:
        keeper = _settle(Path(settings["keeper"]), settings["idle"], files)
        keeper.watch(server)
    except (OSError, place.Unsafe):
        os._exit(0)
    settings = keeper.loop()
    place.take_shell(settings["shell"], passed)
    return settings


def _settle(path: Path, idle: float, files: sight.Files) -> Keeper:
    """Be found at this path from here on. Raises OSError and Unsafe."""
    place.check(path.parent)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    own = path.with_name(f"{path.name}.{os.getpid()}")
    with place.short_name(path.parent) as short:
        listening.bind(f"{short}/{own.name}")
    own.chmod(0o600)
    listening.listen(wire.BACKLOG)
    inode = own.lstat().st_ino
    os.replace(own, path)
    return Keeper(path, idle, files, listening, inode)
