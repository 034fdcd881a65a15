"""The options of an operation on the command line as parameters of its shape: JSON, files, and AWS's shorthand.

https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-types.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from botocore import xform_name

NUMBERS = {"integer": int, "long": int, "float": float, "double": float}
SEPARATOR = re.compile(r",(?![^\[{]*[\]}])")


class UsageError(Exception):
    """What is wrong on the command line."""


def read(shape: Any, options: Sequence[str]) -> dict[str, Any]:
    """Parameters of a structure. Raises UsageError."""
    members = dict(shape.members) if shape is not None else {}
    known = {xform_name(name, "-"): name for name in members}
    given: dict[str, Any] = {}
    index = 0
    while index < len(options):
        word, equals, inline = options[index].partition("=")
        name = word.removeprefix("--")
        index += 1
        found = [inline] if equals else []
        while not equals and index < len(options) and not options[index].startswith("--"):
            found.append(options[index])
            index += 1
        if name in ("cli-input-json", "cli-input-yaml"):
            given = {**json.loads(_text(found[0])), **given}
        elif name.startswith("no-") and name.removeprefix("no-") in known:
            given[known[name.removeprefix("no-")]] = False
        elif not word.startswith("--") or name not in known:
            raise UsageError(f"Unknown options: {options[index - 1]}")
        else:
            given[known[name]] = _value(members[known[name]], found, name)
    return given


def _value(shape: Any, words: list[str], name: str) -> Any:
    if shape.type_name == "boolean":
        return not words or words[0].lower() == "true"
    if not words and shape.type_name != "list":
        raise UsageError(f"argument --{name}: expected one argument")
    if shape.type_name == "list":
        text = _text(words[0]) if len(words) == 1 else ""
        if text.lstrip().startswith("["):
            return json.loads(text)
        return [_one(shape.member, word) for word in words]
    return _one(shape, words[0])


def _one(shape: Any, word: str) -> Any:
    """One value, as JSON where it is some and the shape is no text."""
    if shape.type_name == "blob":
        return Path(word.removeprefix("fileb://")).read_bytes() if word.startswith("fileb://") else _text(word).encode()
    text = _text(word)
    if shape.type_name in NUMBERS:
        return NUMBERS[shape.type_name](text)
    if shape.type_name == "boolean":
        return text.lower() == "true"
    if shape.type_name not in ("structure", "map", "list"):
        return text
    return json.loads(text) if text.lstrip()[:1] in ("{", "[") else _shorthand(shape, text)


def _shorthand(shape: Any, text: str) -> Any:
    """`Key=a,Value=b`, in which a list is `[a,b]` or what follows without a name."""
    if shape.type_name == "list":
        return [_one(shape.member, each) for each in SEPARATOR.split(text.strip("[]")) if each]
    found: dict[str, list[str]] = {}
    last = ""
    for part in SEPARATOR.split(text):
        key, equals, value = part.partition("=")
        last = key if equals else last
        if not last:
            raise UsageError(f"Error parsing parameter: Expected: '=', received: '{part}'")
        found.setdefault(last, []).append(value if equals else part)
    return {key: _member(_shape_of(shape, key), said) for key, said in found.items()}


def _shape_of(shape: Any, key: str) -> Any:
    if shape.type_name == "map":
        return shape.value
    if key not in shape.members:
        raise UsageError(f"Unknown parameter in input: '{key}', must be one of: {', '.join(shape.members)}")
    return shape.members[key]


def _member(shape: Any, said: list[str]) -> Any:
    if shape.type_name == "list":
        return [_one(shape.member, each) for word in said for each in SEPARATOR.split(word.strip("[]")) if each]
    return _one(shape, ",".join(said).strip("'\""))


def _text(word: str) -> str:
    return Path(word.removeprefix("file://")).read_text() if word.startswith("file://") else word
