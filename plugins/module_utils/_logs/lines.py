# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A line of a log as a person reads it. Pure.

Whoever writes into a log may write what a terminal would obey; here it is made visible.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any
from zlib import crc32

from .follower import Line

# Control characters but tab, and the signs that turn the direction of what follows.
UNSEEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
COLOURS = ("36", "32", "33", "35", "34", "96", "92", "93", "95", "94")
RED, YELLOW, FAINT = "31", "33", "2"
LEVELS = {"FATAL": RED, "ERROR": RED, "WARN": YELLOW, "WARNING": YELLOW, "DEBUG": FAINT}
# Members of a JSON line that have a place of their own; what else it has follows as name=value.
PLACED = (
    "time",
    "timestamp",
    "@timestamp",
    "level",
    "severity",
    "method",
    "path",
    "status",
    "ms",
    "duration",
    "message",
    "msg",
    "exception",
)
# Members that every line of a task repeats.
KNOWN = ("release", "process", "trace_id", "traceId")


def visible(text: str) -> str:
    """The text with its control characters as pictures (␛), those of other kinds as their numbers."""
    return UNSEEN.sub(_picture, text)


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else f"<U+{code:04X}>"


def fields(message: str) -> dict[str, Any] | None:
    """The members of a line that is a JSON object; None of another one."""
    if not message.startswith("{"):
        return None
    try:
        found = json.loads(message)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def readable(message: str) -> tuple[str, str]:
    """Level and text of a message: of JSON the request, its status, how long it took and the message; of another text itself."""
    known = fields(message)
    if known is None:
        return "", message.rstrip("\n")
    took = known.get("ms", known.get("duration"))
    parts = [
        *(str(known[name]) for name in ("method", "path", "status") if known.get(name) is not None),
        f"{took} ms" if isinstance(took, int | float) else "",
        str(known.get("message", known.get("msg")) or ""),
        _exception(known.get("exception")),
        *(f"{name}={_value(value)}" for name, value in known.items() if name not in (*PLACED, *KNOWN) and value is not None),
    ]
    return str(known.get("level") or known.get("severity") or "").upper(), " ".join(part for part in parts if part)


def _exception(value: Any) -> str:
    """`NoMethodError: its message`."""
    if not isinstance(value, dict):
        return str(value or "")
    return ": ".join(str(value[name]) for name in ("class", "message") if value.get(name))


def _value(value: Any) -> str:
    return value if isinstance(value, str) and value and " " not in value else json.dumps(value, ensure_ascii=False)


class Shown:
    """Lines as rows of a terminal. `groups`: the process of each log group. `releases`: what is known of tasks, by their ids."""

    def __init__(self, groups: Mapping[str, str], zone: tzinfo | None, colour: bool = False, raw: bool = False, width: int = 0) -> None:
        self.groups, self.zone, self.colour, self.raw, self.width = groups, zone, colour, raw, width
        self.releases: dict[str, str] = {}
        self._longest = max((len(process) for process in groups.values()), default=0) + 7
        self._day = ""

    def rows(self, line: Line) -> list[str]:
        """A line is a row, and more where it has newlines within; the first of a day comes after a row with the day."""
        when = datetime.fromtimestamp(line.time / 1000, self.zone)
        process, task = self.groups.get(line.group, line.group), line.stream.rpartition("/")[2]
        place = f"{process}/{task[:6]}"
        level, text = ("", line.message.rstrip("\n")) if self.raw else readable(line.message)
        first, *more = [visible(part.rstrip("\r")) for part in text.split("\n")]
        release = self.releases.get(task, "")
        head = f"{when:%H:%M:%S}.{when.microsecond // 1000:03}{'*' if line.late else ' '}"
        named = [self._coloured(visible(place).ljust(self._longest), COLOURS[crc32(task.encode()) % len(COLOURS)])]
        named += [visible(release).ljust(4)] if release else []
        named += [self._coloured(visible(level).ljust(5), LEVELS.get(level, ""))] if level else []
        said = [self._cut(f"{head} {' '.join(named)} ", first), *(self._cut(" " * (len(head) + 1), part) for part in more)]
        day = f"{when:%Y-%m-%d}"
        if day != self._day:
            self._day, said = day, [self._coloured(f"{when:%A %Y-%m-%d}", FAINT), *said]
        return said

    def _coloured(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and code else text

    def _cut(self, head: str, text: str) -> str:
        if not self.width:
            return head + text
        left = max(10, self.width - len(re.sub(r"\x1b\[\d+m", "", head)))
        return head + (text if len(text) <= left else f"{text[: left - 1]}…")


def as_data(line: Line, process: str, release: str) -> dict[str, Any]:
    """A line for programs: time in ISO 8601, process, task, release, stream, message, and the members of a line of JSON."""
    when = datetime.fromtimestamp(line.time / 1000).astimezone()
    return {
        "time": when.isoformat(timespec="milliseconds"),
        "process": process,
        "task": line.stream.rpartition("/")[2],
        "release": release or None,
        "log_group": line.group,
        "log_stream": line.stream,
        "event_id": line.identity,
        "ingestion_time": datetime.fromtimestamp(line.ingested / 1000).astimezone().isoformat(timespec="milliseconds"),
        "message": line.message,
        "fields": fields(line.message),
    }


def pattern(request: str, match: str) -> str:
    """The filter pattern for one request's lines, whatever their form, or for what somebody has written as a pattern."""
    return '"' + request.replace("\\", "\\\\").replace('"', '\\"') + '"' if request else match
