"""The log of a build, written in a session of its role. Values of secrets are masked where they stand exactly.

https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html has the masking.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ... import world
from ...wire import Refusal
from ..iam import authority
from ..iam.authority import Session

MASK = "***"
# Events of one PutLogEvents.
MOST = 1000
DENIED = (
    "Service role {role} does not allow AWS CodeBuild to create Amazon CloudWatch Logs log {what} for build {build}. Error message: {text}"
)


@dataclass
class Log:
    """`group` and `stream` are where it goes, "" for a build that has none."""

    who: Session
    role: str
    build: str
    group: str
    stream: str
    secrets: list[str] = field(default_factory=list)

    def begin(self) -> str:
        """Make the stream, and the group when there is none. What the role lacks for it, in AWS's words."""
        if not self.group:
            return ""
        there = self._asked("DescribeLogStreams", logGroupName=self.group, limit=1) is None
        if not there:
            if denied := authority.denied(self.who, "logs:CreateLogGroup", self._arn("")):
                return self._denied("groups", denied)
            self._asked("CreateLogGroup", logGroupName=self.group)
        if denied := authority.denied(self.who, "logs:CreateLogStream", self._arn(self.stream)):
            return self._denied("streams", denied)
        self._asked("CreateLogStream", logGroupName=self.group, logStreamName=self.stream)
        return ""

    def write(self, lines: Iterable[str]) -> None:
        """Lines that the role may not write, or that have no group any more, are lost."""
        if not self.group or not authority.decide(self.who, "logs:PutLogEvents", self._arn(self.stream)).allowed:
            return
        now = int(world.clock.now() * 1000)
        events = [{"timestamp": now, "message": f"{self.masked(line)}\n"} for line in lines]
        for start in range(0, len(events), MOST):
            self._asked("PutLogEvents", logGroupName=self.group, logStreamName=self.stream, logEvents=events[start : start + MOST])

    def masked(self, line: str) -> str:
        for secret in self.secrets:
            line = line.replace(secret, MASK)
        return line

    def said(self, *lines: str) -> None:
        """Lines of CodeBuild's own."""
        moment = world.clock.utc().strftime("%Y/%m/%d %H:%M:%S.%f")
        self.write(f"[Container] {moment} {line}" for line in lines)

    def _arn(self, stream: str) -> str:
        return self.who.call.arn("logs", f"log-group:{self.group}:log-stream:{stream}")

    def _denied(self, what: str, text: str) -> str:
        return DENIED.format(role=self.role, what=what, build=self.build, text=text)

    def _asked(self, operation: str, **params: Any) -> Refusal | None:
        try:
            world.aws(self.who.call, "logs", operation, **params)
        except Refusal as refusal:
            return refusal
        return None
