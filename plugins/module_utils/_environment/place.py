# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of account, Region, image, log retention, console, domain, repository, tags and schedules."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from .problem import Path, Problem, one_of

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
    "railyard_permissions_boundary": (
        r"arn:aws[a-z-]*:iam::(\d{12}|aws):policy/[\w+=,.@/-]+",
        "the ARN of a policy",
        "arn:aws:iam::<account>:policy/<name>, as aws iam list-policies shows it",
    ),
    "railyard_repository": (r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+", "a repository", "owner/name, acme/shop for example"),
    "railyard_branch": (r"(?!/)(?!.*(\.\.|//|\s|[~^:?*\[\\]))[^\s]{1,255}(?<![/.])", "a branch", "main for example"),
}
URL = re.compile(
    r"https?://[^\s/:@]+(:\d{1,5})?(/\S*)?|https?://[^\s/@]+@[^\s/:@]+(:\d{1,5})?/?|https?://\[[0-9a-fA-F:]+\](:\d{1,5})?(/\S*)?"
)
# Tags that the roles set themselves, in lower case: three of everything, and Name of what is in a VPC. AWS takes 50.
OWN_TAGS = ("application", "environment", "managed-by", "name")
MOST_TAGS = 46
# With what neither a key nor a value begins; the second is RDS's.
RESERVED = ("aws:", "rds:")
SMOKE: dict[str, tuple[float, float]] = {"status": (100, 599), "tries": (0, 1000), "pause": (0, 600), "timeout": (0.1, 300)}
SCHEDULE = re.compile(r"(cron\((\S+ ){5}\S+\)|rate\([1-9]\d* (minute|hour|day)s?\)|at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\))")


def patterns(description: dict[str, Any]) -> Iterator[Problem]:
    for name, (pattern, kind, right) in PATTERNS.items():
        text = description.get(name)
        if text and not re.fullmatch(pattern, text):
            yield Problem(f"{text!r} is not {kind}", (name,), right)
        elif text == "" and name in ("railyard_account_id", "railyard_region"):
            yield Problem(f"{name} is empty", (name,), right)


def boundary(description: dict[str, Any]) -> Iterator[Problem]:
    """Problems of the permissions boundary: a policy of the environment's account or of AWS."""
    parts = (description.get("railyard_permissions_boundary") or "").split(":")
    account = description.get("railyard_account_id")
    if len(parts) > 4 and account and parts[4] not in (account, "aws"):
        what = f"the permissions boundary is in account {parts[4]}, and the environment in {account}"
        yield Problem(what, ("railyard_permissions_boundary",), f"a policy of account {account}")


def log_days(description: dict[str, Any]) -> Iterator[Problem]:
    days = description.get("railyard_log_days")
    if days is not None and days not in LOG_DAYS:
        near = sorted(sorted(LOG_DAYS, key=lambda allowed: abs(allowed - days))[:2])
        yield Problem(
            f"CloudWatch Logs cannot keep lines for {days} days", ("railyard_log_days",), f"{one_of(near)}; all: {one_of(LOG_DAYS)}"
        )


def console(description: dict[str, Any]) -> Iterator[Problem]:
    """Problems of `railyard_console_minutes`: Session Manager has a longest duration of sessions."""
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
    """A problem for each variable that is specified and not built yet; accepting it would suggest that it has an effect."""
    for name, what in {
        "railyard_domain": "certificates, HTTPS and the alias of a domain are",
        "railyard_schedules": "what is started at certain times is",
    }.items():
        if description.get(name):
            yield Problem(f"{name} is declared, and {what} not built yet", (name,), "leave it out")


def addresses(description: dict[str, Any]) -> Iterator[Problem]:
    """Problems of URLs that this machine calls."""
    for name, example in {"railyard_endpoint_url": "http://127.0.0.1:4566", "railyard_http_proxy": "http://127.0.0.1:3128"}.items():
        text = description.get(name)
        if text and not URL.fullmatch(text):
            right = f"http://{text}" if URL.fullmatch(f"http://{text}") else f"{example} for example"
            yield Problem(f"{text!r} is no URL: it begins neither with http:// nor with https://", (name,), right)


def smoke(description: dict[str, Any]) -> Iterator[Problem]:
    """Problems of `railyard_smoke`, the smoke test of a release."""
    found = description.get("railyard_smoke", {})
    path, body = found.get("path"), found.get("body")
    if path is not None and not re.fullmatch(r"/\S*", path):
        yield Problem(f"{path!r} is no path", ("railyard_smoke", "path"), "one that begins with a slash and has no blanks, /up for example")
    if body is not None:
        try:
            re.compile(body)
        except re.error as error:
            yield Problem(f"body is no regular expression: {error}", ("railyard_smoke", "body"), "one as Python reads it, ^OK for example")
    for key, (least, most) in SMOKE.items():
        value = found.get(key)
        if value is not None and not least <= value <= most:
            yield Problem(f"{key} cannot be {value}", ("railyard_smoke", key), f"{least} to {most}")


def tags(description: dict[str, Any]) -> Iterator[Problem]:
    """Problems of tags that some service refuses (rule ECS-S21). IAM is the strictest; it compares keys without case."""
    given = description.get("railyard_tags", {})
    if len(given) > MOST_TAGS:
        what = f"{len(given)} tags, and {one_of(OWN_TAGS)} come on top of them"
        yield Problem(what, ("railyard_tags",), f"at most {MOST_TAGS}")
    seen: dict[str, str] = {}
    for key, value in given.items():
        path = ("railyard_tags", key)
        lower = key.lower()
        if lower in OWN_TAGS:
            yield Problem(f"the tag {key} is set by every role, and IAM takes {lower} once, in whatever case", path, "another key")
        elif lower in seen:
            yield Problem(f"the tags {seen[lower]} and {key} differ in their case only, and IAM takes a key once", path, "one of the two")
        else:
            yield from tag(key, value, path)
        seen.setdefault(lower, key)


def tag(key: str, value: Any, path: Path) -> Iterator[Problem]:
    """A problem of one tag, by the limits of the strictest service."""
    if key.lower().startswith(RESERVED):
        yield Problem(f"the tag {key} belongs to AWS", path, f"a key that does not begin with {one_of(RESERVED)}")
    elif not isinstance(value, str) or not 1 <= len(key) <= 128 or len(value) > 256:
        right = "a key of at most 128 characters and a text of at most 256, in quotes"
        yield Problem(f"{key!r} is not a tag as AWS wants it", path, right)
    elif value.lower().startswith(RESERVED):
        yield Problem(f"the value of the tag {key} begins with {value[:4].lower()}, which AWS keeps for itself", path, "another value")
    elif wrong := sorted({character for character in key + value if not _taggable(character)}):
        what = f"the tag {key!r} has {one_of(repr(character) for character in wrong)}, which IAM does not take"
        yield Problem(what, path, "letters, digits, blanks and _ . : / = + - @")


def _taggable(character: str) -> bool:
    return character in "_.:/=+-@" or unicodedata.category(character)[0] in "LZN"
