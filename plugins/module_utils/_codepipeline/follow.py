# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Follows an execution to its end, and says what changes meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .._core.clock import CLOSELY, FIRST_PAUSE, REAL, REPORT_EVERY, Clock, next_pause, time_of_day
from .._core.errors import RailyardError
from .._core.interruption import Interrupted
from .._core.progress import Say
from . import cause, execution, executions
from .execution import Execution

Clients = dict[str, Any]
# A stage that fails may be tried again by AWS itself (on_failure RETRY), and an execution seems to have ended in between.
RETRIED_WITHIN = 20.0
# AWS may tell of the action that failed a moment after the execution.
TOLD_WITHIN = 5.0
# An execution that was started a moment ago may not be found yet.
UNSEEN, UNKNOWN = 15.0, "PipelineExecutionNotFoundException"
# The longest pause between two looks within CLOSELY seconds after a change.
LOOK = 2.0
WAIT_FOR = ("ended", "approval")
WORDS = {"InProgress": "in progress", "NotStarted": "not started"}


@dataclass(frozen=True)
class Following:
    """How to follow: what is said to whom, for how many seconds at most, and until what (`ended`, or `approval`: also when one waits)."""

    say: Say = lambda line: None
    timeout: float = 7200.0
    wait_for: str = "ended"
    clock: Clock = REAL


def follow(clients: Clients, pipeline: str, identity: str, how: Following, fails: bool = True) -> Execution:
    """The execution as it ended. Raises RailyardError when it failed and that `fails`, with `execution` and its `cause` in the details.

    One that was stopped, superseded or cancelled is no error: see `told`. `clients`: codepipeline, codebuild, logs, codedeploy.
    """
    failed_at: float | None = None
    for found, state, seconds in observe(clients, pipeline, identity, how):
        if found["status"] == "Failed" and fails:
            failed_at = seconds if failed_at is None else failed_at
            if seconds - failed_at < _awaited(found, state, clients, pipeline):
                continue
        if found["status"] == "Failed" and fails:
            raise failure(clients, found, state, how)
        failed_at = None
        if found["status"] in execution.ENDED or (how.wait_for == "approval" and found["approval"]):
            return found
        if seconds > how.timeout:
            where = f"; it waits for an approval in {found['approval']['stage']}" if found["approval"] else ""
            said = (
                f"execution {identity} of {pipeline} goes on without us after {seconds:.0f} s (wait_timeout){where}: {found['console_url']}"
            )
            raise RailyardError(said, execution=found)
    raise AssertionError("unreachable")


def _awaited(found: Execution, state: dict[str, Any], clients: Clients, pipeline: str) -> float:
    """Seconds that an execution which has failed is looked at further: until AWS tells which action, or tries its stage again."""
    if execution.failing(found) is None:
        return 0.0 if cause.of_condition(found, state)[1] else TOLD_WITHIN
    return RETRIED_WITHIN if _may_be_retried(found, state, clients, pipeline) else 0.0


def _may_be_retried(found: Execution, state: dict[str, Any], clients: Clients, pipeline: str) -> bool:
    """Whether AWS itself will try the stage again that failed: it does so once."""
    failing = execution.failing(found)
    stage: dict[str, Any] = next((one for one in state.get("stageStates", []) if failing and one["stageName"] == failing[0]["name"]), {})
    if failing is None or stage.get("retryStageMetadata", {}).get("autoStageRetryAttempt"):
        return False
    stages = executions.structure_of(clients["codepipeline"], pipeline, found["pipeline_version"])["stages"]
    return any(one["name"] == failing[0]["name"] and one.get("onFailure", {}).get("result") == "RETRY" for one in stages)


def failure(clients: Clients, found: Execution, state: dict[str, Any], how: Following) -> RailyardError:
    """The error of an execution that failed. The last lines of its log are said before, and are in its cause."""
    why = cause.of(clients, found, state)
    name = f"execution {found['pipeline_execution_id']} of {found['pipeline']}"
    if why is None:
        return RailyardError(f"{name} failed, and AWS does not say why", execution=found)
    for line in why["lines"]:
        how.say(f"    {line}")
    return RailyardError(f"{name} failed: {why['sentence']}", execution={**found, "cause": dict(why)}, cause=dict(why))


