"""`pattern`: messages that differ in numbers and names only are one.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Pattern.html
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from .expressions import Row, Value, shown

SEPARATE = re.compile(r"([\s\"'{}\[\](),:;=|]+)")
KINDS = (
    ("Time", re.compile(r"\d{4}-\d\d-\d\dT\d\d.*")),
    ("Date", re.compile(r"\d{4}-\d\d-\d\d")),
    ("UUID", re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")),
    ("IPAddress", re.compile(r"\d{1,3}(\.\d{1,3}){3}")),
    ("Number", re.compile(r"-?\d+(\.\d+)?(ms|s)?")),
    ("ID", re.compile(r"(?=.*\d)[\w.-]{8,}")),
)
SEVERITIES = ("FATAL", "ERROR", "WARN", "INFO", "DEBUG")
# Of so many words of two messages, the share that has to be the same for one pattern.
ALIKE = 0.7
SAMPLES = 5


def rows(value: Value, found: list[Row]) -> list[Row]:
    """A row a pattern, the most frequent first."""
    groups: dict[int, list[tuple[list[str], list[Row]]]] = {}
    for row in found:
        if (text := value(row)) is not None:
            _put(groups.setdefault(len(words := _words(shown(text))), []), words, row)
    merged = sorted((one for some in groups.values() for one in some), key=lambda one: -len(one[1]))
    return [_row(words, members, len(found)) for words, members in merged]


def _words(text: str) -> list[str]:
    """A text as words and what is between them; of a time, a number or an id only what it is."""
    parts = SEPARATE.split(re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z?", "<Time>", text))
    return [next((f"<{kind}>" for kind, form in KINDS if form.fullmatch(part)), part) for part in parts]


def _put(some: list[tuple[list[str], list[Row]]], words: list[str], row: Row) -> None:
    for known, members in some:
        same = sum(a == b for a, b in zip(known, words, strict=True))
        if known == words or (same >= ALIKE * len(words) and _sorts(known) == _sorts(words)):
            known[:] = [a if a == b else "<*>" for a, b in zip(known, words, strict=True)]
            members.append(row)
            return
    some.append((words, [row]))


def _sorts(words: list[str]) -> list[str]:
    """What separates messages however alike they are: their severity."""
    return [word for word in words if word.upper() in SEVERITIES]


def _row(words: list[str], members: list[Row], of: int) -> Row:
    text, number = "", 0
    for word in words:
        if re.fullmatch(r"<[\w*]+>", word):
            number += 1
            word = f"<{word.strip('<>')}-{number}>" if word != "<*>" else word
        text += word
    severity = next((each for each in SEVERITIES if each in text.upper()), "NONE")
    samples = [{"timestamp": row["@timestamp"], "message": row["@message"]} for row in members[:SAMPLES] if "@message" in row]
    return {
        "@pattern": text,
        "@ratio": len(members) / max(1, of),
        "@sampleCount": float(len(members)),
        "@severityLabel": severity,
        "@patternId": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
        "@regexString": re.sub(r"<[^>]*>", ".*", re.escape(text)),
        "@logSamples": json.dumps(samples),
    }


def columns() -> dict[str, Any]:
    return dict.fromkeys(("@pattern", "@sampleCount", "@ratio", "@severityLabel", "@patternId", "@regexString", "@logSamples"))
