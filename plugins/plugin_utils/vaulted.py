# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that are, or come from, what ansible-vault has encrypted: where they stand, and why one cannot be read. No value leaves here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.parsing.vault import EncryptedString, VaultHelper

from .origin import file_of

Steps = tuple[str | int, ...]
HEADER = b"$ANSIBLE_VAULT;"
# A variable in a template, and the attributes that follow it.
REFERENCE = re.compile(r"""[A-Za-z_]\w*(?:\.\w+|\[(?:'[^']*'|"[^"]*")\])*""")
PART = re.compile(r"\w+")
TEMPLATE = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)


def secrets(variables: Mapping[str, Any], name: str) -> Iterator[Steps]:
    """Paths of the values within a variable that are encrypted, or whose templates name what is."""
    for path, value in leaves(variables.get(name), (name,)):
        if _secret(value, variables, {name}):
            yield path


def unreadable(variables: Mapping[str, Any], name: str) -> Iterator[tuple[Steps, str]]:
    """Paths of the encrypted values within a variable that cannot be decrypted, each with why."""
    for path, value in leaves(variables.get(name), (name,)):
        if isinstance(value, EncryptedString):
            try:
                str(value)
            except AnsibleError as error:
                yield path, _why(str(error).lower())


def leaves(value: Any, path: Steps) -> Iterator[tuple[Steps, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, (*path, str(key)))
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from leaves(item, (*path, number))
    else:
        yield path, value


def _why(text: str) -> str:
    if "could decrypt" in text or "decryption failed" in text:
        return "none of the vault passwords that were given fits"
    if "no vault" in text:
        return "no vault password was given"
    return "its text is damaged"


def _secret(value: Any, variables: Mapping[str, Any], seen: set[str]) -> bool:
    if VaultHelper.get_ciphertext(value, with_tags=False) is not None or _encrypted(file_of(value)):
        return True
    if not isinstance(value, str):
        return False
    named = [reference for template in TEMPLATE.findall(value) for reference in REFERENCE.findall(template)]
    return any(_names_secret(PART.findall(reference), variables, seen) for reference in named)


def _names_secret(parts: list[str], variables: Mapping[str, Any], seen: set[str]) -> bool:
    """Whether the variable of a reference, as far as its attributes can be followed, holds something encrypted."""
    if parts[0] not in variables or ".".join(parts) in seen:
        return False
    here: Any = variables[parts[0]]
    for part in parts[1:]:
        if not isinstance(here, Mapping) or part not in here:
            break
        here = here[part]
    return any(_secret(value, variables, seen | {".".join(parts)}) for _unused, value in leaves(here, ()))


@cache
def _encrypted(file: str | None) -> bool:
    try:
        return bool(file) and Path(str(file)).read_bytes()[: len(HEADER)] == HEADER
    except OSError:
        return False
