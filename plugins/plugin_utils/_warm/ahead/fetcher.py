# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process beside the server that reads ahead: threads that call AWS, and one thread for each connected module."""

from __future__ import annotations

import contextlib
import mmap
import os
import select
import socket
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any, NoReturn

from .. import wire
from . import aws, ipc, record
from .cache import AT_ONCE, Cache
from .request import Credentials, Request

NAME = b"railyard-ahead"


def start(folder: Path, file: Path, controller: int, written: mmap.mmap) -> None:
    """Fork the fetcher. `controller` and the server are watched: it ends with either. `written`: see asking.begin."""
    listening = ipc.listen(folder)
    server = os.pidfd_open(os.getpid())
    if os.fork():
        listening.close()
        os.close(server)
        return
    try:
        os.setpgid(0, 0)
        Path("/proc/self/comm").write_bytes(NAME)
        _serve(listening, file, controller, server, written)
    finally:
        os._exit(1)


def _serve(listening: socket.socket, file: Path, controller: int, server: int, written: mmap.mmap) -> NoReturn:
    # By default a thread that parses an answer would delay the modules that wait.
    sys.setswitchinterval(0.001)
    fetcher = Fetcher(file, written)
    for _number in range(AT_ONCE):
        threading.Thread(target=fetcher.read, daemon=True).start()
    threading.Thread(target=fetcher.accept, args=(listening,), daemon=True).start()
    select.select([controller, server], [], [])
    os._exit(0)


class Fetcher:
    """The record of the last run, the cache of this run, and the record of what this run reads."""

    def __init__(self, file: Path, written: mmap.mmap) -> None:
        self.file, self.written = file, written
        self.clients = aws.Clients()
        self.cache: Cache[tuple[Request, bytes], aws.Answer] = Cache(time.monotonic, lambda: bool(written[0]))
        self.planned: dict[tuple[str, int], list[Request]] = defaultdict(list)
        for host, identity, request in record.load(file):
            self.planned[host, identity].append(request)
        self.credentials: dict[bytes, Credentials] = {}
        self.identities: dict[str, list[bytes]] = defaultdict(list)
        self.seen: list[record.Entry] = []
        self.handed = 0
        self.lock = threading.Lock()

    def read(self) -> None:
        """A thread that calls AWS, one call at a time."""
        while True:
            entry = self.cache.next()
            request, identity = entry.key
            try:
                self.cache.done(entry, self.clients.read(request, self.credentials[identity]))
            except aws.Throttled:
                self.cache.done(entry, throttled=True)
            except BaseException:
                self.cache.done(entry)
                raise

    def accept(self, listening: socket.socket) -> None:
        while True:
            connection, _address = listening.accept()
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection: socket.socket) -> None:
        """Answer the messages of one process."""
        with connection, contextlib.suppress(EOFError, OSError):
            wire.check_peer(connection)
            while True:
                word, *rest = ipc.receive(connection)
                answer = getattr(self, word)(*rest) if word in ipc.WORDS else None
                if word != ipc.NOTE:
                    ipc.send(connection, answer)

    def ask(self, host: str, request: Request, credentials: Credentials, network: dict[str, str]) -> Any:
        """The answer to a request, or None. The first request of an identity queues the reads of the last run's identity."""
        with self.lock:
            self.clients.named.add(request.endpoint)
            if credentials.identity not in self.credentials:
                aws.take_network(network)
                self.credentials[credentials.identity] = credentials
            number = self._number(host, credentials.identity)
        value = self.cache.take((request, credentials.identity))
        if value is None:
            return None
        with self.lock:
            self.handed += 1
            self.seen.append((host, number, request))
        return value.whole

    def note(self, host: str, request: Request, identity: bytes) -> None:
        """A module has called AWS for this request."""
        self.cache.seen((request, identity))
        with self.lock:
            self.seen.append((host, self._number(host, identity), request))

    def drop(self) -> bool:
        """Drop the cache: a task that the server does not run may have written."""
        self.written[0] = 1
        self.cache.clear()
        return True

    def keep(self) -> str:
        """Save the record of a successful run for the next one. Returns a sentence for -v."""
        with self.lock:
            record.save(self.file, self.seen)
            return f"{self.handed} of {len(self.seen)} reads were answered ahead, {self.cache.at_once} at once" if self.seen else ""

    def _number(self, host: str, identity: bytes) -> int:
        """The number of this identity among the host's; for a new identity, queue the last run's reads of the same number."""
        known = self.identities[host]
        if identity not in known:
            known.append(identity)
            if identity in self.credentials and not self.written[0]:
                self.cache.plan((request, identity) for request in self.planned[host, len(known) - 1])
        return known.index(identity)
