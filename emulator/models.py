"""What AWS's own service model forbids: absent members, values outside an enum, a pattern, a length or a range.

botocore checks presence and type on the client's side and lets enums, patterns and most ranges pass; AWS does not. Each service has
its own code for it, and some have their own words.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.model import Shape

from . import model_codes
from .model_codes import Problem
from .patterns import matches
from .refusal import Refusal
from .wire import Call

# Member of a shape whose model is narrower than the service, and why.
OPEN = {
    ("ec2", "InstanceType"): "new instance types come before the model that names them",
    ("s3", "BucketCannedACL"): "log-delivery-write is a canned ACL too, and the model does not list it",
    ("s3", "StorageClass"): "an unknown one has an error of its own",
    ("s3", "BucketLocationConstraint"): "new Regions; an unknown one has an error of its own",
    ("route53", "ResourceRecordSetRegion"): "new Regions",
    ("route53", "VPCRegion"): "new Regions",
    ("rds", "EngineFamily"): "grows with the engines",
}


def problems(shape: Shape, value: Any, where: str = "", service: str = "") -> Iterator[Problem]:
    """Each way in which `value` breaks `shape`."""
    kind = shape.type_name
    if kind == "structure":
        yield from _structure(shape, value, where, service)
    elif kind == "list":
        yield from _size(shape, len(value), where, value)
        for number, item in enumerate(value, 1):
            yield from problems(shape.member, item, f"{where}.{number}.member", service)  # type: ignore[attr-defined]
    elif kind == "map":
        yield from _size(shape, len(value), where, value)
        for key, item in value.items():
            yield from problems(shape.key, key, f"{where}.key", service)  # type: ignore[attr-defined]
            yield from problems(shape.value, item, f"{where}.{key}.member", service)  # type: ignore[attr-defined]
    elif kind == "string":
        yield from _string(shape, value, where, service)
    elif kind == "blob" and isinstance(value, (bytes, str)):
        yield from _size(shape, len(value), where, "…")
    elif kind in ("integer", "long", "float", "double"):
        yield from _range(shape, value, where)


def _structure(shape: Any, value: Any, where: str, service: str) -> Iterator[Problem]:
    if not isinstance(value, dict):
        return
    for name in shape.required_members:
        if value.get(name) is None:
            yield Problem(_join(where, name), "absent", "not be null")
    for name, item in value.items():
        if name in shape.members and item is not None:
            yield from problems(shape.members[name], item, _join(where, name), service)


def _join(where: str, name: str) -> str:
    name = name[0].lower() + name[1:]
    return f"{where}.{name}" if where else name


def _bounds(shape: Shape, value: float) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and value < low:
        yield f"greater than or equal to {low}"
    if high is not None and value > high:
        yield f"less than or equal to {high}"


def _size(shape: Shape, length: int, where: str, value: Any) -> Iterator[Problem]:
    for bound in _bounds(shape, length):
        yield Problem(where, "length", f"have length {bound}", value, _secret(shape))


def _range(shape: Shape, value: Any, where: str) -> Iterator[Problem]:
    for bound in _bounds(shape, value):
        yield Problem(where, "range", f"have value {bound}", value, _secret(shape))


def _string(shape: Any, value: Any, where: str, service: str) -> Iterator[Problem]:
    text = str(value)
    if (service, shape.name) in OPEN:
        return
    if shape.enum and text not in shape.enum:
        yield Problem(where, "enum", f"satisfy enum value set: [{', '.join(shape.enum)}]", text, _secret(shape))
        return
    yield from _size(shape, len(text), where, text)
    pattern = shape.metadata.get("pattern")
    if pattern and not matches(pattern, text):
        yield Problem(where, "pattern", f"satisfy regular expression pattern: {pattern}", text, _secret(shape))


def _secret(shape: Shape) -> bool:
    return bool(shape.metadata.get("sensitive"))


def check(call: Call) -> None:
    """Refuse a call that its own model forbids, with its service's code and words."""
    shape = call.model.input_shape
    if shape is None:
        return
    found = list(problems(shape, call.params, service=call.service))
    if found:
        raise Refusal(model_codes.code(call, found[0]), model_codes.words(call, found))
