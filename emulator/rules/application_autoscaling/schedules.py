"""What Application Auto Scaling takes for a schedule.

https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
"""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import available_timezones

NUMBER = r"[0-9*/,-]+"
# Minutes, hours, day of the month, month, day of the week, year: characters, lowest and highest number.
FIELDS = (
    (NUMBER, 0, 59),
    (NUMBER, 0, 23),
    (r"[0-9*/,?LW-]+", 1, 31),
    (r"[0-9A-Z*/,-]+", 1, 12),
    (r"[0-9A-Z*/,?#-]+", 1, 7),
    (NUMBER, 1970, 2199),
)
RATE = re.compile(r"[1-9]\d* (minute|hour|day)s?")


def valid(schedule: str) -> bool:
    """Whether this is `at(yyyy-mm-ddThh:mm:ss)`, `rate(value unit)` or `cron(six fields)`."""
    match = re.fullmatch(r"(at|rate|cron)\((.+)\)", schedule)
    if match is None:
        return False
    kind, content = match.groups()
    if kind == "rate":
        return RATE.fullmatch(content) is not None
    return _moment(content) if kind == "at" else _cron(content.upper().split())


def _moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return "T" in text


def _cron(given: list[str]) -> bool:
    return len(given) == len(FIELDS) and all(_field(text, *field) for text, field in zip(given, FIELDS, strict=True))


def _field(text: str, characters: str, low: int, high: int) -> bool:
    """Steps (`/15`) and the number of a weekday in its month (`#2`) are not values of the field."""
    values = re.findall(r"(?<![/#\d])\d+", text)
    return re.fullmatch(characters, text) is not None and all(low <= int(value) <= high for value in values)


def zone(name: str) -> bool:
    return name in available_timezones()
