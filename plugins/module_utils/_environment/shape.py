# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks a description against its specification (roles/preflight/meta/argument_specs.yml): names, types, choices, what is required.

Ansible's own validation turns "512" into 512 and stops at the first fault; a description is read by people, by several roles and by
parity, so a value has the type that it is documented with, and all faults are told at once.
"""

from __future__ import annotations

import re
from typing import Any

from .problem import Path, Problem, likely, nearest, one_of

Spec = dict[str, Any]

# Variables whose keys a team chooses, and the entry point of the role's specification that describes one value.
ENTRIES = {"railyard_processes": "process", "railyard_schedules": "schedule"}
# Variables whose names within are a team's own.
CHOSEN = (*ENTRIES, "railyard_sizes", "railyard_variables", "railyard_tags")
# No role reads these, so that an empty one harms nobody.
UNREAD = ("railyard_branch", "railyard_domain", "railyard_repository", "railyard_schedules")
# Their values may be secrets by mistake, so no message repeats one.
NOT_SHOWN = {"railyard_variables", "railyard_secrets", "railyard_access_key", "railyard_secret_key"}

PYTHON: dict[str, Any] = {"str": str, "int": int, "bool": bool, "dict": dict, "list": list, "float": (int, float)}
WORDS = {"str": "a text", "int": "a whole number", "bool": "true or false", "dict": "a dictionary", "list": "a list", "float": "a number"}


def conform(specs: dict[str, Spec], description: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The description without unknown, empty and wrongly typed values, so that later checks need no type checks; and the problems of those.

    Within a variable, None stands for a value that was refused or misspelt, so that it is not reported as missing.

    `specs` is the content of `argument_specs`, by entry point.
    """
    found: list[Problem] = []
    clean = _options(specs["main"]["options"], description, (), found)
    for name in CHOSEN:
        if name in clean:
            clean[name] = _named(clean[name], name, found)
    for name, entry in ENTRIES.items():
        if name in clean:
            clean[name] = {key: _entry(specs[entry]["options"], value, (name, key), found) for key, value in clean[name].items()}
    if "railyard_sizes" in clean:
        clean["railyard_sizes"] = _sizes(specs, clean, found)
    if "railyard_variables" in clean:
        clean["railyard_variables"] = _variables(clean["railyard_variables"], found)
    return clean, found


def _named(given: dict[Any, Any], variable: str, found: list[Problem]) -> dict[str, Any]:
    """The entries whose names are texts. YAML reads on, off, yes, no and numbers as booleans and numbers."""
    for key in given:
        if not isinstance(key, str):
            what = f"a name in {variable} is {_kind(key)} ({key}), not a text"
            right = "'on' or 'off', 'yes' or 'no': the name in quotes" if isinstance(key, bool) else "the name in quotes"
            found.append(Problem(what, (variable, str(key)), right))
    return {str(key): value for key, value in given.items() if isinstance(key, str)}


def _entry(options: Spec, value: Any, path: Path, found: list[Problem]) -> dict[str, Any]:
    if value is None or isinstance(value, dict):
        return _options(options, value or {}, path, found)
    found.append(_wrong_type("dict", value, path))
    return dict.fromkeys(options)


def _sizes(specs: dict[str, Spec], clean: dict[str, Any], found: list[Problem]) -> dict[str, Any]:
    known = [*clean.get("railyard_processes", {}), "database"]
    sizes = {}
    for name, value in clean["railyard_sizes"].items():
        if name not in known and "railyard_processes" in clean:
            found.append(Problem(f"there is no process {name} to give a size to", ("railyard_sizes", name), nearest(name, known)))
            continue
        entry = "database_size" if name == "database" else "process_size"
        sizes[name] = _entry(specs[entry]["options"], value, ("railyard_sizes", name), found)
    return sizes


def _variables(variables: dict[str, Any], found: list[Problem]) -> dict[str, str]:
    texts = {}
    for name, value in variables.items():
        if isinstance(value, str):
            texts[name] = str(value)
        else:
            what = f"the value of {name} is {_kind(value)}, and an environment variable is always a text"
            found.append(Problem(what, ("railyard_variables", name), "the value in quotes"))
    return texts


