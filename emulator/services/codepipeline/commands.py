"""The Commands action: shell commands on a machine of CodeBuild that is not among the account's builds.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..codebuild import builds
from ..iam.authority import Session
from . import actions, artifacts, service_role, variables
from .shapes import ActionRun

MINUTES = 55
# Seconds from one look at the build to the next, until it has a log.
LOOKING = 1.0


@actions.provider(("Compute", "Commands"))
def run_commands(run: ActionRun) -> None:
    """The build runs in the action's role, and on when the execution is abandoned."""
    kept, declaration = run.execution.pipeline, run.declaration
    who = service_role.session(run)
    outputs = [each["name"] for each in declaration["outputArtifacts"]]
    request = builds.Request(
        role=service_role.of(run),
        buildspec=_specification(run),
        variables=variables.environment(run),
        inputs=artifacts.inputs(run, who),
        version=artifacts.revision(run, next(iter(run.inputs), "")),
        outputs=outputs,
        group=f"/aws/codepipeline/{kept.name}",
        minutes=MINUTES,
        initiator=f"codepipeline/{kept.name}",
        assumes="",
        label="codepipeline",
    )
    build = builds.start(run.call, request)
    actions.touch(run, external_id=build.id)
    build.then(lambda build: actions.attempt(run, lambda run: _ended(run, build, who)))
    _show(run, build)


def _show(run: ActionRun, build: builds.Build) -> None:
    """The log is known as soon as there is one."""
    group, stream = build.where
    if stream:
        actions.touch(run, log_stream=run.call.arn("logs", f"log-group:{group}:log-stream:{stream}"))
    elif not build.over:
        actions.later(run, LOOKING, lambda run: _show(run, build))


def _ended(run: ActionRun, build: builds.Build, who: Session) -> None:
    _show(run, build)
    finish(run, build, build.outputs, who)


def _specification(run: ActionRun) -> dict[str, Any]:
    """The commands as a buildspec: they are one shell's, and the first that fails ends them."""
    declaration = run.declaration
    found: dict[str, Any] = {"version": 0.2, "phases": {"build": {"commands": variables.commands(run)}}}
    if names := declaration.get("outputVariables"):
        found["env"] = {"exported-variables": names}
    for output in declaration["outputArtifacts"]:
        found["artifacts"] = {"files": output.get("files", ["**/*"])}
    return found


def finish(run: ActionRun, build: builds.Build, outputs: Mapping[str, bytes], who: Session) -> None:
    """End an action as its build has ended: with artifacts and variables, or with CodeBuild's words."""
    if build.status != "SUCCEEDED":
        actions.fail(run, "JobFailed", f"Build terminated with state: {build.status}. Phase: {_phase(build)}, {_words(build)}")
        return
    for name, data in outputs.items():
        artifacts.output(run, name, data, who)
    actions.succeed(run, variables=dict(build.exported))


def _phase(build: builds.Build) -> str:
    return next((str(phase["phaseType"]) for phase in build.phases if phase.get("phaseStatus", "SUCCEEDED") != "SUCCEEDED"), "")


def _words(build: builds.Build) -> str:
    code, _, message = build.cause.partition(": ")
    return f"Code: {code}, Message: {message}"
