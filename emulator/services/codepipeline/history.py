"""What actions and rules have done, newest first.

https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ListActionExecutions.html
"""

from __future__ import annotations

from typing import Any

from ...registry import operation
from ...wire import Call, Refusal
from . import state
from .pipeline_state import present
from .shapes import ActionRun, Execution, Pipeline, RuleRun

Places = dict[str, dict[str, str]]


def _artifacts(places: Places) -> list[dict[str, Any]]:
    return [{"name": name, "s3location": place} for name, place in places.items()]


def _action(run: ActionRun) -> dict[str, Any]:
    declaration, result = (
        run.declaration,
        present(
            externalExecutionId=run.external_id,
            externalExecutionSummary=run.summary,
            externalExecutionUrl=run.external_url,
            errorDetails=run.error,
            logStreamARN=run.log_stream,
        ),
    )
    return {
        "pipelineExecutionId": run.execution.id,
        "actionExecutionId": run.id,
        "pipelineVersion": run.execution.version,
        "stageName": run.stage.name,
        "actionName": run.name,
        "startTime": run.started,
        "lastUpdateTime": run.updated,
        **present(updatedBy=run.by),
        "status": run.status,
        "input": {
            "actionTypeId": declaration["actionTypeId"],
            "configuration": declaration["configuration"],
            "resolvedConfiguration": run.resolved,
            **present(roleArn=declaration.get("roleArn")),
            "region": declaration["region"],
            "inputArtifacts": _artifacts(run.inputs),
            **present(namespace=declaration.get("namespace")),
        },
        "output": {"outputArtifacts": _artifacts(run.outputs), "executionResult": result, "outputVariables": run.variables},
    }


def _chosen(call: Call, kept: Pipeline) -> tuple[list[Execution], bool]:
    """The executions that a filter means, the newest first, and whether only the latest of what they have run."""
    wanted = call.params.get("filter", {})
    latest = wanted.get("latestInPipelineExecution")
    identity = latest["pipelineExecutionId"] if latest else wanted.get("pipelineExecutionId")
    if identity is None:
        return list(reversed(kept.executions.values())), False
    return [state.execution(kept, identity)], bool(latest) and latest["startTimeRange"] == "Latest"


@operation("codepipeline", "ListActionExecutions")
def list_action_executions(call: Call) -> dict[str, Any]:
    chosen, latest = _chosen(call, kept := state.pipeline(call))
    found = [run for execution in chosen for run in execution.actions]
    if latest:
        found = [run for run in found if run.stage.actions.get(run.name) is run]
    found.sort(key=lambda run: run.started, reverse=True)
    assert kept
    return state.page(call, [_action(run) for run in found], "actionExecutionDetails")


def _rule(execution: Execution, stage: str, rule: RuleRun) -> dict[str, Any]:
    declaration = rule.declaration
    return {
        "pipelineExecutionId": execution.id,
        "ruleExecutionId": rule.id,
        "pipelineVersion": execution.version,
        "stageName": stage,
        "ruleName": declaration["name"],
        "startTime": rule.started,
        "lastUpdateTime": rule.updated,
        "status": rule.status,
        "input": {
            "ruleTypeId": declaration["ruleTypeId"],
            "configuration": declaration.get("configuration", {}),
            "resolvedConfiguration": rule.resolved,
            **present(roleArn=declaration.get("roleArn"), region=declaration.get("region")),
            "inputArtifacts": [],
        },
        "output": {"executionResult": present(externalExecutionSummary=rule.summary, errorDetails=rule.error)},
    }


@operation("codepipeline", "ListRuleExecutions")
def list_rule_executions(call: Call) -> dict[str, Any]:
    chosen, latest = _chosen(call, state.pipeline(call))
    found = [(execution, stage, rule) for execution in chosen for stage, rule in execution.rules]
    if latest:
        shown = [rule for execution in chosen for run in execution.stages.values() for one in run.conditions.values() for rule in one.rules]
        found = [entry for entry in found if entry[2] in shown]
    found.sort(key=lambda entry: entry[2].started, reverse=True)
    return state.page(call, [_rule(*entry) for entry in found], "ruleExecutionDetails")


@operation("codepipeline", "ListDeployActionExecutionTargets")
def list_deploy_action_execution_targets(call: Call) -> dict[str, Any]:
    """Targets are those of the EC2 deploy action, which the emulator does not run: a deploy action has none here."""
    identity = call.params["actionExecutionId"]
    chosen = [state.pipeline(call)] if call.params.get("pipelineName") else list(state.pipelines(call).values())
    runs = [run for kept in chosen for execution in kept.executions.values() for run in execution.actions]
    if not any(run.id == identity for run in runs):
        raise Refusal("ActionExecutionNotFoundException", f"The action execution with ID {identity} was not found.")
    return state.page(call, [], "targets")