def observe(clients: Clients, pipeline: str, identity: str, how: Following) -> Iterator[tuple[Execution, dict[str, Any], float]]:
    """Each reading of an execution, with GetPipelineState and the seconds since the first. Changes are said."""
    began = spoke = changed = how.clock.now()
    stages = executions.structure_of(clients["codepipeline"], pipeline)["stages"]
    said: list[str] = []
    pause = FIRST_PAUSE
    while True:
        try:
            found, state = executions.read(clients, pipeline, identity, stages)
        except RailyardError as error:
            if error.code != UNKNOWN or how.clock.now() - began > UNSEEN:
                raise
            how.clock.sleep(pause)
            continue
        moment = how.clock.now()
        fresh = [line for line in lines(found, state) if line not in said]
        for line in fresh:
            how.say(f"{time_of_day()} {line}")
        said += fresh
        if fresh:
            pause, spoke, changed = FIRST_PAUSE, moment, moment
        elif moment - spoke >= REPORT_EVERY:
            how.say(f"{time_of_day()} still {now(found)}, {moment - began:.0f} s")
            spoke = moment
        yield found, state, moment - began
        try:
            how.clock.sleep(pause)
        except Interrupted as end:
            raise Interrupted(f"execution {identity} of {pipeline} goes on by itself: {found['console_url']}", execution=found) from end
        pause = next_pause(pause, moment - spoke) if moment - changed >= CLOSELY else min(pause * 1.5, LOOK)


def now(found: Execution) -> str:
    """What an execution does at this moment. Pure."""
    running = [f"{stage['name']}: {one['name']}" for stage in found["stages"] for one in stage["actions"] if one["status"] == "InProgress"]
    waiting = [f"waiting before {stage['name']}" for stage in found["stages"] if stage["status"] == execution.WAITING]
    return ", ".join([*running, *waiting]) or found["status"].lower()


def lines(found: Execution, state: dict[str, Any]) -> list[str]:
    """What there is to say of an execution, one line for each state that was reached; what is in an earlier list is no news. Pure."""
    told = []
    if found["commit"]:
        commit = found["commit"]
        by = f" by {commit['author']}" if commit["author"] else ""
        told.append(f"{commit['id'][:12]} {commit['message']}{by}".rstrip())
    for stage in found["stages"]:
        if stage["status"] == execution.WAITING:
            told.append(f"{stage['name']}: waits for {_holder(stage['name'], state, found['pipeline_execution_id'])}")
        for one in stage["actions"]:
            if one["status"] != execution.NOT_STARTED:
                told.append(_line(stage["name"], one))
        alone = len(stage["actions"]) == 1 and stage["actions"][0]["status"] == stage["status"]
        if stage["status"] in ("Succeeded", "Failed", "Stopped", "Cancelled", "Skipped") and not alone:
            seconds = "" if stage["seconds"] is None else f", {stage['seconds']:.0f} s"
            told.append(f"{stage['name']} {stage['status'].lower()}{seconds}")
    if found["approval"]:
        waits = found["approval"]
        told.append(f"{waits['stage']}: {waits['action']} waits for a person: {waits['url']}".rstrip(": "))
    return told


def _line(stage: str, one: Any) -> str:
    attempt = f" (attempt {one['attempts']})" if one["attempts"] > 1 else ""
    if one["status"] == "InProgress":
        return f"{stage}: {one['name']} {WORDS['InProgress']}{attempt}"
    error = one["error"]
    reason = f": {error['message'] or error['code']}" if error and one["status"] == "Failed" else ""
    return f"{stage}: {one['name']} {one['status'].lower()}, {one['seconds'] or 0:.0f} s{attempt}{reason}"


def _holder(stage: str, state: dict[str, Any], identity: str) -> str:
    """What an execution waits for before a stage."""
    found: dict[str, Any] = next((one for one in state.get("stageStates", []) if one["stageName"] == stage), {})
    transition = found.get("inboundTransitionState", {})
    if not transition.get("enabled", True):
        return f"its transition, which is disabled: {transition.get('disabledReason', '')}".rstrip(": ")
    latest = found.get("latestExecution", {})
    other = latest.get("pipelineExecutionId", "")
    return f"execution {execution.label(other)}, which is in it" if other and other != identity else "its turn"


def told(found: Execution, stop_reason: str = "") -> str:
    """A sentence about an execution that ended neither with success nor with an error, "" for any other. Pure."""
    words = {
        "Superseded": "was superseded by a later one, which has its changes too",
        "Stopped": f"was stopped{f': {stop_reason}' if stop_reason else ''}",
        "Cancelled": "was cancelled, because the structure of the pipeline was changed while it ran; start it again",
    }
    return f"execution {found['pipeline_execution_id']} of {found['pipeline']} {words[found['status']]}" if found["status"] in words else ""
