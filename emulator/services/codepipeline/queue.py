"""Between stages: who waits, who may enter, who is overtaken, and how an execution ends.

QUEUED: one after the other, in the order of their arrival, before each stage. SUPERSEDED: a later one takes the place of one that waits.
PARALLEL: none waits for another. https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html
"""

from __future__ import annotations

from collections.abc import Callable

from ... import world
from . import actions, conditions, events, stages, state
from .shapes import SUCCESS, Execution, Pipeline, Stage, StageRun

# Seconds from one stage to the next, and until an execution that is stopped has stopped.
MOVING, STOPPING = 1.0, 2.0
# So many executions of a pipeline are on their way at most. https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html
MOST = 50
# What is to be done when a stage's failure is to be rolled back.
when_to_roll_back: list[Callable[[StageRun], object]] = []


def arrive(execution: Execution) -> None:
    """Wait for the stage at the execution's place; enter it when it is free."""
    kept = execution.pipeline
    stage = kept.stages.get(execution.stage["name"])
    if execution.status != "InProgress" or stage is None:
        return
    if execution.mode == "SUPERSEDED":
        for other in list(stage.waiting):
            if other.type == "STANDARD":
                stage.waiting.remove(other)
                finish(other, "Superseded")
    stage.waiting.append(execution)
    admit(kept, stage)


def admit(kept: Pipeline, stage: Stage) -> None:
    """Let those in whose turn it is. A closed transition keeps all out."""
    while stage.enabled and stage.waiting and kept.stages.get(stage.name) is stage:
        execution = stage.waiting[0]
        if execution.mode != "PARALLEL" and stage.holder is not None:
            return
        stage.waiting.pop(0)
        _enter(stage, execution)


def _enter(stage: Stage, execution: Execution) -> None:
    run = execution.stages[stage.name] = StageRun(execution, execution.stage)
    if execution.mode != "PARALLEL":
        stage.holder = stage.latest = run
    touch(execution)
    stages.enter(run)


def touch(execution: Execution) -> None:
    execution.updated = world.clock.utc()


def _left(run: StageRun, roll_back: bool) -> None:
    """A stage is over: its lock is free, and the execution goes on or ends."""
    execution, kept = run.execution, run.execution.pipeline
    stage = kept.stages.get(run.name)
    if stage and stage.holder is run:
        stage.holder = None
    touch(execution)
    if run.status in ("Succeeded", "Skipped"):
        _forward(execution)
    else:
        finish(execution, run.status)
    if stage:
        admit(kept, stage)
    if roll_back:
        for step in when_to_roll_back:
            step(run)


def _forward(execution: Execution) -> None:
    if execution.type == "ROLLBACK" or execution.place + 1 == len(execution.declaration["stages"]):
        finish(execution, "Succeeded")
        return
    execution.place += 1
    if execution.status == "Stopping":
        finish(execution, "Stopped")
    else:
        world.clock.after(MOVING, lambda: arrive(execution))


def finish(execution: Execution, status: str, summary: str = "") -> None:
    if execution.ended:
        return
    execution.status, execution.summary = status, summary
    touch(execution)
    for stage in execution.pipeline.stages.values():
        if execution in stage.waiting:
            stage.waiting.remove(execution)
    events.of_pipeline(execution, status)


def begin(execution: Execution) -> None:
    """A new execution: it waits for its first stage. More than fifty at once fail, without a word why (CP-25)."""
    execution.pipeline.executions[execution.id] = execution
    events.of_pipeline(execution, "STARTED")
    if execution.mode == "QUEUED" and len(state.running(execution.pipeline)) > MOST:
        finish(execution, "Failed")
    else:
        arrive(execution)


def resume(run: StageRun, mode: str) -> None:
    """Run a stage again, by the same execution, which goes on from there."""
    execution = run.execution
    stage = execution.pipeline.stages[run.name]
    if execution.mode != "PARALLEL":
        stage.holder = stage.latest = run
    execution.status, execution.summary, execution.stop_reason = "InProgress", "", None
    execution.place = [each["name"] for each in execution.declaration["stages"]].index(run.name)
    execution.attempt += 1
    touch(execution)
    events.of_pipeline(execution, "RESUMED")
    stages.again(run, mode)


def override(run: StageRun, kind: str) -> None:
    """Go on although a condition is not met, or not answered yet."""
    execution, stage = run.execution, run.execution.pipeline.stages[run.name]
    run.conditions[kind].status = "Overridden"
    conditions.drop(run, "Overridden")
    if execution.mode != "PARALLEL":
        stage.holder = stage.latest = run
    execution.status, run.status = "InProgress", "InProgress"
    touch(execution)
    if kind == SUCCESS:
        stages.close(run, "Succeeded")
    else:
        stages.work(run)


def stop(execution: Execution) -> None:
    """Stopping, until the actions that are at work have ended or are abandoned."""
    if execution.status == "InProgress":
        execution.status = "Stopping"
        events.of_pipeline(execution, "STOPPING")
    touch(execution)
    for waiting in (stage.waiting for stage in execution.pipeline.stages.values() if execution in stage.waiting):
        waiting.remove(execution)
    run = execution.stages.get(execution.stage["name"])
    if run is not None and run.status == "InProgress":
        run.status = "Stopping"
        events.of_stage(execution, run.name, "STOPPING")
    if run is not None and execution.abandon:
        for action in stages.at_work(run):
            actions.abandon(action)
    world.clock.after(STOPPING, lambda: _stopped(execution))


def _stopped(execution: Execution) -> None:
    if execution.status != "Stopping":
        return
    run = execution.stages.get(execution.stage["name"])
    if run is None or run.status != "Stopping":
        finish(execution, "Stopped")
        return
    if stages.at_work(run):
        return
    stages.close(run, "Stopped")


def cancel(kept: Pipeline) -> None:
    """The structure changes: what is on its way ends here."""
    for execution in state.running(kept):
        stages.leave(execution, "Cancelled")
        finish(execution, "Cancelled")
    for stage in kept.stages.values():
        stage.holder = None
        stage.waiting.clear()


stages.when_left.append(_left)
