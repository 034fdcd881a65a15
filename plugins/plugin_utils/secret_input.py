# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of secrets that a person gives: typed, on standard input, in a file, or in an environment variable. No error shows one.

A worker of ansible-core has no standard input. Strategies that run one task at a time for all hosts look an action up in the main process
before they fork, so this file, imported by an action, keeps the descriptor there, and every worker inherits it.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import termios
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.utils.display import Display

PROMPT, STDIN = "prompt", "stdin"
# What programs print when they have no value.
NOTHING = ("none", "null", "nil", "undefined")
WAYS = "-e value_from=stdin, -e value_file=<path> or -e value_env=<name of an environment variable>"
MOST, LEAST = 1 << 20, 4
# A person may have typed the value itself where its place was meant: neither is repeated.
FILE, VARIABLE = "the file that value_file names", "the environment variable that value_env names"


def _inherited() -> int | None:
    try:
        return os.dup(0)
    except OSError:
        return None


def _is_terminal(descriptor: int | None) -> bool:
    """Whether a person sits there who is asked: not in a job in the background."""
    if descriptor is None or not os.isatty(descriptor):
        return False
    with contextlib.suppress(OSError):
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    return True


def _restored(terminal: int) -> None:
    """At the end of the run a terminal is as it was, even if the process that asked was killed."""
    saved, owner = termios.tcgetattr(terminal), os.getpid()

    def restore() -> None:
        if os.getpid() == owner:
            with contextlib.suppress(OSError, termios.error):
                termios.tcsetattr(terminal, termios.TCSADRAIN, saved)

    atexit.register(restore)


_taken: dict[str, str] = {}
_STDIN = _inherited()
_ASKED = _is_terminal(_STDIN)
if _STDIN is not None and _ASKED:
    _restored(_STDIN)


def ask(question: str, instead: str, private: bool = False) -> str:
    """What a person types. `instead`: what to do where nobody can be asked."""
    if _STDIN is None or not _ASKED:
        raise AnsibleActionFail(f"{question} cannot be asked for: standard input is no terminal. {instead}")
    shown = termios.tcgetattr(_STDIN)
    hidden = [*shown[:3], shown[3] & ~termios.ECHO, *shown[4:]]
    # Before the question is there, so that no answer comes too soon.
    termios.tcsetattr(_STDIN, termios.TCSADRAIN, hidden if private else shown)
    try:
        Display().display(f"{question}:")
        with os.fdopen(os.dup(_STDIN), "rb", buffering=0) as terminal:
            line = terminal.readline()
    finally:
        termios.tcsetattr(_STDIN, termios.TCSADRAIN, shown)
    return line.decode("utf-8", "surrogateescape").strip("\r\n")


def typed(name: str) -> str:
    return accepted(ask(f"The value of {name} (not shown)", f"Nothing was stored. Give it with {WAYS}", private=True), "what was typed")


def from_stdin() -> str:
    if _STDIN is None:
        raise AnsibleActionFail("this run has no standard input")
    if os.isatty(_STDIN):
        raise AnsibleActionFail("standard input is the terminal: give it a file or a pipe, or leave value_from out and type the value")
    with os.fdopen(os.dup(_STDIN), "rb") as file:
        return accepted(_text(file.read(MOST), "standard input"), "standard input")


def from_file(path: str) -> str:
    place = Path(path).expanduser()
    try:
        with place.open("rb") as file:
            data = file.read(MOST)
    except OSError as error:
        raise AnsibleActionFail(f"{FILE} cannot be read: {error.strerror}") from None
    return accepted(_text(data, FILE), FILE)


def take(name: str) -> None:
    """Take a variable out of the environment of this process, for `from_environment` here or in a fork: nothing that is started from now on
    inherits it."""
    if name in os.environ:
        _taken[name] = os.environ.pop(name)


def from_environment(name: str) -> str:
    """The value of a variable, which is then in no environment that is inherited."""
    take(name)
    value = _taken.pop(name, None)
    if value is None:
        raise AnsibleActionFail(f"{VARIABLE} is not there; is it exported?")
    return accepted(value, VARIABLE)


def _text(data: bytes, where: str) -> str:
    """The line end with which editors close a file is no part of the value, nor is the mark that some put before it."""
    try:
        return data.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise AnsibleActionFail(f"{where} is not text in UTF-8, and an environment variable of a task can hold nothing else") from None


def accepted(value: str, where: str) -> str:
    """The value, unless it is none."""
    if not value.strip():
        raise AnsibleActionFail(f"{where} is empty, so nothing was stored")
    if value.strip().lower() in NOTHING:
        raise AnsibleActionFail(f"{where} is the word {value.strip()}, which stands for no value; nothing was stored")
    if len(value.strip()) < LEAST:
        raise AnsibleActionFail(
            f"{where} has less than {LEAST} characters. It keeps nothing secret, and Ansible would hide them wherever they stand; what is"
            " no secret belongs in railyard_variables. Nothing was stored"
        )
    try:
        value.encode()
    except UnicodeEncodeError:
        raise AnsibleActionFail(f"{where} is not text in UTF-8, and an environment variable of a task can hold nothing else") from None
    if "\0" in value:
        raise AnsibleActionFail(f"{where} has a NUL character, which no environment variable can hold")
    return value
