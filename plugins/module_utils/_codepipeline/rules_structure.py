# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules of the whole of a pipeline: names, numbers, type, conditions (CP-1, CP-2, CP-8, CP-10, CP-12)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from .structure import CONDITIONS, Structure, actions_of, masked

NAME = re.compile(r"[A-Za-z0-9.@_-]{1,100}")
ROLE = re.compile(r"arn:[\w-]+:iam::\d{12}:role/.+")
BUCKET = re.compile(r"[a-zA-Z0-9.-]{3,63}")
VARIABLE = re.compile(r"[A-Za-z0-9@_-]{1,128}")
LETTERS = "letters, digits and . @ _ -"
MOST_STAGES, MOST_ACTIONS, MOST_VARIABLES, LONGEST_DEFAULT = 50, 50, 50, 1000
# https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works-conditions.html
RESULTS = {"before_entry": ("FAIL", "SKIP"), "on_success": ("FAIL", "ROLLBACK"), "on_failure": ("FAIL", "RETRY", "ROLLBACK", "SKIP")}
MAY_SKIP = ("LambdaInvoke", "VariableCheck")


def place(stage: str, action: dict[str, Any] | None = None) -> str:
    return f"stage {stage}, action {action['name']}" if action else f"stage {stage}"


def twice(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def _names(structure: Structure, _region: str) -> Iterator[str]:
    found = [("name", structure["name"]), *((f"stage {stage['name']}, name", stage["name"]) for stage in structure["stages"])]
    found += [(f"{place(stage, action)}, name", action["name"]) for stage, action in actions_of(structure)]
    for where, name in found:
        if not NAME.fullmatch(name):
            yield f"{where}: {name!r} is no name for AWS; 1 to 100 {LETTERS} are right"
    for name in twice(stage["name"] for stage in structure["stages"]):
        yield f"stages: the name {name} is there more than once; each stage has its own"
    for stage in structure["stages"]:
        for name in twice(action["name"] for action in stage["actions"]):
            yield f"{place(stage['name'])}: the action {name} is there more than once; each action of a stage has its own name"


def _stages(structure: Structure, _region: str) -> Iterator[str]:
    stages = structure["stages"]
    if not 2 <= len(stages) <= MOST_STAGES:
        yield f"stages: {len(stages)}; AWS takes 2 to {MOST_STAGES}, the first with the source"
    for number, stage in enumerate(stages):
        if not 1 <= len(stage["actions"]) <= MOST_ACTIONS:
            yield f"{place(stage['name'])}: {len(stage['actions'])} actions; AWS takes 1 to {MOST_ACTIONS}"
        for action in stage["actions"]:
            category = action["action_type_id"]["category"]
            if number == 0 and category != "Source":
                yield f"{place(stage['name'], action)}: its category is {category}; the first stage has only actions of Source"
            elif number and category == "Source":
                yield f"{place(stage['name'], action)}: its category is Source; actions of Source are in the first stage only"


def _owners(structure: Structure, _region: str) -> Iterator[str]:
    given = [("role_arn", structure["role_arn"])]
    given += [
        (f"{place(stage, action)}, role_arn", action["role_arn"]) for stage, action in actions_of(structure) if action.get("role_arn")
    ]
    for where, role in given:
        if not ROLE.fullmatch(str(role)):
            yield f"{where}: {role} is no ARN of a role, which ends with :iam::<account>:role/<name>"
    bucket = str(structure["artifact_store"]["location"])
    if not BUCKET.fullmatch(bucket):
        yield f"artifact_bucket: {bucket} is no name of a bucket; the name alone is right, without s3:// or arn: and without a path"
    for where in masked(structure):
        yield f"{where}: only asterisks, by which AWS masks a secret when it is read back; write what it really is"


def _version(structure: Structure, _region: str) -> Iterator[str]:
    if structure["pipeline_type"] != "V1":
        return
    only = [member for member in ("triggers", "variables") if structure[member]]
    if structure["execution_mode"] != "SUPERSEDED":
        only.append(f"execution_mode {structure['execution_mode']}")
    only += [f"{name} of stage {stage['name']}" for stage in structure["stages"] for name in CONDITIONS if stage.get(name)]
    for one in only:
        yield f"pipeline_type: V1 knows no {one}; V2 does"


def _variables(structure: Structure, _region: str) -> Iterator[str]:
    names = [one["name"] for one in structure["variables"]]
    if len(names) > MOST_VARIABLES:
        yield f"variables: {len(names)}; AWS takes at most {MOST_VARIABLES}"
    for name in twice(names):
        yield f"variables: {name} is there more than once; once is right"
    for one in structure["variables"]:
        if not VARIABLE.fullmatch(one["name"]):
            yield f"variables: {one['name']!r} is no name for AWS; 1 to 128 letters, digits and @ _ - are right"
        if len(one.get("default_value", "x")) not in range(1, LONGEST_DEFAULT + 1):
            yield f"variables: the default of {one['name']} has {len(one['default_value'])} characters; AWS takes 1 to {LONGEST_DEFAULT}"


def _conditions(structure: Structure, _region: str) -> Iterator[str]:
    for stage in structure["stages"]:
        for name in CONDITIONS:
            if stage.get(name):
                yield from _condition(structure, stage["name"], name, stage[name])


def _condition(structure: Structure, stage: str, name: str, given: dict[str, Any]) -> Iterator[str]:
    where, conditions = f"{place(stage)}, {name}", given.get("conditions") or []
    if given.get("result") and conditions:
        yield f"{where}: result and conditions; AWS takes one of them"
    if len(conditions) > 1:
        yield f"{where}: {len(conditions)} conditions; AWS takes one, with up to five rules"
    results = [given["result"]] if given.get("result") else []
    for one in [*results, *(condition["result"] for condition in conditions if condition.get("result"))]:
        if one not in RESULTS[name]:
            yield f"{where}: the result {one}; AWS takes {', '.join(RESULTS[name])} there"
        elif one == "ROLLBACK" and structure["execution_mode"] == "PARALLEL":
            yield f"{where}: ROLLBACK with execution_mode PARALLEL, which cannot roll back; QUEUED or SUPERSEDED can"
    for condition in conditions:
        rules = [rule.get("rule_type_id", {}).get("provider", "") for rule in condition.get("rules", [])]
        other = [provider for provider in rules if provider not in MAY_SKIP]
        if condition.get("result") == "SKIP" and other:
            yield f"{where}: SKIP with a rule of {other[0]}; only {' and '.join(MAY_SKIP)} can skip a stage"


RULES = (_names, _stages, _owners, _version, _variables, _conditions)
