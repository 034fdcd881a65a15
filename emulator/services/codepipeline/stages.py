"""What an execution does in a stage that it has entered: conditions, actions by their run order, and the stage's end.

https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html
"""

from __future__ import annotations

from collections.abc import Callable

from ... import world
from . import actions, conditions, events
from .shapes import BEFORE, FAILURE, SUCCESS, ActionRun, Declaration, Execution, StageRun

# Seconds from the last action of one run order to the first of the next.
BETWEEN = 1.0
# What is to be done when a stage has been left; whether its failure is to be rolled back.
when_left: list[Callable[[StageRun, bool], None]] = []


def enter(stage: StageRun) -> None:
    """The stage is this execution's: ask whether it may begin, then begin."""
    if conditions.declared(stage, BEFORE):
        conditions.ask(stage, BEFORE, _admitted)
    else:
        work(stage)


def _admitted(stage: StageRun, met: bool) -> None:
    if met:
        work(stage)
    else:
        skip = (conditions.declared(stage, BEFORE) or {}).get("result") == "SKIP"
        close(stage, "Skipped" if skip else "Failed")


def work(stage: StageRun, word: str = "STARTED") -> None:
    events.of_stage(stage.execution, stage.name, word)
    go_on(stage)


def again(stage: StageRun, mode: str) -> None:
    """Run a stage once more that failed or was stopped: all of its actions, or those that did not succeed."""
    stage.status = "InProgress"
    for kind in (SUCCESS, FAILURE):
        stage.conditions.pop(kind, None)
    for name, run in list(stage.actions.items()):
        if mode == "ALL_ACTIONS" or run.status != "Succeeded":
            del stage.actions[name]
    unmet = stage.conditions.get(BEFORE)
    if unmet and unmet.status not in ("Succeeded", "Overridden"):
        enter(stage)
    else:
        work(stage, "RESUMED")


def go_on(stage: StageRun) -> None:
    """Begin the actions of the next run order, or end the stage."""
    if stage.status not in ("InProgress", "Stopping"):
        return
    left = _left(stage)
    if stage.execution.status == "Stopping":
        close(stage, "Stopped")
    elif left:
        stage.order = min(action["runOrder"] for action in left)
        for action in left:
            if action["runOrder"] == stage.order and stage.status == "InProgress":
                actions.begin(stage, action)
    elif conditions.declared(stage, SUCCESS):
        conditions.ask(stage, SUCCESS, _proved)
    else:
        close(stage, "Succeeded")


def _left(stage: StageRun) -> list[Declaration]:
    done = {name for name, run in stage.actions.items() if run.status == "Succeeded"}
    return [action for action in stage.declaration["actions"] if action["name"] not in done]


def at_work(stage: StageRun) -> list[ActionRun]:
    return [run for run in stage.actions.values() if not run.ended]


def _action_ended(run: ActionRun) -> None:
    """Actions of one run order end together: the others of a failed one are waited for."""
    stage = run.stage
    if stage.status not in ("InProgress", "Stopping") or at_work(stage):
        return
    if stage.execution.status == "Stopping":
        world.clock.after(BETWEEN, lambda: go_on(stage))
    elif any(each.status == "Failed" for each in stage.actions.values()):
        _failed(stage)
    else:
        world.clock.after(BETWEEN, lambda: go_on(stage))


def _failed(stage: StageRun) -> None:
    """CP-10: one automatic retry, a rollback, or the end."""
    wanted = stage.declaration.get("onFailure", {})
    if wanted.get("result") == "RETRY" and not stage.automatic_retries:
        events.of_stage(stage.execution, stage.name, "FAILED")
        stage.automatic_retries, stage.retry_trigger = 1, "AutomatedStageRetry"
        mode = wanted.get("retryConfiguration", {}).get("retryMode", "FAILED_ACTIONS")
        world.clock.after(BETWEEN, lambda: again(stage, mode) if stage.status == "InProgress" else None)
    elif conditions.declared(stage, FAILURE):
        conditions.ask(stage, FAILURE, _judged)
    elif wanted.get("result") == "SKIP":
        close(stage, "Skipped")
    else:
        close(stage, "Failed", roll_back=wanted.get("result") == "ROLLBACK")


def _judged(stage: StageRun, met: bool) -> None:
    result = (conditions.declared(stage, FAILURE) or {}).get("result")
    close(stage, "Failed", roll_back=not met and result == "ROLLBACK")


def _proved(stage: StageRun, met: bool) -> None:
    result = (conditions.declared(stage, SUCCESS) or {}).get("result")
    close(stage, "Succeeded" if met else "Failed", roll_back=not met and result == "ROLLBACK")


def close(stage: StageRun, status: str, roll_back: bool = False) -> None:
    stage.status = status
    conditions.drop(stage, "Abandoned")
    if status != "Skipped":
        events.of_stage(stage.execution, stage.name, status)
    for step in when_left:
        step(stage, roll_back)


def leave(execution: Execution, status: str) -> None:
    """End the run of the stage that an execution is in, if it is in one; its actions count no more."""
    stage = execution.stages.get(execution.stage["name"])
    if stage is None or stage.status not in ("InProgress", "Stopping"):
        return
    for run in at_work(stage):
        actions.abandon(run, "CANCELED" if status == "Cancelled" else "ABANDONED")
    stage.status = status
    conditions.drop(stage, "Cancelled" if status == "Cancelled" else "Abandoned")
    events.of_stage(execution, stage.name, status)


actions.when_ended.append(_action_ended)
