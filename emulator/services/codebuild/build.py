"""What a build is told, and what is known of it. Times are AWS's."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ... import world
from ...wire import Call
from ..iam.authority import Session

IN_PROGRESS, SUCCEEDED, FAILED, FAULT, STOPPED, TIMED_OUT = "IN_PROGRESS", "SUCCEEDED", "FAILED", "FAULT", "STOPPED", "TIMED_OUT"
PRINCIPAL = "codebuild.amazonaws.com"


class SourceError(Exception):
    """A source that cannot be had: the code of the phase's context, and AWS's words."""

    def __init__(self, message: str, code: str = "CLIENT_ERROR") -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True)
class Source:
    """`inputs`: zips by names; the first is the primary one. `version` is the commit or version that they are of."""

    inputs: Mapping[str, bytes] = field(default_factory=dict)
    version: str = ""


@dataclass(frozen=True)
class Request:
    """What a build is to do.

    `buildspec`: a specification that was parsed, its text, or the path of a file in the primary source, with `at`. `variables`:
    EnvironmentVariables of CodeBuild. `fetch` gets the source in a session of the role, and raises SourceError; else it is `inputs`, of
    this `version`. `outputs`: the names of
    the artifacts that are wanted, of which a single one is the specification's `artifacts` and several are its `secondary-artifacts`;
    None wants what the specification has, if it has any. `assumes`: the service that takes the role; "" when the caller has seen to it.
    `group` and `prefix` of the log, "" for none. `shown`: more members of AWS's Build.
    """

    role: str
    buildspec: Mapping[str, Any] | str | None = None
    at: str = "buildspec.yml"
    project: str = ""
    variables: Sequence[Mapping[str, Any]] = ()
    fetch: Callable[[Session], Source] | None = None
    inputs: Mapping[str, bytes] = field(default_factory=dict)
    version: str = ""
    outputs: Sequence[str] | None = None
    group: str = ""
    prefix: str = ""
    minutes: int = 60
    queued_minutes: int = 480
    privileged: bool = False
    initiator: str = ""
    assumes: str = PRINCIPAL
    label: str = "commands"
    shown: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Record:
    """`phases` and `status` are AWS's. `exported`: values by names. `outputs`: zips by names of artifacts, "" for the primary one.

    `places`: AWS's ProjectArtifacts; `upload` puts files there, by names of artifacts and their names in them, and raises SourceError.
    `watch` is called at the end of each phase.
    """

    call: Call
    request: Request
    number: int = 1
    uuid: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = IN_PROGRESS
    phases: list[dict[str, Any]] = field(default_factory=list)
    exported: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, bytes] = field(default_factory=dict)
    resolved: str = ""
    began: Any = None
    ended: Any = None
    stream: str = ""
    debug: dict[str, Any] = field(default_factory=dict)
    places: list[dict[str, Any]] = field(default_factory=list)
    upload: Callable[[Session, Mapping[str, Mapping[str, Path]]], None] | None = None

    watch: Callable[[Record], None] | None = None

    @property
    def id(self) -> str:
        return f"{self.request.project or self.request.label}:{self.uuid}"

    @property
    def arn(self) -> str:
        return self.call.arn("codebuild", f"build/{self.id}")

    @property
    def over(self) -> bool:
        return self.status != IN_PROGRESS

    @property
    def phase(self) -> str:
        return str(self.phases[-1]["phaseType"])

    @property
    def where(self) -> tuple[str, str]:
        """Group and stream of CloudWatch Logs, "" until there is one."""
        return (self.request.group, self.stream) if self.stream else ("", "")

    @property
    def cause(self) -> str:
        """`CODE: message` of the first phase that has failed; "" when none has."""
        contexts = [context for phase in self.phases for context in phase.get("contexts", []) if context["statusCode"]]
        return f"{contexts[0]['statusCode']}: {contexts[0]['message']}" if contexts else ""

    def enter(self, phase: str) -> None:
        self.phases.append({"phaseType": phase, "startTime": world.clock.utc()})

    def leave(self, status: str = SUCCEEDED, code: str = "", message: str = "") -> None:
        current, now = self.phases[-1], world.clock.utc()
        seconds = (now - current["startTime"]).total_seconds() * world.clock.speed
        current.update(phaseStatus=status, endTime=now, durationInSeconds=round(seconds))
        if self.phase not in ("SUBMITTED", "QUEUED"):
            current["contexts"] = [{"statusCode": code, "message": message}]
        if self.watch is not None:
            self.watch(self)


def described(build: Record) -> dict[str, Any]:
    """AWS's Build."""
    request, call = build.request, build.call
    group, stream = build.where
    answer: dict[str, Any] = {
        "id": build.id,
        "arn": build.arn,
        "buildNumber": build.number,
        "startTime": build.began,
        "currentPhase": build.phase,
        "buildStatus": build.status,
        "projectName": request.project,
        "phases": [dict(phase) for phase in build.phases],
        "timeoutInMinutes": request.minutes,
        "queuedTimeoutInMinutes": request.queued_minutes,
        "serviceRole": request.role,
        "buildComplete": build.over,
        "initiator": request.initiator,
        **request.shown,
        "logs": {**logs(call, group, stream), **request.shown.get("logs", {})},
    }
    if build.ended is not None:
        answer["endTime"] = build.ended
    if build.resolved:
        answer["resolvedSourceVersion"] = build.resolved
    if build.exported:
        answer["exportedEnvironmentVariables"] = [{"name": name, "value": value} for name, value in build.exported.items()]
    if build.debug:
        answer["debugSession"] = dict(build.debug)
    return answer


def logs(call: Call, group: str, stream: str) -> dict[str, Any]:
    """Until there is a stream, AWS's link says so by its name."""
    arn = call.arn("logs", f"log-group:{group or 'null'}:log-stream:{stream or 'null'}")
    link = f"https://console.aws.amazon.com/cloudwatch/home?region={call.region}#logEvent:group={group or 'null'};stream={stream or 'null'}"
    return {"deepLink": link, "cloudWatchLogsArn": arn, **({"groupName": group, "streamName": stream} if stream else {})}
