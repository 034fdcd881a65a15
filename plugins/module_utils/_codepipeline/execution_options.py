# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of `codepipeline_execution`, and the function that carries them out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .._core.errors import RailyardError
from . import control, execution, executions, follow
from .control import Done
from .execution import Execution
from .follow import Following

Clients = dict[str, Any]
STATES = ("started", "followed", "stopped", "retried", "approved", "rejected", "rolled_back")
REVISION: dict[str, Any] = {
    "action_name": {"type": "str", "required": True},
    "revision_type": {
        "type": "str",
        "choices": ["COMMIT_ID", "IMAGE_DIGEST", "S3_OBJECT_VERSION_ID", "S3_OBJECT_KEY"],
        "default": "COMMIT_ID",
    },
    "revision_value": {"type": "str", "required": True},
}
SPEC: dict[str, Any] = {
    "pipeline": {"type": "str", "required": True},
    "state": {"type": "str", "choices": list(STATES), "default": "started"},
    "execution_id": {"type": "str"},
    "stage": {"type": "str"},
    "reason": {"type": "str"},
    "abandon": {"type": "bool", "default": False},
    "failed_actions_only": {"type": "bool", "default": True},
    "variables": {"type": "dict"},
    "source_revisions": {"type": "list", "elements": "dict", "options": REVISION},
    "token": {"type": "str", "no_log": False},
    "wait": {"type": "bool", "default": True},
    "wait_for": {"type": "str", "choices": list(follow.WAIT_FOR), "default": "ended"},
    "wait_timeout": {"type": "int", "default": 7200},
    "progress": {"type": "path"},
}
SERVICES = ("codepipeline", "codebuild", "codedeploy", "logs")


@dataclass(frozen=True)
class Outcome:
    """Whether something has changed, the execution as it is then (None where check mode predicts one), and a sentence, "" without."""

    changed: bool
    execution: Execution | None
    message: str = ""


def carry_out(clients: Clients, options: dict[str, Any], how: Following, check: bool) -> Outcome:
    """Do what the options say; an empty text is as good as nothing.

    Raises RailyardError, with the `execution` and its `cause` in the details when it failed.
    """
    options = {name: None if value == "" else value for name, value in options.items()}
    client, pipeline, state = clients["codepipeline"], options["pipeline"], options["state"]
    if state == "started":
        if check:
            executions.structure_of(client, pipeline)
            return Outcome(True, None)
        done = control.start(client, options, how)
    elif state in ("approved", "rejected"):
        done = control.decide(client, options, how, check)
    elif state == "rolled_back":
        done = control.roll_back(client, options, how, check)
    else:
        return _on_one(clients, options, how, check)
    return _after(clients, options, how, done, check)


def _on_one(clients: Clients, options: dict[str, Any], how: Following, check: bool) -> Outcome:
    client, pipeline, state = clients["codepipeline"], options["pipeline"], options["state"]
    identity = options["execution_id"] or chosen(executions.summaries(client, pipeline), pipeline, state)
    stages = executions.structure_of(client, pipeline)["stages"]
    found, _state = executions.read(clients, pipeline, identity, stages)
    if state == "followed":
        return _after(clients, options, how, Done(identity, False), check)
    if check:
        return Outcome(state == "retried" or found["status"] not in execution.ENDED, found)
    done = control.stop(clients, found, options, how) if state == "stopped" else control.retry(client, found, options, how)
    return _after(clients, options, how, done, check)


def chosen(listed: list[dict[str, Any]], pipeline: str, state: str) -> str:
    """The execution that is meant where none is named. `listed`: the newest first. Raises RailyardError where it cannot be told. Pure."""
    running = [one["pipelineExecutionId"] for one in listed if one["status"] in execution.UNDER_WAY]
    if state == "stopped" and len(running) > 1:
        raise RailyardError(
            f"{len(running)} executions of {pipeline} are under way: {', '.join(running)}; name one of them as `execution_id`"
        )
    if state == "retried":
        lost = [one["pipelineExecutionId"] for one in listed if one["status"] in ("Failed", "Stopped")]
        running = lost[:1] or running
    found = running or [one["pipelineExecutionId"] for one in listed]
    if not found:
        raise RailyardError(f"pipeline {pipeline} has no execution")
    return str(found[0])


def _after(clients: Clients, options: dict[str, Any], how: Following, done: Done, check: bool) -> Outcome:
    """Follow the execution to its end where that is wanted, and say how it ended."""
    pipeline = options["pipeline"]
    if options["wait"] and not check and options["state"] != "rejected":
        found = follow.follow(clients, pipeline, done.identity, how, fails=options["state"] != "stopped")
    else:
        stages = executions.structure_of(clients["codepipeline"], pipeline)["stages"]
        found, _state = executions.read(clients, pipeline, done.identity, stages)
    reason = options["reason"] or "" if options["state"] == "stopped" else ""
    return Outcome(done.changed, found, "; ".join(one for one in (done.message, follow.told(found, reason)) if one))
