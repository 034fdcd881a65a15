# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines of a build, as a person reads them.

https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-cmd.html
"""

from __future__ import annotations

import re
from typing import Any

from .._core import aws
from .._core.printable import plain
from .._ecs.stopped_task import LogStream, log_url, without_frames

ABSENT = {"ResourceNotFoundException"}
# What CodeBuild itself writes, with the time of each line.
OWN = re.compile(r"^\[Container\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d+)? ")
FAILED = re.compile(r"Phase complete: (\w+) State: (?!SUCCEEDED)\w+")
ENTERING = "Entering phase "
SHOWN, READ = 20, 400
STREAM_ARN = re.compile(r"arn:[\w-]+:logs:[\w-]+:\d*:log-group:([^:]+)(?::log-stream:(.+))?")


def clean(text: str) -> list[str]:
    """The lines of an event without sequences for terminals; of a line that was written over, what stood last. Pure."""
    return [plain(line.rstrip("\r").rpartition("\r")[2]).rstrip() for line in text.rstrip("\n").split("\n")]


def failing(lines: list[str], number: int = SHOWN) -> list[str]:
    """The last lines of the first phase that failed, without CodeBuild's own times: what comes later is an echo of the failure. Pure."""
    told = [OWN.sub("", line) for line in lines]
    end = next((place for place, line in enumerate(told) if FAILED.search(line)), len(told))
    begin = next((place + 1 for place in range(end - 1, -1, -1) if told[place].startswith(ENTERING)), 0)
    return without_frames([line for line in told[begin:end] if line] or [line for line in told[:end] if line], number)


def last_lines(logs: Any, place: LogStream | None, number: int = SHOWN) -> list[str]:
    """`failing` lines of a log stream; [] when there is none, or nobody may read it."""
    if not place or not place.get("logStreamName"):
        return []
    answer = aws.find(logs, "GetLogEvents", ABSENT | {"AccessDeniedException"}, **place, limit=READ, startFromHead=False)
    return failing([line for event in (answer or {}).get("events", []) for line in clean(event["message"])], number)


def place_of(arn: str | None) -> LogStream | None:
    """Group and stream of the ARN of a log stream. Pure."""
    found = STREAM_ARN.fullmatch(arn or "")
    return {"logGroupName": found.group(1), "logStreamName": found.group(2)} if found and found.group(2) else None


def url(region: str, place: LogStream | None) -> str:
    """Where the console shows a log stream; "" without one. Pure."""
    return log_url(region, place) if place and place.get("logStreamName") else ""
