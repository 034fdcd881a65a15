# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads executions: one, or the last of a pipeline, by few calls that go side by side."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from .._codebuild import build
from .._core import aws
from .._core.errors import RailyardError
from . import cause, cost, execution
from .cost import Charged
from .execution import Execution
from .providers import COMMANDS

Clients = dict[str, Any]
PAGE = 100
# Successes of an action of which the median is taken.
OF_LAST = 10
DEFAULT_MACHINE = ("LINUX_CONTAINER", "BUILD_GENERAL1_SMALL")


def structure_of(codepipeline: Any, pipeline: str, version: int | None = None) -> dict[str, Any]:
    """The structure of a pipeline in AWS's shape, in that version; the newest unless given."""
    return dict(aws.call(codepipeline, "GetPipeline", name=pipeline, **({"version": version} if version else {}))["pipeline"])


def actions_of(codepipeline: Any, pipeline: str, identity: str) -> list[dict[str, Any]]:
    """All attempts of actions of an execution in AWS's shape, the newest first."""
    given = {"pipelineName": pipeline, "filter": {"pipelineExecutionId": identity}}
    return aws.pages(codepipeline, "ListActionExecutions", "actionExecutionDetails", **given)


def state_of(codepipeline: Any, pipeline: str) -> dict[str, Any]:
    """GetPipelineState, and by AWS's clock `now`."""
    answer = aws.answer(codepipeline, "GetPipelineState", name=pipeline)
    return {**answer, "now": max(aws.time_of(answer), *_times(answer))}


def _times(answer: dict[str, Any]) -> list[datetime]:
    """When actions changed last: an emulated AWS, or one seconds ahead of its own header, is no reason for negative durations."""
    latest = [action.get("latestExecution", {}) for stage in answer.get("stageStates", []) for action in stage.get("actionStates", [])]
    moments = [one["lastStatusChange"] for one in latest if one.get("lastStatusChange")]
    return [moment if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in moments] or [datetime.min.replace(tzinfo=UTC)]


def read(clients: Clients, pipeline: str, identity: str, stages: list[dict[str, Any]]) -> tuple[Execution, dict[str, Any]]:
    """An execution and GetPipelineState, by three calls at the same time. `stages`: of its structure."""
    client = clients["codepipeline"]
    about, actions, state = aws.together(
        lambda: aws.call(client, "GetPipelineExecution", pipelineName=pipeline, pipelineExecutionId=identity)["pipelineExecution"],
        lambda: actions_of(client, pipeline, identity),
        lambda: state_of(client, pipeline),
    )
    if torn(about, actions):
        actions, state = aws.together(lambda: actions_of(client, pipeline, identity), lambda: state_of(client, pipeline))
    return execution.shape(about, actions, state, stages, state["now"], client.meta.region_name), state


def torn(about: dict[str, Any], actions: list[dict[str, Any]]) -> bool:
    """Whether actions were read before an execution ended that is told to have ended: they do not say yet which of them failed. Pure."""
    ran = {one["status"] for one in actions}
    return about["status"] in execution.ENDED and ("InProgress" in ran or (about["status"] == "Failed" and "Failed" not in ran))


def summaries(codepipeline: Any, pipeline: str, number: int = PAGE, **more: Any) -> list[dict[str, Any]]:
    """The newest executions of a pipeline as ListPipelineExecutions has them, the newest first; at most a page."""
    answer = aws.call(codepipeline, "ListPipelineExecutions", pipelineName=pipeline, maxResults=min(number, PAGE), **more)
    return list(answer.get("pipelineExecutionSummaries", []))[:number]


def latest(clients: Clients, pipeline: str, number: int, identity: str | None = None, details: bool = True) -> dict[str, Any]:
    """What an info module tells: `executions` (that of `identity`, or the last `number`), `inbound` executions that wait before a stage,
    `disabled_transitions`, and the `approval` that waits. With `details` each has cause, cost and medians.
    """
    client = clients["codepipeline"]
    structure, listed, every, state = aws.together(
        lambda: structure_of(client, pipeline),
        lambda: [_one(client, pipeline, identity)] if identity else summaries(client, pipeline, number),
        lambda: aws.call(client, "ListActionExecutions", pipelineName=pipeline, maxResults=PAGE).get("actionExecutionDetails", []),
        lambda: state_of(client, pipeline),
    )
    middle = medians(every, state["now"])

    def whole(about: dict[str, Any]) -> Execution:
        actions = _own(client, pipeline, about["pipelineExecutionId"], every)
        if torn(about, actions):
            actions = actions_of(client, pipeline, about["pipelineExecutionId"])
        stages = _stages(client, pipeline, structure, actions)
        found = execution.shape(about, actions, state, stages, state["now"], client.meta.region_name)
        return detailed(clients, found, actions, state, structure, middle) if details else found

    return {
        "executions": aws.concurrently(whole, listed),
        "inbound": inbound(state),
        "disabled_transitions": disabled(state),
        "approval": execution.waiting_approval(state),
    }


