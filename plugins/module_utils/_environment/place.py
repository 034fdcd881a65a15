# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the environment is, and what is kept of it: account, Region, image, log retention, console, domain, repository, tags, schedules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .problem import Problem, one_of

# Rule LOG-1.
LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)

# Variable: pattern, what it is not, and what would be right.
PATTERNS = {
    "railyard_account_id": (r"\d{12}", "the number of an AWS account", 'twelve digits in quotes, "123456789012" for example'),
    "railyard_region": (r"[a-z]{2}(-[a-z]+)+-\d", "an AWS Region", "a Region as AWS writes it, eu-west-1 for example"),
    "railyard_image": (
        r"sha256:[0-9a-f]{64}",
        "the digest of an image",
        "sha256: and 64 digits or letters a to f; a tag such as latest can move",
    ),
    "railyard_domain": (
        r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
        "a domain name",
        "shop.example.com for example",
    ),
    "railyard_repository": (r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+", "a repository", "owner/name, acme/shop for example"),
    "railyard_branch": (r"(?!/)(?!.*(\.\.|//|\s|[~^:?*\[\\]))[^\s]{1,255}(?<![/.])", "a branch", "main for example"),
}
SCHEDULE = re.compile(r"(cron\((\S+ ){5}\S+\)|rate\([1-9]\d* (minute|hour|day)s?\)|at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\))")


def patterns(description: dict[str, Any]) -> Iterator[Problem]:
    for name, (pattern, kind, right) in PATTERNS.items():
        text = description.get(name)
        if text and not re.fullmatch(pattern, text):
            yield Problem(f"{text!r} is not {kind}", (name,), right)
        elif text == "" and name in ("railyard_account_id", "railyard_region"):
            yield Problem(f"{name} is empty", (name,), right)


def log_days(description: dict[str, Any]) -> Iterator[Problem]:
    days = description.get("railyard_log_days")
    if days is not None and days not in LOG_DAYS:
        near = sorted(sorted(LOG_DAYS, key=lambda allowed: abs(allowed - days))[:2])
        yield Problem(
            f"CloudWatch Logs cannot keep lines for {days} days", ("railyard_log_days",), f"{one_of(near)}; all: {one_of(LOG_DAYS)}"
        )


def console(description: dict[str, Any]) -> Iterator[Problem]:
    """What Session Manager takes as the longest time of a session."""
    minutes = description.get("railyard_console_minutes")
    if minutes is not None and not 1 <= minutes <= 1440:
        yield Problem(f"a console cannot last {minutes} minutes", ("railyard_console_minutes",), "1 to 1440, which is one day")


def schedules(description: dict[str, Any]) -> Iterator[Problem]:
    for name, schedule in description.get("railyard_schedules", {}).items():
        at = schedule.get("at")
        if at is not None and not SCHEDULE.fullmatch(at):
            right = '"cron(0 18 * * ? *)", "rate(1 hour)" or "at(2030-01-31T18:00:00)" for example'
            yield Problem(f"{at!r} is not when EventBridge can start something", ("railyard_schedules", name, "at"), right)


def not_built(description: dict[str, Any]) -> Iterator[Problem]:
    """What an inventory may describe one day. Accepted without a word it would promise what nobody makes."""
    for name, what in {
        "railyard_domain": "certificates, HTTPS and the alias of a domain are",
        "railyard_schedules": "what is started at certain times is",
    }.items():
        if description.get(name):
            yield Problem(f"{name} is declared, and {what} not built yet", (name,), "leave it out")


def tags(description: dict[str, Any]) -> Iterator[Problem]:
    """What AWS accepts as tags (rule ECS-S21); three are ours."""
    given = description.get("railyard_tags", {})
    if len(given) > 47:
        yield Problem(f"{len(given)} tags, and application, environment and managed-by come on top", ("railyard_tags",), "at most 47")
    for key, value in given.items():
        path = ("railyard_tags", str(key))
        if str(key).lower().startswith("aws:"):
            yield Problem(f"the tag {key} belongs to AWS", path, "a key that does not begin with aws:")
        elif key in ("application", "environment", "managed-by"):
            yield Problem(f"the tag {key} is set by every role", path, "another key")
        elif not 1 <= len(str(key)) <= 128 or not isinstance(value, str) or len(value) > 256:
            yield Problem(
                f"{key!r} is not a tag as AWS wants it", path, "a key of at most 128 characters and a text of at most 256, in quotes"
            )
