"""AWS's regular expressions are Java's: `\\p{L}` is a class, `\\w` and `\\d` are ASCII, and a value must match as a whole."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import defaultdict
from functools import cache

POSIX = {"ASCII": r"\x00-\x7F", "Print": r"\x20-\x7E", "Alpha": "A-Za-z", "Digit": "0-9", "Alnum": "A-Za-z0-9", "Space": r"\s"}
PROPERTY = re.compile(r"\\p\{(\w+)\}")
# `[\w-_]` and `[\w-\/]`: Java takes the hyphen after a class as itself.
HYPHEN_AFTER_CLASS = re.compile(r"(\\[wds])-(?=[^\]])")
# All of Unicode, written with surrogates: Java joins them into characters, Python knows no halves.
SURROGATES = r"\uD800\uDC00-\uDBFF\uDFFF"
ALL_ABOVE_BMP = r"\U00010000-\U0010FFFF"


@cache
def _categories() -> dict[str, str]:
    """For each Unicode category (`L`, `Lu`, `Zs`, …) the ranges of its characters, as the inside of a class."""
    ranges: dict[str, list[list[int]]] = defaultdict(list)
    for point in range(sys.maxunicode + 1):
        name = unicodedata.category(chr(point))
        for key in (name, name[0]):
            known = ranges[key]
            if known and known[-1][1] == point - 1:
                known[-1][1] = point
            else:
                known.append([point, point])
    return {key: "".join(f"\\U{low:08X}-\\U{high:08X}" for low, high in known) for key, known in ranges.items()}


def translate(text: str) -> str:
    """The same expression for Python's `re` with re.ASCII. Raises KeyError for a property that no model of ours uses."""
    text = HYPHEN_AFTER_CLASS.sub(r"\1\\-", text.replace(SURROGATES, ALL_ABOVE_BMP))
    parts, inside, position = [], False, 0
    while position < len(text):
        found = PROPERTY.match(text, position)
        if found:
            content = POSIX.get(found[1]) or _categories()[found[1]]
            parts.append(content if inside else f"[{content}]")
            position = found.end()
            continue
        size = 2 if text[position] == "\\" else 1
        inside = {"[": True, "]": False}.get(text[position : position + size], inside)
        parts.append(text[position : position + size])
        position += size
    return "".join(parts)


@cache
def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(translate(text), re.ASCII)


def matches(text: str, value: str) -> bool:
    """Whether AWS takes `value`. An expression that begins with `^` and has no `$` speaks of the beginning only."""
    pattern = _compiled(text)
    if text.startswith("^") and "$" not in text:
        return pattern.match(value) is not None
    return pattern.fullmatch(value) is not None
