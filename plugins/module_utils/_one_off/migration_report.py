# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report that a migrating task writes as lines (see migrate_rb): pending and applied migrations, and errors. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypedDict

from .migrate_rb import MARK

# https://api.rubyonrails.org/classes/ActiveRecord/Migration.html: `announce` and how the task ends with an error.
HEAD = re.compile(r"== (\d+) (\S+): (migrating|migrated)\b")
ERROR = re.compile(r"(?:bin/)?rails aborted!|[A-Z]\w*(?:::[A-Z]\w*)*: ")
LAST = 20


class Pending(TypedDict):
    """A migration that the database waits for; `destructive`: its calls that drop or rename something (remove_column)."""

    version: str
    name: str
    destructive: list[str]


class Migration(TypedDict):
    """What became of a migration of the database: see `Report.values`."""

    schema_before: str | None
    schema_after: str | None
    pending: list[Pending]
    applied: list[str]
    destructive_migrations: list[str]
    destructive_migrations_unknown: bool


@dataclass(frozen=True)
class Report:
    """`pending`: {version, name, destructive: what it drops or renames}. `applied`: versions, the oldest first.

    `listed` and `ended`: whether the task has said all that is pending, and all that is applied. `before` and `after`: versions of the
    schema.
    """

    before: str | None = None
    after: str | None = None
    pending: list[Pending] = field(default_factory=list)
    applied: list[str] = field(default_factory=list)
    listed: bool = False
    ended: bool = False
    failing: str | None = None

    @property
    def destructive(self) -> list[Pending]:
        """Those pending that drop or rename."""
        return [item for item in self.pending if item["destructive"]]

    def values(self, known: bool = True, possible: bool = False) -> Migration:
        """The result of a migration.

        `known`: which migrations are applied is known; if not, neither is the schema's version. `possible`: every pending migration may be
        applied. `destructive_migrations`: versions that drop or rename something and are applied or possible.
        `destructive_migrations_unknown`: there may be others, because the task did not report all that was pending.
        """
        versions = [item["version"] for item in self.destructive if possible or item["version"] in self.applied]
        return {
            "schema_before": self.before,
            "schema_after": self.after if known else None,
            "pending": self.pending,
            "applied": self.applied,
            "destructive_migrations": versions,
            "destructive_migrations_unknown": possible and not self.listed,
        }


def read(lines: list[str]) -> Report:
    """Read the lines of a task, in their order. Lines that are cut or are not JSON are ignored."""
    said = list(_said(lines))
    pending = [item for one in said for item in one.get("pending", [])]
    listed = _whole(said, "pending")
    ended = _whole(said, "applied")
    first = next((one for one in said if "pending" in one), {})
    heads = [match.groups() for match in map(HEAD.search, lines) if match]
    done = [version for version, _unused, what in heads if what == "migrated"]
    begun = [f"{version} {name}" for version, name, what in heads if what == "migrating" and version not in done]
    before = first.get("version")
    told = [version for one in said for version in one.get("applied", [])]
    applied = told if ended else list(dict.fromkeys([*told, *done]))
    after = ended["version"] if ended else max([*([before] if before else []), *applied], key=int, default=None)
    return Report(before, after, pending, applied, listed is not None, ended is not None, begun[-1] if begun else None)


def _whole(said: list[dict[str, Any]], name: str) -> dict[str, Any] | None:
    """The last part of a report in parts; None until all parts have come."""
    return next((one for one in said if name in one and not one.get("more")), None)


def _said(lines: list[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        _unused, mark, rest = line.partition(MARK)
        try:
            # Another line of the task may have come between the end of this one and its newline.
            found, _end = json.JSONDecoder().raw_decode(rest) if mark else (None, 0)
        except ValueError:
            continue
        if isinstance(found, dict):
            found = _renamed(found)
            if _is_ours(found):
                yield found


def _renamed(found: dict[str, Any]) -> dict[str, Any]:
    """What a task of an earlier version has written, with the names of this one. Pure."""
    pending = found.get("pending")
    if not isinstance(pending, list):
        return found
    return {**found, "pending": [_by_new_names(item) if isinstance(item, dict) else item for item in pending]}


def _by_new_names(item: dict[str, Any]) -> dict[str, Any]:
    return {"destructive" if name == "contract" else name: value for name, value in item.items()}


def _is_ours(found: dict[str, Any]) -> bool:
    if not isinstance(found.get("version", 0), (str, type(None))):
        return False
    if "applied" in found:
        return isinstance(found["applied"], list) and all(isinstance(item, str) for item in found["applied"])
    pending = found.get("pending")
    return isinstance(pending, list) and all(isinstance(item, dict) and {"version", "name", "destructive"} <= set(item) for item in pending)


def sentence(item: Pending) -> str:
    """A pending migration for a person."""
    dangerous = f", drops or renames: {', '.join(item['destructive'])}" if item["destructive"] else ""
    return f"{item['version']} {item['name']}{dangerous}"


def errors(lines: list[str]) -> list[str]:
    """The lines in which Rails tells the failure: from the first line of the error to the end, or the last lines if none looks like one."""
    own = [line for line in lines if MARK not in line]
    heads = [number for number, line in enumerate(own) if HEAD.search(line)]
    start = heads[-1] + 1 if heads else 0
    first = next((number for number in range(start, len(own)) if ERROR.match(own[number])), None)
    return own[first : first + LAST] if first is not None else own[-LAST:]
