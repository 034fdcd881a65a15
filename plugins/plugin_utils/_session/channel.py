# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client's side of a data channel: bytes and time in, bytes and events out. Knows no socket and no clock.

Frames of each direction are numbered from 0 and taken in this order; what comes too early waits. Each is acknowledged once it has been
taken, and again when it comes again. What is not acknowledged in time is sent again, the oldest first.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import frames
from .cipher import Cipher
from .frames import Flag, Frame, Payload

MOST_EARLY = 10_000
MOST_KEYS = 1024
# Seconds after which nobody is taken to be at the other side. AWS's own client sends a frame 3000 times, which are 50 minutes.
ACKNOWLEDGED_WITHIN = 30.0
SHORTEST, LONGEST, FIRST = 0.01, 1.0, 0.2
SHELLS = ("Standard_Stream", "InteractiveCommands", "NonInteractiveCommands")
PORT = "Port"
# The agent multiplexes a port for clients from 1.1.70 on. One connection after the other needs no protocol of its own.
VERSION, VERSION_OF_PORT = "1.2.707.0", "1.1.61.0"
# (key id, encryption context) → (encrypted key, key of 64 bytes), as GenerateDataKey answers.
DataKey = Callable[[str, dict[str, str]], tuple[bytes, bytes]]


@dataclass(frozen=True)
class Output:
    """What the program wrote."""

    data: bytes


@dataclass(frozen=True)
class Ready:
    """The channel takes input now. `text` is for the person."""

    text: str


@dataclass(frozen=True)
class Closed:
    """The session is over. `text` is for the person."""

    text: str


@dataclass(frozen=True)
class Exit:
    code: int


@dataclass(frozen=True)
class Said:
    """A flag of the agent's."""

    flag: int


Event = Output | Ready | Closed | Exit | Said


@dataclass
class Unacknowledged:
    """`first` and `sent`: when it was sent first and last on this connection."""

    raw: bytes
    first: float
    sent: float
    times: int = 1


