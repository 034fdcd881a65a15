# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One execution of a pipeline, as those ask of it who are a part of it or wait for it.

https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GetPipelineExecution.html and API_ListActionExecutions.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypedDict

from .._core import aws
from .._core.errors import RailyardError

ABSENT = {"PipelineNotFoundException", "PipelineExecutionNotFoundException"}
GONE = "absent"
# AWS's words for an execution that has ended.
OVER = ("Succeeded", "Failed", "Stopped", "Superseded", "Cancelled")
# Of an execution that is over. What else CodePipeline answers, or that it does not, says nothing of the kind.
ENDED = (*OVER, GONE)
RUNS = "InProgress"
WAITS = f"{RUNS}, and it waits for an approval"
# Of what strangers have written, and of an address of AWS, which is no address any more when it is cut.
LONGEST, LONGEST_LINK = 200, 2048


class Execution(TypedDict):
    """An execution of a pipeline, and that one of its stages that is meant."""

    pipeline: str
    execution_id: str
    stage: str


# Asks for the status of an execution: AWS's word for it, WAITS, `absent`, or why it is not known.
Ask = Callable[[Execution], str]


class Source(TypedDict):
    """Of what an execution was started: `subject` is the first line of the commit's message, `link` leads to it. None is not known.

    All but the commit is text of strangers: it is cut, and has no control characters.
    """

    commit: str | None
    author: str | None
    subject: str | None
    link: str | None


def unasked(_execution: Execution) -> str:
    """An `Ask` of those who have no client of CodePipeline."""
    return "it was not asked"


def asking(client: Callable[[], Any]) -> Ask:
    """An `Ask` that makes its client when it first needs it: few ever do."""

    def ask(execution: Execution) -> str:
        try:
            found = status(client(), execution)
        except RailyardError as error:
            return error.message
        return WAITS if found == RUNS and waits(client(), execution) else found

    return ask


def read(client: Any, execution: Execution) -> dict[str, Any]:
    """The execution in AWS's shape (PipelineExecution); {} when there is none."""
    names = {"pipelineName": execution["pipeline"], "pipelineExecutionId": execution["execution_id"]}
    found = aws.find(client, "GetPipelineExecution", ABSENT, **names)
    return dict((found or {}).get("pipelineExecution") or {})


def status(client: Any, execution: Execution) -> str:
    """Its status in AWS's words, or `absent`."""
    return str(read(client, execution).get("status", GONE))


def waits(client: Any, execution: Execution) -> bool:
    """Whether it waits for somebody's approval, as far as the caller may see that."""
    try:
        done = actions(client, execution)
    except RailyardError:
        return False
    return any(item["status"] == RUNS and _type(item).get("category") == "Approval" for item in done)


def actions(client: Any, execution: Execution) -> list[dict[str, Any]]:
    """What its actions did, each attempt of them, in AWS's shape (ActionExecutionDetail), the oldest first."""
    asked = {"pipelineName": execution["pipeline"], "filter": {"pipelineExecutionId": execution["execution_id"]}}
    return sorted(aws.pages(client, "ListActionExecutions", "actionExecutionDetails", ABSENT, **asked), key=lambda item: item["startTime"])


def source(found: dict[str, Any], done: list[dict[str, Any]]) -> Source:
    """Of what it was started. `found`, `done`: of `read` and `actions`. Pure."""
    revision: dict[str, Any] = next(iter(found.get("artifactRevisions") or []), {})
    output: dict[str, Any] = next((item.get("output") or {} for item in done if _type(item).get("category") == "Source"), {})
    variables, result = output.get("outputVariables") or {}, output.get("executionResult") or {}
    message = variables.get("CommitMessage") or _message(str(revision.get("revisionSummary") or ""))
    return {
        "commit": variables.get("CommitId") or _commit(revision),
        "author": plain(variables.get("AuthorDisplayName") or variables.get("AuthorId")),
        "subject": plain(message.strip().split("\n")[0]),
        "link": plain(revision.get("revisionUrl") or result.get("externalExecutionUrl"), LONGEST_LINK),
    }


def began(done: list[dict[str, Any]]) -> datetime | None:
    """When its first action began, by AWS's clock: its commit is no newer. `done`: of `actions`. Pure."""
    return min((item["startTime"] for item in done), default=None)


def approved(done: list[dict[str, Any]]) -> datetime | None:
    """When somebody has approved it last; None where nobody has. `done`: of `actions`. Pure."""
    answers = [item for item in done if item["status"] == "Succeeded" and _type(item).get("category") == "Approval"]
    return max((item["lastUpdateTime"] for item in answers), default=None)


def attempts(done: list[dict[str, Any]], stage: str) -> int:
    """How many attempts at a stage there were, the one that runs included. `done`: of `actions`. Pure."""
    return max((sum(item["actionName"] == name for item in done if item["stageName"] == stage) for name in _names(done, stage)), default=0)


def deployed(done: list[dict[str, Any]]) -> str | None:
    """The id of the deployment that CodePipeline's own action for CodeDeploy has started; None without one. Pure."""
    ids = [
        ((item.get("output") or {}).get("executionResult") or {}).get("externalExecutionId")
        for item in done
        if _type(item).get("provider") == "CodeDeployToECS"
    ]
    return next((str(identity) for identity in reversed(ids) if identity), None)


def _commit(revision: dict[str, Any]) -> str | None:
    """The revision of an image is its digest."""
    found = revision.get("revisionId")
    return None if str(found).startswith("sha256:") else found


def plain(text: Any, longest: int = LONGEST) -> str | None:
    """Text of strangers on one line, without control characters. Pure."""
    printable = "".join(letter if letter.isprintable() else " " for letter in str(text or ""))
    return " ".join(printable.split())[:longest] or None


def _names(done: list[dict[str, Any]], stage: str) -> set[str]:
    return {item["actionName"] for item in done if item["stageName"] == stage}


def _type(item: dict[str, Any]) -> dict[str, Any]:
    return dict((item.get("input") or {}).get("actionTypeId") or {})


def _message(summary: str) -> str:
    """The commit's message out of a revision's summary, which is JSON where the source is a connection."""
    try:
        found = json.loads(summary)
    except ValueError:
        return summary
    return str(found.get("CommitMessage") or "") if isinstance(found, dict) else summary
