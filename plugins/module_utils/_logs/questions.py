# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions that logs are asked again and again, in the language of Logs Insights. Pure.

The playbook `logs` asks them, and the module `logs_saved_query` keeps them in the account, where CloudWatch's console offers them.
They read lines of JSON with `status`, `ms`, `action`, `path`, `release` and `exception.class`, and PostgreSQL's own lines.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._core.errors import RailyardError

PROCESSES, DATABASE = "processes", "database"
# Dollars for 10**9 bytes that a query has read. https://aws.amazon.com/cloudwatch/pricing/
DOLLARS = 0.005


@dataclass(frozen=True)
class Question:
    """`title`: what the answer says. `of`: whose log groups are asked, PROCESSES or DATABASE. `columns`: the fields of the answer."""

    title: str
    query: str
    columns: tuple[str, ...]
    of: str = PROCESSES


QUESTIONS: dict[str, Question] = {
    "5xx": Question(
        "Requests that ended with an error of the server",
        "filter status >= 500 | stats count(*) as n, latest(@timestamp) as last by release, path, status | sort n desc | limit 50",
        ("n", "status", "path", "release", "last"),
    ),
    "slowest": Question(
        "The slowest actions, milliseconds",
        "filter ispresent(ms) | stats count(*) as n, pct(ms, 50) as p50, pct(ms, 95) as p95, pct(ms, 99) as p99, max(ms) as most by action"
        " | sort p95 desc | limit 50",
        ("action", "n", "p50", "p95", "p99", "most"),
    ),
    "exceptions": Question(
        "Exceptions, by class and action",
        "filter ispresent(exception.class) | stats count(*) as n, latest(@timestamp) as last, latest(exception.message) as message"
        " by exception.class, action | sort n desc | limit 50",
        ("n", "exception.class", "action", "last", "message"),
    ),
    "slow_queries": Question(
        "The slowest statements of the database, milliseconds",
        "filter @message like /duration: /"
        " | parse @message /duration: (?<took>[\\d.]+) ms\\s+(?:statement|execute [^:]*): (?<statement>[^\\n]*)/"
        " | filter ispresent(statement)"
        " | stats count(*) as n, pct(took, 95) as p95, max(took) as most by statement | sort most desc | limit 50",
        ("n", "p95", "most", "statement"),
        DATABASE,
    ),
    "by_release": Question(
        "Requests, by release",
        "filter ispresent(status) | parse status /^(?<failed>5)\\d\\d/"
        " | stats count(*) as n, count(failed) as errors, pct(ms, 50) as p50, pct(ms, 95) as p95,"
        " earliest(@timestamp) as first, latest(@timestamp) as last by release | sort last desc | limit 50",
        ("release", "n", "errors", "p50", "p95", "first", "last"),
    ),
    "new_patterns": Question(
        "Kinds of lines that were not there before",
        "filter @message not like /\\/up/ | pattern @message | limit 1000",
        ("n", "severity", "pattern"),
    ),
}
TOKEN = re.compile(r"<[^<>]*>")


def price(scanned: float) -> float:
    """Dollars for so many bytes."""
    return scanned / 1e9 * DOLLARS


def saved(prefix: str, groups: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """The questions as Logs Insights keeps them. `groups`: the log groups of PROCESSES and of DATABASE; a question without any is left out.

    Names begin with the environment's, `shop-production/`, which CloudWatch's console shows as a folder.
    """
    return [
        {"name": f"{prefix}/{name}", "query": one.query, "log_groups": list(groups[one.of])}
        for name, one in QUESTIONS.items()
        if groups.get(one.of)
    ]


def normalised(pattern: str) -> str:
    """A pattern of which only the text counts: AWS numbers its tokens, and knows more of them the more lines it has seen."""
    return " ".join(TOKEN.sub("<>", pattern).split())


def new_patterns(now: Iterable[Mapping[str, str]], before: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """Rows of `pattern` that are in `now` and in nothing `before`, as rows of the question `new_patterns`, the most frequent first."""
    known = {normalised(row.get("@pattern", "")) for row in before}
    found: dict[str, dict[str, str]] = {}
    for row in now:
        if (text := normalised(row.get("@pattern", ""))) not in known:
            number = float(row.get("@sampleCount") or 0)
            earlier = found.get(text, {"n": "0"})
            found[text] = {
                "n": f"{number + float(earlier['n']):.0f}",
                "severity": row.get("@severityLabel", ""),
                "pattern": row.get("@pattern", ""),
            }
    return sorted(found.values(), key=lambda row: -float(row["n"]))


def compared(releases: Sequence[Mapping[str, Any]], number: int) -> tuple[str, str, str]:
    """Where the lines of a release begin, where those of the release before it do, and until when they count: ISO 8601.

    `releases`: records, the newest first. Without a number the newest one counts. The third is "" for the newest: until now.
    """
    done = [
        one for one in releases if one.get("kind", "release") == "release" and one.get("status") == "succeeded" and one.get("started_at")
    ]
    place = next((index for index, one in enumerate(done) if number in (0, one["number"])), None)
    if place is None:
        raise RailyardError(f"release {number} has not succeeded, or there is none" if number else "nothing has been released yet")
    if place + 1 >= len(done):
        raise RailyardError(f"release {done[place]['number']} is the first that is known: there is nothing to compare it with")
    return str(done[place]["started_at"]), str(done[place + 1]["started_at"]), str(done[place - 1]["started_at"]) if place else ""


def of_release(value: str, releases: Iterable[Mapping[str, Any]]) -> str:
    """The release of a task definition, `shop-production-web:7` or its ARN, as `#12`; the value itself when no record has it."""
    wanted = value.rpartition("/")[2]
    for one in releases:
        if wanted in {str(arn).rpartition("/")[2] for arn in (one.get("task_definitions") or {}).values()}:
            return f"#{one['number']}"
    return value
