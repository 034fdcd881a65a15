"""What CodeBuild refuses when a build is started."""

from __future__ import annotations

from ...registry import rule
from ...services.codebuild import store
from ...wire import Call, Refusal
from .projects import API, INVALID, NAMES, PIPELINE

DIRECT = "Builds of a project with source type CODEPIPELINE are started by CodePipeline, unless another source is given"


@rule("CB-1", "codebuild", "StartBuild", source=API + "API_StartBuild.html")
def together(call: Call) -> Refusal | None:
    """Somebody else than a pipeline gives a source of another kind, and artifacts of another kind."""
    project = store.projects(call).get(store.bare(call.params["projectName"]))
    if project is None:
        return None
    source = call.params.get("sourceTypeOverride") or project["source"]["type"]
    artifacts = (call.params.get("artifactsOverride") or project["artifacts"])["type"]
    if (source == PIPELINE) != (artifacts == PIPELINE):
        return Refusal(INVALID, NAMES)
    return Refusal(INVALID, DIRECT) if source == PIPELINE else None


@rule("CB-own-override", "codebuild", "StartBuild", source=API + "API_StartBuild.html")
def overridden(call: Call) -> Refusal | None:
    """A source of another kind says where it is; one that a project lacks says its specification."""
    kind, project = call.params.get("sourceTypeOverride"), store.projects(call).get(store.bare(call.params["projectName"]))
    if project is None or not kind or kind == project["source"]["type"]:
        return None
    if kind != "NO_SOURCE" and not call.params.get("sourceLocationOverride"):
        return Refusal(INVALID, "Project source location is required")
    if kind == "NO_SOURCE" and not (call.params.get("buildspecOverride") or project["source"].get("buildspec")):
        return Refusal(INVALID, "Invalid project source: buildspec is required for source type NO_SOURCE")
    return None
