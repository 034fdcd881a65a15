# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commit that an execution has on its way.

Subject and author are words of strangers: they are asked of the API, and never passed to a shell as variables.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TypedDict

from .._core import aws


class Commit(TypedDict):
    """`id` as the source says it (for an image its digest); `message` its first line; `author` and `url` "" when AWS does not know them."""

    id: str
    message: str
    author: str
    url: str
    branch: str
    repository: str


# By what AWS has called them at different times.
AUTHORS = ("AuthorDisplayName", "AuthorId", "AuthorEmail")
NOTHING: Commit = {"id": "", "message": "", "author": "", "url": "", "branch": "", "repository": ""}


def of_execution(codepipeline: Any, pipeline: str, execution_id: str) -> Commit | None:
    """The commit of an execution, by two calls; None before its source has been read."""
    names = {"pipelineName": pipeline, "pipelineExecutionId": execution_id}
    given: dict[str, Any] = {"pipelineName": pipeline, "filter": {"pipelineExecutionId": execution_id}}
    details, found = aws.together(
        lambda: aws.pages(codepipeline, "ListActionExecutions", "actionExecutionDetails", **given),
        lambda: aws.call(codepipeline, "GetPipelineExecution", **names)["pipelineExecution"].get("artifactRevisions", []),
    )
    return of(details, found)


def of(actions: Iterable[dict[str, Any]], revisions: Iterable[dict[str, Any]]) -> Commit | None:
    """`actions` of ListActionExecutions, `revisions` of GetPipelineExecution or ListPipelineExecutions, in AWS's shape. Pure."""
    sources = [one for one in actions if one.get("input", {}).get("actionTypeId", {}).get("category") == "Source"]
    known = [one for one in (_of_variables(action.get("output", {}).get("outputVariables", {})) for action in sources) if one["id"]]
    told = [_of_revision(one) for one in revisions if one.get("revisionId")]
    if not known and not told:
        return None
    first = (known or told)[0]
    same = next((one for one in told if one["id"] == first["id"]), NOTHING)
    return {**first, "message": first["message"] or same["message"], "url": first["url"] or same["url"]}


def _of_variables(given: dict[str, str]) -> Commit:
    repository, identity = given.get("FullRepositoryName", ""), given.get("CommitId") or given.get("ImageDigest", "")
    return {
        **NOTHING,
        "id": identity,
        "message": first_line(given.get("CommitMessage", "")),
        "author": next((given[name] for name in AUTHORS if given.get(name)), ""),
        "branch": given.get("BranchName", ""),
        "repository": repository,
    }


def _of_revision(one: dict[str, Any]) -> Commit:
    return {
        **NOTHING,
        "id": one["revisionId"],
        "message": first_line(_summary(one.get("revisionSummary", ""))),
        "url": one.get("revisionUrl", ""),
    }


def _summary(text: str) -> str:
    """Of a connection it is JSON: {"ProviderType": "GitHub", "CommitMessage": "…"}."""
    try:
        said = json.loads(text)
    except ValueError:
        return text
    return str(said.get("CommitMessage", "")) if isinstance(said, dict) else text


def first_line(text: str) -> str:
    return text.strip().partition("\n")[0].strip()
