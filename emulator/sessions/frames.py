"""One frame of a data channel, as the agent and the service write and read it.

https://github.com/aws/amazon-ssm-agent, agent/session/contracts/agentmessage.go
"""

from __future__ import annotations

import hashlib
import json
import struct
import time
import uuid
from dataclasses import dataclass
from typing import Any

OUTPUT, ERROR, SIZE, PARAMETER, SHAKE, SHAKEN, COMPLETE, CHALLENGE, CHALLENGED, FLAG, STDERR, EXIT = range(1, 13)
DISCONNECT, TERMINATE, CANNOT_CONNECT = 1, 2, 3
LENGTH = 116


@dataclass(frozen=True)
class Frame:
    kind: str
    number: int
    content: int
    payload: bytes
    identity: uuid.UUID

    def json(self) -> Any:
        return json.loads(self.payload)


def text(said: dict[str, Any]) -> bytes:
    return json.dumps(said).encode()


def write(kind: str, payload: bytes | dict[str, Any] = b"", number: int = 0, content: int = 0, flags: int = 0) -> bytes:
    body = payload if isinstance(payload, bytes) else text(payload)
    identity = uuid.uuid4().int
    return b"".join(
        (
            struct.pack(">I", LENGTH),
            kind.encode().ljust(32, b"\0"),
            struct.pack(">IQqQ", 1, int(time.time() * 1000), number, flags),
            struct.pack(">QQ", identity & (1 << 64) - 1, identity >> 64),
            hashlib.sha256(body).digest(),
            struct.pack(">II", content, len(body)),
            body,
        )
    )


def read(raw: bytes) -> Frame:
    """Raises ValueError for what the service would not take."""
    if len(raw) < LENGTH + 4 or struct.unpack_from(">I", raw)[0] != LENGTH:
        raise ValueError("no frame")
    kind = raw[4:36].rstrip(b"\0 ").decode("ascii")
    version, created, number, _flags, low, high = struct.unpack_from(">IQqQQQ", raw, 36)
    digest = raw[80:112]
    content, size = struct.unpack_from(">II", raw, 112)
    payload = raw[LENGTH + 4 :]
    if version != 1 or not created or size != len(payload):
        raise ValueError(f"version {version}, created {created}, {size} bytes said and {len(payload)} there")
    if size and hashlib.sha256(payload).digest() != digest:
        raise ValueError("another digest")
    return Frame(kind, number, content, payload, uuid.UUID(int=high << 64 | low))


def acknowledge(frame: Frame) -> bytes:
    said = {
        "AcknowledgedMessageType": frame.kind,
        "AcknowledgedMessageId": str(frame.identity),
        "AcknowledgedMessageSequenceNumber": frame.number,
        "IsSequentialMessage": True,
    }
    return write("acknowledge", said, flags=3)
