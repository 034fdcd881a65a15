# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An execution of a pipeline in our shape, from what AWS tells in four places. Pure.

GetPipelineState has the newest execution of each stage only, so what an execution has done is read from its actions; no state of AWS says
"not started".
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from .._core import partition
from . import commit as commits
from . import own_execution
from .commit import Commit

ENDED = own_execution.OVER
UNDER_WAY = ("InProgress", "Stopping")
WAITING = "Waiting"
NOT_STARTED = "NotStarted"


class Action(TypedDict):
    """An action in an execution, its newest attempt. `status` is AWS's, or NotStarted. `seconds`: so far while it runs, None before;
    `median_seconds`: of its last ten successes, None unless asked; `attempts`: how often it was tried in this execution.

    `error`: AWS's {code, message}, None without one; `external_execution_id`: a build, deployment or the like; `log_stream_arn`: of
    Commands.
    """

    name: str
    category: str
    provider: str
    status: str
    seconds: float | None
    median_seconds: float | None
    attempts: int
    start_time: str | None
    error: dict[str, str] | None
    summary: str
    external_execution_id: str
    external_execution_url: str
    log_stream_arn: str
    output_variables: dict[str, str]
    input_artifacts: list[dict[str, str]]


class Stage(TypedDict):
    """`status`: AWS's (InProgress, Succeeded, Failed, Stopped, Stopping, Cancelled, Skipped), or Waiting (another execution is in it or
    before it), or NotStarted."""

    name: str
    status: str
    seconds: float | None
    actions: list[Action]


class Approval(TypedDict):
    """Who waits for a person: stage and action, since when (ISO 8601), what it says, and AWS's page."""

    stage: str
    action: str
    since: str | None
    message: str
    url: str


class Execution(TypedDict):
    """Times are in ISO 8601; `seconds` from the first action to the last. `trigger`: AWS's type and detail. `commit` None before the source
    was read; `approval` None unless one waits; `cause` None unless it failed (see cause.py), `cost` None unless asked."""

    pipeline: str
    pipeline_execution_id: str
    pipeline_version: int | None
    status: str
    status_summary: str
    execution_type: str
    rollback_target: str
    trigger: dict[str, str]
    start_time: str | None
    last_update_time: str | None
    seconds: float | None
    commit: Commit | None
    stages: list[Stage]
    approval: Approval | None
    cause: dict[str, Any] | None
    cost: dict[str, Any] | None
    console_url: str


def shape(
    about: dict[str, Any], actions: list[dict[str, Any]], state: dict[str, Any], stages: list[dict[str, Any]], now: datetime, region: str
) -> Execution:
    """`about`: what GetPipelineExecution or ListPipelineExecutions says; `actions`: those of this execution of ListActionExecutions;
    `state`: GetPipelineState; `stages`: those of the structure, all in AWS's shape; `now`: by AWS's clock."""
    identity, status = about["pipelineExecutionId"], about["status"]
    name, times = (
        state["pipelineName"],
        [moment for one in actions for moment in (one.get("startTime"), one.get("lastUpdateTime")) if moment],
    )
    start, end = about.get("startTime") or min(times, default=None), max(times, default=None)
    states = {one["stageName"]: one for one in state.get("stageStates", [])}
    until = now if status in UNDER_WAY else end
    return {
        "pipeline": name,
        "pipeline_execution_id": identity,
        "pipeline_version": about.get("pipelineVersion")
        or next((one["pipelineVersion"] for one in actions if one.get("pipelineVersion")), None),
        "status": status,
        "status_summary": about.get("statusSummary", ""),
        "execution_type": about.get("executionType", "STANDARD"),
        "rollback_target": about.get("rollbackMetadata", {}).get("rollbackTargetPipelineExecutionId", ""),
        "trigger": {"type": about.get("trigger", {}).get("triggerType", ""), "detail": about.get("trigger", {}).get("triggerDetail", "")},
        "start_time": _text(start),
        "last_update_time": _text(about.get("lastUpdateTime") or end),
        "seconds": round((until - start).total_seconds(), 1) if start and until else None,
        "commit": commits.of(actions, about.get("artifactRevisions") or about.get("sourceRevisions") or []),
        "stages": [_stage(stage, actions, states.get(stage["name"], {}), identity, status, now) for stage in stages],
        "approval": waiting_approval(state, identity),
        "cause": None,
        "cost": None,
        "console_url": console_url(region, name, identity),
    }


