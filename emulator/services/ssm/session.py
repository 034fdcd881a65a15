"""One session: what is shown of it, its channel, and how it ends. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Session.html"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from ... import world
from ...sessions import listener, settings
from ...sessions.agent import Terms
from ...sessions.channel import Channel
from ...sessions.program import Program, Unable
from ...wire import Call, Refusal
from .transcripts import Shown, Transcript

IDLE_MINUTES = "20"
LOOKING = 5.0


class Session:
    """A sessions.agent.Host. `inputs`: those of the session document; `make` begins what is at the other end (raises Unable)."""

    def __init__(self, call: Call, shown: Shown, terms: Terms, inputs: dict[str, Any], make: Callable[[], Program]) -> None:
        self._call, self._inputs, self._make = call, inputs, make
        self.shown: Shown = {
            "SessionId": terms.session,
            "Target": terms.target,
            "Owner": call.arn("iam", "root", regional=False),
            "Status": "Connected",
            "StartDate": world.clock.utc(),
            "OutputUrl": {},
            "AccessType": "Standard",
            **shown,
        }
        if inputs.get("maxSessionDuration"):
            self.shown["MaxSessionDuration"] = inputs["maxSessionDuration"]
        self._transcript = Transcript(call, inputs, self.shown)
        self._began = self._heard = world.clock.lived()
        self.channel = Channel(terms, self, settings.current().faults)
        world.clock.after(LOOKING, self._watch)

    def answer(self) -> dict[str, str]:
        """What a client connects with."""
        return {
            "SessionId": self.channel.session,
            "StreamUrl": listener.url(self.channel),
            "TokenValue": listener.token(self.channel),
        }

    @property
    def over(self) -> bool:
        return self.channel.over

    def _watch(self) -> None:
        """End it after so many minutes without a sign, or in all. A person's minutes are real ones (see Clock.lived)."""
        if self.over:
            return
        left = self._heard + 60 * float(self._inputs.get("idleSessionTimeout") or IDLE_MINUTES) - world.clock.lived()
        if most := self._inputs.get("maxSessionDuration"):
            left = min(left, self._began + 60 * float(most) - world.clock.lived())
        if left <= 0:
            self.channel.close()
        else:
            world.clock.after(max(left, LOOKING), self._watch)

    # sessions.agent.Host: called by threads of the channel

    def start(self) -> Program:
        with world.lock:
            self._transcript.check()
            return self._make()

    def key(self, encrypted: bytes, context: dict[str, str]) -> bytes:
        with world.lock:
            try:
                found: bytes = world.aws(self._call, "kms", "Decrypt", CiphertextBlob=encrypted, EncryptionContext=context)["Plaintext"]
            except Refusal as refusal:
                raise Unable(f"Unable to decrypt data key: {refusal.code}") from refusal
        return found

    def wrote(self, output: bytes) -> None:
        self.heard()
        self._transcript.wrote(output)

    def heard(self) -> None:
        self._heard = world.clock.lived()

    def ended(self) -> None:
        with world.lock:
            if self.shown["Status"] == "Terminated":
                return
            self.shown.update({"Status": "Terminated", "EndDate": world.clock.utc()})
            self._transcript.end()


def sessions(call: Call) -> dict[str, Session]:
    """By id, oldest first."""
    found: dict[str, Session] = world.store("ssm", call).setdefault("sessions", {})
    return found


def begin(call: Call, shown: Shown, kind: str, inputs: dict[str, Any], make: Callable[[], Program], prefix: str = "root") -> Session:
    """Begin a session. `shown`: Target, and DocumentName and Reason when there are any; `kind`: sessionType of the document."""
    said = settings.current().faults
    name = f"{prefix}-{secrets.token_hex(9)[:17]}"
    terms = Terms(name, shown["Target"], kind, inputs.get("kmsKeyId", ""), said.handshake, said.pauses)
    made = Session(call, shown, terms, inputs, make)
    sessions(call)[name] = made
    return made
