"""The agent in a session: handshake, keys, and the program that keys go to and output comes from.

https://github.com/aws/amazon-ssm-agent, agent/session. Port sessions are the agent's basic ones: to a client of version
1.1.70 or newer the agent speaks a multiplexing protocol instead, which is not here, and such a session ends.
"""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
import struct
import threading
from dataclasses import dataclass
from typing import Any, Protocol

from . import frames
from .frames import Frame
from .program import AtPort, Program, Unable

# An agent's pieces are of a kilobyte.
PIECE = 1024
VERSION = "3.3.0.0"
MULTIPLEXES = (1, 1, 70)
PORT = "Port"
SHAKES = (PORT, "NonInteractiveCommands")


@dataclass(frozen=True)
class Terms:
    """What is agreed of a session. `kind`: its document's sessionType. `greets` None: by a handshake only where one is needed."""

    session: str
    target: str
    kind: str
    kms_key: str = ""
    greets: bool | None = None
    pauses: bool = False

    @property
    def encrypted(self) -> bool:
        return bool(self.kms_key) and self.kind != PORT

    @property
    def shakes(self) -> bool:
        return self.encrypted or self.kind in SHAKES or bool(self.greets)


class Host(Protocol):
    """What an agent has around it. `start` begins the program (raises Unable); `key` decrypts what the client's KMS has encrypted."""

    def start(self) -> Program: ...

    def key(self, encrypted: bytes, context: dict[str, str]) -> bytes: ...

    def wrote(self, output: bytes) -> None: ...

    def heard(self) -> None: ...

    def ended(self) -> None: ...


class Channel(Protocol):
    """`say` sends data frames in order, and waits while too many are not acknowledged."""

    def say(self, content: int, payloads: list[bytes]) -> None: ...

    def tell(self, word: str) -> None: ...

    def drained(self) -> None: ...

    def close(self, said: str = "") -> None: ...


class Agent:
    def __init__(self, terms: Terms, host: Host, channel: Channel) -> None:
        self.terms, self._host, self._channel = terms, host, channel
        self.program: Program | None = None
        self._ciphers: tuple[Any, Any] | None = None
        self._challenge = b""
        self._multiplexes = False
        self._shaken = not terms.shakes

    def greet(self) -> None:
        if not self.terms.shakes:
            self._begin()
            return
        actions: list[dict[str, Any]] = [
            {"ActionType": "SessionType", "ActionParameters": {"SessionType": self.terms.kind, "Properties": {}}}
        ]
        if self.terms.encrypted:
            actions.append({"ActionType": "KMSEncryption", "ActionParameters": {"KMSKeyId": self.terms.kms_key}})
        self._say(frames.SHAKE, {"AgentVersion": VERSION, "RequestedClientActions": actions})

    def ready(self, frame: Frame) -> bool:
        """Whether a frame can be taken now. Else it is not acknowledged, and so comes again."""
        port = self.program
        return frame.content != frames.OUTPUT or not self._shaken or not isinstance(port, AtPort) or port.known

    def do(self, frame: Frame) -> None:
        self._host.heard()
        if frame.content == frames.SHAKEN:
            self._shake(frame.json())
        elif frame.content == frames.CHALLENGED:
            self._compare(frame.json())
        elif not self._shaken or self.program is None:
            # What is typed before the handshake is over is acknowledged, and lost.
            return
        elif frame.content == frames.FLAG:
            self._flag(struct.unpack(">I", frame.payload)[0])
        elif frame.content == frames.SIZE:
            size = frame.json()
            self.program.resize(size["cols"], size["rows"])
        elif frame.content == frames.OUTPUT:
            self._input(self.program, self._open(frame.payload))

    def end(self) -> None:
        program, self.program = self.program, None
        if program is not None:
            program.close()

    def _begin(self) -> None:
        if self.terms.pauses:
            self._channel.tell("pause_publication")
            self._channel.tell("start_publication")
        try:
            self.program = self._host.start()
        except Unable as why:
            self._channel.close(str(why))
            return
        threading.Thread(target=self._pump, args=(self.program,), daemon=True).start()

    def _pump(self, program: Program) -> None:
        while (data := program.read()) is not None:
            self._host.wrote(data)
            self._channel.say(frames.OUTPUT, [self._seal(data[start : start + PIECE]) for start in range(0, len(data), PIECE)])
        self._channel.drained()
        self._channel.close()

    def _input(self, program: Program, data: bytes) -> None:
        if self._multiplexes:
            self._channel.close()
            return
        try:
            program.write(data)
        except Unable as why:
            self._channel.close(str(why))

    def _flag(self, flag: int) -> None:
        if flag == frames.DISCONNECT and self.program is not None:
            self.program.disconnect()
        elif flag == frames.TERMINATE:
            self._channel.close()

    def _shake(self, answer: dict[str, Any]) -> None:
        done = {action["ActionType"]: action for action in answer["ProcessedClientActions"]}
        wanted = {"SessionType", *(["KMSEncryption"] if self.terms.encrypted else [])}
        failed = [name for name in sorted(wanted) if done.get(name, {}).get("ActionStatus") != 1]
        if failed:
            self._channel.close(f"{failed[0]} failed on client with status {done.get(failed[0], {}).get('ActionStatus')}")
            return
        with contextlib.suppress(ValueError):
            version = tuple(int(part) for part in answer["ClientVersion"].split("."))
            self._multiplexes = self.terms.kind == PORT and version >= MULTIPLEXES
        if self.terms.encrypted:
            self._encrypt(done["KMSEncryption"]["ActionResult"])
        else:
            self._complete()

    def _encrypt(self, result: dict[str, str]) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        context = {"aws:ssm:SessionId": self.terms.session, "aws:ssm:TargetId": self.terms.target}
        try:
            key = self._host.key(base64.b64decode(result["KMSCipherTextKey"]), context)
        except Unable as why:
            self._channel.close(str(why))
            return
        self._ciphers = AESGCM(key[:32]), AESGCM(key[32:])
        self._challenge = secrets.token_bytes(64)
        self._say(frames.CHALLENGE, {"Challenge": base64.b64encode(self._seal(self._challenge)).decode()})

    def _compare(self, answer: dict[str, str]) -> None:
        if self._open(base64.b64decode(answer["Challenge"])) == self._challenge:
            self._complete()
        else:
            self._channel.close("Encryption challenge does not match")

    def _complete(self) -> None:
        self._say(frames.COMPLETE, {"HandshakeTimeToComplete": 12_345_678, "CustomerMessage": ""})
        self._shaken = True
        self._begin()

    def _say(self, content: int, said: dict[str, Any]) -> None:
        self._channel.say(content, [frames.text(said)])

    def _seal(self, clear: bytes) -> bytes:
        if self._ciphers is None:
            return clear
        nonce = os.urandom(12)
        return nonce + bytes(self._ciphers[0].encrypt(nonce, clear, None))

    def _open(self, sealed: bytes) -> bytes:
        if self._ciphers is None:
            return sealed
        return bytes(self._ciphers[1].decrypt(sealed[:12], sealed[12:], None))
