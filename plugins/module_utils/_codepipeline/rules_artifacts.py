# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules of artifacts: what is made, by what name, and who reads it (CP-3, CP-7)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any

from .providers import MANUAL
from .rules_actions import of_aws
from .rules_structure import place
from .structure import CONNECTION, Structure, actions_of, kind

NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")


def names(action: dict[str, Any], which: str) -> list[str]:
    """The names of an action's `input_artifacts` or `output_artifacts`."""
    return [str(one["name"]) for one in action.get(which, [])]


def _outputs(structure: Structure, _region: str) -> Iterator[str]:
    makers: dict[str, str] = {}
    for stage, action in actions_of(structure):
        for name in names(action, "output_artifacts"):
            where = f"{place(stage, action)}, outputs"
            if not NAME.fullmatch(name):
                yield f"{where}: {name!r} is no name of an artifact; 1 to 100 letters, digits, _ and - are right, no dot"
            if name in makers:
                yield f"{where}: {name} is made by {makers[name]} already; each artifact has its own name"
            makers.setdefault(name, place(stage, action))


def _inputs(structure: Structure, _region: str) -> Iterator[str]:
    every = [name for _stage, action in actions_of(structure) for name in names(action, "output_artifacts")]
    made: set[str] = set()
    for stage in structure["stages"]:
        for order in sorted({action.get("run_order", 1) for action in stage["actions"]}):
            now = [action for action in stage["actions"] if action.get("run_order", 1) == order]
            for action in now:
                for name in names(action, "input_artifacts"):
                    if name not in made:
                        yield f"{place(stage['name'], action)}, inputs: {name} {_why(name, every, made)}"
            made |= {name for action in now for name in names(action, "output_artifacts")}


def _why(name: str, every: list[str], made: set[str]) -> str:
    if name in every:
        return "is made later or at the same time; an input comes from an earlier stage, or from an action of lower run_order"
    close = difflib.get_close_matches(name, sorted(made), 1)
    right = f"{close[0]} seems to be meant" if close else f"until there {', '.join(sorted(made)) or 'nothing'} is made"
    return f"is no output of an earlier action; {right}"


def _counts(structure: Structure, _region: str) -> Iterator[str]:
    for stage, action in actions_of(structure):
        known = of_aws(action)
        if known is None:
            continue
        for option, which, (least, most) in (("inputs", "input_artifacts", known.inputs), ("outputs", "output_artifacts", known.outputs)):
            number = len(names(action, which))
            if not least <= number <= most:
                right = str(least) if least == most else f"{least} to {most}"
                yield f"{place(stage, action)}, {option}: {number}; {kind(action)[2]} takes {right}"


def _primary(structure: Structure, _region: str) -> Iterator[str]:
    for stage, action in actions_of(structure):
        given, primary = names(action, "input_artifacts"), action.get("configuration", {}).get("PrimarySource")
        where = f"{place(stage, action)}, configuration.PrimarySource"
        if kind(action)[2] != "CodeBuild":
            continue
        if len(given) > 1 and not primary:
            yield f"{where}: missing with {len(given)} inputs; name the one that has the buildspec, one of {', '.join(given)}"
        elif primary and primary not in given:
            yield f"{where}: {primary} is none of the inputs; {', '.join(given)} are"


def _clones(structure: Structure, _region: str) -> Iterator[str]:
    """A reference to clone is no folder: only CodeBuild can follow it."""
    clones = {
        name
        for _stage, action in actions_of(structure)
        if kind(action)[2] == CONNECTION and action.get("configuration", {}).get("OutputArtifactFormat") == "CODEBUILD_CLONE_REF"
        for name in names(action, "output_artifacts")
    }
    for stage, action in actions_of(structure):
        for name in sorted(clones & set(names(action, "input_artifacts"))):
            if kind(action)[2] not in ("CodeBuild", MANUAL):
                where = f"{place(stage, action)}, inputs"
                yield f"{where}: {name} is a reference (CODEBUILD_CLONE_REF), which only CodeBuild can read; CODE_ZIP is right"


RULES = (_outputs, _inputs, _counts, _primary, _clones)
