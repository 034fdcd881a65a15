"""A push to the emulated GitHub starts the pipelines that it is for, through connections that are AVAILABLE."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ... import registry, world
from ...wire import Refusal
from ..codeconnections import repositories
from ..codeconnections.repositories import Commit, Push
from . import state, triggers
from .shapes import Execution, Pipeline
from .triggers import Change


def _connected(kept: Pipeline) -> bool:
    """Whether one of its connections tells this pipeline anything."""
    arns = [action["configuration"].get("ConnectionArn", "") for action in kept.declaration["stages"][0]["actions"]]
    return any(_available(kept, arn) for arn in arns if arn)


def _available(kept: Pipeline, arn: str) -> bool:
    try:
        found = world.aws(kept.call, "codeconnections", "GetConnection", ConnectionArn=arn)["Connection"]
    except Refusal:
        return False
    return bool(found["ConnectionStatus"] == "AVAILABLE")


@repositories.on_push
def pushed(push: Push) -> list[str]:
    """What it has started, in a line each."""
    change = Change(push.repository, push.commit.id, "branch", push.branch, push.branch, None if push.created else push.commit.changed)
    change = replace(change, shown=_shown(push.commit, "branch-name", push.branch))
    return [_line(execution) for execution in fire(change)]


def _shown(commit: Commit, member: str, name: str) -> dict[str, str]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html"""
    found = {
        "commit-id": commit.id,
        "commit-message": commit.message,
        member: name,
        "author-display-name": commit.author.name,
        "author-email": commit.author.email,
    }
    return {key: value for key, value in found.items() if value}


def fire(change: Change) -> list[Execution]:
    """Tell all pipelines of a change."""
    kept = [each for store in world.everywhere_of(state.SERVICE) for each in store.get("pipelines", {}).values()]
    return triggers.fire([each for each in kept if _connected(each)], change)


def _line(execution: Execution) -> str:
    return f"pipeline {execution.pipeline.name}: execution {execution.id}"


@registry.control_endpoint("codepipeline-change")
def _changed(wanted: dict[str, Any]) -> dict[str, Any]:
    """A tag, or a pull request: what pushes to the emulated GitHub cannot show. `reference`: the tag, or the branch
    into which is pulled; `branch`: the one whose newest commit it is.
    """
    head = repositories.head(wanted["repository"], wanted["branch"])
    if head is None:
        raise ValueError(f"{wanted['repository']} has no branch {wanted['branch']}")
    files = wanted.get("files", list(head.changed))
    change = Change(head.repository, head.id, wanted["kind"], wanted["reference"], head.branch, files, wanted.get("event", ""))
    change = replace(change, shown=_shown(head, f"{'tag' if change.kind == 'tag' else 'branch'}-name", change.name))
    return {"started": [_line(execution) for execution in fire(change)]}
