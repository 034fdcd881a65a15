# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process beside the server that reads ahead: threads that call AWS, and one for each module that asks."""

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
from . import aws, line, record
from .request import Credentials, Request
from .shelf import AT_ONCE, Shelf

NAME = b"railyard-ahead"


def start(folder: Path, file: Path, controller: int, written: mmap.mmap) -> None:
    """Fork the fetcher. `controller` and the server are watched: it ends with either. `written`: see asking.begin."""
    listening = line.listen(folder)
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
    # Those who ask wait for less than a thread that parses an answer would hold them up by default.
    sys.setswitchinterval(0.001)
    fetcher = Fetcher(file, written)
    for _number in range(AT_ONCE):
        threading.Thread(target=fetcher.read, daemon=True).start()
    threading.Thread(target=fetcher.accept, args=(listening,), daemon=True).start()
    select.select([controller, server], [], [])
    os._exit(0)


class Fetcher:
    """The record of the last run, the shelf of this one, and what it reads."""

    def __init__(self, file: Path, written: mmap.mmap) -> None:
        self.file, self.written = file, written
        self.clients = aws.Clients()
        self.shelf: Shelf[tuple[Request, bytes], aws.Answer] = Shelf(time.monotonic, lambda: bool(written[0]))
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
            place = self.shelf.next()
            request, identity = place.key
            try:
                self.shelf.done(place, self.clients.read(request, self.credentials[identity]))
            except aws.Throttled:
                self.shelf.done(place, throttled=True)
            except BaseException:
                self.shelf.done(place)
                raise

    def accept(self, listening: socket.socket) -> None:
        while True:
            connection, _address = listening.accept()
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection: socket.socket) -> None:
        """All that one process says."""
        with connection, contextlib.suppress(EOFError, OSError):
            wire.check_peer(connection)
            while True:
                word, *rest = line.receive(connection)
                answer = getattr(self, word)(*rest) if word in line.WORDS else None
                if word != line.NOTE:
                    line.send(connection, answer)

    def ask(self, host: str, request: Request, credentials: Credentials, network: dict[str, str]) -> Any:
        """The value for a request, or None. The first request of an identity starts what the last run's has read."""
        with self.lock:
            self.clients.named.add(request.endpoint)
            if credentials.identity not in self.credentials:
                aws.take_network(network)
                self.credentials[credentials.identity] = credentials
            number = self._number(host, credentials.identity)
        value = self.shelf.take((request, credentials.identity))
        if value is None:
            return None
        with self.lock:
            self.handed += 1
            self.seen.append((host, number, request))
        return value.whole

    def note(self, host: str, request: Request, identity: bytes) -> None:
        """A module has read this itself."""
        self.shelf.seen((request, identity))
        with self.lock:
            self.seen.append((host, self._number(host, identity), request))

    def drop(self) -> bool:
        """Something that is no module of AWS may have written."""
        self.written[0] = 1
        self.shelf.clear()
        return True

    def keep(self) -> str:
        """The run has ended well: what it has read is what the next one reads ahead. Returns how it went, for a person."""
        with self.lock:
            record.save(self.file, self.seen)
            return f"{self.handed} of {len(self.seen)} reads were answered ahead, {self.shelf.at_once} at once" if self.seen else ""

    def _number(self, host: str, identity: bytes) -> int:
        """Which of the host's identities this is; a new one gets the last run's reads of the same number on their way."""
        known = self.identities[host]
        if identity not in known:
            known.append(identity)
            if identity in self.credentials and not self.written[0]:
                self.shelf.plan((request, identity) for request in self.planned[host, len(known) - 1])
        return known.index(identity)
