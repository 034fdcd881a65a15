# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One frame of a data channel, big-endian: a head of 120 bytes, then the payload. Pure.

https://github.com/aws/amazon-ssm-agent, agent/session/contracts: what the agent and AWS's own client send.

  offset  size
  0       4     length of the head without the payload's length: 116
  4       32    kind, in ASCII, filled with blanks (zeros are accepted)
  36      4     schema version: 1
  40      8     milliseconds since the epoch
  48      8     number in the sequence of its direction
  56      8     flags: 1 SYN, 2 FIN
  64      16    UUID, its second half first
  80      32    SHA-256 of the payload
  112     4     type of the payload
  116     4     length of the payload
"""

from __future__ import annotations

import hashlib
import json
import struct
import time
import uuid
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

HEAD = struct.Struct(">I32sIQqQ16s32sII")
INPUT, OUTPUT, ACKNOWLEDGE, CLOSED = "input_stream_data", "output_stream_data", "acknowledge", "channel_closed"
START, PAUSE = "start_publication", "pause_publication"
VERSION = 1
SYN, FIN = 1, 2


class Payload(IntEnum):
    OUTPUT = 1
    ERROR = 2
    SIZE = 3
    PARAMETER = 4
    HANDSHAKE_REQUEST = 5
    HANDSHAKE_RESPONSE = 6
    HANDSHAKE_COMPLETE = 7
    CHALLENGE_REQUEST = 8
    CHALLENGE_RESPONSE = 9
    FLAG = 10
    STDERR = 11
    EXIT_CODE = 12


class Flag(IntEnum):
    """What a payload of type FLAG says, in four bytes."""

    DISCONNECT_FROM_PORT = 1
    TERMINATE = 2
    CANNOT_CONNECT = 3


class Broken(ValueError):
    """Bytes that are no frame, or whose payload is not what was sent."""


@dataclass(frozen=True)
class Frame:
    """`payload_type` is a Payload, or a number that this file does not know."""

    kind: str
    number: int
    flags: int
    identity: uuid.UUID
    payload_type: int
    payload: bytes

    def json(self) -> Any:
        return json.loads(self.payload)


def pack(kind: str, payload: bytes, number: int = 0, payload_type: int = 0, flags: int = 0, identity: uuid.UUID | None = None) -> bytes:
    half = (identity or uuid.uuid4()).bytes
    return (
        HEAD.pack(
            HEAD.size - 4,
            kind.encode().ljust(32),
            VERSION,
            int(time.time() * 1000),
            number,
            flags,
            half[8:] + half[:8],
            hashlib.sha256(payload).digest(),
            payload_type,
            len(payload),
        )
        + payload
    )


def unpack(raw: bytes) -> Frame:
    """Raises Broken."""
    if len(raw) < HEAD.size:
        raise Broken(f"a frame of {len(raw)} bytes")
    length, kind, _version, _created, number, flags, identity, digest, payload_type, size = HEAD.unpack_from(raw)
    payload = raw[length + 4 : length + 4 + size]
    name = kind.strip(b"\0 ").decode("ascii", "replace")
    # The service tells of a peer that is away with frames whose digest is none.
    if size and name not in (START, PAUSE) and hashlib.sha256(payload).digest() != digest:
        raise Broken(f"frame {number} of {name} is not what was sent")
    return Frame(name, number, flags, uuid.UUID(bytes=identity[8:] + identity[:8]), payload_type, payload)


def acknowledge(frame: Frame) -> bytes:
    """Says that a frame has been taken. It has no number of its own."""
    said = {
        "AcknowledgedMessageType": frame.kind,
        "AcknowledgedMessageId": str(frame.identity),
        "AcknowledgedMessageSequenceNumber": frame.number,
        "IsSequentialMessage": True,
    }
    return pack(ACKNOWLEDGE, json.dumps(said).encode(), flags=SYN | FIN)
