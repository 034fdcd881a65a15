"""What CodePipeline refuses of artifacts, and of where they are kept."""

from __future__ import annotations

from moto.s3.models import s3_backends

from ...registry import rule
from ...services.codepipeline import action_types
from ...services.codepipeline.shapes import Declaration
from ...wire import Call, Refusal
from .actions import declaration
from .names import API, STRUCTURES
from .structure import GUIDE, REQUIREMENTS, actions, stages, structure, twice

# Keys of a configuration that name an artifact.
NAMING = (
    "PrimarySource",
    "TaskDefinitionTemplateArtifact",
    "AppSpecTemplateArtifact",
    *(f"Image{number}ArtifactName" for number in range(1, 5)),
)


def _names(action: Declaration, member: str) -> list[str]:
    return [each["name"] for each in action.get(member, [])]


@rule("CP-7", "codepipeline", *STRUCTURES, source=GUIDE + "reference-action-artifacts.html")
def counts(call: Call) -> Refusal | None:
    """Each type of action takes and makes so many artifacts."""
    for _, action in actions(call):
        kind = action_types.find(call, action["actionTypeId"])
        assert kind is not None
        for word, member, (low, high) in (("input", "inputArtifacts", kind.inputs), ("output", "outputArtifacts", kind.outputs)):
            count = len(action.get(member, []))
            where = f"Action {action['name']} declares {count} {word} artifacts which is"
            if count < low:
                return declaration(f"{where} less than the minimum count ({low})")
            if count > high:
                return declaration(f"{where} more than the maximum count ({high})")
    return None


@rule("CP-3", "codepipeline", *STRUCTURES, source=REQUIREMENTS)
def made_before(call: Call) -> Refusal | None:
    """Every input is the output of an earlier action, and every output has its own name."""
    found = [name for _, action in actions(call) for name in _names(action, "outputArtifacts")]
    if name := twice(found):
        return declaration(
            f"UnsupportedOperation: Output Artifact Bundle name must be unique within the pipeline. {name} has been used more than once."
        )
    before: set[str] = set()
    for stage in stages(call):
        for order in sorted({action.get("runOrder", 1) for action in stage["actions"]}):
            now = [action for action in stage["actions"] if action.get("runOrder", 1) == order]
            for action in now:
                if name := twice(_names(action, "inputArtifacts")):
                    return declaration(f"Action {action['name']} declares the input artifact {name} more than once")
                for name in _names(action, "inputArtifacts"):
                    if name not in before:
                        text = f"Input Artifact Bundle {name} in action {action['name']} is not declared as Output Artifact Bundle"
                        return declaration(f"{text} in any of the preceding actions")
            before |= {name for action in now for name in _names(action, "outputArtifacts")}
    return None


@rule("CP-6", "codepipeline", *STRUCTURES, source=GUIDE + "action-reference-ECSbluegreen.html")
def named(call: Call) -> Refusal | None:
    """An artifact that a configuration names is one of the action's inputs."""
    for _, action in actions(call):
        for key in NAMING:
            name = action.get("configuration", {}).get(key)
            if name is not None and name not in _names(action, "inputArtifacts"):
                text = f"Action configuration for action '{action['name']}' names the artifact '{name}' in '{key}'"
                return declaration(f"{text}, which is not one of its input artifacts")
    return None


@rule("CP-5", "codepipeline", *STRUCTURES, source=API + "API_PipelineDeclaration.html")
def stores(call: Call) -> Refusal | None:
    """One artifact store, or one for each Region, the pipeline's own among them."""
    given = call.params["pipeline"]
    one, several = given.get("artifactStore"), given.get("artifactStores")
    if bool(one) == bool(several):
        text = "exactly one of artifactStore and artifactStores must be specified"
        return structure(f"The pipeline {given['name']} is not valid: {text}")
    if several and call.region not in several:
        return structure(
            f"The artifactStores of the pipeline {given['name']} have no artifact store for the pipeline's region {call.region}"
        )
    return None


@rule("CP-5", "codepipeline", *STRUCTURES, source=API + "API_ArtifactStore.html")
def buckets(call: Call) -> Refusal | None:
    """The bucket of a store exists, in the store's Region."""
    given = call.params["pipeline"]
    found = given.get("artifactStores") or {call.region: given["artifactStore"]}
    for region, store in found.items():
        name = store["location"]
        bucket = next((kept[name] for kept in (each["aws"].buckets for each in s3_backends.values()) if name in kept), None)
        if bucket is None:
            return structure(f"The artifact store bucket {name} does not exist or cannot be accessed")
        if bucket.region_name != region:
            return structure(f"The artifact store bucket {name} is in the region {bucket.region_name}. It must be in the region {region}")
    return None
