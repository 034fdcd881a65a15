"""Run a stage again, go back to what was there, or go on although a condition says no.

https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-retry.html
https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html
"""

from __future__ import annotations

from typing import Any

from ...registry import operation
from ...wire import Call, Refusal
from . import conditions, executions, queue, stages, state
from .shapes import BEFORE, SUCCESS, Execution, Pipeline, StageRun

BUSY = "Your request cannot be handled because the pipeline is busy handling ongoing activities. Try again later."
CONDITIONS = {"BEFORE_ENTRY": BEFORE, "ON_SUCCESS": SUCCESS}


def _latest(kept: Pipeline, stage: str, execution: Execution) -> StageRun | None:
    """CP-15: the run of an execution in a stage, which nobody has been in since."""
    latest = state.stage(kept, stage).latest
    if execution.mode != "PARALLEL" and latest is not None and latest.execution is not execution and stage in execution.stages:
        text = f"The pipeline execution {execution.id} is not the latest execution in the stage {stage} of the pipeline {kept.name}."
        raise Refusal("NotLatestPipelineExecutionException", text)
    return execution.stages.get(stage)


@operation("codepipeline", "RetryStageExecution")
def retry_stage_execution(call: Call) -> dict[str, Any]:
    """CP-15: the same execution goes on. What was changed since cannot be retried."""
    kept, name, mode = state.pipeline(call), call.params["stageName"], call.params["retryMode"]
    stage = state.stage(kept, name)
    identity = call.params["pipelineExecutionId"]
    execution = kept.executions.get(identity)
    run = _latest(kept, name, execution) if execution else None
    refused = Refusal(
        "StageNotRetryableException",
        f"The stage named {name} in the {kept.name} pipeline can't be retried now. Either it contains no failed actions, the execution "
        f"'{identity}' is already superseded, or the pipeline definition has changed since the action(s) failed.",
    )
    if execution is None or run is None or execution.version != kept.version:
        raise refused
    if run.status not in ("Failed", "Stopped") or stages.at_work(run) or not execution.ended:
        raise refused
    if execution.mode != "PARALLEL" and stage.holder is not None:
        raise Refusal("ConflictException", BUSY, 409)
    run.manual_retries += 1
    run.retry_trigger = "ManualStageRetry"
    queue.resume(run, mode)
    return {"pipelineExecutionId": execution.id}


@operation("codepipeline", "RollbackStage")
def rollback_stage(call: Call) -> dict[str, Any]:
    """CP-21: a stage goes back to an execution that has succeeded in it, in the version of now."""
    kept, name = state.pipeline(call), call.params["stageName"]
    stage = state.stage(kept, name)
    target = state.execution(kept, call.params["targetPipelineExecutionId"])
    if target.version != kept.version:
        text = f"The pipeline execution {target.id} is outdated and cannot be used as a target pipeline execution for rollback."
        raise Refusal("PipelineExecutionOutdatedException", text)
    unable = _unable(kept, name, target)
    if unable:
        raise Refusal("UnableToRollbackStageException", f"Unable to roll back the stage {name} of the pipeline {kept.name}: {unable}")
    if stage.holder is not None:
        raise Refusal("ConflictException", BUSY, 409)
    return {"pipelineExecutionId": _roll_back(kept, name, target, "ManualRollback", state.caller(call)).id}


def _unable(kept: Pipeline, name: str, target: Execution) -> str:
    if kept.declaration["executionMode"] == "PARALLEL":
        return "rollback is not available in PARALLEL mode."
    if kept.declaration["stages"][0]["name"] == name:
        return "the source stage cannot be rolled back."
    if target.type == "ROLLBACK":
        return f"the pipeline execution {target.id} is a rollback."
    if not executions.succeeded_in(target, name):
        return f"the pipeline execution {target.id} has not succeeded in the stage."
    return ""


def _roll_back(kept: Pipeline, name: str, target: Execution, trigger: str, detail: str) -> Execution:
    """Run one stage with what another execution had."""
    place = [each["name"] for each in kept.declaration["stages"]].index(name)
    own = {"variables": target.variables, "outputs": dict(target.outputs), "artifacts": dict(target.artifacts)}
    members = {"type": "ROLLBACK", "place": place, "rollback_of": target.id, "revisions": list(target.revisions)}
    return executions.begin(kept, trigger, detail, **own, **members)


def _automatically(run: StageRun) -> None:
    """To the last execution that has succeeded in the stage; without one nothing is done."""
    kept, execution = run.execution.pipeline, run.execution
    if execution.type == "ROLLBACK" or execution.version != kept.version:
        return
    for other in reversed(kept.executions.values()):
        if other is not execution and other.version == kept.version and not _unable(kept, run.name, other):
            _roll_back(kept, run.name, other, "AutomatedRollback", execution.id)
            return


@operation("codepipeline", "OverrideStageCondition")
def override_stage_condition(call: Call) -> dict[str, Any]:
    """CP-22: only a condition that holds a stage back and does not skip it is overridden."""
    kept, name = state.pipeline(call), call.params["stageName"]
    stage = state.stage(kept, name)
    identity, kind = call.params["pipelineExecutionId"], CONDITIONS[call.params["conditionType"]]
    execution = kept.executions.get(identity)
    run = _latest(kept, name, execution) if execution else None
    if execution is None or run is None or execution.version != kept.version:
        text = f"The pipeline execution {identity} is not the latest execution in the stage {name} of the pipeline {kept.name}."
        raise Refusal("NotLatestPipelineExecutionException", text)
    declared, found = conditions.declared(run, kind), run.conditions.get(kind)
    if not declared or found is None or found.status not in ("InProgress", "Failed", "Errored") or declared.get("result") == "SKIP":
        text = f"The {call.params['conditionType']} condition of the stage {name} of the pipeline {kept.name} cannot be overridden."
        raise Refusal("ConditionNotOverridableException", text)
    if stage.holder not in (None, run):
        raise Refusal("ConflictException", BUSY, 409)
    queue.override(run, kind)
    return {}


queue.when_to_roll_back.append(_automatically)
