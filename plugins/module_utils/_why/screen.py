# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What why.yml prints: each finding with AWS's words, the last lines, what helps, and the command. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from .._core.printable import line
from .findings import Finding

WIDTH = 118
TITLES = {"task": "Why did the last task stop?", "target": "Why is a target unhealthy?"}
TITLES |= {"deployment": "Why does a deployment not go on?", "scaling": "Why does nothing scale?"}
NOTHING = {
    "task": "no task has stopped within the hour or so for which AWS keeps them",
    "target": "no target is unhealthy",
    "deployment": "none is in flight, and the last one did not fail",
    "scaling": "nothing keeps a process from being scaled",
}


def text(title: str, found: list[Finding], unreadable: Mapping[str, str], asked: list[str]) -> str:
    """`unreadable`: what could not be asked, by what it is about, in AWS's words. `asked`: what it was to be about."""
    said = [title]
    for about in asked:
        said += ["", TITLES[about]]
        own = [one for one in found if one["about"] == about]
        if about in unreadable:
            said += _wrapped(f"cannot be read: {unreadable[about]}")
        elif not own:
            said += _wrapped(NOTHING[about])
        for one in own:
            said += _shown(one)
    commands = list(dict.fromkeys(one["next"] for one in found if one["next"] and one["about"] in asked))
    return "\n".join([*said, *(["", "Next:", *(f"  {one}" for one in commands)] if commands else [])])


def _shown(one: Finding) -> list[str]:
    said = _wrapped(one["what"])
    for words in one["words"]:
        said += _wrapped(f"AWS: {words}", "    ")
    said += [f"    | {line(text, WIDTH - 6)}" for text in one["lines"]]
    return said + (_wrapped(f"what helps: {one['hint']}", "    ") if one["hint"] else [])


def _wrapped(text: Any, before: str = "  ") -> list[str]:
    return textwrap.wrap(line(text), WIDTH, initial_indent=before, subsequent_indent=before + "  ", break_on_hyphens=False) or [before]
