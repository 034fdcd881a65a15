"""What AWS's own service model forbids: absent members, values outside an enum, a pattern or a range.

botocore checks presence and type on the client's side and lets enums, patterns and most ranges pass; AWS does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from botocore.model import Shape

from .wire import Call, Refusal

# The code with which a service refuses a value that its model forbids.
CODES = {
    "ecs": "InvalidParameterException",
    "ecr": "InvalidParameterException",
    "logs": "InvalidParameterException",
    "codebuild": "InvalidInputException",
    "rds": "InvalidParameterValue",
    "elbv2": "ValidationError",
    "iam": "ValidationError",
    "sts": "ValidationError",
    "ec2": "InvalidParameterValue",
    "cloudwatch": "ValidationError",
    "sns": "InvalidParameter",
    "route53": "InvalidInput",
    "s3": "InvalidArgument",
    "xray": "InvalidRequestException",
}
# Enums that the model prints and the service does not hold to (it accepts more than its model knows).
OPEN_ENUMS = {"ec2", "s3"}


@cache
def _pattern(text: str) -> re.Pattern[str] | None:
    try:
        return re.compile(text)
    except re.error:
        return None


def problems(shape: Shape, value: Any, where: str, *, enums: bool = True) -> Iterator[str]:
    """Each way in which `value` breaks `shape`, in AWS's words: `Value 'x' at 'y' failed to satisfy constraint: …`."""
    kind = shape.type_name
    if kind == "structure":
        yield from _structure(shape, value, where, enums)
    elif kind == "list":
        yield from _size(shape, len(value), where, value)
        for number, item in enumerate(value, 1):
            yield from problems(shape.member, item, f"{where}.{number}.member", enums=enums)
    elif kind == "map":
        yield from _size(shape, len(value), where, value)
        for key, item in value.items():
            yield from problems(shape.key, key, f"{where}.key", enums=enums)
            yield from problems(shape.value, item, f"{where}.{key}.member", enums=enums)
    elif kind == "string":
        yield from _string(shape, value, where, enums)
    elif kind in ("integer", "long", "float", "double"):
        yield from _range(shape, value, where)


def _structure(shape: Any, value: Any, where: str, enums: bool) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    for name in shape.required_members:
        if name not in value:
            yield f"Value null at '{_join(where, name)}' failed to satisfy constraint: Member must not be null"
    for name, item in value.items():
        if name in shape.members and item is not None:
            yield from problems(shape.members[name], item, _join(where, name), enums=enums)


def _join(where: str, name: str) -> str:
    name = name[0].lower() + name[1:]
    return f"{where}.{name}" if where else name


def _failed(value: Any, where: str, constraint: str) -> str:
    return f"Value '{value}' at '{where}' failed to satisfy constraint: Member must {constraint}"


def _size(shape: Shape, length: int, where: str, value: Any) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and length < low:
        yield _failed(value, where, f"have length greater than or equal to {low}")
    if high is not None and length > high:
        yield _failed(value, where, f"have length less than or equal to {high}")


def _string(shape: Any, value: Any, where: str, enums: bool) -> Iterator[str]:
    text = str(value)
    if enums and shape.enum and text not in shape.enum:
        yield _failed(text, where, f"satisfy enum value set: [{', '.join(shape.enum)}]")
        return
    yield from _size(shape, len(text), where, text)
    pattern = shape.metadata.get("pattern")
    compiled = _pattern(pattern) if pattern else None
    if compiled is not None and not compiled.fullmatch(text):
        yield _failed(text, where, f"satisfy regular expression pattern: {pattern}")


def _range(shape: Shape, value: Any, where: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and value < low:
        yield _failed(value, where, f"have value greater than or equal to {low}")
    if high is not None and value > high:
        yield _failed(value, where, f"have value less than or equal to {high}")


def check(call: Call) -> None:
    """Refuse a call that its own model forbids."""
    shape = call.model.input_shape
    if shape is None:
        return
    found = list(problems(shape, call.params, "", enums=call.service not in OPEN_ENUMS))
    if found:
        errors = f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected"
        raise Refusal(CODES.get(call.service, "ValidationException"), f"{errors}: {'; '.join(found)}")
