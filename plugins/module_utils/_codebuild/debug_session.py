# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Debug sessions: a build that has ended, begun again with its source and its commands, and paused before the command that failed.

A sandbox (StartSandbox) has the source of its project, and a project of a pipeline has none of its own; a debug build takes any.
https://docs.aws.amazon.com/codebuild/latest/userguide/session-manager.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from .._core import aws
from .._core.clock import FIRST_PAUSE, Clock, next_pause
from .._core.errors import RailyardError
from .._core.progress import Say
from . import build, cost, running

# What the variables of a build say of its debug session: by these it is found again.
IDENTITY, REQUESTED_BY = "RAILYARD_DEBUG_SESSION", "RAILYARD_REQUESTED_BY"
COMMANDS = ("install", "pre_build", "build", "post_build")
RESERVED = "CODEBUILD_"
# The variables of the shell that is paused, for that of the person: a session has a shell of its own.
SAVE = '(umask 077; export -p > "${TMPDIR:-/tmp}/build.sh")'
BREAKPOINT = "codebuild-breakpoint"
KINDS = ("LINUX_CONTAINER", "LINUX_GPU_CONTAINER", "ARM_CONTAINER")
CURATED = "aws/codebuild/"
NOT_CONNECTED = "TargetNotConnected"
# Seconds: for a machine and the commands before the pause; for the agent; without a session one is left over.
STARTING, CONNECTING, UNENTERED = 1800.0, 90.0, 600.0
STOPPING = 60.0
GONE = {"DoesNotExistException"}

Clients = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """`given`: the build that has ended, in AWS's shape; `source`: bucket and key of its source; `minutes`: after that AWS ends the new.

    `identity` names the new build before AWS does.
    """

    given: dict[str, Any]
    source: str
    requested_by: str
    minutes: int
    identity: str

    @property
    def project(self) -> str:
        return str(self.given["projectName"])

    @property
    def commit(self) -> str:
        return str(self.given.get("resolvedSourceVersion", ""))


@dataclass(frozen=True)
class Pause:
    """A specification that pauses: in which `phase`, before which `command` ("" where none of them failed)."""

    spec: dict[str, Any]
    phase: str
    command: str


def limits(given: dict[str, Any], minutes: int) -> list[str]:
    """What AWS wants for a session with such a build, and what it costs. Raises RailyardError where there can be none. Pure."""
    environment = given.get("environment", {})
    kind, size, image = environment.get("type", ""), environment.get("computeType", ""), str(environment.get("image", ""))
    if kind not in KINDS:
        raise RailyardError(f"build {given['id']} runs in {kind}; AWS opens sessions in {', '.join(KINDS)} only")
    price = cost.of_build(kind, size, 60)
    paid = f"${price} for each begun minute, ${price * minutes:.2f} at most" if price else f"as a build on {size} costs"
    said = [f"it costs {paid}, and ends by itself after {minutes} minutes"]
    if not image.startswith(CURATED):
        said.append(f"its image {image} must have the agent of Systems Manager, version 3.0.1295.0 or later, in container mode")
    if given.get("vpcConfig", {}).get("vpcId"):
        said.append(f"it runs in {given['vpcConfig']['vpcId']}, from which it must reach ssmmessages")
    return said


def pause(spec: dict[str, Any] | None, given: dict[str, Any]) -> Pause:
    """The specification with a pause before the command that failed; without one, where the build has ended. Pure.

    `spec`: that of the build; None for one that is a file of the source, of which nothing is run.
    """
    if not spec:
        return Pause({"version": 0.2, "phases": {"build": {"commands": [SAVE, BREAKPOINT]}}}, "build", "")
    ended = build.shape(given)
    phases = {name: dict(said or {}) for name, said in spec.get("phases", {}).items()}
    failed = ended["phase"].lower()
    there = [name for name in COMMANDS if _commands(phases.get(name))]
    begun = [one["phase_type"] for one in ended["phases"] if one["phase_type"].lower() in there]
    phase = failed if failed in there else "post_build" if begun else (there or ["build"])[0]
    commands = _commands(phases.get(phase))
    at = next((number for number, one in enumerate(commands) if one.strip() and one.strip() in ended["reason"]), None)
    if at is None:
        at = 0 if failed == phase or not begun else len(commands)
    commit = given.get("resolvedSourceVersion", "")
    # What the commands before it set is exported: the person's shell is another one.
    first = ["set -a", *([f"CODEBUILD_RESOLVED_SOURCE_VERSION={commit}"] if commit else [])]
    phases[phase] = {**phases.get(phase, {}), "commands": [*first, *commands[:at], SAVE, BREAKPOINT, *commands[at:]]}
    ordered = {name: phases[name] for name in COMMANDS if name in phases}
    return Pause({**spec, "phases": ordered}, phase, commands[at] if failed == phase and at < len(commands) else "")


def _commands(phase: dict[str, Any] | None) -> list[str]:
    found = (phase or {}).get("commands") or []
    return [found] if isinstance(found, str) else [str(one) for one in found]


