# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person does with executions: start, stop, retry, approve or reject, roll back a stage.

Each is done once, whatever became of a reply: what is wanted already is left as it is. AWS's refusals are explained.
https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .._core import aws, shape
from .._core.clock import time_of_day
from .._core.errors import RailyardError, Unanswered
from . import execution, executions
from .execution import Execution
from .follow import Following

Clients = dict[str, Any]
LONGEST_REASON, LONGEST_SUMMARY = 200, 512
# What AWS's refusals mean, and what to do.
EXPLAINED = {
    ("RetryStageExecution", "StageNotRetryableException"): "nothing of the stage has failed or was stopped in it, it is being tried again "
    "already, or the structure of the pipeline was changed since: then start a new execution",
    (
        "RetryStageExecution",
        "NotLatestPipelineExecutionException",
    ): "a later execution has gone through this stage since; retry that one, or start a new one",
    ("RetryStageExecution", "ConflictException"): "another execution is in the stage or about to enter it; try again when it has ended",
    (
        "RollbackStage",
        "UnableToRollbackStageException",
    ): "only an execution that has succeeded in this stage can be gone back to, and not in "
    "a pipeline of execution mode PARALLEL; name another one, or roll back the release",
    (
        "RollbackStage",
        "PipelineExecutionOutdatedException",
    ): "the structure of the pipeline was changed after that execution, whose artifacts "
    "no longer fit it; start an execution of its commit instead (source_revisions)",
    ("RollbackStage", "ConflictException"): "another execution is in the stage; try again when it has ended",
    (
        "StartPipelineExecution",
        "ConcurrentPipelineExecutionsLimitExceededException",
    ): "fifty executions are under way, often behind an approval; answer it, or stop some",
    ("StopPipelineExecution", "ConflictException"): "AWS is busy with it; try again in a moment",
    ("PutApprovalResult", "InvalidApprovalTokenException"): "the approval has ended or begun anew meanwhile; look again",
}


@dataclass(frozen=True)
class Done:
    """The execution that was acted on, or the new one; whether anything has changed; and a sentence where there is something to say."""

    identity: str
    changed: bool
    message: str = ""


def ask(client: Any, operation: str, once: bool = False, **params: Any) -> dict[str, Any]:
    """A call whose refusal is explained."""
    try:
        return (aws.call_once if once else aws.call)(client, operation, **params)
    except Unanswered:
        raise
    except RailyardError as error:
        meaning = EXPLAINED.get((operation, error.code))
        if meaning is None:
            raise
        raise RailyardError(f"{error.message.rstrip('.')}; {meaning}", error.code, **error.details) from error


def start(client: Any, options: dict[str, Any], how: Following) -> Done:
    """A token that has started an execution starts no other one."""
    pipeline, token = options["pipeline"], options["token"]
    known = {one["pipelineExecutionId"] for one in executions.summaries(client, pipeline)} if token else set()
    given = {
        "name": pipeline,
        "variables": [{"name": name, "value": str(value)} for name, value in (options["variables"] or {}).items()] or None,
        "source_revisions": options["source_revisions"] or None,
        "client_request_token": token,
    }
    params = shape.aws(shape.input_shape(client, "StartPipelineExecution"), {key: value for key, value in given.items() if value})
    identity = str(ask(client, "StartPipelineExecution", **params)["pipelineExecutionId"])
    if identity in known:
        return Done(identity, False, f"execution {identity} was started with this token before")
    how.say(f"{time_of_day()} execution {identity} started: {execution.console_url(client.meta.region_name, pipeline, identity)}")
    return Done(identity, True)


def stop(clients: Clients, found: Execution, options: dict[str, Any], how: Following) -> Done:
    """Let the running actions end first, or abandon them; then what they have started is stopped here, as AWS lets it run."""
    client, identity, abandon = clients["codepipeline"], found["pipeline_execution_id"], options["abandon"]
    if found["status"] in execution.ENDED:
        return Done(identity, False, f"execution {identity} has ended already: {found['status'].lower()}")
    given = {"pipelineName": found["pipeline"], "pipelineExecutionId": identity, "abandon": abandon}
    changed, message = True, ""
    try:
        ask(client, "StopPipelineExecution", **given, reason=(options["reason"] or "")[:LONGEST_REASON])
    except RailyardError as error:
        if error.code not in ("DuplicatedStopRequestException", "PipelineExecutionNotStoppableException"):
            raise
        changed, message = False, "it was being stopped, or had ended, already"
    if abandon:
        told = [
            said
            for stage in found["stages"]
            for one in stage["actions"]
            if one["status"] == "InProgress"
            for said in _abandoned(clients, one)
        ]
        for line in told:
            how.say(f"{time_of_day()} {line}")
        message, changed = "; ".join([*([message] if message else []), *told]), changed or bool(told)
    return Done(identity, changed, message)


