"""The CodeBuild action: a build of a project of the account, with the action's artifacts.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html
"""

from __future__ import annotations

import json
from typing import Any

from ...wire import Refusal
from ..codebuild import start_build, store
from ..codebuild.build import PRINCIPAL, Source
from ..codebuild.builds import NOT_ASSUMED, Build
from ..codeconnections import usage
from ..iam import authority
from ..iam.authority import Session
from . import actions, artifacts, commands, service_role
from .actions import ActionError
from .shapes import ActionRun

# Seconds from one look at a build to the next.
LOOKING = 5.0
NOT_OURS = "Invalid input: when using CodePipeline both sourceType, and artifactType must be set to: CODEPIPELINE"


@actions.provider(("Build", "CodeBuild"), ("Test", "CodeBuild"))
def build(run: ActionRun) -> None:
    """Start a build in the action's role. CodeBuild reads and writes the artifacts in the build's own role."""
    name = run.resolved["ProjectName"]
    about = run.call.arn("codebuild", f"project/{name}")
    service_role.require(run, "codebuild:StartBuild", about, calling="startBuild", service="AWSCodeBuild")
    try:
        project = store.project(run.call, name)
        if "CODEPIPELINE" not in (project["source"]["type"], project["artifacts"]["type"]):
            raise Refusal("InvalidInputException", NOT_OURS)
        if not authority.assumable(run.call, project["serviceRole"], PRINCIPAL, run.call.arn("codebuild", f"project/{name}")):
            raise Refusal("InvalidInputException", NOT_ASSUMED)
        made = start_build.of_project(
            run.call, name, _overrides(run), f"codepipeline/{run.execution.pipeline.name}", _source(run, project), _outputs(run)
        )
    except Refusal as refusal:
        about = f"(Service: AWSCodeBuild; Status Code: 400; Error Code: {refusal.code}; Request ID: {run.id}; Proxy: null)"
        raise ActionError("JobFailed", f"Error calling startBuild: {refusal.message} {about}") from None
    console = f"https://console.aws.amazon.com/codebuild/home?region={run.call.region}"
    actions.touch(
        run, external_id=made.id, external_url=f"{console}#/builds/{made.id}/view/new", entity_url=f"{console}#/projects/{name}/view"
    )
    _follow(run, made)


def _overrides(run: ActionRun) -> dict[str, Any]:
    """Variables of the action come before the project's."""
    try:
        given = json.loads(run.resolved.get("EnvironmentVariables", "[]"))
        return {
            "environmentVariablesOverride": [
                {"name": each["name"], "value": each["value"], "type": each.get("type", "PLAINTEXT")} for each in given
            ]
        }
    except (ValueError, KeyError, TypeError):
        raise ActionError(
            "ConfigurationError", "The EnvironmentVariables of the action are not a JSON array of name, value and type."
        ) from None


def _source(run: ActionRun, project: dict[str, Any]) -> Source:
    """The primary source comes first, and its revision is what the build is of. What the build's role may not read fails as it does in the
    build.
    """
    names = list(run.inputs)
    primary = run.resolved.get("PrimarySource", names[0])
    who = authority.session(run.call, project["serviceRole"], "AWSCodeBuild")
    try:
        _may_clone(run, who)
        read = {name: artifacts.read(who, run.inputs[name]) for name in sorted(names, key=lambda name: name != primary)}
        return Source(read, artifacts.revision(run, primary))
    except ActionError as error:
        text = "Build terminated with state: FAILED. Phase: DOWNLOAD_SOURCE, Code: CLIENT_ERROR, Message: "
        raise ActionError("JobFailed", f"{text}{error} for primary source and source version") from None


def _may_clone(run: ActionRun, who: Session) -> None:
    """CC-4: what is no zip but a reference is cloned by the build, in its own role."""
    for source in run.execution.declaration["stages"][0]["actions"]:
        known = source["configuration"]
        made = {each["name"] for each in source["outputArtifacts"]}
        if known.get("OutputArtifactFormat") != "CODEBUILD_CLONE_REF" or not made & run.inputs.keys():
            continue
        if text := usage.unusable(who, known["ConnectionArn"], known["FullRepositoryId"], known["BranchName"]):
            raise ActionError("PermissionError", text)


def _outputs(run: ActionRun) -> list[str]:
    return [each["name"] for each in run.declaration["outputArtifacts"]]


def _follow(run: ActionRun, made: Build) -> None:
    """Look at the build as often as CodePipeline does, which needs a permission of its own."""

    def look(run: ActionRun) -> None:
        about = run.call.arn("codebuild", f"project/{run.resolved['ProjectName']}")
        service_role.require(run, "codebuild:BatchGetBuilds", about, calling="batchGetBuilds", service="AWSCodeBuild")
        if made.over:
            commands.finish(run, made, made.outputs, authority.session(run.call, made.request.role, f"AWSCodeBuild-{made.uuid}"))
        else:
            actions.later(run, LOOKING, look)

    actions.later(run, LOOKING, look)
