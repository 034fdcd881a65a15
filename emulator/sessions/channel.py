"""One session from the first connection to its end: what the service and the agent do, seen from the client.

Its numbers outlive a connection, so that a client that comes back with a new token goes on where it was.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import os
import secrets
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from . import frames
from .frames import Frame
from .program import AtPort, Program

# https://github.com/aws/amazon-ssm-agent: output is sent in pieces of a kilobyte, and again when nobody has answered.
PIECE = 1024
AGAIN, LOOKING = 0.3, 0.1
MOST_WAITING = 4000
AGENT = "3.3.0.0"


class Connection(Protocol):
    def send(self, data: bytes) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Faults:
    """What a test wants to see survived. `handshake` None: only for sessions that need one, as agents do.

    `lost`: so many frames of the client that never arrive; `twice`: each frame of the agent comes twice; `cut`: after so many frames of the
    client the connection breaks, once; `silent`: the agent never says a word; `pauses`: the service tells of pauses.
    """

    handshake: bool | None = None
    lost: int = 0
    twice: bool = False
    cut: int = 0
    silent: bool = False
    pauses: bool = False


@dataclass
class Channel:
    """`start()` begins the program; `key(encrypted, context)` decrypts what the client has made; `ended(transcript)` is told of the end."""

    session: str
    target: str
    kind: str
    kms_key: str
    start: Callable[[], Program]
    key: Callable[[bytes, dict[str, str]], bytes]
    ended: Callable[[bytes], None]
    faults: Faults = field(default_factory=Faults)
    program: Program | None = None
    transcript: bytearray = field(default_factory=bytearray)
    over: bool = False

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self._room = threading.Condition(self._lock)
        self._connection: Connection | None = None
        self._number, self._expected, self._seen = itertools.count(), 0, 0
        self._waiting: dict[int, list[Any]] = {}
        self._lost, self._cut = self.faults.lost, self.faults.cut
        self._ciphers: tuple[Any, Any] | None = None
        self._challenge = b""
        self._shaken = False

    def serve(self, connection: Connection, messages: Any) -> None:
        """One connection, until it or the session is over. `messages`: what comes on it."""
        with self._lock:
            self._connection = connection
            first = self._seen == 0 and not self._waiting
            again = [each[0] for each in self._waiting.values()]
        threading.Thread(target=self._resend, args=(connection,), daemon=True).start()
        for raw in again:
            self._push(raw)
        if first and not self.faults.silent:
            self._greet()
        with contextlib.suppress(ConnectionError):
            for message in messages:
                if isinstance(message, bytes):
                    self._take(frames.read(message))
                if self.over:
                    break
        with self._lock:
            if self._connection is connection:
                self._connection = None

    def close(self, said: str = "") -> None:
        """The service ends the session: it was terminated, or its program has ended."""
        with self._lock:
            if self.over:
                return
            self.over = True
            words = {"MessageType": "channel_closed", "SchemaVersion": 1, "SessionId": self.session, "Output": said}
            self._push(frames.write("channel_closed", words))
            self._room.notify_all()
        self.vanish()

    def vanish(self) -> None:
        """The machine at the other end is gone. Nobody tells the client."""
        with self._lock:
            self.over = True
            program, self.program = self.program, None
            self._room.notify_all()
        if program is not None:
            program.close()
        self.ended(bytes(self.transcript))

    # what the agent says

    def _greet(self) -> None:
        needed = bool(self.kms_key) or self.kind in ("Port", "NonInteractiveCommands")
        if not (needed if self.faults.handshake is None else self.faults.handshake or needed):
            self._begin()
            return
        actions = [{"ActionType": "SessionType", "ActionParameters": {"SessionType": self.kind, "Properties": {}}}]
        if self.kms_key:
            actions.append({"ActionType": "KMSEncryption", "ActionParameters": {"KMSKeyId": self.kms_key}})
        self.say(frames.SHAKE, {"AgentVersion": AGENT, "RequestedClientActions": actions})

    def say(self, content: int, payload: bytes | dict[str, Any]) -> None:
        with self._room:
            while len(self._waiting) >= MOST_WAITING and not self.over:
                self._room.wait(LOOKING)
            number = next(self._number)
            raw = frames.write("output_stream_data", payload, number, content, flags=1 if number == 0 else 0)
            self._waiting[number] = [raw, time.monotonic()]
            for _ in range(2 if self.faults.twice else 1):
                self._push(raw)

    def _push(self, raw: bytes) -> None:
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.send(raw)

    def _resend(self, connection: Connection) -> None:
        while self._connection is connection and not self.over:
            time.sleep(LOOKING)
            with self._lock:
                if self._waiting:
                    oldest = self._waiting[min(self._waiting)]
                    if time.monotonic() - oldest[1] > AGAIN:
                        oldest[1] = time.monotonic()
                        self._push(oldest[0])

    def _begin(self) -> None:
        if self.faults.pauses:
            for word in ("pause_publication", "start_publication"):
                self._push(frames.write(word, {"SessionId": self.session}))
        self.program = self.start()
        if not isinstance(self.program, AtPort):
            threading.Thread(target=self._pump, args=(self.program,), daemon=True).start()

    def _pump(self, program: Program) -> None:
        while data := program.read():
            for start in range(0, len(data), PIECE):
                self._output(data[start : start + PIECE])
            if self.over:
                return
        with self._room:
            self._room.wait_for(lambda: self.over or not self._waiting, timeout=10)
        self.close()

    def _relay(self, port: AtPort) -> None:
        while data := port.read():
            for start in range(0, len(data), PIECE):
                self._output(data[start : start + PIECE])

    def _output(self, data: bytes) -> None:
        self.transcript += data
        self.say(frames.OUTPUT, self._seal(data))

    # what the client says

    def _take(self, frame: Frame) -> None:
        if frame.kind == "acknowledge":
            with self._room:
                self._waiting.pop(frame.json()["AcknowledgedMessageSequenceNumber"], None)
                self._room.notify_all()
            return
        if self._faulty():
            return
        with self._lock:
            if frame.number > self._expected:
                return
            fresh = frame.number == self._expected
            self._expected += fresh
            self._push(frames.acknowledge(frame))
        if fresh:
            self._do(frame)

    def _faulty(self) -> bool:
        """Whether a frame is lost on the way, or its connection breaks."""
        self._seen += 1
        if self._lost:
            self._lost -= 1
            return True
        if self._cut and self._seen > self._cut:
            self._cut = 0
            if self._connection is not None:
                self._connection.close()
            raise ConnectionError("cut")
        return False

    def _do(self, frame: Frame) -> None:
        if frame.content == frames.SHAKEN:
            self._shake(frame.json())
        elif frame.content == frames.CHALLENGED:
            if self._open(base64.b64decode(frame.json()["Challenge"])) != self._challenge:
                self.close("the challenge was not answered")
                return
            self._complete()
        elif frame.content == frames.FLAG:
            self._flag(struct.unpack(">I", frame.payload)[0])
        elif self.program is None:
            return
        elif frame.content == frames.SIZE:
            size = frame.json()
            self.program.resize(size["cols"], size["rows"])
        elif frame.content == frames.OUTPUT:
            self._input(self._open(frame.payload))

    def _input(self, data: bytes) -> None:
        port = self.program
        if isinstance(port, AtPort) and not port.connected:
            try:
                port.connect()
            except OSError:
                self.say(frames.FLAG, struct.pack(">I", frames.CANNOT_CONNECT))
                return
            threading.Thread(target=self._relay, args=(port,), daemon=True).start()
        if port is not None:
            port.write(data)

    def _flag(self, flag: int) -> None:
        if flag == frames.DISCONNECT and self.program is not None:
            self.program.disconnect()
        elif flag == frames.TERMINATE:
            self.close()

    def _shake(self, answer: dict[str, Any]) -> None:
        done = {action["ActionType"]: action for action in answer["ProcessedClientActions"]}
        if any(action["ActionStatus"] != 1 for action in done.values()):
            self.close("the handshake failed")
            return
        if not self.kms_key:
            self._complete()
            return
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        blob = base64.b64decode(done["KMSEncryption"]["ActionResult"]["KMSCipherTextKey"])
        key = self.key(blob, {"aws:ssm:SessionId": self.session, "aws:ssm:TargetId": self.target})
        self._ciphers = AESGCM(key[:32]), AESGCM(key[32:])
        self._challenge = secrets.token_bytes(64)
        self.say(frames.CHALLENGE, {"Challenge": base64.b64encode(self._seal(self._challenge)).decode()})

    def _complete(self) -> None:
        self._shaken = True
        self.say(frames.COMPLETE, {"HandshakeTimeToComplete": 12_345_678, "CustomerMessage": ""})
        self._begin()

    def _seal(self, clear: bytes) -> bytes:
        if self._ciphers is None:
            return clear
        nonce = os.urandom(12)
        return nonce + bytes(self._ciphers[0].encrypt(nonce, clear, None))

    def _open(self, sealed: bytes) -> bytes:
        if self._ciphers is None:
            return sealed
        return bytes(self._ciphers[1].decrypt(sealed[:12], sealed[12:], None))
