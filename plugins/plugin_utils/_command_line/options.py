# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a playbook: a table with the keys that options of a role have, and their values from the command line.

An option may also be `refused`: with the sentence that says what to type instead. Where one is `no_log`, somebody may have typed a secret,
and nothing of the command line is repeated.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ansible.module_utils.common.validation import check_type_bool, check_type_int

from .extra_vars import Said, quoted

Table = dict[str, dict[str, Any]]
HELP = "help"
# Ansible's own variables; what stands behind is Ansible's business.
ANSIBLE = "ansible_"
# Variables that no command line may say, except in a file.
KEYS = ("railyard_access_key", "railyard_secret_key")
KEY = (
    "a key on the command line is seen by other users of this machine, and stays in the shell's history. Leave it out, and use"
    " railyard_profile, AWS_PROFILE, an inventory encrypted with ansible-vault, or -e @<file>"
)
# Options by the names that they had before.
RENAMED = {"contract": "allow_destructive_migrations", "on_running": "if_running", "wait": "lock_timeout"}
# What Ansible selects of tasks that have no tags.
UNTAGGED = {"all", "untagged"}
PARTS = "the tasks of this playbook have no tags, and each needs those before it"
# Stands in an error for what was said.
SAID = "{said}"


def private(table: Table) -> bool:
    """Whether a person may have typed a secret. Pure."""
    return any(option.get("no_log") for option in table.values())


def parts(chosen: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a part of a playbook that a command line asks for. `chosen`: Ansible's own options by name. Pure."""
    wanted, skipped = chosen.get("tags") or ["all"], chosen.get("skip_tags") or []
    if not UNTAGGED.intersection(wanted):
        yield f"--tags {','.join(wanted)} selects nothing: {PARTS}. Leave it out"
    if skipped:
        yield f"--skip-tags {','.join(skipped)} leaves {'out everything' if UNTAGGED.intersection(skipped) else 'nothing out'}: {PARTS}"
    if chosen.get("start_at_task"):
        yield f"--start-at-task: {PARTS}. Leave it out: what is as declared stays as it is"


def problems(table: Table, said: list[Said], known: Callable[[], Iterable[str]] | None) -> Iterator[str]:
    """What is wrong with what is said, before any value is looked at. `known`: names of other variables that may be said; None when any
    name may be, because other playbooks than ours run, too."""
    names = [*(name for name, option in table.items() if "refused" not in option), HELP]
    others: list[str] | None = None
    quiet = private(table)
    for each in said:
        if not each.name:
            yield f"{'a word' if quiet else f"'{each.torn}'"} belongs to no option: write -e <option>=<value>"
        elif each.name in KEYS and not each.file:
            yield f"{each.name}: {KEY}"
        elif "refused" in table.get(each.name, {}):
            yield f"{each.name}: {table[each.name]['refused']}"
        elif each.name in names:
            yield from _torn_or_empty(each, quiet)
        elif (new := RENAMED.get(each.name, "")) in names:
            yield f"{each.name}: the option is called {new} now. Write {example(new, table[new])}"
        elif known is not None and not each.name.startswith(ANSIBLE):
            others = sorted(known()) if others is None else others
            yield from _other(each, names, others, quiet)


def _torn_or_empty(each: Said, quiet: bool) -> Iterator[str]:
    if each.torn and quiet:
        yield f"{each.name}: there are words behind it that belong to no option"
    elif each.torn:
        yield (
            f"{each.name}: the shell has torn its words apart, '{each.torn}' does not belong to it any more. Write\n    "
            f"{quoted(each.name, f'{each.value} {each.torn}')}"
        )
    elif each.empty:
        yield f"{each.name} is said without a value. Leave it out, or give it one"


def _other(each: Said, names: list[str], others: list[str], quiet: bool) -> Iterator[str]:
    if each.name in others:
        # A variable of an inventory may be empty on purpose, and on a command line only YAML and JSON can say that.
        if not each.data:
            yield from _torn_or_empty(each, quiet)
        return
    near = difflib.get_close_matches(each.name, [*names, *others], 1, 0.6)
    shown = "of a name that was said" if quiet else each.name
    text = f"there is no option {shown}; {f'the nearest is {near[0]}' if near else f'there are {listed(names)}'}"
    if each.before in names and not quiet:
        text += f".\n    If it is a part of {each.before}, the shell has taken the quotes away: {quoted(each.before, '…')[:-1]} …\"'"
    yield text


def listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def values(table: Table, given: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The value of each option (its default or None where nothing is said), and what is wrong. `given`: what was said, as values."""
    found: dict[str, Any] = {}
    wrong = []
    for name, option in table.items():
        if "refused" in option:
            continue
        found[name] = option.get("default")
        if name in given:
            try:
                found[name] = _value(option, given[name])
            except (TypeError, ValueError) as error:
                shown = "what was said" if private(table) else f"'{given[name]}'"
                wrong.append(f"{name}: {str(error).replace(SAID, shown)}")
        elif option.get("required"):
            about = option["description"].rstrip(".")
            wrong.append(f"Say {about[:1].lower()}{about[1:]}: {example(name, option)}")
    return found, wrong


def _value(option: dict[str, Any], value: Any) -> Any:
    kind = option.get("type", "str")
    if value is None or (isinstance(value, str) and not value.strip()):
        raise ValueError("its value is empty")
    if kind == "bool":
        return _bool(value)
    if kind == "int":
        return _number(option, value)
    if kind == "str" and not isinstance(value, str | int | float):
        raise ValueError("it must be a text")
    if option.get("choices") and value not in option["choices"]:
        near = difflib.get_close_matches(str(value), option["choices"], 1, 0.5)
        raise ValueError(f"{SAID} is not one of {', '.join(option['choices'])}{f'; the nearest is {near[0]}' if near else ''}")
    return str(value) if kind == "str" else value


def _bool(value: Any) -> bool:
    try:
        return bool(check_type_bool(value))
    except TypeError:
        raise ValueError(f"{SAID} is neither yes nor no") from None


def _number(option: dict[str, Any], value: Any) -> int:
    try:
        number = int(check_type_int(value))
    except TypeError:
        raise ValueError(f"{SAID} is not a whole number") from None
    least, most = option.get("minimum", 0), option.get("maximum")
    if number < least or (most is not None and number > most):
        raise ValueError(f"{number} is {f'not from {least} to {most}' if most is not None else f'less than {least}'}")
    return number


def example(name: str, option: dict[str, Any]) -> str:
    """An option as it is typed."""
    kind = option.get("type", "str")
    return quoted(name, str(option.get("example") or (option.get("choices") or ["yes" if kind == "bool" else "…"])[-1]))
