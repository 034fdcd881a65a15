"""What CodeBuild refuses when a build is started, beside what it refuses of the project that it would be of."""

from __future__ import annotations

from ...registry import rule
from ...wire import Call, Refusal
from .projects import API, INVALID, PIPELINE, after

DIRECT = "Builds of a project with source type CODEPIPELINE are started by CodePipeline, unless another source is given"


@rule("CB-own-direct", "codebuild", "StartBuild", source=API + "API_StartBuild.html")
def direct(call: Call) -> Refusal | None:
    """Somebody else than a pipeline gives a source of another kind."""
    project = after(call)
    return Refusal(INVALID, DIRECT) if project and project["source"]["type"] == PIPELINE else None