def _abandoned(clients: Clients, action: Any) -> list[str]:
    """Stop what an abandoned action has started; what happened to it, a sentence."""
    identity, provider = action["external_execution_id"], action["provider"]
    try:
        if provider == "CodeBuild" and identity:
            aws.call(clients["codebuild"], "StopBuild", id=identity)
            return [f"build {identity} is stopped"]
        if provider.startswith("CodeDeploy") and identity and "codedeploy" in clients:
            aws.call(clients["codedeploy"], "StopDeployment", deploymentId=identity, autoRollbackEnabled=True)
            return [f"deployment {identity} is stopped and rolled back"]
    except RailyardError as error:
        return [f"what {action['name']} has started ({identity}) goes on: {error.message}"]
    if action["category"] == "Approval":
        return []
    return [f"what {action['name']} ({provider}) has started goes on to its end; it is asked itself whether it was stopped"]


def retry(client: Any, found: Execution, options: dict[str, Any], how: Following) -> Done:
    """Try a stage again, of the same execution. One that is being tried again already is followed."""
    identity, stage = found["pipeline_execution_id"], options["stage"] or _failed_stage(found)
    known = next((one for one in found["stages"] if one["name"] == stage), None)
    if known is None:
        names = ", ".join(one["name"] for one in found["stages"])
        raise RailyardError(f"stage: {found['pipeline']} has no stage {stage}; it has {names}")
    if known["status"] == "InProgress" and found["status"] == "InProgress":
        return Done(identity, False, f"stage {stage} runs already")
    mode = "FAILED_ACTIONS" if options["failed_actions_only"] else "ALL_ACTIONS"
    given: dict[str, Any] = {"pipelineName": found["pipeline"], "stageName": stage, "pipelineExecutionId": identity, "retryMode": mode}
    try:
        ask(client, "RetryStageExecution", **given)
    except RailyardError as error:
        if error.code != "StageNotRetryableException" or not _runs(client, found["pipeline"], stage, identity):
            raise
    how.say(f"{time_of_day()} stage {stage} of execution {identity} is tried again ({mode.lower().replace('_', ' ')})")
    return Done(identity, True)


def _failed_stage(found: Execution) -> str:
    for stage in found["stages"]:
        if stage["status"] in ("Failed", "Stopped", "Cancelled"):
            return stage["name"]
    said = f"execution {found['pipeline_execution_id']} is {found['status'].lower()} and none of its stages has failed or was stopped"
    raise RailyardError(f"{said}; there is nothing to try again", execution=found)


def _runs(client: Any, pipeline: str, stage: str, identity: str) -> bool:
    """Whether a retry runs: an earlier request, the reply to which was lost, has begun it."""
    state = executions.state_of(client, pipeline)
    latest: dict[str, Any] = next((one.get("latestExecution", {}) for one in state["stageStates"] if one["stageName"] == stage), {})
    return latest.get("pipelineExecutionId") == identity and latest.get("status") == "InProgress"


