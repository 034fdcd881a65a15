"""What CodePipeline refuses of artifacts, and of where they are kept."""

from __future__ import annotations

import botocore.session

from ...registry import rule
from ...services.codepipeline import action_types
from ...services.codepipeline.shapes import Declaration
from ...wire import Call, Refusal
from .actions import declaration
from .names import API, STRUCTURES
from .structure import GUIDE, REQUIREMENTS, actions, invalid, stages, twice

# Keys of a configuration that name an artifact.
NAMING = (
    "PrimarySource",
    "TaskDefinitionTemplateArtifact",
    "AppSpecTemplateArtifact",
    *(f"Image{number}ArtifactName" for number in range(1, 5)),
)


REGIONS = frozenset(botocore.session.get_session().get_available_regions("codepipeline"))


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
        return invalid("Exactly one of 'pipeline.artifactStore' and 'pipeline.artifactStores' must be specified.")
    regions = dict.fromkeys((call.region, *(action.get("region", call.region) for _, action in actions(call))))
    if one and len(regions) > 1:
        return invalid(
            "Your pipeline contains actions in more than one region. Use 'pipeline.artifactStores' instead of 'pipeline.artifactStore' to "
            "declare an artifact store, such as an artifact bucket, for each region where you have an action."
        )
    if several and (missing := [region for region in regions if region not in several]):
        return invalid(
            "Your pipeline must have an artifact store, such as an artifact bucket, for each region where you have an action. The "
            f"following region is missing in 'pipeline.artifactStores': {missing[0]}."
        )
    if several and (wrong := [region for region in several if region not in REGIONS]):
        return invalid(f"The region {wrong[0]} specified in 'pipeline.artifactStores' is not a valid AWS Region.")
    return None