def console_url(region: str, pipeline: str, identity: str) -> str:
    """Where the console shows an execution."""
    return partition.console(region, f"codesuite/codepipeline/pipelines/{pipeline}/executions/{identity}/timeline?region={region}")


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _stage(stage: dict[str, Any], actions: list[dict[str, Any]], state: dict[str, Any], identity: str, status: str, now: datetime) -> Stage:
    own = [one for one in actions if one["stageName"] == stage["name"]]
    shaped = [_action(action, [one for one in own if one["actionName"] == action["name"]], now) for action in stage["actions"]]
    starts = [one["startTime"] for one in own if one.get("startTime")]
    ends = [now if one["status"] == "InProgress" else one.get("lastUpdateTime") for one in own]
    seconds = (max(end for end in ends if end) - min(starts)).total_seconds() if starts and any(ends) else None
    return {"name": stage["name"], "status": stage_status(state, shaped, identity, status), "seconds": seconds, "actions": shaped}


def stage_status(state: dict[str, Any], actions: list[Action], identity: str, status: str) -> str:
    """The status of a stage in an execution. `state`: the stage's own in GetPipelineState."""
    latest = state.get("latestExecution", {})
    if latest.get("pipelineExecutionId") == identity:
        return str(latest["status"])
    inbound = [*state.get("inboundExecutions", []), *([state["inboundExecution"]] if state.get("inboundExecution") else [])]
    if any(one["pipelineExecutionId"] == identity for one in inbound):
        return WAITING
    found = {one["status"] for one in actions}
    if found <= {NOT_STARTED}:
        return NOT_STARTED
    for told, ours in (("Failed", "Failed"), ("InProgress", "InProgress"), ("Abandoned", "Stopped")):
        if told in found:
            return ours
    return "Succeeded" if found == {"Succeeded"} else "InProgress" if status in UNDER_WAY else status


def _action(action: dict[str, Any], attempts: list[dict[str, Any]], now: datetime) -> Action:
    type_id = action["actionTypeId"]
    last = max(attempts, key=lambda one: one["startTime"]) if attempts else {}
    result = last.get("output", {}).get("executionResult", {})
    error = result.get("errorDetails")
    return {
        "name": action["name"],
        "category": type_id["category"],
        "provider": type_id["provider"],
        "status": last.get("status", NOT_STARTED),
        "seconds": seconds_of(last, now),
        "median_seconds": None,
        "attempts": len(attempts),
        "start_time": _text(last.get("startTime")),
        "error": {"code": error.get("code", ""), "message": error.get("message", "")} if error else None,
        "summary": result.get("externalExecutionSummary", ""),
        "external_execution_id": result.get("externalExecutionId", ""),
        "external_execution_url": result.get("externalExecutionUrl", ""),
        "log_stream_arn": result.get("logStreamARN", ""),
        "output_variables": dict(last.get("output", {}).get("outputVariables", {})),
        "input_artifacts": [
            {"name": one["name"], "bucket": one.get("s3location", {}).get("bucket", ""), "key": one.get("s3location", {}).get("key", "")}
            for one in last.get("input", {}).get("inputArtifacts", [])
        ],
    }


def seconds_of(attempt: dict[str, Any], now: datetime) -> float | None:
    """How long an attempt took, or takes so far."""
    if not attempt.get("startTime"):
        return None
    end = now if attempt["status"] == "InProgress" else attempt.get("lastUpdateTime", now)
    return max(0.0, round(float((end - attempt["startTime"]).total_seconds()), 1))


def waiting_approval(state: dict[str, Any], identity: str | None = None) -> Approval | None:
    """The approval that waits, of this execution or of any."""
    found = approvals(state, identity)
    if not found:
        return None
    stage, action = found[0]
    latest = action["latestExecution"]
    return {
        "stage": stage["stageName"],
        "action": action["actionName"],
        "since": _text(latest.get("lastStatusChange")),
        "message": latest.get("summary", ""),
        "url": latest.get("externalExecutionUrl") or action.get("entityUrl", ""),
    }


def approvals(state: dict[str, Any], identity: str | None = None) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Stages and actions of GetPipelineState that wait for a person: only those have a token."""
    return [
        (stage, action)
        for stage in state.get("stageStates", [])
        for action in stage.get("actionStates", [])
        if action.get("latestExecution", {}).get("token")
        and action["latestExecution"].get("status") == "InProgress"
        and identity in (None, stage.get("latestExecution", {}).get("pipelineExecutionId"))
    ]


def failing(execution: Execution) -> tuple[Stage, Action] | None:
    """The first action that failed."""
    return next(((stage, one) for stage in execution["stages"] for one in stage["actions"] if one["status"] == "Failed"), None)


def label(identity: str) -> str:
    """A short id."""
    return identity.partition("-")[0]
