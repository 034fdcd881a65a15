# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why an execution failed: AWS's reason, the first phase of the build that failed, and the last lines of its log."""

from __future__ import annotations

from typing import Any, TypedDict, cast

from .._codebuild import build, build_log
from .._core import aws
from .._core.errors import RailyardError
from . import execution
from .execution import Action, Execution
from .providers import COMMANDS

Clients = dict[str, Any]
MOST_AT_ONCE = 50
CONDITIONS = {"beforeEntryConditionState": "before_entry", "onSuccessConditionState": "on_success", "onFailureConditionState": "on_failure"}


class Cause(TypedDict):
    """`sentence` says all of it but the lines. `code` and `message` are AWS's of the action; `phase` and `reason` of its build, "" without.

    `lines`: the last ones before it failed, at most twenty, without sequences for terminals. `url`: where the log is, or what was started.
    """

    stage: str
    action: str
    code: str
    message: str
    phase: str
    reason: str
    lines: list[str]
    url: str
    sentence: str


def of(clients: Clients, found: Execution, state: dict[str, Any]) -> Cause | None:
    """The cause of an execution that failed, None of any other. `clients`: codebuild, logs, and codedeploy where it may be asked; `state`:
    GetPipelineState."""
    if found["status"] != "Failed":
        return None
    failing = execution.failing(found)
    if failing is None:
        return _without_action(found, state)
    stage, action = failing
    error = action["error"] or {"code": "", "message": ""}
    detail = _detail(clients, action)
    said = ": ".join(one for one in (error["code"], error["message"] or action["summary"]) if one) or "AWS gives no reason"
    known = detail["reason"].partition(": ")[2] or detail["reason"]
    reason = "" if known in said else detail["reason"]
    more = f"{detail['phase']}: {reason}".removeprefix(": ") if reason else ""
    sentence = f"stage {stage['name']}, action {action['name']} failed: {said}{f'; {more}' if more else ''}"
    where = {"stage": stage["name"], "action": action["name"], "code": error["code"], "message": error["message"]}
    return cast(Cause, {**where, **detail, "sentence": sentence})


def _detail(clients: Clients, action: Action) -> dict[str, Any]:
    """{phase, reason, lines, url} of what an action started."""
    nothing = {"phase": "", "reason": "", "lines": [], "url": action["external_execution_url"]}
    identity = action["external_execution_id"]
    try:
        if action["provider"] == COMMANDS:
            place = build_log.place_of(action["log_stream_arn"])
            region = action["log_stream_arn"].split(":")[3] if place else ""
            return {**nothing, "lines": build_log.last_lines(clients["logs"], place), "url": build_log.url(region, place) or nothing["url"]}
        if action["provider"] == "CodeBuild" and identity:
            found = build.read(clients["codebuild"], [identity])
            if found:
                one = build.with_lines(clients["logs"], found[0])
                return {"phase": one["phase"], "reason": one["reason"], "lines": one["lines"], "url": one["log_url"] or one["console_url"]}
        if action["provider"].startswith("CodeDeploy") and identity and "codedeploy" in clients:
            return {**nothing, "reason": _of_deployment(clients["codedeploy"], identity)}
    except RailyardError as error:
        return {**nothing, "reason": f"its own reason could not be read: {error.message}"}
    return nothing


def _of_deployment(codedeploy: Any, identity: str) -> str:
    info = aws.call(codedeploy, "GetDeployment", deploymentId=identity)["deploymentInfo"]
    error = info.get("errorInformation", {})
    return f"deployment {identity}: {error.get('code', info.get('status', ''))}: {error.get('message', '')}".rstrip(": ")


def _without_action(found: Execution, state: dict[str, Any]) -> Cause:
    """A condition of a stage, or an execution that AWS has not even begun."""
    where, said = of_condition(found, state)
    if not said:
        said = f"AWS gives no reason and no action has failed; {MOST_AT_ONCE} executions at once are the most, some may wait for a person"
    sentence = f"stage {where}: {said}" if where else said
    words = {"code": "", "message": said, "phase": "", "reason": "", "url": found["console_url"]}
    return cast(Cause, {"stage": where, "action": "", "lines": [], **words, "sentence": sentence})


def of_condition(found: Execution, state: dict[str, Any]) -> tuple[str, str]:
    """The stage of a condition that failed, and what AWS says of it; else what it says of the whole execution, "" when nothing. Pure."""
    for stage in state.get("stageStates", []):
        if stage.get("latestExecution", {}).get("pipelineExecutionId") != found["pipeline_execution_id"]:
            continue
        for member, option in CONDITIONS.items():
            latest = stage.get(member, {}).get("latestExecution", {})
            if latest.get("status") in ("Failed", "Errored"):
                said = f"condition {option} {latest['status'].lower()}: {latest.get('summary', '')}{_rules(stage[member])}"
                return stage["stageName"], said
    return "", found["status_summary"]


def _rules(member: dict[str, Any]) -> str:
    """What the rules of a condition that failed say."""
    failed = []
    for rule in (rule for one in member.get("conditionStates", []) for rule in one.get("ruleStates", [])):
        latest = rule.get("latestExecution", {})
        if latest.get("status") == "Failed":
            failed.append(f"{rule.get('ruleName', '')}: {latest.get('errorDetails', {}).get('message') or latest.get('summary', '')}")
    return f" ({'; '.join(failed)})" if failed else ""
