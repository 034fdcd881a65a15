# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command of a one-off task: its words, and whether it changes the schema. Pure."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

from .._core.errors import RailyardError

# Tasks of Rails that change the schema, of one database of several and of the gem data_migrate too; `db:seed` and the like change rows, and
# `db:migrate:status` nothing. `bin/setup` runs db:prepare.
TASKS = re.compile(
    r"\b(?:db|data):(?:\w+:)?(?:migrate(?!:(?:\w+:)?status\b)|rollback|forward|prepare|setup|reset|drop|purge|(?:schema|structure):load)\b"
    r"|\bbin/setup(?![\w-])"
)
# Ruby that migrates, or changes a table without a migration.
RUBY = re.compile(
    r"\b(?:MigrationContext|migration_context|Migrator|DatabaseTasks)\b.*\.(?:migrate|rollback|forward|up|down|run|load_schema|drop|purge|prepare)"
    r"|\.migrate\(?\s*:(?:up|down)\b|\bSchema(?:\[[\d.]+\])?\.define\b"
    r"|\b(?:create|drop|rename|change)_(?:join_)?table\b|\b(?:add|remove|rename|change)_(?:column|index|reference|belongs_to|timestamp|foreign_key)"
)
SQL = re.compile(
    r"\b(?:alter|create|drop|rename)\s+(?:or\s+replace\s+|unique\s+|materialized\s+|(?:un)?logged\s+|temp(?:orary)?\s+)*"
    r"(?:table|index|view|column|type|sequence|schema|database|function|procedure|trigger|extension|constraint|domain|policy|rule)\b",
    re.IGNORECASE,
)


def words(command: Any) -> list[str] | None:
    """A command word by word: a list, also as JSON, as it is; a line as a shell splits it. Pure; raises RailyardError for neither."""
    if command is None:
        return None
    if isinstance(command, str):
        command = _listed(command) or _split(command)
    if not isinstance(command, list) or not command or any(isinstance(word, (dict, list)) for word in command):
        raise RailyardError(f"the command is {command!r}; it must be a line, or a list of words")
    return [str(word) for word in command]


def _listed(line: str) -> Any:
    """The list that a line in brackets is as JSON; None if it is not JSON."""
    try:
        return json.loads(line) if line.lstrip().startswith("[") else None
    except ValueError:
        return None


def _split(line: str) -> list[str]:
    try:
        command = shlex.split(line)
    except ValueError as error:
        raise RailyardError(f"the command {line!r} cannot be split into words: {error}; a list of words is clear") from error
    # The program [ is a word of its own.
    if command and command[0].startswith("[") and command[0] != "[":
        right = 'for example -e \'{"command": ["bin/rails", "db:seed"]}\''
        raise RailyardError(f"the command {line!r} begins like a list and is no JSON; say a line, or a list of words, {right}")
    return command


def changes_schema(command: list[str] | None) -> bool:
    """Whether a command changes the schema: by a task of Rails, in Ruby or in SQL. Commands inside a script file are not read. Pure."""
    return any(form.search(word) for word in command or [] for form in (TASKS, RUBY, SQL))
