# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In the module's process: reads ask the fetcher first; writes and sleeps are made known to all processes of the run.

botocore has hooks for it: an initializer of sessions, and the event with which a client's class is made. That class asks in
`_make_api_call`, which every operation, paginator and waiter goes through.
"""

from __future__ import annotations

import contextlib
import functools
import os
import pickle
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

try:
    import botocore
    from botocore.exceptions import ClientError
except ImportError:
    pass  # The server ends, and modules run without it.

from . import aws, ipc, pauses
from .request import Credentials, Kind, Request, kind, words
from .writes import Slot, Writes

_local = threading.local()


@dataclass
class Asker:
    """A module of `host`. `asks`: whether what it reads may come from the cache."""

    folder: Path
    host: str
    slot: Slot
    asks: bool = True

    def call(self, client: Any, operation: str, params: dict[str, Any], go: Callable[[], Any]) -> Any:
        """The answer to an operation: read ahead, or from `go()`, which calls AWS."""
        service = client.meta.service_model
        what = kind(service.service_name, service.operation_model(operation), params)
        if what is Kind.WRITE:
            with self.slot.writing(answers=(ClientError,)):
                return go()
        # Who has slept looks for a change, again and again. That is not read ahead, and not remembered for the next run.
        if what is Kind.ASIDE or not self.asks or self.slot.slept:
            return go()
        credentials, text = _credentials(client), words(params)
        if credentials is None or text is None:
            return go()
        return self.read(
            Request(service.service_name, client.meta.region_name or "", client.meta.endpoint_url, operation, text), credentials, go
        )

    def read(self, request: Request, credentials: Credentials, go: Callable[[], Any]) -> Any:
        found = self.say(ipc.ASK, request, credentials, aws.network(dict(os.environ)))
        if found is not None:
            return pickle.loads(found)
        answered = False
        try:
            answer = go()
            answered = True
        finally:
            self.say(ipc.NOTE, request, credentials.identity, answered)
        return answer

    def say(self, word: str, *what: Any) -> Any:
        """The fetcher's answer to an ASK; None for a NOTE, and when the fetcher has ended."""
        with contextlib.suppress(OSError, EOFError):
            connection = _connection(self.folder)
            if connection is not None:
                ipc.send(connection, (word, self.host, *what))
                return ipc.receive(connection) if word == ipc.ASK else None
        _local.connection = None
        return None


def begin(folder: Path, host: str, writes: Writes, number: int, asks: bool) -> None:
    """Make all clients of this process ask the fetcher. Must be called before the module creates its first session.

    `number`: of its slot. `asks`: see Asker."""
    asker = Asker(folder, host, Slot(writes, number), asks)

    class Asks:
        def _make_api_call(self, operation_name: str, api_params: dict[str, Any]) -> Any:
            go = functools.partial(super()._make_api_call, operation_name, api_params)  # type: ignore[misc]
            return asker.call(self, operation_name, api_params, go)

    def mix(base_classes: list[type], **_event: Any) -> None:
        base_classes.insert(0, Asks)

    botocore.register_initializer(lambda session: session.register("creating-client-class", mix))
    pauses.listen(asker.slot.sleeping)


def _credentials(client: Any) -> Credentials | None:
    """The client's credentials; None when its calls are not signed."""
    found = client._request_signer._credentials
    if found is None:
        return None
    frozen = found.get_frozen_credentials()
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token)


def _connection(folder: Path) -> socket.socket | None:
    """One per thread, None after a failure."""
    known: socket.socket | None = getattr(_local, "connection", None)
    if known is None and not hasattr(_local, "connection"):
        _local.connection = None
        _local.connection = known = ipc.connect(folder)
    return known
