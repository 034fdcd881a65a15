# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times in people's words: `10m`, `yesterday`, `2026-11-30 14:00`. Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from .._core.errors import RailyardError

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
WORDS = {"second": "s", "sec": "s", "minute": "m", "min": "m", "hour": "h", "day": "d", "week": "w"}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PART = re.compile(r"(\d+)\s*([a-z]+)\s*")
DAY = re.compile(r"(\d{4}-\d\d-\d\d|today|yesterday|" + "|".join(DAYS) + r")")
CLOCK = re.compile(r"(\d{1,2})(?::(\d\d)(?::(\d\d)(?:\.\d+)?)?)?\s*(am|pm)?")
ZONE = re.compile(r"\s*(z|utc|gmt|[+-]\d\d:?\d\d)$")
EXAMPLES = '10m, 2h, 1h30m, today, yesterday, monday, 14:00, "yesterday 14:00", "2026-11-30 14:00", 2026-11-30T14:00:00Z'


def span(text: str, now: datetime) -> tuple[datetime, datetime]:
    """When something begins, and until when it lasts: a day to its end, a time and a length of time until now.

    `now` has a time zone, which is that of times that name none. Raises RailyardError with what would be right.
    """
    words = " ".join(text.strip().lower().replace("t", "t").split())
    found = _length(words)
    if found is not None:
        return now - found, now
    if words == "now":
        return now, now
    if re.fullmatch(r"\d{10}(\d{3})?", words):
        return datetime.fromtimestamp(int(words[:10]), now.tzinfo), now
    zone, words = _zone(words, now)
    return _day_and_time(text, words, now.astimezone(zone))


def moment(text: str, now: datetime, end: bool = False) -> datetime:
    """One moment; of a whole day its beginning, or its end."""
    begins, ends = span(text, now)
    whole = DAY.fullmatch(" ".join(text.strip().lower().split()))
    return ends if end and whole else begins


def between(since: str, until: str, now: datetime) -> tuple[datetime, datetime]:
    """The range of two words; without `until` it ends with the day that `since` names, or now."""
    begins, ends = span(since, now)
    if until:
        ends = moment(until, now, end=True)
    ends = min(ends, now) if ends > now else ends
    if begins > now:
        raise RailyardError(f"since={since} is in the future: {shown(begins)}; it is {shown(now)} now")
    if ends <= begins:
        raise RailyardError(f"until={until} is {shown(ends)}, which is not after since={since}, {shown(begins)}")
    return begins, ends


def shown(when: datetime) -> str:
    """`2026-11-30 14:00:00 +01:00`, or UTC."""
    offset = when.strftime("%z")
    return f"{when:%Y-%m-%d %H:%M:%S} {'UTC' if offset in ('', '+0000') else offset[:3] + ':' + offset[3:5]}"


def _length(words: str) -> timedelta | None:
    """`1h30m`, `10 minutes ago`; None when the words are something else."""
    rest, seconds = words.removesuffix(" ago").removeprefix("last "), 0.0
    if not rest:
        return None
    while rest:
        part = PART.match(rest)
        unit = None if part is None else part[2] if part[2] in UNITS else WORDS.get(part[2].removesuffix("s"))
        if part is None or unit is None:
            return None
        seconds += int(part[1]) * UNITS[unit]
        rest = rest[part.end() :]
    return timedelta(seconds=seconds)


def _zone(words: str, now: datetime) -> tuple[tzinfo | None, str]:
    found = ZONE.search(words)
    if found is None or DAY.fullmatch(words):
        return now.tzinfo, words
    rest, name = words[: found.start()], found[1]
    if name[0] not in "+-":
        return UTC, rest
    sign = -1 if name[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(name[1:3]), minutes=int(name[-2:]))), rest


def _day_and_time(text: str, words: str, now: datetime) -> tuple[datetime, datetime]:
    named = DAY.match(words)
    rest = words[named.end() :].lstrip(" t") if named else words
    clock = _clock(rest) if rest else None
    if (named is None and clock is None) or (rest and clock is None):
        raise RailyardError(f"{text!r} is no time; times are like {EXAMPLES}")
    try:
        day = _day(named[1], now) if named else now.date()
    except ValueError:
        raise RailyardError(f"{text!r} is no day of the calendar") from None
    begins = datetime.combine(day, clock or time(), now.tzinfo)
    if named is None and begins > now:
        begins -= timedelta(days=1)
    return begins, begins + timedelta(days=1) if clock is None else now


def _day(word: str, now: datetime) -> date:
    if word == "today":
        return now.date()
    if word == "yesterday":
        return now.date() - timedelta(days=1)
    if word in DAYS:
        return now.date() - timedelta(days=(now.weekday() - DAYS.index(word)) % 7 or 7)
    return date.fromisoformat(word)


def _clock(words: str) -> time | None:
    found = CLOCK.fullmatch(words)
    if found is None or (found[2] is None and found[4] is None):
        return None
    hour = int(found[1]) % 12 + (12 if found[4] == "pm" else 0) if found[4] else int(found[1])
    try:
        return time(hour, int(found[2] or 0), int(found[3] or 0))
    except ValueError:
        return None
