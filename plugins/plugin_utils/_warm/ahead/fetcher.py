# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process beside the server that reads ahead: threads that call AWS, and one thread for each connected module."""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import socket
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any, NoReturn

from .. import wire
from . import aws, first, ipc, record
from .cache import AT_ONCE, Cache
from .plan import Plan
from .request import Credentials, Request
from .writes import BESIDE, IDLE, WRITES, Writes

NAME = b"railyard-ahead"


def start(folder: Path, file: Path, controller: int, writes: Writes) -> None:
    """Fork the fetcher. `controller` and the server are watched: it ends with either."""
    listening = ipc.listen(folder)
    server = os.pidfd_open(os.getpid())
    if os.fork():
        listening.close()
        os.close(server)
        return
    try:
        os.setpgid(0, 0)
        Path("/proc/self/comm").write_bytes(NAME)
        _serve(listening, file, controller, server, writes)
    finally:
        os._exit(1)


def _serve(listening: socket.socket, file: Path, controller: int, server: int, writes: Writes) -> NoReturn:
    # By default a thread that parses an answer would delay the modules that wait.
    sys.setswitchinterval(0.001)
    fetcher = Fetcher(file, writes)
    for _number in range(AT_ONCE):
        threading.Thread(target=fetcher.read, daemon=True).start()
    threading.Thread(target=fetcher.accept, args=(listening,), daemon=True).start()
    select.select([controller, server], [], [])
    os._exit(0)


class Fetcher:
    """The record of the last run, the cache of this run, and the record of what this run reads."""

    def __init__(self, file: Path, writes: Writes) -> None:
        self.file, self.writes = file, writes
        self.clients = aws.Clients()
        self.cache: Cache[tuple[Request, bytes], aws.Answer] = Cache(time.monotonic, writes.state)
        self.last = record.load(file)
        reads: dict[tuple[str, int], list[tuple[int, Request]]] = defaultdict(list)
        for entry in self.last:
            if entry.likely:
                reads[entry.host, entry.identity].append((entry.part, entry.request))
        self.plans = {key: Plan(of_one) for key, of_one in reads.items()}
        self.states: dict[tuple[str, int], bytes | None] = dict.fromkeys(self.plans, writes.state())
        self.credentials: dict[bytes, Credentials] = {}
        self.identities: dict[str, list[bytes]] = defaultdict(list)
        self.seen: list[record.Entry] = []
        # Of a run that has no record: what is known of each identity's environment.
        self.names: dict[tuple[str, int], first.Names] = defaultdict(first.Names)
        self.converges = record.playbook(file) == first.PLAYBOOK
        self.first = self.converges and not self.last
        self.begun, self.part = writes.begun(), 0
        self.beside: set[str] = set()
        self.handed = self.made = 0
        self.lock = threading.Lock()

    def read(self) -> None:
        """A thread that calls AWS, one call at a time."""
        while True:
            entry = self.cache.next()
            request, identity = entry.key
            with self.lock:
                self.made += 1
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
        """The answer to a request, or None. Queues what the last run has read after it."""
        with self.lock:
            self.clients.named.add(request.endpoint)
            if credentials.identity not in self.credentials:
                aws.take_network(network)
                self.credentials[credentials.identity] = credentials
            number, part = self._number(host, credentials.identity), self._part()
            self._plan((host, number), request, credentials.identity)
            if self.first:
                self.names[host, number].asked(request)
        value = self.cache.take((request, credentials.identity))
        if value is None:
            return None
        with self.lock:
            self.handed += 1
            self.seen.append(record.Entry(host, number, part, request))
        return value.whole

    def note(self, host: str, request: Request, identity: bytes, answered: bool) -> None:
        """A module has called AWS for this request, which it had asked for. `answered`: AWS has not refused it."""
        self.cache.seen((request, identity))
        if not answered:
            return
        with self.lock:
            number = self._number(host, identity)
            self.seen.append(record.Entry(host, number, self._part(), request))
            # A run that has written may be one that makes the environment.
            known = self.first and not self._part() and self.names[host, number].answered(request)
        if known:
            threading.Thread(target=self.plan_first, args=((host, number), request, identity), daemon=True).start()

    def plan_first(self, key: tuple[str, int], like: Request, identity: bytes) -> None:
        """Without a record: queue what a no-op converge reads of this environment. `like`: a request that AWS has answered."""
        credentials = self.credentials[identity]
        where = self.clients.places(like, credentials)
        try:
            said = self.clients.read(Request("sts", *where("sts"), "GetCallerIdentity", "{}"), credentials)
        except aws.Throttled:
            return
        if said is None:
            return
        found = first.reads(self.names[key], pickle.loads(said.whole)["Account"], like.region)
        plan = Plan((0, Request(service, *where(service), operation, params)) for service, operation, params in found)
        with self.lock:
            self.plans[key], self.states[key] = plan, self.writes.state()
            self.cache.plan(((read, identity) for read in plan.begin()), self.states[key])

    def begins(self, name: str) -> bool:
        """A task that the server does not run begins: it may write."""
        with self.lock:
            self.beside.add(name)
            self.writes.begin(BESIDE, WRITES)
        return True

    def ends(self, name: str) -> bool:
        with self.lock:
            # It may have begun before there was a fetcher.
            self.writes.begin(BESIDE, WRITES)
            self.beside.discard(name)
            if not self.beside:
                self.writes.set(BESIDE, IDLE)
        return True

    def changed(self) -> bool:
        """A task has changed something, maybe by another connection."""
        return self.ends("")

    def keep(self) -> str:
        """Save the record of a successful run for the next one. Returns a sentence for -v."""
        with self.lock:
            record.save(self.file, record.judged(self.seen, self.last, self.converges))
            counts = f"{self.handed} of {len(self.seen)} reads were answered ahead, {self.made} made, {self.cache.at_once} at once"
            return counts if self.seen else ""

    def _number(self, host: str, identity: bytes) -> int:
        """The number of this identity among the host's."""
        known = self.identities[host]
        if identity not in known:
            known.append(identity)
        return known.index(identity)

    def _part(self) -> int:
        """How many times writes and sleeps were noticed so far."""
        begun = self.writes.begun()
        if begun != self.begun:
            self.begun, self.part = begun, self.part + 1
        return self.part

    def _plan(self, key: tuple[str, int], request: Request, identity: bytes) -> None:
        """Queue what is to be read ahead now that this is asked for."""
        plan, state = self.plans.get(key), self.writes.state()
        if plan is None or state is None:
            return
        if self.states[key] != state:
            plan.again()
            self.states[key] = state
        self.cache.plan(((read, identity) for read in plan.asked(request)), state)
