"""Executions of a pipeline: start, stop, look at.

https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html
"""

from __future__ import annotations

from typing import Any

from ...registry import operation
from ...wire import Call, Refusal
from . import queue, state
from .shapes import Execution, Pipeline

STOPPED = (
    "The pipeline execution with ID {id} cannot be stopped. The execution might already be in a Stopped state, or it might no longer be in "
    "progress."
)


def begin(kept: Pipeline, trigger: str, detail: str, **members: Any) -> Execution:
    """A new execution of the structure as it is now. `members` are Execution's."""
    declaration = kept.declaration
    defaults = {each["name"]: each["defaultValue"] for each in declaration.get("variables", []) if "defaultValue" in each}
    given = members.pop("variables", {})
    about = {"triggerType": trigger, "triggerDetail": detail}
    execution = Execution(kept, declaration, about, variables={**defaults, **given}, **members)
    missing = [each["name"] for each in declaration.get("variables", []) if each["name"] not in execution.variables]
    if missing and execution.type == "STANDARD":
        kept.executions[execution.id] = execution
        queue.finish(execution, "Failed", f"Values for required variables haven't been provided: {','.join(missing)}")
    else:
        queue.begin(execution)
    return execution


@operation("codepipeline", "StartPipelineExecution")
def start_pipeline_execution(call: Call) -> dict[str, Any]:
    """With a token that was seen before nothing new is started, whatever else the request says."""
    kept, wanted = state.pipeline(call), call.params
    token = wanted.get("clientRequestToken")
    if token in kept.tokens:
        return {"pipelineExecutionId": kept.tokens[token]}
    variables = {each["name"]: each["value"] for each in wanted.get("variables", [])}
    overrides = wanted.get("sourceRevisions", [])
    execution = begin(kept, "StartPipelineExecution", state.caller(call), variables=variables, overrides=overrides)
    if token:
        kept.tokens[token] = execution.id
    return {"pipelineExecutionId": execution.id}


@operation("codepipeline", "StopPipelineExecution")
def stop_pipeline_execution(call: Call) -> dict[str, Any]:
    """CP-20: an execution is stopped once; that it waits for its actions may be changed to that it abandons them."""
    kept, abandon = state.pipeline(call), bool(call.params.get("abandon"))
    identity = call.params["pipelineExecutionId"]
    execution = kept.executions.get(identity)
    if execution is None or execution.ended:
        raise Refusal("PipelineExecutionNotStoppableException", STOPPED.format(id=identity))
    if execution.status == "Stopping" and (execution.abandon or not abandon):
        text = f"The pipeline execution with ID {identity} is already in a Stopping state."
        raise Refusal("DuplicatedStopRequestException", text)
    execution.abandon = abandon
    execution.stop_reason = call.params.get("reason", execution.stop_reason or "")
    queue.stop(execution)
    return {"pipelineExecutionId": execution.id}


def _rolled_back(execution: Execution) -> dict[str, Any]:
    return {"rollbackMetadata": {"rollbackTargetPipelineExecutionId": execution.rollback_of}} if execution.rollback_of else {}


@operation("codepipeline", "GetPipelineExecution")
def get_pipeline_execution(call: Call) -> dict[str, Any]:
    execution = state.execution(state.pipeline(call), call.params["pipelineExecutionId"])
    members = ("name", "revisionId", "revisionSummary", "created", "revisionUrl")
    found: dict[str, Any] = {
        "pipelineName": execution.pipeline.name,
        "pipelineVersion": execution.version,
        "pipelineExecutionId": execution.id,
        "status": execution.status,
        "artifactRevisions": [{name: each[name] for name in members if each.get(name)} for each in execution.revisions],
        "variables": [{"name": name, "resolvedValue": value} for name, value in execution.variables.items()],
        "trigger": execution.trigger,
        "executionMode": execution.mode,
        "executionType": execution.type,
        **_rolled_back(execution),
    }
    if execution.summary:
        found["statusSummary"] = execution.summary
    return {"pipelineExecution": found}


def _summary(execution: Execution) -> dict[str, Any]:
    members = ("actionName", "revisionId", "revisionSummary", "revisionUrl")
    found: dict[str, Any] = {
        "pipelineExecutionId": execution.id,
        "status": execution.status,
        "startTime": execution.started,
        "lastUpdateTime": execution.updated,
        "sourceRevisions": [{name: each[name] for name in members if each.get(name)} for each in execution.revisions],
        "trigger": execution.trigger,
        "executionMode": execution.mode,
        "executionType": execution.type,
        **_rolled_back(execution),
    }
    if execution.summary:
        found["statusSummary"] = execution.summary
    if execution.stop_reason is not None:
        found["stopTrigger"] = {"reason": execution.stop_reason}
    return found


@operation("codepipeline", "ListPipelineExecutions")
def list_pipeline_executions(call: Call) -> dict[str, Any]:
    """Newest first; of those that have succeeded in a stage, only the ones of the current version."""
    kept = state.pipeline(call)
    chosen = list(reversed(kept.executions.values()))
    if wanted := call.params.get("filter", {}).get("succeededInStage"):
        name = wanted.get("stageName", "")
        chosen = [each for each in chosen if succeeded_in(each, name) and each.version == kept.version]
    return state.page(call, [_summary(each) for each in chosen], "pipelineExecutionSummaries")


def succeeded_in(execution: Execution, stage: str) -> bool:
    return stage in execution.stages and execution.stages[stage].status == "Succeeded"
