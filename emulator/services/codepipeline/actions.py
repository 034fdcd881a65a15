"""One run of an action: how it begins, what takes time, and how it ends. What each provider does is in files of its own.

A provider is a function (ActionRun) -> None, registered with `@provider`, that ends the run sooner or later by `succeed` or `fail`, or
raises ActionError. https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import world
from . import events, variables
from .shapes import ActionRun, StageRun

Step = Callable[[ActionRun], None]
# Seconds until CodePipeline has handed an action to its provider.
HANDING = 1.0
HOUR = 3600.0
# Seconds after which an action has failed. https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html
TIME_OUTS = {
    ("Approval", "Manual"): 7 * 24 * HOUR,
    ("Build", "CodeBuild"): 36 * HOUR,
    ("Test", "CodeBuild"): 8 * HOUR,
    ("Deploy", "CodeDeploy"): 5 * 24 * HOUR,
    ("Deploy", "CodeDeployToECS"): 5 * 24 * HOUR,
    ("Compute", "Commands"): 55 * 60.0,
}
# Actions in which programs of this machine run.
PROGRAMS = (("Build", "CodeBuild"), ("Test", "CodeBuild"), ("Compute", "Commands"))
providers: dict[tuple[str, str], Step] = {}
# What is to be done when a run has ended.
when_ended: list[Step] = []


class ActionError(Exception):
    """What ends an action: `code` and message are AWS's ErrorDetails."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def provider(*kinds: tuple[str, str]) -> Callable[[Step], Step]:
    """This function does actions of these categories and providers."""

    def register(step: Step) -> Step:
        for kind in kinds:
            providers[kind] = step
        return step

    return register


def kind(run: ActionRun) -> tuple[str, str]:
    identity = run.declaration["actionTypeId"]
    return identity["category"], "Custom" if identity["owner"] == "Custom" else identity["provider"]


def begin(stage: StageRun, declaration: dict[str, Any]) -> None:
    """Run an action with what earlier ones have given."""
    run = ActionRun(stage, declaration)
    stage.actions[run.name] = run
    stage.execution.actions.append(run)
    events.of_action(run, "STARTED")
    limit = TIME_OUTS.get(kind(run), HOUR)
    if minutes := declaration.get("timeoutInMinutes"):
        limit = minutes * 60.0
    later(run, HANDING, _hand)
    # A program of this machine has real seconds, whatever the speed.
    wait = world.clock.after_lived if kind(run) in PROGRAMS else world.clock.after
    wait(limit, lambda: attempt(run, _late))


def _hand(run: ActionRun) -> None:
    run.resolved = variables.configuration(run)
    for artifact in run.declaration["inputArtifacts"]:
        place = run.execution.artifacts.get(artifact["name"])
        if place is None:
            raise ActionError("ConfigurationError", f"The input artifact {artifact['name']} of the action {run.name} was not produced.")
        run.inputs[artifact["name"]] = place
    if run.declaration["actionTypeId"]["provider"] != "CodeBuild" and (clone := _clones(run)):
        text = f"The input artifact {clone} of the action {run.name} is a full clone, which only CodeBuild actions can use."
        raise ActionError("ConfigurationError", text)
    if kind(run) not in providers:
        identity = run.declaration["actionTypeId"]
        raise ActionError("InternalError", f"the emulator does not run actions of {identity['category']}/{identity['provider']}")
    providers[kind(run)](run)


def _clones(run: ActionRun) -> str:
    """The first input that is no zip but a reference to a repository, "" when there is none."""
    sources = run.execution.declaration["stages"][0]["actions"]
    wanted = [each for each in sources if each["configuration"].get("OutputArtifactFormat") == "CODEBUILD_CLONE_REF"]
    return next((made["name"] for each in wanted for made in each["outputArtifacts"] if made["name"] in run.inputs), "")


def _late(run: ActionRun) -> None:
    if kind(run) == ("Approval", "Manual"):
        fail(run, "JobFailed", "The approval action timed out before a response was received.")
    else:
        fail(run, "JobFailed", "The action failed because it exceeded its time-out.")


def later(run: ActionRun, seconds: float, step: Step) -> None:
    """Do a step when seconds have passed, unless the run has ended by then. What it raises ends the run."""
    world.clock.after(seconds, lambda: attempt(run, step))


def attempt(run: ActionRun, step: Step) -> None:
    if run.ended:
        return
    try:
        step(run)
    except ActionError as error:
        fail(run, error.code, str(error))
    except variables.Unresolved as error:
        fail(run, "ConfigurationError", str(error))


def touch(run: ActionRun, **members: Any) -> None:
    """Note what a provider tells while it works."""
    for name, value in members.items():
        setattr(run, name, value)
    run.updated = world.clock.utc()


def succeed(run: ActionRun, **members: Any) -> None:
    """End a run. `members`: what it has given, as members of ActionRun."""
    if run.ended:
        return
    touch(run, status="Succeeded", token="", **members)
    run.execution.artifacts.update(run.outputs)
    if namespace := run.declaration.get("namespace"):
        run.execution.outputs[namespace] = dict(run.variables)
    _end(run, "SUCCEEDED")


def fail(run: ActionRun, code: str, message: str, **members: Any) -> None:
    if run.ended:
        return
    touch(run, status="Failed", token="", error={"code": code, "message": message[:5000]}, **members)
    _end(run, "FAILED")


def abandon(run: ActionRun, word: str = "ABANDONED") -> None:
    """The run counts no more; its provider works on."""
    if run.ended:
        return
    summary = "The approval action has been canceled." if run.token else run.summary
    touch(run, status="Abandoned", token="", summary=summary)
    events.of_action(run, word)


def _end(run: ActionRun, word: str) -> None:
    events.of_action(run, word)
    for step in when_ended:
        step(run)
