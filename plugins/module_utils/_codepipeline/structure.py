# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The structure of a pipeline in AWS's shape with snake_case names: as declared, as read back, and when both are the same.

https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html
"""

from __future__ import annotations

import json
from typing import Any

Structure = dict[str, Any]
CONNECTION = "CodeStarSourceConnection"
SOURCE = ("Source", "AWS", CONNECTION)
COMMANDS = ("Compute", "AWS", "Commands")
CODEBUILD = ("Build", "Test")
# What AWS answers where nothing was said.
OF_PIPELINE = {"pipeline_type": "V1", "execution_mode": "SUPERSEDED"}
CONDITIONS = ("before_entry", "on_success", "on_failure")
# Keys of a configuration whose value is JSON: compared by what it says.
JSON_KEYS = ("EnvironmentVariables",)


def kind(action: dict[str, Any]) -> tuple[str, str, str]:
    """Category, owner and provider of an action. Pure."""
    type_id = action["action_type_id"]
    return type_id["category"], type_id["owner"], type_id["provider"]


def actions_of(structure: Structure) -> list[tuple[str, dict[str, Any]]]:
    """Each action with its stage's name, in order. Pure."""
    return [(stage["name"], action) for stage in structure["stages"] for action in stage["actions"]]


def declared(wanted: dict[str, Any]) -> Structure:
    """The structure that the options of the module `codepipeline` declare. Pure."""
    store: dict[str, Any] = {"type": "S3", "location": wanted["artifact_bucket"]}
    if wanted["encryption_key"]:
        store["encryption_key"] = {"id": wanted["encryption_key"], "type": "KMS"}
    return {
        "name": wanted["name"],
        "role_arn": wanted["role_arn"],
        "artifact_store": store,
        "stages": [_stage(stage) for stage in wanted["stages"] or []],
        "execution_mode": wanted["execution_mode"],
        "pipeline_type": wanted["pipeline_type"],
        "variables": [_said(one) for one in wanted["variables"] or []],
        "triggers": [_trigger(one) for one in wanted["triggers"] or []],
    }


def _said(value: Any) -> Any:
    """Without what is None, in whatever depth: options that nobody has given."""
    if isinstance(value, dict):
        return {key: _said(item) for key, item in value.items() if item is not None}
    return [_said(item) for item in value] if isinstance(value, list) else value


def _stage(stage: dict[str, Any]) -> dict[str, Any]:
    conditions = {name: _said(stage[name]) for name in CONDITIONS if stage[name]}
    return {"name": stage["name"], "actions": [_action(action) for action in stage["actions"]], **conditions}


def _action(action: dict[str, Any]) -> dict[str, Any]:
    found = {
        "name": action["name"],
        "action_type_id": {member: action[member] for member in ("category", "owner", "provider", "version")},
        "run_order": action["run_order"],
        "configuration": {key: text(value) for key, value in (action["configuration"] or {}).items() if value is not None},
        "commands": list(action["commands"] or []),
        "input_artifacts": [{"name": name} for name in action["inputs"] or []],
        "output_artifacts": [{"name": one} if isinstance(one, str) else _said(one) for one in action["outputs"] or []],
        "output_variables": list(action["output_variables"] or []),
        "environment_variables": [_said(one) for one in action["environment_variables"] or []],
        "namespace": action["namespace"],
        "role_arn": action["role_arn"],
        "region": action["region"],
        "timeout_in_minutes": action["timeout_minutes"],
    }
    return {key: value for key, value in found.items() if value not in (None, [], "")}


def text(value: Any) -> str:
    """A value of a configuration, which AWS has as text: true, 5, and JSON for lists and dicts. Pure."""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, separators=(",", ":")) if isinstance(value, (dict, list)) else str(value)


def _trigger(trigger: dict[str, Any]) -> dict[str, Any]:
    filters = {member: _said(trigger[member]) for member in ("push", "pull_request") if trigger[member]}
    return {"provider_type": CONNECTION, "git_configuration": {"source_action_name": trigger["source_action"], **filters}}


def normal(structure: Structure, region: str) -> Structure:
    """A structure, declared or read back, with AWS's defaults and without what has no meaning: so that equal ones are the same. Pure."""
    kept = {key: value for key, value in structure.items() if key not in ("version", "variables", "triggers")}
    return {
        **OF_PIPELINE,
        **kept,
        "stages": [_normal_stage(stage, region) for stage in structure["stages"]],
        "variables": sorted((dict(one) for one in structure.get("variables") or []), key=lambda one: str(one["name"])),
        "triggers": _triggers(structure),
    }


def _normal_stage(stage: dict[str, Any], region: str) -> dict[str, Any]:
    """Stages and actions are keyed by the lists' order; `blockers` are AWS's own."""
    conditions = {name: stage[name] for name in CONDITIONS if stage.get(name)}
    return {"name": stage["name"], "actions": [_normal_action(action, region) for action in stage["actions"]], **conditions}


def _normal_action(action: dict[str, Any], region: str) -> dict[str, Any]:
    kept = {key: value for key, value in action.items() if value not in (None, [], {}, "") and not (key == "region" and value == region)}
    kept["run_order"] = action.get("run_order") or 1
    kept["configuration"] = {key: _value(key, value) for key, value in sorted((action.get("configuration") or {}).items())}
    if "environment_variables" in kept:
        kept["environment_variables"] = [{"type": "PLAINTEXT", **one} for one in kept["environment_variables"]]
    return kept


def _value(key: str, value: str) -> str:
    """JSON that says the same is the same."""
    if key not in JSON_KEYS:
        return value
    try:
        listed = json.loads(value)
    except ValueError:
        return value
    if isinstance(listed, list) and all(isinstance(one, dict) for one in listed):
        listed = [{"type": "PLAINTEXT", **one} for one in listed]
    return json.dumps(listed, sort_keys=True)


def _triggers(structure: Structure) -> list[dict[str, Any]]:
    return sorted(structure.get("triggers") or [], key=lambda one: str(one["git_configuration"]["source_action_name"]))


def without_default_triggers(structure: Structure) -> Structure:
    """A live structure without the triggers that AWS adds to a pipeline of type V2 that declares none: those that start an execution for
    nothing but pushes to the branch of their source. Pure."""
    branches = {
        action["name"]: (action.get("configuration") or {}).get("BranchName")
        for _stage_name, action in actions_of(structure)
        if kind(action)[2] == CONNECTION
    }

    def of_aws(trigger: dict[str, Any]) -> bool:
        git = trigger["git_configuration"]
        branch = branches.get(git["source_action_name"])
        return not git.get("pull_request") and git.get("push") in ([{"branches": {"includes": [branch]}}], None, [])

    return {**structure, "triggers": [one for one in structure.get("triggers") or [] if not of_aws(one)]}


def masked(structure: Structure) -> list[str]:
    """Where a declared structure has the asterisks by which AWS masks secrets: they would become the value. Pure."""
    return [
        f"stage {stage}, action {action['name']}, configuration.{key}"
        for stage, action in actions_of(structure)
        for key, value in action.get("configuration", {}).items()
        if value and set(value) == {"*"}
    ]
