"""What CodePipeline refuses of a structure as a whole: stages, names, types, modes, variables, conditions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from ...registry import rule
from ...services.codepipeline.action_types import V2, rule_keys
from ...services.codepipeline.shapes import BEFORE, FAILURE, SUCCESS, Declaration
from ...wire import Call, Refusal
from .names import API, LIMITS, STRUCTURES

GUIDE = "https://docs.aws.amazon.com/codepipeline/latest/userguide/"
REQUIREMENTS = GUIDE + "reference-pipeline-structure.html"
STAGES, ACTIONS, ALL_ACTIONS = 50, 50, 1000
RESULTS = {BEFORE: ("FAIL", "SKIP"), SUCCESS: ("FAIL", "ROLLBACK"), FAILURE: ("ROLLBACK",)}
SKIPPING = ("LambdaInvoke", "VariableCheck")
OPERATORS = ("EQ", "NE", "CONTAINS", "MATCHES")


def structure(text: str) -> Refusal:
    return Refusal("InvalidStructureException", text)


def invalid(text: str) -> Refusal:
    return Refusal("ValidationException", text)


def stages(call: Call) -> list[Declaration]:
    found: list[Declaration] = call.params["pipeline"]["stages"]
    return found


def actions(call: Call) -> Iterator[tuple[Declaration, Declaration]]:
    """Each action, with its stage."""
    yield from ((stage, action) for stage in stages(call) for action in stage["actions"])


def category(action: Declaration) -> str:
    return str(action["actionTypeId"]["category"])


def twice(names: Iterable[str]) -> str | None:
    """The first name that stands there more than once."""
    return next((name for name, count in Counter(names).items() if count > 1), None)


@rule("CP-1", "codepipeline", *STRUCTURES, source=REQUIREMENTS)
def enough(call: Call) -> Refusal | None:
    """Two to fifty stages, each with one to fifty actions."""
    count = len(stages(call))
    if count < 2:
        return structure(f"Pipeline has only {count} stage(s). There should be a minimum of 2 stages in a pipeline")
    if count > STAGES:
        return structure(f"Pipeline has too many stages. There can only be up to {STAGES} stages in a pipeline")
    for stage in stages(call):
        if not stage["actions"]:
            return Refusal(
                "InvalidStageDeclarationException", f"Stage '{stage['name']}' has no actions. A stage must contain at least one action"
            )
        if len(stage["actions"]) > ACTIONS:
            return Refusal("LimitExceededException", f"Stage '{stage['name']}' has more than {ACTIONS} actions")
    if sum(len(stage["actions"]) for stage in stages(call)) > ALL_ACTIONS:
        return Refusal("LimitExceededException", f"Pipeline has more than {ALL_ACTIONS} actions")
    return None


@rule("CP-1", "codepipeline", *STRUCTURES, source=REQUIREMENTS)
def sources(call: Call) -> Refusal | None:
    """The first stage has sources only, the others have none, and there are others."""
    first, *others = stages(call)
    if all(category(action) == "Source" for _, action in actions(call)):
        return structure("Pipeline should contain at least 1 action whose category is not Source")
    if any(category(action) != "Source" for action in first["actions"]):
        return structure("Pipeline should start with a stage that only contains source actions")
    if any(category(action) == "Source" for stage in others for action in stage["actions"]):
        return structure("Source actions can only be included in the first stage of the pipeline")
    return None


@rule("CP-2", "codepipeline", *STRUCTURES, source=REQUIREMENTS)
def names(call: Call) -> Refusal | None:
    """Names of stages, and of the actions of a stage, are unique."""
    if name := twice(stage["name"] for stage in stages(call)):
        return Refusal("InvalidStageDeclarationException", f"Stage name '{name}' is used more than once")
    for stage in stages(call):
        if name := twice(action["name"] for action in stage["actions"]):
            text = f"Action name '{name}' is used more than once in stage '{stage['name']}'"
            return Refusal("InvalidActionDeclarationException", text)
        if stage.get("blockers"):
            return Refusal("InvalidBlockerDeclarationException", f"Stage '{stage['name']}' has blockers, which are reserved for future use")
    return None


@rule("CP-8", "codepipeline", *STRUCTURES, source=GUIDE + "pipeline-types-planning.html")
def version_two(call: Call) -> Refusal | None:
    """Triggers, variables, modes, conditions and some actions are for V2 pipelines; a pipeline without a type is V1."""
    given = call.params["pipeline"]
    if given.get("pipelineType", "V1") != "V1":
        return None
    if given.get("triggers"):
        return structure("Triggers on tag can only be used with V2 pipelines")
    if given.get("variables"):
        return structure("Pipeline variable can only be used with V2 pipelines")
    if given.get("executionMode", "SUPERSEDED") != "SUPERSEDED":
        return structure("QUEUED or PARALLEL mode can only be used with V2 pipelines")
    if any(member in stage for stage in stages(call) for member in (BEFORE, SUCCESS, FAILURE)):
        return Refusal("InvalidStageDeclarationException", "Stage level conditions can only be used with V2 pipelines.")
    for _, action in actions(call):
        kind = action["actionTypeId"]
        if (kind["category"], kind["provider"]) in V2:
            text = f"{kind['provider']} Action can only be used with V2 pipelines."
            return Refusal("InvalidActionDeclarationException", text)
    return None


@rule("CP-10", "codepipeline", *STRUCTURES, source=API + "API_FailureConditions.html")
def failure(call: Call) -> Refusal | None:
    """On failure there is a result or there are conditions; nothing is rolled back in PARALLEL mode, and retried are whole failures."""
    parallel = call.params["pipeline"].get("executionMode") == "PARALLEL"
    for number, stage in enumerate(stages(call)):
        wanted = stage.get(FAILURE, {})
        given = [each.get("result") for kind in (SUCCESS, FAILURE) for each in stage.get(kind, {}).get("conditions", [])]
        if wanted.get("result") and wanted.get("conditions"):
            text = "The following stage cannot have a failure exit gate configured with both top level result and conditions"
            return Refusal("InvalidStageDeclarationException", f"{text}: '{stage['name']}'")
        if FAILURE in stage and not wanted.get("result") and not wanted.get("conditions"):
            return _stage(stage, "must have either a result or conditions in onFailure")
        if wanted.get("retryConfiguration") and wanted.get("result") != "RETRY":
            return _stage(stage, "has a retryConfiguration, which needs the result RETRY")
        if "ROLLBACK" not in (wanted.get("result"), *given):
            continue
        if parallel:
            text = "Failure conditions with rollback result type cannot be added to a PARALLEL pipeline."
            return Refusal("InvalidStageDeclarationException", text)
        if number == 0:
            return _stage(stage, "contains source actions and cannot have the result ROLLBACK")
    return None


def _stage(stage: Declaration, text: str) -> Refusal:
    return Refusal("InvalidStageDeclarationException", f"Stage '{stage['name']}' {text}")


@rule("CP-27", "codepipeline", *STRUCTURES, source=GUIDE + "stage-conditions.html")
def conditions(call: Call) -> Refusal | None:
    """Each kind of condition has its own results, and rules of known types with what they need."""
    for stage in stages(call):
        for kind, allowed in RESULTS.items():
            for condition in stage.get(kind, {}).get("conditions", []):
                if condition.get("result") not in allowed:
                    return _stage(stage, f"has a condition in {kind} whose result must be one of {', '.join(allowed)}")
                if (wrong := _rules(stage, condition)) is not None:
                    return wrong
    return None


def _rules(stage: Declaration, condition: dict[str, Any]) -> Refusal | None:
    rules = condition.get("rules") or []
    if not rules:
        return _stage(stage, "has a condition without rules")
    if name := twice(each["name"] for each in rules):
        return _stage(stage, f"has the rule name '{name}' more than once in a condition")
    wrong = next((f"has a rule '{each['name']}' {text}" for each in rules if (text := _rule(each, condition["result"]))), None)
    return _stage(stage, wrong) if wrong else None


def _rule(given: Declaration, result: str) -> str:
    """What is wrong with a rule, "" for nothing."""
    provider, configuration = given["ruleTypeId"]["provider"], given.get("configuration", {})
    keys = rule_keys(provider)
    if keys is None or given["ruleTypeId"].get("version", "1") != "1":
        return f"of a type that is not available: '{provider}'"
    if result == "SKIP" and provider not in SKIPPING:
        return f"that does not go with the result SKIP, for which only {' and '.join(SKIPPING)} rules are supported"
    if missing := next((key for key, required in keys.items() if required and key not in configuration), None):
        return f"that is missing required configuration '{missing}'"
    if unknown := next((key for key in configuration if key not in keys), None):
        return f"that contains unknown configuration '{unknown}'"
    if provider == "VariableCheck" and configuration["Operator"] not in OPERATORS:
        return f"whose Operator must be one of {', '.join(OPERATORS)}"
    if bool(given.get("commands")) != (provider == "Commands"):
        return "whose commands do not go with its type"
    return ""


@rule("CP-10", "codepipeline", *STRUCTURES, source=LIMITS)
def variables(call: Call) -> Refusal | None:
    """Names of a pipeline's variables are unique."""
    name = twice(each["name"] for each in call.params["pipeline"].get("variables", []))
    return structure(f"Variable names must be unique. The following variable name is already in use: {name}") if name else None
