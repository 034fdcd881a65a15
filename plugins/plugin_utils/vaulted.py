# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that are, or come from, what ansible-vault has encrypted or a store of secrets holds: where they stand, why one is unreadable.

No value leaves here.
"""

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
LOOKUP = re.compile(r"\b(?:lookup|query|q)\(\s*[\"']([\w.]+)[\"']")
UNVAULT = re.compile(r"\|\s*(?:ansible\.builtin\.)?unvault\b")
# Lookups of stores of secrets, by the last part of their names, and collections that have no others.
STORES = {
    *("aws_secret", "azure_keyvault_secret", "bitwarden", "bitwarden_secrets_manager", "conjur_variable", "cyberarkpassword", "dsv"),
    *("gcp_secret_manager", "hashi_vault", "keyring", "onepassword", "onepassword_doc", "onepassword_raw", "password", "passwordstore"),
    *("secretsmanager_secret", "tss", "unvault"),
}
COLLECTIONS = ("community.hashi_vault.", "hashicorp.vault.")
# Parameter Store has both; without decryption it shows what is no secret.
PARAMETERS = {"aws_ssm", "ssm_parameter"}
AS_IT_IS = re.compile(r"\bdecrypt\s*=\s*(?i:false|no)\b")


def secrets(variables: Mapping[str, Any], name: str) -> Iterator[Steps]:
    """Paths of the values within a variable that are encrypted, or whose templates name what is, or what a store of secrets holds."""
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
    templates = TEMPLATE.findall(value)
    if any(_of_store(template) for template in templates):
        return True
    named = [reference for template in templates for reference in REFERENCE.findall(template)]
    return any(_names_secret(PART.findall(reference), variables, seen) for reference in named)


def _of_store(template: str) -> bool:
    """Whether a template asks a store of secrets, or decrypts something."""
    for name in LOOKUP.findall(template):
        last = name.rpartition(".")[2]
        if last in STORES or name.startswith(COLLECTIONS) or (last in PARAMETERS and not AS_IT_IS.search(template)):
            return True
    return bool(UNVAULT.search(template))


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