@dataclass
class Channel:
    """`session` and `target` name the session where keys are made for it. `out`: bytes to send, in order; whoever sends takes them."""

    session: str
    target: str
    data_key: DataKey | None = None
    out: list[bytes] = field(default_factory=list)
    kind: str = ""
    ready: bool = False
    ended: bool = False
    _number: int = 0
    _expected: int = 0
    _early: dict[int, Frame] = field(default_factory=dict)
    _unacknowledged: dict[int, Unacknowledged] = field(default_factory=dict)
    _cipher: Cipher | None = None
    _mean: float = 0.1
    _spread: float = 0.0
    _timeout: float = FIRST

    def receive(self, raw: bytes, now: float) -> list[Event]:
        """Take a frame. Raises frames.Broken for what is none."""
        frame = frames.unpack(raw)
        if frame.kind == frames.ACKNOWLEDGE:
            self._acknowledged(frame, now)
        elif frame.kind == frames.CLOSED:
            self.ended = True
            return [Closed(frame.json().get("Output") or "")]
        elif frame.kind == frames.OUTPUT:
            return self._in_order(frame, now)
        return []

    def send(self, payload_type: Payload, payload: bytes, now: float) -> None:
        if self._cipher is not None and payload_type == Payload.OUTPUT:
            payload = self._cipher.seal(payload)
        raw = frames.pack(frames.INPUT, payload, self._number, payload_type)
        self._unacknowledged[self._number] = Unacknowledged(raw, now, now)
        self._number += 1
        self.out.append(raw)

    def keys(self, data: bytes, now: float) -> None:
        """What a person typed, or what goes to a port."""
        for start in range(0, len(data), MOST_KEYS):
            self.send(Payload.OUTPUT, data[start : start + MOST_KEYS], now)

    def size(self, columns: int, rows: int, now: float) -> None:
        self.send(Payload.SIZE, json.dumps({"cols": columns, "rows": rows}).encode(), now)

    def flag(self, flag: Flag, now: float) -> None:
        self.send(Payload.FLAG, struct.pack(">I", flag), now)

    def due(self) -> float | None:
        """When something must be sent again; None while everything is acknowledged."""
        if not self._unacknowledged:
            return None
        return next(iter(self._unacknowledged.values())).sent + self._timeout

    def resend(self, now: float) -> None:
        """Send the oldest again if it is due. Raises ConnectionError when it was not acknowledged within ACKNOWLEDGED_WITHIN."""
        when = self.due()
        if when is None or when > now:
            return
        oldest = next(iter(self._unacknowledged.values()))
        if now - oldest.first > ACKNOWLEDGED_WITHIN:
            raise ConnectionError("the other side does not answer any more")
        oldest.sent, oldest.times = now, oldest.times + 1
        self.out.append(oldest.raw)

    def resumed(self, now: float) -> None:
        """On a new connection: what was under way on the old one is sent again, and numbers go on."""
        for each in self._unacknowledged.values():
            each.first = each.sent = now
            each.times += 1
        self.out = [each.raw for each in self._unacknowledged.values()]

    @property
    def waiting(self) -> int:
        """How many frames are not acknowledged."""
        return len(self._unacknowledged)

    def _acknowledged(self, frame: Frame, now: float) -> None:
        found = self._unacknowledged.pop(frame.json()["AcknowledgedMessageSequenceNumber"], None)
        if found is None or found.times > 1:
            return
        took = now - found.sent
        # As TCP does (RFC 6298).
        self._spread += (abs(self._mean - took) - self._spread) / 4
        self._mean += (took - self._mean) / 8
        self._timeout = min(self._mean + max(SHORTEST, 4 * self._spread), LONGEST)

    def _in_order(self, frame: Frame, now: float) -> list[Event]:
        if frame.number < self._expected:
            self.out.append(frames.acknowledge(frame))
            return []
        if frame.number > self._expected and len(self._early) >= MOST_EARLY:
            return []
        self.out.append(frames.acknowledge(frame))
        self._early[frame.number] = frame
        events: list[Event] = []
        while self._expected in self._early:
            events += self._take(self._early.pop(self._expected), now)
            self._expected += 1
        return events

    def _take(self, frame: Frame, now: float) -> list[Event]:
        match frame.payload_type:
            case Payload.OUTPUT | Payload.STDERR | Payload.EXIT_CODE:
                return self._written(frame)
            case Payload.HANDSHAKE_REQUEST:
                self._shake(frame.json(), now)
            case Payload.CHALLENGE_REQUEST if self._cipher is not None:
                clear = self._cipher.open(base64.b64decode(frame.json()["Challenge"]))
                answer = {"Challenge": base64.b64encode(self._cipher.seal(clear)).decode()}
                self.send(Payload.CHALLENGE_RESPONSE, json.dumps(answer).encode(), now)
            case Payload.HANDSHAKE_COMPLETE:
                self.ready = True
                return [Ready(frame.json().get("CustomerMessage") or "")]
            case Payload.FLAG:
                return [Said(struct.unpack(">I", frame.payload[:4])[0])]
        return []

    def _written(self, frame: Frame) -> list[Event]:
        data = self._cipher.open(frame.payload) if self._cipher is not None else frame.payload
        # Most agents send no handshake: their first output says that they are there.
        events: list[Event] = [] if self.ready else [Ready("")]
        self.ready = True
        if frame.payload_type == Payload.EXIT_CODE:
            return [*events, Exit(int(data.rpartition(b":")[2].strip(b" \0")))]
        return [*events, Output(data)]

    def _shake(self, asked: dict[str, Any], now: float) -> None:
        done = [self._answer(action) for action in asked["RequestedClientActions"]]
        errors = [action["Error"] for action in done if action["Error"]]
        version = VERSION_OF_PORT if self.kind == PORT else VERSION
        answer = {"ClientVersion": version, "ProcessedClientActions": done, "Errors": errors or None}
        self.send(Payload.HANDSHAKE_RESPONSE, json.dumps(answer).encode(), now)

    def _answer(self, action: dict[str, Any]) -> dict[str, Any]:
        kind, wanted = action["ActionType"], action.get("ActionParameters") or {}
        done: dict[str, Any] = {"ActionType": kind, "ActionStatus": 1, "ActionResult": None, "Error": ""}
        if kind == "SessionType" and wanted.get("SessionType") in (*SHELLS, PORT):
            self.kind = wanted["SessionType"]
        elif kind == "KMSEncryption" and self.data_key is not None:
            context = {"aws:ssm:SessionId": self.session, "aws:ssm:TargetId": self.target}
            blob, key = self.data_key(wanted["KMSKeyId"], context)
            self._cipher = Cipher(key)
            done["ActionResult"] = {"KMSCipherTextKey": base64.b64encode(blob).decode()}
        else:
            done |= {"ActionStatus": 3, "Error": f"this client does not know {kind} {wanted.get('SessionType', '')}".strip()}
        return done