def _one(client: Any, pipeline: str, identity: str) -> dict[str, Any]:
    found = aws.call(client, "GetPipelineExecution", pipelineName=pipeline, pipelineExecutionId=identity)
    return dict(found["pipelineExecution"])


def _own(client: Any, pipeline: str, identity: str, every: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The actions of an execution; asked for only where the newest hundred of the pipeline may not have all of them."""
    own = [one for one in every if one["pipelineExecutionId"] == identity]
    whole = len(every) < PAGE or any(one.get("input", {}).get("actionTypeId", {}).get("category") == "Source" for one in own)
    return own if whole else actions_of(client, pipeline, identity)


def _stages(client: Any, pipeline: str, structure: dict[str, Any], actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The stages of the version with which an execution ran; those of now where AWS does not have it any more."""
    version = next((one["pipelineVersion"] for one in actions if one.get("pipelineVersion")), structure.get("version"))
    if version == structure.get("version"):
        return list(structure["stages"])
    try:
        return list(structure_of(client, pipeline, version)["stages"])
    except RailyardError:
        return list(structure["stages"])


def medians(every: Iterable[dict[str, Any]], now: datetime) -> dict[tuple[str, str], float]:
    """Seconds that each action took in the middle of its last successes, by stage and name. `every`: the newest first. Pure."""
    taken: dict[tuple[str, str], list[float]] = {}
    for one in every:
        seconds = execution.seconds_of(one, now)
        if one.get("status") == "Succeeded" and seconds is not None:
            taken.setdefault((one["stageName"], one["actionName"]), []).append(seconds)
    return {action: round(statistics.median(seconds[:OF_LAST]), 1) for action, seconds in taken.items()}


def detailed(
    clients: Clients,
    found: Execution,
    actions: list[dict[str, Any]],
    state: dict[str, Any],
    structure: dict[str, Any],
    middle: dict[tuple[str, str], float],
) -> Execution:
    """An execution with cause, cost and medians."""
    for stage in found["stages"]:
        for action in stage["actions"]:
            action["median_seconds"] = middle.get((stage["name"], action["name"]))
    why, charged = aws.together(
        lambda: cause.of(clients, found, state),
        lambda: _charged(clients["codebuild"], actions, state["now"]),
    )
    spent = cost.of_execution(charged, structure.get("pipelineType", "V1"))
    return {**found, "cause": dict(why) if why else None, "cost": dict(spent)}


def _charged(codebuild: Any, actions: list[dict[str, Any]], now: datetime) -> list[Charged]:
    """What is paid for. Builds that AWS does not have any more count as long as their action, on the smallest machine."""
    ids = [external_id(one) for one in actions if provider_of(one) == "CodeBuild" and external_id(one)]
    try:
        builds = {one["id"]: one for one in build.read(codebuild, ids)} if ids else {}
    except RailyardError:
        builds = {}
    listed: list[Charged] = []
    for one in actions:
        seconds, kind, size, built = execution.seconds_of(one, now) or 0.0, "", "", 0.0
        known = builds.get(external_id(one))
        if provider_of(one) == COMMANDS:
            given = one["input"].get("configuration", {})
            kind, size = given.get("EnvironmentType", DEFAULT_MACHINE[0]), given.get("ComputeType", DEFAULT_MACHINE[1])
            built = seconds
        elif known:
            kind, size, built = known["environment_type"], known["compute_type"], known["seconds"] or seconds
        elif provider_of(one) == "CodeBuild":
            (kind, size), built = DEFAULT_MACHINE, seconds
        category = one.get("input", {}).get("actionTypeId", {}).get("category", "")
        machine = {"environment_type": kind, "compute_type": size, "build_seconds": built}
        listed.append(Charged(name=one["actionName"], category=category, seconds=seconds, **machine))  # type: ignore[typeddict-item]
    return listed


def provider_of(one: dict[str, Any]) -> str:
    """The provider of an attempt at an action, "" when not known. Pure."""
    return str(one.get("input", {}).get("actionTypeId", {}).get("provider", ""))


def external_id(one: dict[str, Any]) -> str:
    """What an attempt at an action has started, a build for example; "" without. Pure."""
    return str(one.get("output", {}).get("executionResult", {}).get("externalExecutionId", ""))


def inbound(state: dict[str, Any]) -> list[dict[str, str]]:
    """The executions that wait before a stage. Pure."""
    return [
        {"stage": stage["stageName"], "pipeline_execution_id": one["pipelineExecutionId"], "status": one["status"]}
        for stage in state.get("stageStates", [])
        for one in stage.get("inboundExecutions") or ([stage["inboundExecution"]] if stage.get("inboundExecution") else [])
    ]


def disabled(state: dict[str, Any]) -> list[dict[str, str]]:
    """The stages into which nothing may go. Pure."""
    return [
        {"stage": stage["stageName"], "reason": told.get("disabledReason", ""), "changed_by": told.get("lastChangedBy", "")}
        for stage in state.get("stageStates", [])
        if (told := stage.get("inboundTransitionState", {})) and not told.get("enabled", True)
    ]
