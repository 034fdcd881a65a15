# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules of the action Commands. https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .providers import COMMANDS
from .rules_structure import place, twice
from .structure import Structure, actions_of, kind

MOST_COMMANDS, LONGEST_COMMAND = 50, 1000
MOST_VARIABLES, LONGEST_VALUE, MOST_OUTPUTS, MOST_FILES, LONGEST_FILE = 10, 2000, 15, 10, 128
TYPES = ("PLAINTEXT", "SECRETS_MANAGER")
NAME = re.compile(r"[A-Za-z0-9_]{1,128}")
MISPLACED = ("commands", "environmentvariables", "outputvariables")
OWN = ("commands", "environment_variables", "output_variables")


def _is_commands(action: dict[str, Any]) -> bool:
    return kind(action)[2] == COMMANDS


def _commands(structure: Structure, _region: str) -> Iterator[str]:
    for stage, action in actions_of(structure):
        where, given = place(stage, action), action.get("commands", [])
        if not _is_commands(action):
            continue
        if wrong := [key for key in action.get("configuration", {}) if key.lower() in MISPLACED]:
            yield f"{where}, configuration: {wrong[0]} stands in it; `commands` and `environment_variables` are options beside it"
        if not 1 <= len(given) <= MOST_COMMANDS:
            yield f"{where}, commands: {len(given)}; AWS takes 1 to {MOST_COMMANDS}"
        for number, command in enumerate(given, 1):
            if not 1 <= len(command) <= LONGEST_COMMAND:
                yield f"{where}, commands: the {number}. has {len(command)} characters; AWS takes 1 to {LONGEST_COMMAND}"
            if "\n" in command.strip("\n"):
                yield f"{where}, commands: the {number}. has several lines, of which AWS runs the first; write one command for each line"


def _variables(structure: Structure, _region: str) -> Iterator[str]:
    for stage, action in actions_of(structure):
        given, where = action.get("environment_variables", []), f"{place(stage, action)}, environment_variables"
        if len(given) > MOST_VARIABLES:
            yield f"{where}: {len(given)}; AWS takes at most {MOST_VARIABLES}"
        for name in twice(one["name"] for one in given):
            yield f"{where}: {name} is there more than once; once is right"
        for one in given:
            if one.get("type", TYPES[0]) not in TYPES:
                instead = "SECRETS_MANAGER is right, or the command reads the parameter itself" if one["type"] == "PARAMETER_STORE" else ""
                yield f"{where}: {one['name']} is of the type {one['type']}; {instead or ' or '.join(TYPES) + ' is right'}"
            if not NAME.fullmatch(one["name"]):
                yield f"{where}: {one['name']!r} is no name for AWS; letters, digits and _ are right"
            if not 1 <= len(one["value"]) <= LONGEST_VALUE:
                yield f"{where}: the value of {one['name']} has {len(one['value'])} characters; AWS takes 1 to {LONGEST_VALUE}"


def _only_here(structure: Structure, _region: str) -> Iterator[str]:
    for stage, action in actions_of(structure):
        if _is_commands(action):
            if len(action.get("output_variables", [])) > MOST_OUTPUTS:
                yield f"{place(stage, action)}, output_variables: {len(action['output_variables'])}; AWS takes at most {MOST_OUTPUTS}"
            continue
        provider = kind(action)[2]
        for option in OWN:
            if action.get(option):
                hint = "; configuration.EnvironmentVariables is right for it" if option == OWN[1] and provider == "CodeBuild" else ""
                yield f"{place(stage, action)}, {option}: {provider} takes none, only {COMMANDS} of the category Compute does{hint}"


def _files(structure: Structure, _region: str) -> Iterator[str]:
    for stage, action in actions_of(structure):
        for one in action.get("output_artifacts", []):
            files, where = one.get("files") or [], f"{place(stage, action)}, outputs: {one['name']}"
            if files and not _is_commands(action):
                yield f"{where} has files, which only {COMMANDS} may say; a buildspec names those of CodeBuild"
            if len(files) > MOST_FILES or any(len(file) > LONGEST_FILE for file in files):
                yield f"{where} has {len(files)} files; AWS takes at most {MOST_FILES} of {LONGEST_FILE} characters"


RULES = (_commands, _variables, _only_here, _files)
