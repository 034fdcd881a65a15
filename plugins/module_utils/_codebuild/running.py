# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds by hand: start, follow, stop."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .._core import aws, shape
from .._core.clock import FIRST_PAUSE, REAL, REPORT_EVERY, Clock, next_pause, time_of_day
from .._core.errors import RailyardError
from .._core.interruption import Interrupted
from .._core.progress import Say
from . import build
from .build import Build

Clients = dict[str, Any]
# A build that was started a moment ago may not be found yet.
UNSEEN = 15.0
QUOTA = "AccountLimitExceededException"
# Builds among which one of the same token is looked for: AWS keeps tokens for five minutes.
KNOWN = 100


@dataclass(frozen=True)
class Following:
    """How to follow: what is said to whom, and for how many seconds at most."""

    say: Say = lambda line: None
    timeout: float = 3600.0
    clock: Clock = REAL


@dataclass(frozen=True)
class Outcome:
    """What was done: whether something has changed, the build, and a sentence when it ended otherwise than with success."""

    changed: bool
    build: Build | None
    message: str = ""


def carry_out(clients: Clients, options: dict[str, Any], how: Following, check: bool) -> Outcome:
    """Do what the options of `codebuild_build` say; `clients`: codebuild and logs. Raises RailyardError."""
    verbs: dict[str, Callable[[], Outcome]] = {
        "started": lambda: start(clients, options, how, check),
        "followed": lambda: Outcome(False, _followed(clients, _asked(clients, options), how, check)),
        "stopped": lambda: stop(clients, _asked(clients, options), how, options["wait"], check),
    }
    outcome = verbs[options["state"]]()
    return Outcome(outcome.changed, outcome.build, outcome.message or _told(outcome.build))


def _followed(clients: Clients, found: Build, how: Following, check: bool) -> Build:
    return found if check else follow(clients, found["id"], how)


def _told(found: Build | None) -> str:
    return build.failure(found) if found and found["build_status"] == "STOPPED" else ""


def _asked(clients: Clients, options: dict[str, Any]) -> Build:
    """The build that was asked for, or the newest of its project."""
    ids = [options["build_id"]] if options["build_id"] else latest(clients["codebuild"], options["project"], 1)
    found = build.read(clients["codebuild"], ids)
    if not found:
        raise RailyardError(
            f"build {options['build_id']} does not exist" if options["build_id"] else f"project {options['project']} has no build"
        )
    return found[0]


def latest(codebuild: Any, project: str, number: int) -> list[str]:
    """The ids of the newest builds of a project, the newest first; the first page of AWS's list has up to a hundred."""
    answer = aws.call(codebuild, "ListBuildsForProject", projectName=project, sortOrder="DESCENDING")
    return list(answer.get("ids", []))[:number]


def start(clients: Clients, options: dict[str, Any], how: Following, check: bool) -> Outcome:
    """Start a build, and follow it to its end where options.wait. A token that has started one within five minutes starts no other."""
    if check:
        return Outcome(True, None)
    codebuild = clients["codebuild"]
    params = shape.aws(shape.input_shape(codebuild, "StartBuild"), _request(options))
    known = set(latest(codebuild, options["project"], KNOWN)) if options["token"] else set()
    try:
        begun = build.shape(aws.call(codebuild, "StartBuild", **params)["build"])
    except RailyardError as error:
        if error.code == QUOTA:
            raise RailyardError(f"{error.message}; another build must end first", error.code, **error.details) from error
        raise
    how.say(f"{time_of_day()} build {begun['id']} started: {begun['console_url']}")
    return Outcome(begun["id"] not in known, follow(clients, begun["id"], how) if options["wait"] else begun)


def _request(options: dict[str, Any]) -> dict[str, Any]:
    """StartBuild's input by our names. A token of its own lets a request whose reply was lost be repeated."""
    variables = [{key: one[key] for key in ("name", "value", "type")} for one in options["variables"] or []]
    given = {
        "project_name": options["project"],
        "source_version": options["source_version"],
        "environment_variables_override": variables or None,
        "buildspec_override": options["buildspec"],
        "idempotency_token": options["token"] or str(uuid.uuid4()),
        "debug_session_enabled": options["debug_session"] or None,
        **(options["overrides"] or {}),
    }
    return {key: value for key, value in given.items() if value is not None}


def stop(clients: Clients, found: Build, how: Following, wait: bool, check: bool = False) -> Outcome:
    """Stop a build; one that has ended is left as it is."""
    if found["build_status"] in build.ENDED:
        return Outcome(False, found)
    if check:
        return Outcome(True, found)
    aws.call(clients["codebuild"], "StopBuild", id=found["id"])
    how.say(f"{time_of_day()} build {found['id']} is stopped")
    return Outcome(True, ended(clients, found["id"], how) if wait else found)


def follow(clients: Clients, identity: str, how: Following) -> Build:
    """Follow a build to its end. Raises RailyardError, with the build and its last lines in the details, when it failed."""
    found = build.with_lines(clients["logs"], ended(clients, identity, how))
    if found["build_status"] in build.LOST:
        for line in found["lines"]:
            how.say(f"    {line}")
        raise RailyardError("\n".join([build.failure(found), *found["lines"]]), build=found)
    return found


def ended(clients: Clients, identity: str, how: Following) -> Build:
    """A build once it has ended, whichever way. Each phase is said when it ends."""
    for found, seconds in _observed(clients["codebuild"], identity, how):
        if found["build_status"] in build.ENDED:
            return found
        if seconds > how.timeout:
            raise RailyardError(
                f"build {identity} goes on without us after {seconds:.0f} s (wait_timeout): {found['console_url']}", build=found
            )
    raise AssertionError("unreachable")


def _observed(codebuild: Any, identity: str, how: Following) -> Iterator[tuple[Build, float]]:
    began = spoke = how.clock.now()
    said: set[str] = set()
    pause = FIRST_PAUSE
    while True:
        listed, moment = build.read(codebuild, [identity]), how.clock.now()
        if not listed and moment - began > UNSEEN:
            raise RailyardError(f"build {identity} does not exist")
        for found in listed:
            for line in lines(found):
                if line not in said:
                    said.add(line)
                    how.say(f"{time_of_day()} {line}")
                    pause, spoke = FIRST_PAUSE, moment
            if moment - spoke >= REPORT_EVERY:
                how.say(f"{time_of_day()} still {found['current_phase']}, {moment - began:.0f} s")
                spoke = moment
            yield found, moment - began
        try:
            how.clock.sleep(pause)
        except Interrupted as end:
            raise Interrupted(f"build {identity} goes on by itself; follow it with codebuild_build, state followed") from end
        pause = next_pause(pause)


def lines(found: Build) -> list[str]:
    """What there is to say of a build's phases, one line for each that has begun or ended. Pure."""
    told = []
    for phase in found["phases"]:
        name = phase["phase_type"]
        if name == "COMPLETED":
            continue
        status, seconds = phase["phase_status"], phase["seconds"]
        if status is None or status == "IN_PROGRESS":
            told.append(f"{name} …")
        else:
            reason = f": {phase['reason']}" if phase["reason"] else ""
            told.append(f"{name} {status.lower().replace('_', ' ')}, {seconds or 0} s{reason}")
    return told
