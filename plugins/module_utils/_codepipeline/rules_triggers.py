# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules of triggers (CP-9). https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-filter.html"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .rules_structure import twice
from .structure import CONNECTION, Structure, actions_of, kind

MOST_TRIGGERS, MOST_FILTERS, MOST_PATTERNS, LONGEST_PATTERN = 50, 3, 8, 255


def _sources(structure: Structure, _region: str) -> Iterator[str]:
    given = [one["git_configuration"]["source_action_name"] for one in structure["triggers"]]
    sources = [action["name"] for _stage, action in actions_of(structure) if kind(action)[2] == CONNECTION]
    if len(given) > MOST_TRIGGERS:
        yield f"triggers: {len(given)}; AWS takes at most {MOST_TRIGGERS}"
    for name in twice(given):
        yield f"triggers: the source action {name} has more than one; put their filters into one trigger"
    for name in dict.fromkeys(given):
        if name not in sources:
            yield f"triggers: {name} is no source action with a connection ({CONNECTION}); {', '.join(sources) or 'there is none'}"


def _filters(structure: Structure, _region: str) -> Iterator[str]:
    for trigger in structure["triggers"]:
        git = trigger["git_configuration"]
        for member in ("push", "pull_request"):
            where, filters = f"trigger of {git['source_action_name']}, {member}", git.get(member) or []
            if len(filters) > MOST_FILTERS:
                yield f"{where}: {len(filters)} filters; AWS takes at most {MOST_FILTERS}"
            for number, one in enumerate(filters, 1):
                yield from _filter(f"{where}, filter {number}", one)


def _filter(where: str, one: dict[str, Any]) -> Iterator[str]:
    if one.get("tags") and (other := [name for name in ("branches", "file_paths") if one.get(name)]):
        yield f"{where}: tags and {other[0]} in one filter; write two filters"
    if not one:
        yield f"{where}: it is empty; say branches, tags, file_paths or events, or leave it out"
    for name in ("branches", "tags", "file_paths"):
        for side, patterns in (one.get(name) or {}).items():
            if not 1 <= len(patterns) <= MOST_PATTERNS or any(len(pattern) > LONGEST_PATTERN for pattern in patterns):
                right = f"1 to {MOST_PATTERNS} of at most {LONGEST_PATTERN} characters"
                yield f"{where}, {name}.{side}: {len(patterns)} patterns; AWS takes {right}"
    both = set((one.get("branches") or {}).get("includes") or []) & set((one.get("branches") or {}).get("excludes") or [])
    if both:
        yield f"{where}, branches: {sorted(both)[0]} is included and excluded, and exclusion wins; name it once"


RULES = (_sources, _filters)
