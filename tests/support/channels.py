"""A client of a data channel that does just what a test says: no order, no acknowledgement, no answer by itself."""

from __future__ import annotations

import hashlib
import json
import struct
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

HEAD = struct.Struct(">I32sIQqQ16s32sII")
OUTPUT, SIZE, SHAKE, SHAKEN, COMPLETE, CHALLENGE, CHALLENGED, FLAG = 1, 3, 5, 6, 7, 8, 9, 10
PATIENCE = 10.0


@dataclass(frozen=True)
class Heard:
    kind: str
    number: int
    content: int
    payload: bytes
    identity: uuid.UUID

    def json(self) -> Any:
        return json.loads(self.payload)


def frame(kind: str, payload: bytes, number: int = 0, content: int = 0, flags: int = 0) -> bytes:
    identity = uuid.uuid4().bytes
    digest = hashlib.sha256(payload).digest()
    now = int(time.time() * 1000)
    head = HEAD.pack(116, kind.encode().ljust(32), 1, now, number, flags, identity[8:] + identity[:8], digest, content, len(payload))
    return head + payload


def heard(raw: bytes) -> Heard:
    length, kind, _version, _created, number, _flags, identity, digest, content, size = HEAD.unpack_from(raw)
    payload = raw[length + 4 :]
    assert len(payload) == size and hashlib.sha256(payload).digest() == digest
    return Heard(kind.decode().strip(" \0"), number, content, payload, uuid.UUID(bytes=identity[8:] + identity[:8]))


@dataclass
class Client:
    """`answer`: what StartSession or ResumeSession answered. `number`: of the next frame; `seen`: numbers that were acknowledged.
    `patience`: seconds until the next frame must have come.
    """

    answer: dict[str, Any]
    number: int = 0
    seen: set[int] = field(default_factory=set)
    version: str = "1.2.0.0"
    patience: float = PATIENCE
    _all: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        opening = connect(self.answer["StreamUrl"], max_size=None, compression=None, open_timeout=PATIENCE)
        self._connection: ClientConnection = self._all.enter_context(opening)
        hello = {"MessageSchemaVersion": "1.0", "RequestId": str(uuid.uuid4()), "TokenValue": self.answer["TokenValue"]}
        self._connection.send(json.dumps({**hello, "ClientId": str(uuid.uuid4()), "ClientVersion": self.version}))

    def send(self, content: int, payload: bytes, number: int | None = None) -> None:
        """The next frame, unless a number is said."""
        self._connection.send(frame("input_stream_data", payload, self.number if number is None else number, content))
        self.number += number is None

    def raw(self, message: bytes) -> None:
        self._connection.send(message)

    def types(self, text: str) -> None:
        self.send(OUTPUT, text.encode())

    def hear(self, patience: float | None = None) -> Heard:
        """What comes next. Raises TimeoutError, and ConnectionClosed."""
        return heard(bytes(self._connection.recv(timeout=patience or self.patience)))  # type: ignore[arg-type]

    def heard_within(self, patience: float) -> Iterator[Heard]:
        """What comes until there is nothing for a while."""
        with suppress(TimeoutError):
            while True:
                yield self.hear(patience)

    def acknowledge(self, got: Heard) -> None:
        self.seen.add(got.number)
        words = {"AcknowledgedMessageType": got.kind, "AcknowledgedMessageId": str(got.identity)}
        words |= {"AcknowledgedMessageSequenceNumber": got.number, "IsSequentialMessage": True}  # type: ignore[dict-item]
        # After its last words the other side closes.
        with suppress(ConnectionClosed):
            self._connection.send(frame("acknowledge", json.dumps(words).encode(), flags=3))

    def next(self, kind: str = "output_stream_data") -> Heard:
        """The next new frame of a kind; data frames are acknowledged."""
        while True:
            got = self.hear()
            fresh = got.number not in self.seen
            if got.kind == "output_stream_data":
                self.acknowledge(got)
            if got.kind == kind and (fresh or kind != "output_stream_data"):
                return got

    def until(self, text: str) -> str:
        """Output until there is a text; all of it."""
        said = b""
        while text.encode() not in said:
            said += self.next().payload
        return said.decode()

    def shake(self, **results: dict[str, Any]) -> Heard:
        """Answer a handshake, each action with success; what comes then."""
        asked = self.next().json()["RequestedClientActions"]
        done = [{"ActionType": each["ActionType"], "ActionStatus": 1, "ActionResult": results.get(each["ActionType"])} for each in asked]
        self.send(SHAKEN, json.dumps({"ClientVersion": self.version, "ProcessedClientActions": done, "Errors": None}).encode())
        return self.next()

    @property
    def closed(self) -> bool:
        """Whether the other side has closed the connection, or does now."""
        try:
            while True:
                self.hear()
        except ConnectionClosed:
            return True
        except TimeoutError:
            return False

    def close(self) -> None:
        self._all.close()
