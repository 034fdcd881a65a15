# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The build of a pipeline that a debug session is about: the newest that has failed, or that of an execution or a stage."""

from __future__ import annotations

from typing import Any

from .._core import aws
from .._core.errors import RailyardError
from . import executions
from .providers import COMMANDS

ELSEWHERE = (
    "its commands run on machines that are AWS's own, and no session leads there (an action Commands of CodePipeline). Its log: "
    "playbooks/pipeline.yml. The same image and its variables: playbooks/run.yml -e command=<command>"
)


def find(clients: dict[str, Any], pipeline: str, execution_id: str | None = None, stage: str | None = None) -> tuple[dict[str, Any], str]:
    """The build in AWS's shape, and bucket and key of its source. Raises RailyardError where there is none."""
    actions = _actions(clients["codepipeline"], pipeline, execution_id)
    chosen = choose(actions, pipeline, stage)
    place = next((one["s3location"] for one in chosen.get("input", {}).get("inputArtifacts", []) if one.get("s3location")), None)
    identity = executions.external_id(chosen)
    if not identity or place is None:
        raise RailyardError(f"action {chosen['actionName']} of execution {chosen['pipelineExecutionId']} has not begun a build")
    found = aws.call(clients["codebuild"], "BatchGetBuilds", ids=[identity]).get("builds", [])
    if not found:
        raise RailyardError(f"build {identity} does not exist any more: CodeBuild keeps a build for a year")
    return found[0], f"{place['bucket']}/{place['key']}"


def _actions(codepipeline: Any, pipeline: str, execution_id: str | None) -> list[dict[str, Any]]:
    """Attempts at actions in AWS's shape, the newest first: of one execution, or the newest hundred."""
    if execution_id:
        return executions.actions_of(codepipeline, pipeline, execution_id)
    found = aws.call(codepipeline, "ListActionExecutions", pipelineName=pipeline, maxResults=executions.PAGE)
    return list(found.get("actionExecutionDetails", []))


def choose(actions: list[dict[str, Any]], pipeline: str, stage: str | None = None) -> dict[str, Any]:
    """The newest attempt of CodeBuild that failed, or whichever of a `stage`. Raises RailyardError where there is none. Pure."""
    fitting = [one for one in actions if (one["stageName"] == stage if stage else one["status"] == "Failed")]
    built = [one for one in fitting if executions.provider_of(one) == "CodeBuild"]
    if built:
        return built[0]
    if fitting:
        one = fitting[0]
        said = (
            f"stage {one['stageName']} of execution {one['pipelineExecutionId']} {'failed' if one['status'] == 'Failed' else 'is no build'}"
        )
        raise RailyardError(
            f"{said}: {ELSEWHERE}" if executions.provider_of(one) == COMMANDS else f"{said}, and no build of CodeBuild is part of it"
        )
    which = f"nothing of stage {stage}" if stage else "no build"
    raise RailyardError(f"{which} of {pipeline} {'has run' if stage else 'has failed'}; for a build that did not fail: -e stage=Build")
