# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The extra variables of the command line, as they were typed: names, and words that belong to no name.

`ansible-playbook run.yml -e command="bin/rails db:seed"` reaches Ansible as `command=bin/rails db:seed`: Ansible takes `bin/rails` for the
command and keeps `db:seed` where nobody looks.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible.parsing.splitter import split_args

Load = Callable[[str], Any]
PLAIN = re.compile(r"""[^'"\\$`!{}=]+""")


@dataclass(frozen=True)
class Said:
    """A variable of the command line. `torn`: the words behind it that belong to no variable; `before`: the variable named before it in the
    same `-e`; `empty`: it has no value, whatever it would be a value for; `data`: it was written as YAML or JSON; `file`: in a file."""

    name: str
    value: Any = None
    torn: str = ""
    before: str = ""
    empty: bool = False
    data: bool = False
    file: bool = False


def read(arguments: Iterable[str], load: Load) -> list[Said]:
    """What each `-e` says, in order. `load` makes data of YAML, JSON and of `@file`."""
    found: list[Said] = []
    for argument in arguments:
        if argument[:1] in ("@", "[", "{"):
            data = load(argument)
            items = data.items() if isinstance(data, Mapping) else ()
            file = argument.startswith("@")
            found += [Said(str(name), value, empty=_is_empty(value), data=True, file=file) for name, value in items]
        else:
            found += _pairs(argument)
    return found


def _pairs(argument: str) -> list[Said]:
    """`name=value` with spaces between them, as Ansible reads it."""
    pairs: list[list[str]] = []
    for word in split_args(argument):
        name, equals, value = word.partition("=")
        if equals and name:
            pairs.append([name.strip(), _unquoted(value.strip())])
        elif word.strip():
            pairs.append(["", "", word]) if not pairs else pairs[-1].append(word)
    before = ["", *(pair[0] for pair in pairs)]
    return [
        Said(name, value if name else None, " ".join(torn), earlier, bool(name) and not value.strip())
        for (name, value, *torn), earlier in zip(pairs, before, strict=False)
    ]


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def quoted(name: str, value: str) -> str:
    """The argument of ansible-playbook that says a value of several words, as a shell must be given it."""
    if PLAIN.fullmatch(value):
        return f"-e '{name}=\"{value}\"'" if " " in value else f"-e {name}={value}"
    return f"-e {shlex.quote(json.dumps({name: value}, ensure_ascii=False))}"
