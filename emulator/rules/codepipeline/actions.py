"""What CodePipeline refuses of single actions: their types, configuration, commands, namespaces, roles and Regions."""

from __future__ import annotations

import json
import re

from ...registry import rule
from ...services.codepipeline import action_types, variables
from ...services.codepipeline.shapes import Declaration
from ...wire import Call, Refusal
from .names import API, STRUCTURES
from .structure import GUIDE, REQUIREMENTS, actions, category, structure, twice

DECLARATION = API + "API_ActionDeclaration.html"
COMMANDS = GUIDE + "action-reference-Commands.html"
# Members of an action that only the Commands action has.
COMPUTE = ("commands", "outputVariables", "environmentVariables")
# AWS's keys with a list of values.
VALUES = {
    ("CodeStarSourceConnection", "OutputArtifactFormat"): ("CODE_ZIP", "CODEBUILD_CLONE_REF"),
    ("CodeStarSourceConnection", "DetectChanges"): ("true", "false"),
    ("CodeBuild", "BatchEnabled"): ("true", "false"),
    ("CodeBuild", "CombineArtifacts"): ("true", "false"),
    ("S3", "Extract"): ("true", "false"),
    ("Commands", "EnvironmentType"): ("LINUX_CONTAINER", "WINDOWS_SERVER_2022_CONTAINER"),
    ("Commands", "ComputeType"): ("BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE"),
}
CONNECTION = re.compile(r"arn:aws(-\w+)*:(codestar-connections|codeconnections):[^:]+:\d{12}:connection/[0-9a-f-]+")


def declaration(text: str) -> Refusal:
    return Refusal("InvalidActionDeclarationException", text)


def referring(text: str) -> bool:
    """Whether a text is known only when the pipeline runs."""
    return "#{" in text


@rule("CP-6", "codepipeline", *STRUCTURES, source=REQUIREMENTS)
def available(call: Call) -> Refusal | None:
    """Each action is of a type that there is."""
    for _, action in actions(call):
        kind = action["actionTypeId"]
        if action_types.find(call, kind) is None:
            words = ", ".join(f"{name.capitalize()}: '{kind[name]}'" for name in ("category", "provider", "owner", "version"))
            region = call.region.upper().replace("-", "_")
            return declaration(f"ActionType ({words}) in action '{action['name']}' is not available in region '{region}'")
    return None


@rule("CP-6", "codepipeline", *STRUCTURES, source=GUIDE + "structure-configuration-examples.html")
def configuration(call: Call) -> Refusal | None:
    """The configuration has every key that its type requires, and no other than it knows."""
    for _, action in actions(call):
        kind, given = action_types.find(call, action["actionTypeId"]), action.get("configuration", {})
        assert kind is not None
        where = f"Action configuration for action '{action['name']}'"
        for key, required in kind.keys.items():
            if required and key not in given:
                return declaration(f"{where} is missing required configuration '{key}'")
        for key in given:
            if key not in kind.keys:
                return declaration(f"{where} contains unknown configuration '{key}'")
        if wrong := _values(action, given):
            return declaration(f"{where} {wrong}")
    return None


def _values(action: Declaration, given: dict[str, str]) -> str:
    """What is wrong with the values of a configuration, as far as they say anything before the pipeline runs."""
    provider = action["actionTypeId"]["provider"]
    for key, value in given.items():
        allowed = VALUES.get((provider, key))
        if allowed and value not in allowed and not referring(value):
            return f"contains an invalid value '{value}' for '{key}'. Valid values are: {', '.join(allowed)}"
    if provider == "CodeStarSourceConnection":
        return _connection(given)
    if provider == "CodeBuild" and "EnvironmentVariables" in given:
        return _environment(given["EnvironmentVariables"])
    if provider == "CodeBuild" and len(action.get("inputArtifacts", [])) > 1 and "PrimarySource" not in given:
        return "is missing required configuration 'PrimarySource'"
    if provider == "ECS" and not re.fullmatch(r"([1-9]|[1-5]\d|60)", given.get("DeploymentTimeout", "60")):
        return "contains an invalid value for 'DeploymentTimeout'. It must be a number of minutes from 1 to 60"
    return ""


