# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server of a run: for each request it forks a process that runs the module, and sends its wait status. It ends with the controller."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
from dataclasses import dataclass, field
from typing import Any

from . import keeper, module_process, server_socket, wire
from .archive import Source
from .loaded_modules import Mismatch, verify
from .preloaded import Preloaded, load


@dataclass
class Run:
    """A module run from its connection to its end. `process` is 0 before the fork. `ahead`: beside.Process."""

    connection: socket.socket
    data: bytearray = field(default_factory=bytearray)
    descriptors: list[int] = field(default_factory=list)
    header: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, Source] | None = None
    process: int = 0
    left: bool = False
    ahead: Any = None


class Server:
    """All runs of one playbook run. One thread: a fork of a process with threads is not safe."""

    def __init__(self, settings: dict[str, Any], preloaded: Preloaded) -> None:
        self.listening = socket.socket(fileno=settings["listen"])
        self.controller = os.pidfd_open(settings["controller"])
        if server_socket.started(settings["controller"]) != settings["started"]:
            raise SystemExit("the controller is gone")
        self.preloaded = preloaded
        self.ahead: Any = None
        if not preloaded.refusal:
            # It imports botocore, whose caches `preloaded` has filled.
            from .ahead import beside

            self.ahead = beside.start(settings["folder"], settings["record"], self.controller)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listening, selectors.EVENT_READ, self.accept)
        self.selector.register(self.controller, selectors.EVENT_READ, self.end)
        self.runs: dict[int, Run] = {}

    def loop(self) -> None:
        """Serve until the controller ends."""
        while True:
            for key, _events in self.selector.select():
                # An event of this round may have closed what a later one is about.
                if self.selector.get_map().get(key.fd) is key:
                    key.data()

    def end(self) -> None:
        """The controller has ended: kill the modules that still run, as they would have been killed with their workers."""
        for run in list(self.runs.values()):
            if run.process and not run.left:
                _kill(run.process)
        os._exit(0)

    def accept(self) -> None:
        connection, _address = self.listening.accept()
        try:
            wire.check_peer(connection)
        except PermissionError:
            connection.close()
            return
        connection.setblocking(False)
        run = Run(connection)
        self.runs[connection.fileno()] = run
        self.selector.register(connection, selectors.EVENT_READ, lambda: self.read(run))

    def read(self, run: Run) -> None:
        """Read what a client has sent: a part of its request, GO, LEAVE, or the end of the connection."""
        try:
            data, descriptors, _flags, _address = socket.recv_fds(run.connection, 1 << 20, wire.DESCRIPTORS)
        except BlockingIOError:
            return
        except OSError:
            data, descriptors = b"", []
        run.descriptors += descriptors
        if not data:
            self.gone(run)
        elif run.process:
            run.left = run.left or data == wire.LEAVE
        elif run.sources is not None:
            self.start(run)
        else:
            run.data += data
            self.request(run)

    def gone(self, run: Run) -> None:
        if run.process and not run.left:
            _kill(run.process)
        self.close(run)

    def close(self, run: Run) -> None:
        self.runs.pop(run.connection.fileno(), None)
        self.selector.unregister(run.connection)
        run.connection.close()
        _close(run.descriptors)

    def request(self, run: Run) -> None:
        """Answer a request that is complete with READY or REFUSED."""
        size = wire.SIZES.size
        if len(run.data) < size:
            return
        text, payload = wire.SIZES.unpack(run.data[:size])
        if len(run.data) < size + text + payload:
            return
        run.header = json.loads(run.data[size : size + text])
        archive = bytes(run.data[size + text :])
        run.data = bytearray()
        try:
            run.sources = self.verdict(run, archive)
        except Mismatch as mismatch:
            self.answer(run, wire.REFUSED + str(mismatch).encode())
            self.close(run)
        else:
            self.answer(run, wire.READY)

    def verdict(self, run: Run, archive: bytes) -> dict[str, Source]:
        """The modules of the payload. Raises Mismatch."""
        if self.preloaded.refusal:
            raise Mismatch(self.preloaded.refusal)
        if len(run.descriptors) != wire.DESCRIPTORS:
            raise Mismatch("the request came without descriptors")
        here, there = server_socket.at_start(dict(os.environ)), server_socket.at_start(run.header["environment"])
        if here != there:
            names = sorted(name for name in {*here, *there} if here.get(name) != there.get(name))
            raise Mismatch(f"{', '.join(names)} changed after the start of the run")
        return verify(self.preloaded.loaded, run.header["name"], archive)

    def answer(self, run: Run, data: bytes) -> None:
        with contextlib.suppress(OSError):
            run.connection.send(data)

    def start(self, run: Run) -> None:
        if run.sources is None:
            raise RuntimeError("a run is started only after its archive was read")
        server = os.getpid()
        run.ahead = self.ahead.begins(run.header) if self.ahead else None
        process = os.fork()
        if not process:
            ask = run.ahead.first if run.ahead else None
            module_process.run(server, self.preloaded.archive, self.preloaded.loaded, run.header, run.sources, run.descriptors, ask)
        with contextlib.suppress(OSError):
            os.setpgid(process, process)
        _close(run.descriptors)
        run.header, run.process = {}, process
        watch = os.pidfd_open(process)
        self.selector.register(watch, selectors.EVENT_READ, lambda: self.ended(run, watch))

    def ended(self, run: Run, watch: int) -> None:
        self.selector.unregister(watch)
        os.close(watch)
        _process, status = os.waitpid(run.process, 0)
        run.process = 0
        if run.ahead:
            self.ahead.ended(run.ahead, status)
        if run.connection.fileno() >= 0:
            self.answer(run, wire.STATUS.pack(status))
            self.close(run)


def _close(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
    descriptors.clear()


def _kill(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)


def serve(text: str) -> None:
    """The server's main. `text`: JSON of server_socket.start."""
    settings = json.loads(text)
    preloaded = load(settings)
    if settings["keeper"]:
        settings = keeper.leave(settings, preloaded)
    Server(settings, preloaded).loop()
