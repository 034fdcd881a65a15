# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parse an AnsiballZ payload without executing it."""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass
from typing import Any

# SHA-256 of the wrappers (ansible/_internal/_ansiballz/_wrapper.py, without comments) whose work module_process.py does itself.
KNOWN_WRAPPERS = {
    "5cbc94392f6ee3f3f8c8164c376abd2cbbbbf16d05e791503241ff9c31be5843": "ansible-core 2.20",
    "24d687fd95606665647b90144514db0a656c929f12296df4eea91cc691421da6": "ansible-core 2.21",
}
PLACEHOLDER = "# shebang placeholder"
CALL = b'\n\n\nif __name__ == "__main__":\n    _ansiballz_main(\n'
ARCHIVE = b"\nzip_data='"
END = b"',\n)\n"
ARGUMENTS = {"ansible_module", "module_fqn", "profile", "rlimit_nofile", "params", "extensions", "date_time"}


class Unknown(Exception):
    """A payload that is not understood; the message says why."""


@dataclass(frozen=True)
class Wrapped:
    """A module with its parameters; `archive` is the zip in base64."""

    name: str
    fqn: str
    profile: str
    params: str
    rlimit_nofile: int
    archive: bytes


def parse(payload: bytes, interpreter: str) -> Wrapped:
    """Raises Unknown for whatever differs from what ansible-core's wrapper of a known version would be."""
    code, call, arguments = payload.partition(CALL)
    if not call:
        raise Unknown("not an AnsiballZ payload")
    shebang, _newline, _rest = code.partition(b"\n")
    if shebang != f"#!{interpreter}".encode():
        raise Unknown(f"{shebang.decode(errors='replace')} is not the interpreter of ansible-playbook, {interpreter}")
    plain = code.replace(shebang, PLACEHOLDER.encode(), 1)
    if hashlib.sha256(plain).hexdigest() not in KNOWN_WRAPPERS:
        raise Unknown(f"this ansible-core makes another wrapper than {', '.join(KNOWN_WRAPPERS.values())}")
    words, zipped, archive = arguments.partition(ARCHIVE)
    if not zipped or not archive.endswith(END):
        raise Unknown("the wrapper's arguments are in another order")
    return _wrapped(_values(words), archive[: -len(END)])


def _values(words: bytes) -> dict[str, Any]:
    """Literal keyword arguments by name; others are None."""
    try:
        call = ast.parse(b"f(\n" + words + b"\n)", mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise Unknown(f"the wrapper's arguments are not Python: {error}") from error
    if not isinstance(call, ast.Call) or call.args:
        raise Unknown("the wrapper's arguments are not keywords")
    found = {}
    for keyword in call.keywords:
        try:
            found[str(keyword.arg)] = ast.literal_eval(keyword.value)
        except ValueError:
            found[str(keyword.arg)] = None
    if set(found) != ARGUMENTS:
        raise Unknown(f"the wrapper takes other arguments: {', '.join(sorted(set(found) ^ ARGUMENTS))}")
    return found


def _wrapped(values: dict[str, Any], archive: bytes) -> Wrapped:
    if values["extensions"] != {}:
        raise Unknown(f"a debugger or coverage is asked for: {', '.join(values['extensions'] or ['?'])}")
    wrapped = Wrapped(values["ansible_module"], values["module_fqn"], values["profile"], values["params"], values["rlimit_nofile"], archive)
    if not all(isinstance(text, str) for text in (wrapped.name, wrapped.fqn, wrapped.profile, wrapped.params)):
        raise Unknown("the wrapper's arguments have other types")
    if not isinstance(wrapped.rlimit_nofile, int):
        raise Unknown("rlimit_nofile is not a number")
    return wrapped