def _connection(given: dict[str, str]) -> str:
    if not CONNECTION.fullmatch(given["ConnectionArn"]):
        return f"contains an invalid value '{given['ConnectionArn']}' for 'ConnectionArn'"
    if not re.fullmatch(r"[^/\s]+(/[^/\s]+)+", given["FullRepositoryId"]):
        return f"contains an invalid value '{given['FullRepositoryId']}' for 'FullRepositoryId'"
    return ""


def _environment(text: str) -> str:
    """JSON as it is written, whatever its variables will be: a list of name, value and type."""
    try:
        found = json.loads(text)
        names = [each["name"] for each in found if isinstance(each["value"], str)]
        kinds = {each.get("type", "PLAINTEXT") for each in found}
    except (ValueError, KeyError, TypeError, AttributeError):
        return "contains an invalid value for 'EnvironmentVariables'. It must be a JSON array of objects with name, value and type"
    if len(names) < len(found) or kinds - {"PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"} or twice(names):
        return "contains an invalid value for 'EnvironmentVariables'. It must be a JSON array of objects with name, value and type"
    return ""


@rule("CP-28", "codepipeline", *STRUCTURES, source=COMMANDS)
def compute(call: Call) -> Refusal | None:
    """Commands, their variables and the files of outputs are of Commands actions, which have at least one command of one line."""
    for _, action in actions(call):
        name = action["name"]
        if action["actionTypeId"]["provider"] != "Commands":
            files = any(each.get("files") for each in action.get("outputArtifacts", []))
            if files or any(action.get(member) for member in COMPUTE):
                text = f"The following action cannot contain a commands field: {name}. To use the commands field, use a compute action."
                return structure(text)
            continue
        if not action.get("commands"):
            return structure(f"The following compute action must have a non-empty commands field: {name}")
        if any("\n" in each for each in action["commands"]):
            return declaration(f"The commands of the action '{name}' cannot have more than one line each")
        if twice(each["name"] for each in action.get("environmentVariables", [])):
            return declaration(f"The environment variables of the action '{name}' must have unique names")
        given = action.get("configuration", {}).keys() & {"VpcId", "Subnets", "SecurityGroupIds"}
        if given and len(given) < 3:
            return declaration(f"The VPC configuration of the action '{name}' must have VpcId, Subnets and SecurityGroupIds")
    return None


@rule("CP-4", "codepipeline", *STRUCTURES, source=DECLARATION)
def timed(call: Call) -> Refusal | None:
    """Only a manual approval has a time-out of its own; actions of AWS are in the pipeline's Region unless there is a store elsewhere."""
    for _, action in actions(call):
        if "timeoutInMinutes" in action and category(action) != "Approval":
            return declaration(
                f"Action '{action['name']}' cannot have timeoutInMinutes. It is available only to the manual approval action type"
            )
        region = action.get("region", call.region)
        if region == call.region:
            continue
        if category(action) in ("Source", "Approval") or action["actionTypeId"]["owner"] != "AWS":
            return declaration(
                f"Action '{action['name']}' cannot be in another region: cross-region actions are not supported for its type"
            )
    return None


@rule("CP-17", "codepipeline", *STRUCTURES, source=GUIDE + "reference-variables.html")
def namespaces(call: Call) -> Refusal | None:
    """Each namespace is one action's, and none of CodePipeline's own."""
    found = [action["namespace"] for _, action in actions(call) if action.get("namespace")]
    if name := twice(found):
        return declaration(f"Namespace '{name}' is used by more than one action. Namespaces must be unique within a pipeline")
    own = next((name for name in found if name in (variables.PIPELINE, variables.OWN)), None)
    return declaration(f"Namespace '{own}' is reserved and cannot be used by an action") if own else None
