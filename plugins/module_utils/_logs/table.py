# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers of Logs Insights as tables and CSV. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from . import questions
from .lines import visible

TIMES = ("last", "first")
MILLISECONDS, STAMP = re.compile(r"\d{13}(?:\.0+)?"), re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}")
NUMBER = re.compile(r"-?\d+(\.\d+)?")
# Characters of the last column, where it is a text without end; of a number after the point.
WIDEST, PLACES = 100, 1


def shaped(rows: Iterable[Mapping[str, str]], releases: Sequence[Mapping[str, Any]], zone: tzinfo | None) -> list[dict[str, str]]:
    """Rows with times in `zone`, and releases by their numbers. What a row has not stays away."""
    return [{name: _shaped(name, value, releases, zone) for name, value in row.items()} for row in rows]


def _shaped(name: str, value: str, releases: Sequence[Mapping[str, Any]], zone: tzinfo | None) -> str:
    if name == "release":
        return questions.of_release(value, releases)
    if name in TIMES and MILLISECONDS.fullmatch(value):
        return f"{datetime.fromtimestamp(float(value) / 1000, zone):%Y-%m-%d %H:%M:%S}"
    if name in TIMES and STAMP.fullmatch(value):
        return f"{datetime.fromisoformat(f'{value}+00:00').astimezone(zone):%Y-%m-%d %H:%M:%S}"
    return value


def columns_of(rows: Iterable[Mapping[str, str]], columns: Sequence[str] = ()) -> list[str]:
    """The columns, or all that a row has, in the order in which they come."""
    return list(columns) or list(dict.fromkeys(name for row in rows for name in row))


def table(rows: Sequence[Mapping[str, str]], columns: Sequence[str] = ()) -> str:
    """Aligned columns under their names; numbers stand at the right. Empty without rows."""
    names = columns_of(rows, columns)
    cells = [[_cell(row.get(name, "")) for name in names] for row in rows]
    if not cells:
        return ""
    right = [all(NUMBER.fullmatch(line[place]) or not line[place] for line in cells) for place in range(len(names))]
    lines = [names, *cells]
    widths = [max(len(line[place]) for line in lines) for place in range(len(names))]
    placed = [
        [text.rjust(width) if at_right else text.ljust(width) for text, width, at_right in zip(line, widths, right, strict=True)]
        for line in lines
    ]
    return "\n".join("  ".join(line).rstrip() for line in placed)


def _cell(value: str) -> str:
    if NUMBER.fullmatch(value):
        return f"{float(value):.{PLACES}f}".rstrip("0").rstrip(".") if "." in value else value
    text = visible(" ".join(str(value).split()))
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def comma_separated(rows: Sequence[Mapping[str, str]], columns: Sequence[str] = ()) -> str:
    """CSV (RFC 4180) with the names of the columns. A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    names = columns_of(rows, columns)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([[_harmless(row.get(name, "")) for name in names] for row in rows])
    return text.getvalue()


def _harmless(value: str) -> str:
    return f"'{value}" if value[:1] in ("=", "+", "-", "@") and not NUMBER.fullmatch(value) else value
