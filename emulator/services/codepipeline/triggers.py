"""What starts a pipeline by itself: pushes and pull requests that its triggers, or the default of a source, mean.

https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-filter.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from . import executions
from .shapes import Declaration, Execution, Pipeline

# As many of a commit's files are looked at.
FILES = 100


@dataclass(frozen=True)
class Change:
    """What has happened in a repository. `kind`: branch, tag or pull_request; `event` of a pull request: OPEN, UPDATED or CLOSED.

    `name` is the branch, or the tag, or the branch into which is pulled; `branch` is the branch whose commit it is. `files`: those that
    have changed, None for the push that creates a branch, of which no file path is ever looked at. `shown`: what events say of the commit.
    """

    repository: str
    commit: str
    kind: str
    name: str
    branch: str = ""
    files: Sequence[str] | None = ()
    event: str = ""
    shown: Mapping[str, str] = field(default_factory=dict)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """AWS's globs: `*` stops at a slash, `**` does not, `{a,b}` and `?`."""
    made, place, depth = "", 0, 0
    while place < len(text):
        if text.startswith("**", place):
            made, place = made + ".*", place + 1
        elif text[place] in "{}" or (text[place] == "," and depth):
            depth += {"{": 1, "}": -1}.get(text[place], 0)
            made += {"{": "(?:", "}": ")", ",": "|"}[text[place]]
        else:
            made += {"*": "[^/]*", "?": "[^/]"}.get(text[place], re.escape(text[place]))
        place += 1
    return re.compile(made + (")" * depth if depth > 0 else ""))


def _like(name: str, patterns: Sequence[str]) -> bool:
    return any(_pattern(each).fullmatch(name) for each in patterns)


def _chosen(name: str, criteria: Declaration) -> bool:
    """Excludes win over includes; without includes everything else is meant."""
    if _like(name, criteria.get("excludes", [])):
        return False
    return "includes" not in criteria or _like(name, criteria["includes"])


def _of_files(change: Change, criteria: Declaration | None) -> bool:
    """One of the first hundred files is meant."""
    if criteria is None:
        return True
    return change.files is not None and any(_chosen(each, criteria) for each in list(change.files)[:FILES])


def _push(change: Change, wanted: Declaration) -> bool:
    if change.kind == "tag":
        return "tags" in wanted and _chosen(change.name, wanted["tags"])
    if change.kind != "branch" or "tags" in wanted:
        return False
    return _chosen(change.name, wanted.get("branches", {})) and _of_files(change, wanted.get("filePaths"))


def _pull_request(change: Change, wanted: Declaration) -> bool:
    """By the branch into which it is pulled; of all events when none is named."""
    if change.kind != "pull_request" or change.event not in wanted.get("events", ("OPEN", "UPDATED", "CLOSED")):
        return False
    return _chosen(change.name, wanted.get("branches", {})) and _of_files(change, wanted.get("filePaths"))


def meant(change: Change, trigger: Declaration) -> bool:
    """Whether a trigger (GitConfiguration) is for a change; one that says nothing is for every push."""
    pushes, pulls = trigger.get("push", []), trigger.get("pullRequest", [])
    if not pushes and not pulls:
        return change.kind == "branch"
    return any(_push(change, each) for each in pushes) or any(_pull_request(change, each) for each in pulls)


def _sources(kept: Pipeline, change: Change) -> Iterator[Declaration]:
    """The actions of a pipeline that take their source from this repository."""
    for action in kept.declaration["stages"][0]["actions"]:
        connected = action["actionTypeId"]["provider"] == "CodeStarSourceConnection"
        if connected and action["configuration"].get("FullRepositoryId") == change.repository:
            yield action


def _triggered(kept: Pipeline, action: Declaration, change: Change) -> bool:
    triggers = [each["gitConfiguration"] for each in kept.declaration.get("triggers", [])]
    own = [each for each in triggers if each["sourceActionName"] == action["name"]]
    if triggers:
        return any(meant(change, each) for each in own)
    detects = action["configuration"].get("DetectChanges", "true").lower() != "false"
    return detects and change.kind == "branch" and change.name == action["configuration"].get("BranchName")


def fire(pipelines: Sequence[Pipeline], change: Change) -> list[Execution]:
    """Start each pipeline that a change is for, once, with this commit."""
    started = []
    for kept in pipelines:
        for action in _sources(kept, change):
            if _triggered(kept, action, change):
                started.append(_start(kept, action, change))
                break
    return started


def _start(kept: Pipeline, action: dict[str, Any], change: Change) -> Execution:
    """With a trigger the commit is the push's, whatever branch the action names."""
    overrides = [{"actionName": action["name"], "revisionType": "COMMIT_ID", "revisionValue": change.commit}]
    return executions.begin(kept, "WebhookV2", action["configuration"]["ConnectionArn"], overrides=overrides, pushed=change.shown)
