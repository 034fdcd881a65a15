"""What a pipeline shows: each stage with its latest execution. https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GetPipelineState.html"""

from __future__ import annotations

from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call
from . import state
from .shapes import BEFORE, FAILURE, SUCCESS, ActionRun, ConditionRun, Execution, Pipeline, RuleRun, Stage, StageRun

CONDITIONS = ((BEFORE, "beforeEntryConditionState"), (SUCCESS, "onSuccessConditionState"), (FAILURE, "onFailureConditionState"))


def present(**members: Any) -> dict[str, Any]:
    """The members that have a value."""
    return {name: value for name, value in members.items() if value not in (None, "", {})}


def _transition(stage: Stage) -> dict[str, Any]:
    return {
        "enabled": stage.enabled,
        **present(lastChangedBy=stage.changed_by, lastChangedAt=stage.changed, disabledReason="" if stage.enabled else stage.reason),
    }


def _action_execution(run: ActionRun) -> dict[str, Any]:
    """The token of an approval is shown only while it waits."""
    return present(
        actionExecutionId=run.id,
        status=run.status,
        summary=run.summary,
        lastStatusChange=run.updated,
        token=run.token,
        lastUpdatedBy=run.by,
        externalExecutionId=run.external_id,
        externalExecutionUrl=run.external_url,
        percentComplete=run.percent,
        errorDetails=run.error,
        logStreamARN=run.log_stream,
    )


def _latest(kept: Pipeline, stage: str, action: str) -> ActionRun | None:
    """The latest run of an action, whichever execution ran it."""
    for execution in reversed(kept.executions.values()):
        run = execution.stages.get(stage)
        if run is not None and action in run.actions:
            return run.actions[action]
    return None


def _action(kept: Pipeline, stage: Stage, declaration: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"actionName": declaration["name"]}
    run = (stage.latest.actions.get(declaration["name"]) if stage.latest else None) or _latest(kept, stage.name, declaration["name"])
    if declaration["actionTypeId"]["category"] == "Source" and run is not None:
        revision = next((each for each in run.execution.revisions if each["actionName"] == declaration["name"]), None)
        if revision:
            found["currentRevision"] = {
                "revisionId": revision["revisionId"],
                "revisionChangeId": run.execution.id,
                "created": revision.get("created") or world.clock.utc(),
            }
            found.update(present(revisionUrl=revision.get("revisionUrl")))
    if run is not None and run.execution.mode != "PARALLEL":
        found["latestExecution"] = _action_execution(run)
        found.update(present(entityUrl=run.entity_url))
    return found


def _rule(rule: RuleRun) -> dict[str, Any]:
    latest = present(
        ruleExecutionId=rule.id, status=rule.status, summary=rule.summary, lastStatusChange=rule.updated, errorDetails=rule.error
    )
    return {"ruleName": rule.declaration["name"], "latestExecution": latest}


def _condition(run: ConditionRun) -> dict[str, Any]:
    latest = present(status=run.status, summary=run.summary)
    return {
        "latestExecution": latest,
        "conditionStates": [
            {"latestExecution": {**latest, "lastStatusChange": run.changed}, "ruleStates": [_rule(each) for each in run.rules]}
        ],
    }


def _retried(run: StageRun) -> dict[str, Any]:
    return present(
        autoStageRetryAttempt=run.automatic_retries or None,
        manualStageRetryAttempt=run.manual_retries or None,
        latestRetryTrigger=run.retry_trigger,
    )


def _of(execution: Execution, status: str) -> dict[str, Any]:
    return {"pipelineExecutionId": execution.id, "status": status, "type": execution.type}


def _stage(kept: Pipeline, declaration: dict[str, Any]) -> dict[str, Any]:
    stage = kept.stages[declaration["name"]]
    found: dict[str, Any] = {"stageName": stage.name}
    waiting = [_of(each, "InProgress") for each in stage.waiting if each.mode != "PARALLEL"]
    if waiting:
        found["inboundExecution"] = waiting[0]
    found.update(inboundExecutions=waiting, inboundTransitionState=_transition(stage))
    found["actionStates"] = [_action(kept, stage, each) for each in declaration["actions"]]
    run = stage.latest
    if run is None:
        return found
    found["latestExecution"] = _of(run.execution, run.status)
    for kind, member in CONDITIONS:
        if kind in run.conditions:
            found[member] = _condition(run.conditions[kind])
    return {**found, **present(retryStageMetadata=_retried(run))}


@operation("codepipeline", "GetPipelineState")
def get_pipeline_state(call: Call) -> dict[str, Any]:
    kept = state.pipeline(call)
    return {
        "pipelineName": kept.name,
        "pipelineVersion": kept.version,
        "stageStates": [_stage(kept, each) for each in kept.declaration["stages"]],
        "created": kept.created,
        "updated": kept.updated,
    }
