# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commit that an execution has on its way, as a person is told of it.

Subject and author are words of strangers: they are asked of the API, and never passed to a shell as variables.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypedDict

from . import own_execution


class Commit(TypedDict):
    """`id` as the source says it (for an image its digest); `message`: its first line. "" is what AWS does not know."""

    id: str
    message: str
    author: str
    url: str
    branch: str
    repository: str


def of(actions: Iterable[dict[str, Any]], revisions: Iterable[dict[str, Any]]) -> Commit | None:
    """`actions` of ListActionExecutions, `revisions` of GetPipelineExecution or ListPipelineExecutions, in AWS's shape; None before the
    source was read. Pure."""
    done = sorted(actions, key=lambda one: one["startTime"])
    source = own_execution.source({"artifactRevisions": [one for one in revisions if one.get("revisionId")]}, done)
    if not source["commit"]:
        return None
    variables: dict[str, str] = next(
        (told for one in done if (told := one.get("output", {}).get("outputVariables", {})).get("FullRepositoryName")), {}
    )
    return {
        "id": source["commit"],
        "message": source["subject"] or "",
        "author": source["author"] or "",
        "url": source["link"] or "",
        "branch": own_execution.plain(variables.get("BranchName")) or "",
        "repository": own_execution.plain(variables.get("FullRepositoryName")) or "",
    }
