"""Pipelines and their versions. https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_CreatePipeline.html"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from . import executions, masks, queue, state
from .shapes import Declaration, Pipeline, Stage


def completed(call: Call, given: Declaration, version: int) -> Declaration:
    """A structure as AWS gives it back: with its defaults."""
    found = deepcopy(given)
    for stage in found["stages"]:
        stage.pop("blockers", None)
        for action in stage["actions"]:
            action.setdefault("runOrder", 1)
            for member, empty in (("configuration", {}), ("outputArtifacts", []), ("inputArtifacts", [])):
                action.setdefault(member, empty)
            action.setdefault("region", call.region)
            for variable in action.get("environmentVariables", []):
                variable.setdefault("type", "PLAINTEXT")
    found["version"] = version
    found.setdefault("executionMode", "SUPERSEDED")
    found.setdefault("pipelineType", "V1")
    if found["pipelineType"] == "V2" and not found.get("triggers") and (triggers := _default_triggers(found)):
        found["triggers"] = triggers
    return found


def sources(declaration: Declaration) -> list[Declaration]:
    """The actions of a structure that use a connection."""
    actions = [action for stage in declaration["stages"] for action in stage["actions"]]
    return [action for action in actions if action["actionTypeId"]["provider"] == "CodeStarSourceConnection"]


def _default_triggers(declaration: Declaration) -> list[dict[str, Any]]:
    """What AWS declares itself: a push to the branch of each source that detects changes."""
    return [
        {
            "providerType": "CodeStarSourceConnection",
            "gitConfiguration": {
                "sourceActionName": action["name"],
                "push": [{"branches": {"includes": [action["configuration"].get("BranchName", "")]}}],
            },
        }
        for action in sources(declaration)
        if action["configuration"].get("DetectChanges", "true").lower() != "false"
    ]


@operation("codepipeline", "CreatePipeline")
def create_pipeline(call: Call) -> dict[str, Any]:
    """A new pipeline starts its first execution at once (CP-16)."""
    declaration, now = completed(call, call.params["pipeline"], 1), world.clock.utc()
    name = declaration["name"]
    kept = Pipeline(call, name, {1: declaration}, now, now, state.caller(call))
    kept.stages = {stage["name"]: Stage(stage["name"]) for stage in declaration["stages"]}
    kept.tags = {tag["key"]: tag["value"] for tag in call.params.get("tags", [])}
    state.pipelines(call)[name] = kept
    executions.begin(kept, "CreatePipeline", state.caller(call))
    answer: dict[str, Any] = {"pipeline": masks.shown(call, declaration)}
    return {**answer, "tags": call.params["tags"]} if call.params.get("tags") else answer


@operation("codepipeline", "GetPipeline")
def get_pipeline(call: Call) -> dict[str, Any]:
    kept = state.pipeline(call)
    version = call.params.get("version") or kept.version
    if version not in kept.versions:
        text = f"Account '{call.account}' does not have a pipeline with name '{kept.name}' and version '{version}'"
        raise Refusal("PipelineVersionNotFoundException", text)
    metadata = {"pipelineArn": kept.arn, "created": kept.created, "updated": kept.updated}
    return {"pipeline": masks.shown(call, kept.versions[version]), "metadata": metadata}


@operation("codepipeline", "UpdatePipeline")
def update_pipeline(call: Call) -> dict[str, Any]:
    """The whole structure is replaced (CP-12). Executions that are caught by it are cancelled."""
    given = call.params["pipeline"]
    kept = state.pipelines(call).get(given["name"])
    if kept is None:
        raise state.no_pipeline(call, given["name"])
    declaration = completed(call, given, kept.version + 1)
    masks.keep(call, declaration, kept.declaration)
    queue.cancel(kept)
    kept.versions[declaration["version"]] = declaration
    kept.updated, kept.changed_by = world.clock.utc(), state.caller(call)
    kept.stages = {each["name"]: kept.stages.get(each["name"], Stage(each["name"])) for each in declaration["stages"]}
    return {"pipeline": masks.shown(call, declaration)}


@operation("codepipeline", "DeletePipeline")
def delete_pipeline(call: Call) -> dict[str, Any]:
    """Deleting an absent one is no error."""
    kept = state.pipelines(call).pop(call.params["name"], None)
    if kept is not None:
        queue.cancel(kept)
        for forget in state.on_delete:
            forget(kept)
    return {}


@operation("codepipeline", "ListPipelines")
def list_pipelines(call: Call) -> dict[str, Any]:
    found = [
        {
            "name": kept.name,
            "version": kept.version,
            "pipelineType": kept.declaration["pipelineType"],
            "executionMode": kept.declaration["executionMode"],
            "created": kept.created,
            "updated": kept.updated,
        }
        for _, kept in sorted(state.pipelines(call).items())
    ]
    return state.page(call, found, "pipelines", 1000)