def _options(options: Spec, given: dict[str, Any], path: Path, found: list[Problem]) -> dict[str, Any]:
    clean: dict[str, Any] = {}
    meant = set()
    for name, value in given.items():
        if name not in options:
            what = f"unknown {'key' if path else 'variable'} {name}"
            found.append(Problem(what, (*path, str(name)), nearest(str(name), list(options))))
            meant.add(likely(str(name), list(options)))
        elif value is not None:
            clean |= _value(options[name], name, value, path, found)
        elif not options[name].get("required") and name not in UNREAD:
            found.append(Problem(f"{name} is empty", (*path, name), f"the line left out, or {example(name, options[name])}"))
            clean |= {name: None} if path else {}
    for name, option in options.items():
        # What is only misspelt is not missing as well.
        if option.get("required") and given.get(name) is None and name not in meant:
            found.append(Problem(f"{name} is missing", (*path, name), example(name, option)))
    if path:
        clean = {**dict.fromkeys(meant - {""}), **clean}
    return clean


def _value(option: Spec, name: str, value: Any, path: Path, found: list[Problem]) -> dict[str, Any]:
    """{name: value} when the value is as specified."""
    here = (*path, name)
    refused = {name: None} if path else {}
    wanted = option.get("type", "str")
    if not _is(wanted, value):
        found.append(_wrong_type(wanted, value, here))
        return refused
    choices = option.get("choices")
    if choices and value not in choices:
        found.append(Problem(f"{name} is {value!r}", here, one_of(choices)))
        return refused
    if wanted == "dict" and "options" in option:
        return {name: _options(option["options"], value, here, found)}
    if wanted == "list" and "elements" in option:
        wrong = [number for number, item in enumerate(value) if not _is(option["elements"], item)]
        found.extend(_wrong_type(option["elements"], value[number], (*here, number)) for number in wrong)
        # An element keeps its place, so that later problems point at the right one.
        return {name: [None if number in wrong else item for number, item in enumerate(value)]}
    return {name: value}


def _is(wanted: str, value: Any) -> bool:
    return isinstance(value, PYTHON.get(wanted, object)) and (wanted == "bool" or not isinstance(value, bool))


def _kind(value: Any) -> str:
    if value is None:
        return "empty"
    return next((WORDS[name] for name in ("bool", "int", "float", "str", "list", "dict") if _is(name, value)), f"a {type(value).__name__}")


def _wrong_type(wanted: str, value: Any, path: Path) -> Problem:
    shown = "" if path[0] in NOT_SHOWN or isinstance(value, dict | list) or value is None else f" ({value})"
    what = f"{path[-1] if isinstance(path[-1], str) else 'the entry'} is {_kind(value)}{shown}, not {WORDS.get(wanted, wanted)}"
    if isinstance(value, str) and wanted == "int" and value.isdigit():
        return Problem(what, path, f"{value}, without quotes")
    if isinstance(value, str) and wanted == "bool" and value.lower() in ("true", "false", "yes", "no"):
        return Problem(what, path, "true or false, without quotes")
    if wanted == "str" and isinstance(value, int | float) and not isinstance(value, bool):
        return Problem(what, path, "the same in quotes, so that YAML does not read it as a number")
    return Problem(what, path, WORDS.get(wanted, wanted))


# Of documentation, in messages: V(production), C(cron(0 18 * * ? *)).
MARKUP = re.compile(r"\b[A-Z]\(((?:[^()]|\([^()]*\))*)\)")


def example(name: str, option: Spec) -> str:
    """A text for `right`: what an option accepts."""
    text = option["description"]
    sentence = MARKUP.sub(r"\1", text if isinstance(text, str) else text[0])
    return f"{WORDS.get(option.get('type', 'str'), '')}: {sentence[:1].lower()}{sentence[1:]}"
