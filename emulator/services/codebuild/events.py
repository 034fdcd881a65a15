"""Events of builds: of their states, and of each phase that has ended.

https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..events import delivery
from .build import Record, described

VERSION = "1"


def of_state(build: Record) -> None:
    detail = {"build-status": build.status, "current-phase": build.phase, "current-phase-context": _context(build.phases[-1])}
    _emit(build, "CodeBuild Build State Change", detail)


def of_phase(build: Record) -> None:
    """The phase that has just ended."""
    ended = build.phases[-1]
    detail = {
        "completed-phase": ended["phaseType"],
        "completed-phase-status": ended["phaseStatus"],
        "completed-phase-context": _context(ended),
        "completed-phase-duration-seconds": ended["durationInSeconds"],
        "completed-phase-start": _time(ended["startTime"]),
        "completed-phase-end": _time(ended["endTime"]),
    }
    _emit(build, "CodeBuild Build Phase Change", detail)


def _emit(build: Record, kind: str, detail: dict[str, Any]) -> None:
    about = {"project-name": build.request.project, "build-id": build.arn, "additional-information": _more(build), "version": VERSION}
    delivery.deliver(build.call, delivery.event(build.call, "aws.codebuild", kind, build.arn, {**about, **detail}))


def _more(build: Record) -> dict[str, Any]:
    shown = described(build)
    environment, source, logs = shown.get("environment", {}), shown.get("source", {}), shown["logs"]
    group = {"group-name": logs["groupName"], "stream-name": logs["streamName"]} if "groupName" in logs else {}
    return {
        "build-number": build.number,
        "build-complete": build.over,
        "build-start-time": _time(build.began),
        "initiator": build.request.initiator,
        "timeout-in-minutes": build.request.minutes,
        "queued-timeout-in-minutes": build.request.queued_minutes,
        "environment": {
            "image": environment.get("image", ""),
            "type": environment.get("type", ""),
            "compute-type": environment.get("computeType", ""),
            "privileged-mode": environment.get("privilegedMode", False),
            "image-pull-credentials-type": environment.get("imagePullCredentialsType", ""),
            "environment-variables": environment.get("environmentVariables", []),
        },
        "source": {name: source[name] for name in ("type", "location", "buildspec") if name in source},
        "logs": {**group, "deep-link": logs["deepLink"]},
        "phases": [_phase(phase) for phase in build.phases],
    }


def _phase(phase: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"phase-type": phase["phaseType"], "start-time": _time(phase["startTime"])}
    if "endTime" in phase:
        told |= {"end-time": _time(phase["endTime"]), "duration-in-seconds": phase["durationInSeconds"]}
        told |= {"phase-status": phase["phaseStatus"], "phase-context": _context(phase).strip("[]").split("; ")}
    return told


def _context(phase: dict[str, Any]) -> str:
    """As a text in brackets."""
    said = [f"{each['statusCode']}: {each['message']}" for each in phase.get("contexts", [])]
    return f"[{'; '.join(said)}]"


def _time(moment: datetime) -> str:
    """`Sep 1, 2017 4:12:29 PM`."""
    return f"{moment:%b} {moment.day}, {moment.year} {moment.hour % 12 or 12}:{moment:%M:%S %p}"