def decide(client: Any, options: dict[str, Any], how: Following, check: bool = False) -> Done:
    """Approve or reject what waits for a person. The same answer twice is one."""
    pipeline, wanted, identity = options["pipeline"], options["state"], options["execution_id"]
    state = executions.state_of(client, pipeline)
    waiting = [one for one in execution.approvals(state, identity) if options["stage"] in (None, one[0]["stageName"])]
    if not waiting:
        return _decided(client, pipeline, wanted, identity, options["stage"])
    if len(waiting) > 1:
        names = ", ".join(stage["stageName"] for stage, _action in waiting)
        raise RailyardError(f"several approvals wait in {pipeline}: {names}; name one of them as `stage`")
    stage, action = waiting[0]
    found = stage["latestExecution"]["pipelineExecutionId"]
    if not check:
        status = "Approved" if wanted == "approved" else "Rejected"
        result = {"summary": (options["reason"] or "")[:LONGEST_SUMMARY], "status": status}
        where: dict[str, Any] = {"pipelineName": pipeline, "stageName": stage["stageName"], "actionName": action["actionName"]}
        try:
            ask(client, "PutApprovalResult", **where, result=result, token=action["latestExecution"]["token"])
        except RailyardError as error:
            if error.code not in ("ApprovalAlreadyCompletedException", "InvalidApprovalTokenException"):
                raise
            return _decided(client, pipeline, wanted, found, stage["stageName"], changed=True)
        how.say(f"{time_of_day()} {stage['stageName']}: {action['actionName']} {wanted}")
    return Done(found, True)


def _decided(client: Any, pipeline: str, wanted: str, identity: str | None, where: str | None, changed: bool = False) -> Done:
    """The answer that was given before, by us or somebody else. Raises RailyardError when it is another one, or nothing was asked."""
    status = "Succeeded" if wanted == "approved" else "Failed"
    stages = executions.structure_of(client, pipeline)["stages"]
    asking = {(stage["name"], one["name"]) for stage in stages for one in stage["actions"] if one["actionTypeId"]["category"] == "Approval"}
    for stage in executions.state_of(client, pipeline)["stageStates"]:
        name, found = stage["stageName"], stage.get("latestExecution", {}).get("pipelineExecutionId")
        for action in stage.get("actionStates", []) if where in (None, name) and identity == found else []:
            latest, title = action.get("latestExecution", {}), f"{name}: {action['actionName']}"
            if (name, action["actionName"]) not in asking or not latest.get("status"):
                continue
            if latest["status"] == status:
                return Done(str(found), changed, f"{title} was {wanted} before")
            other = "rejected" if wanted == "approved" else "approved"
            raise RailyardError(f"{title} was {other} before: {latest.get('summary', '')}".rstrip(": "))
    whose = f" of execution {identity}" if identity else ""
    raise RailyardError(f"nothing{whose} in {pipeline} waits for an approval")


def roll_back(client: Any, options: dict[str, Any], how: Following, check: bool = False) -> Done:
    """Bring a stage back to what an earlier execution has brought it; the last one that succeeded in it before what is there now."""
    pipeline, stage = options["pipeline"], options["stage"]
    target = options["execution_id"] or _earlier(client, pipeline, stage)
    if check:
        return Done(target, True)
    before = {one["pipelineExecutionId"] for one in executions.summaries(client, pipeline)}
    given = {"pipelineName": pipeline, "stageName": stage, "targetPipelineExecutionId": target}
    try:
        identity = str(ask(client, "RollbackStage", once=True, **given)["pipelineExecutionId"])
    except Unanswered:
        begun = [
            one for one in executions.summaries(client, pipeline) if one["pipelineExecutionId"] not in before and _goes_to(one, target)
        ]
        if not begun:
            raise
        identity = begun[0]["pipelineExecutionId"]
    how.say(f"{time_of_day()} stage {stage} goes back to execution {target}: execution {identity}")
    return Done(identity, True)


def _goes_to(one: dict[str, Any], target: str) -> bool:
    return bool(one.get("rollbackMetadata", {}).get("rollbackTargetPipelineExecutionId") == target)


def _earlier(client: Any, pipeline: str, stage: str) -> str:
    """The execution before the newest that has succeeded in a stage."""
    succeeded = executions.summaries(client, pipeline, filter={"succeededInStage": {"stageName": stage}})
    state = executions.state_of(client, pipeline)
    latest: dict[str, Any] = next((one.get("latestExecution", {}) for one in state["stageStates"] if one["stageName"] == stage), {})
    live = latest.get("pipelineExecutionId") if latest.get("status") == "Succeeded" else None
    others = [
        one["pipelineExecutionId"] for one in succeeded if one["pipelineExecutionId"] != live and one.get("executionType") != "ROLLBACK"
    ]
    if not others:
        raise RailyardError(f"stage {stage} of {pipeline} has no earlier execution that succeeded in it; there is nothing to go back to")
    return str(others[0])
