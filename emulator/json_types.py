"""What a JSON service cannot even read, a SerializationException: a string where a number is due, an object where a list is due."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from botocore.utils import is_json_value_header

from .refusal import Refusal

JAVA = {"string": "String", "integer": "Integer", "long": "Long", "float": "Float", "double": "Double", "boolean": "Boolean"}
STRUCTURES = {"structure": dict, "map": dict, "list": list}
CODE = "SerializationException"


def check(shape: Any, raw: bytes, protocol: str) -> None:
    """Refuse a JSON body that is not of its shape's types. Of rest-json only what travels in the body is looked at."""
    if shape is None:
        return
    payload = shape.members.get(shape.serialization.get("payload", ""))
    if protocol == "rest-json" and payload is not None:
        if payload.type_name == "structure":
            _refuse(_wrong(payload, _body(raw)))
    elif protocol == "rest-json":
        inside = {name: member for name, member in shape.members.items() if "location" not in member.serialization}
        _refuse(_structure(inside, _body(raw)))
    else:
        _refuse(_wrong(shape, _body(raw)))


def _body(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw.strip() else {}
    except ValueError:
        raise Refusal(CODE, "Unexpected token: the body is not JSON") from None


def _refuse(wrong: Iterator[str]) -> None:
    for words in wrong:
        raise Refusal(CODE, words)


def _wrong(shape: Any, value: Any) -> Iterator[str]:
    kind = shape.type_name
    if value is None or getattr(shape, "is_document_type", False) or is_json_value_header(shape):
        return
    if kind in STRUCTURES:
        if not isinstance(value, STRUCTURES[kind]):
            yield "Expected list or null" if kind == "list" else "Unexpected value type in payload: expected an object or null"
        elif kind == "structure":
            yield from _structure(shape.members, value)
        else:
            for item in value if kind == "list" else value.values():
                yield from _wrong(shape.member if kind == "list" else shape.value, item)
    elif isinstance(value, (dict, list)):
        yield f"Start of {'structure or map' if isinstance(value, dict) else 'list'} found where not expected."
    elif kind in JAVA and not _fits(kind, value):
        yield f"{_token(value)} cannot be converted to {JAVA[kind]}"


def _structure(members: Any, value: Any) -> Iterator[str]:
    if not isinstance(value, dict):
        yield "Unexpected value type in payload: expected an object or null"
        return
    for name, member in members.items():
        yield from _wrong(member, value.get(member.serialization.get("name", name)))


def _fits(kind: str, value: Any) -> bool:
    if kind in ("string", "boolean"):
        return isinstance(value, str if kind == "string" else bool)
    if isinstance(value, bool):
        return False
    return isinstance(value, (int, float)) or (kind in ("float", "double") and value in ("NaN", "Infinity", "-Infinity"))


def _token(value: Any) -> str:
    if isinstance(value, bool):
        return f"{str(value).upper()}_VALUE"
    return "STRING_VALUE" if isinstance(value, str) else "NUMBER_VALUE"
