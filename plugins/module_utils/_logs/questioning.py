# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A question, or a query of one's own, and its answer as module logs_query returns it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from .._core.errors import RailyardError
from . import query, table, time_range
from .questions import QUESTIONS, compared, new_patterns, price

NEW_PATTERNS = "new_patterns"


def answer(logs: Any, given: Mapping[str, Any], own: Mapping[str, Sequence[str]], now: datetime) -> dict[str, Any]:
    """`given`: options of logs_query. `own`: the environment's log groups, `processes` and `database`. Raises RailyardError."""
    question = QUESTIONS.get(given["question"] or "")
    groups = list(given["log_groups"] or own.get(question.of if question else "", ()))
    text = question.query if question else given["query"]
    if given["question"] == NEW_PATTERNS:
        begins, ends, rows, scanned = _compared(logs, given, groups, text, now)
    else:
        begins, ends = time_range.between(given["since"], given["to"], now)
        found = _ask(logs, given, groups, text, begins, ends)
        rows, scanned = table.shaped(found["rows"], given["releases"], now.tzinfo), found["statistics"]
    columns = list(question.columns) if question else table.columns_of(rows)
    read = scanned.get("bytes_scanned", 0.0)
    return {
        "rows": rows[: given["limit"] or None],
        "columns": [name for name in columns if any(name in row for row in rows)] or columns,
        "title": question.title if question else "",
        "since": begins.isoformat(timespec="seconds"),
        "to": ends.isoformat(timespec="seconds"),
        "log_groups": groups,
        "bytes_scanned": int(read),
        "records_matched": int(scanned.get("records_matched", 0)),
        "cost": round(price(read), 6),
    }


def _ask(logs: Any, given: Mapping[str, Any], groups: Sequence[str], text: str, begins: datetime, ends: datetime) -> query.Answer:
    # Both ends are in whole seconds: the last one is in it.
    start, end = int(begins.timestamp()), int(ends.timestamp()) + (1 if ends.microsecond else 0)
    try:
        return query.ask(logs, groups, text, start, end, lambda _line: None, given["limit"], given["wait_timeout"])
    except RailyardError as error:
        if error.code == "ResourceNotFoundException":
            words = f"of the log groups {', '.join(groups)} one is not there"
            raise RailyardError(
                f"{words}: site.yml makes those of processes, and the database makes its own with its first line"
            ) from error
        raise


def _compared(
    logs: Any, given: Mapping[str, Any], groups: Sequence[str], text: str, now: datetime
) -> tuple[datetime, datetime, list[dict[str, str]], dict[str, float]]:
    """What is new since a release: its own time, and that of the release before it."""
    here, before, until = compared(given["releases"], given["release"])
    begins, ends = datetime.fromisoformat(here).astimezone(now.tzinfo), datetime.fromisoformat(until) if until else now
    new = _ask(logs, given, groups, text, begins, ends)
    old = _ask(logs, given, groups, text, datetime.fromisoformat(before), begins)
    scanned = {name: value + old["statistics"].get(name, 0.0) for name, value in new["statistics"].items()}
    return begins, ends, new_patterns(new["rows"], old["rows"]), scanned