def request(wanted: Wanted, text: str) -> dict[str, Any]:
    """StartBuild's parameters: source, machine and variables of the build, and the specification `text`. It leaves no artifacts. Pure."""
    environment = wanted.given["environment"]
    marks = {IDENTITY: wanted.identity, REQUESTED_BY: wanted.requested_by}
    given = [one for one in environment.get("environmentVariables", []) if one["name"] not in marks]
    variables = [
        {key: one[key] for key in ("name", "value", "type") if key in one} for one in given if not one["name"].startswith(RESERVED)
    ]
    variables += [{"name": name, "value": value, "type": "PLAINTEXT"} for name, value in marks.items()]
    machine = {
        "environmentTypeOverride": environment.get("type"),
        "imageOverride": environment.get("image"),
        "computeTypeOverride": environment.get("computeType"),
        "privilegedModeOverride": environment.get("privilegedMode"),
    }
    return {
        "projectName": wanted.project,
        "sourceTypeOverride": "S3",
        "sourceLocationOverride": wanted.source,
        "artifactsOverride": {"type": "NO_ARTIFACTS"},
        "buildspecOverride": text,
        "environmentVariablesOverride": variables,
        "timeoutInMinutesOverride": max(5, wanted.minutes),
        "debugSessionEnabled": True,
        "idempotencyToken": wanted.identity,
        **{name: value for name, value in machine.items() if value is not None},
    }


def begin(clients: Clients, wanted: Wanted, text: str, phase: str, say: Say, clock: Clock) -> dict[str, Any]:
    """Start it, and wait until its `phase` with the pause has begun; the build in AWS's shape."""
    try:
        made = aws.call(clients["codebuild"], "StartBuild", **request(wanted, text))["build"]
    except RailyardError as error:
        if error.code == running.QUOTA:
            raise RailyardError(f"{error.message}; another build must end first", error.code, **error.details) from error
        raise
    say(f"build {made['id']} starts: {build.console_url(made['arn'])}")
    told = ""
    for found in _looked(clients["codebuild"], made["id"], clock, STARTING):
        shown = build.shape(found)
        if shown["build_status"] in build.ENDED:
            lines = build.with_lines(clients["logs"], shown)["lines"]
            raise RailyardError("\n".join([f"{build.failure(shown)}, before it came to {phase}", *lines]))
        if shown["current_phase"] != told:
            told = shown["current_phase"]
            say(f"  {told.lower()} …")
        if told.lower() == phase and found.get("debugSession", {}).get("sessionTarget"):
            return found
    raise RailyardError(f"build {made['id']} has not come to {phase} within {STARTING / 60:.0f} minutes; it was in {told.lower()}")


def _looked(codebuild: Any, identity: str, clock: Clock, seconds: float) -> Iterator[dict[str, Any]]:
    began, wait = clock.now(), FIRST_PAUSE
    while clock.now() - began < seconds:
        yield from aws.call(codebuild, "BatchGetBuilds", ids=[identity]).get("builds", [])
        clock.sleep(wait)
        wait = next_pause(wait)


def connect(clients: Clients, found: dict[str, Any], clock: Clock) -> dict[str, Any]:
    """StartSession's answer. The agent answers once the build is paused; Raises RailyardError when it does not."""
    target, began = found["debugSession"]["sessionTarget"], clock.now()
    while True:
        try:
            return dict(aws.call(clients["ssm"], "StartSession", Target=target))
        except RailyardError as error:
            if error.code != NOT_CONNECTED:
                raise
            if clock.now() - began > CONNECTING:
                role = str(found.get("serviceRole", "")).rpartition("/")[2]
                raise RailyardError(
                    f"build {found['id']} has not connected to Session Manager within {CONNECTING:.0f} s: {error.message}; its role {role} "
                    "must allow ssmmessages, as site.yml makes it"
                ) from error
        clock.sleep(FIRST_PAUSE)


def over(codebuild: Any, identity: str) -> str | None:
    """Why there is nothing to be in any more; None while the build runs."""
    found = build.read(codebuild, [identity])
    return build.failure(found[0]) if found and found[0]["build_status"] in build.ENDED else None


def ours(codebuild: Any, project: str) -> list[dict[str, Any]]:
    """The builds of debug sessions that run, of the newest hundred of a project, in AWS's shape."""
    ids = running.latest(codebuild, project, running.KNOWN)
    found = aws.call(codebuild, "BatchGetBuilds", ids=ids).get("builds", []) if ids else []
    return [one for one in found if one.get("buildStatus") == "IN_PROGRESS" and variable(one, IDENTITY)]


def variable(given: dict[str, Any], name: str) -> str:
    """The value of a build's variable, "" without. Pure."""
    variables = given.get("environment", {}).get("environmentVariables", [])
    return next((str(one["value"]) for one in variables if one["name"] == name), "")


def left(clients: Clients, project: str, now: datetime | None = None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Builds of debug sessions in AWS's shape: those that a run has left, which nobody is in, and those in use."""
    there = ours(clients["codebuild"], project)
    if not there:
        return [], []
    sessions = {one.get("Target") for one in aws.pages(clients["ssm"], "DescribeSessions", "Sessions", State="Active")}
    since = (now or datetime.now(UTC)) - timedelta(seconds=UNENTERED)

    def entered(one: dict[str, Any]) -> bool:
        return one.get("debugSession", {}).get("sessionTarget") in sessions or one["startTime"] > since

    return [one for one in there if not entered(one)], [one for one in there if entered(one)]


def stop(clients: Clients, identity: str, clock: Clock) -> build.Build:
    """Stop a build, and see that it has ended. Raises RailyardError."""
    aws.call(clients["codebuild"], "StopBuild", id=identity)
    for found in _looked(clients["codebuild"], identity, clock, STOPPING):
        shown = build.shape(found)
        if shown["build_status"] in build.ENDED:
            return shown
    raise RailyardError(f"AWS has not ended build {identity} within {STOPPING:.0f} s of StopBuild")


def end_session(ssm: Any, session: str) -> None:
    """One that has ended, or is not known, is no error."""
    aws.find(ssm, "TerminateSession", GONE, SessionId=session)
