"""What a session says, kept in CloudWatch Logs as the agent does: a stream with the session's name, at the end or as it comes.

https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-logging.html
"""

from __future__ import annotations

import contextlib
import json
from datetime import datetime
from typing import Any, TypedDict

from ... import world
from ...sessions.program import Unable
from ...wire import Call, Refusal

PIECE = 200_000  # A log event takes 256 KB.
NOT_ENCRYPTED = (
    "We couldn't start the session because encryption is not set up on the selected CloudWatch Logs log group. Either encrypt the log "
    "group or choose an option to enable logging without encryption."
)


class Shown(TypedDict, total=False):
    """A session as DescribeSessions shows it. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Session.html"""

    SessionId: str
    Target: str
    Owner: str
    Status: str
    StartDate: datetime
    EndDate: datetime
    DocumentName: str
    Reason: str
    OutputUrl: dict[str, str]
    AccessType: str
    MaxSessionDuration: str


class Transcript:
    """`inputs`: those of the session document. A group that is missing loses the transcript, and nobody is told. `shown`: the session."""

    def __init__(self, call: Call, inputs: dict[str, Any], shown: Shown) -> None:
        self._call, self._inputs, self._shown = call, inputs, shown
        self._group = inputs.get("cloudWatchLogGroupName") or ""
        self._streams = bool(inputs.get("cloudWatchStreamingEnabled"))
        self._held = bytearray()

    def check(self) -> None:
        """What the agent looks at before it starts. Raises Unable."""
        if not self._group:
            return
        found = world.aws(self._call, "logs", "DescribeLogGroups", logGroupNamePrefix=self._group)["logGroups"]
        group = next((each for each in found if each["logGroupName"] == self._group), None)
        if group is None:
            self._group = ""
        elif self._inputs.get("cloudWatchEncryptionEnabled") and not group.get("kmsKeyId"):
            raise Unable(NOT_ENCRYPTED)

    def wrote(self, output: bytes) -> None:
        """Output that came. With streaming its whole lines are kept now."""
        if not self._group:
            return
        self._held += output
        if self._streams and b"\n" in output:
            whole, _, rest = bytes(self._held).rpartition(b"\n")
            self._held = bytearray(rest)
            with world.lock:
                self._keep(_text(whole + b"\n"))

    def end(self) -> None:
        if self._group and self._held:
            self._keep(_text(self._held))

    def _keep(self, text: str) -> None:
        where = {"logGroupName": self._group, "logStreamName": self._shown["SessionId"]}
        if self._streams:
            messages = [json.dumps({**self._event(), "sessionData": text.splitlines()})]
        else:
            messages = [text[start : start + PIECE] for start in range(0, len(text), PIECE)]
        now = int(world.clock.now() * 1000)
        with contextlib.suppress(Refusal):
            world.aws(self._call, "logs", "CreateLogStream", **where)
        with contextlib.suppress(Refusal):
            world.aws(self._call, "logs", "PutLogEvents", **where, logEvents=[{"timestamp": now, "message": each} for each in messages])

    def _event(self) -> dict[str, Any]:
        return {
            "eventVersion": "1.0",
            "eventTime": world.clock.utc().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "awsRegion": self._call.region,
            "target": {"id": self._shown["Target"]},
            "userIdentity": {"arn": self._shown["Owner"]},
            "runAsUser": "root",
            "sessionId": self._shown["SessionId"],
        }


def _text(output: bytes | bytearray) -> str:
    return bytes(output).decode("utf-8", "replace")
