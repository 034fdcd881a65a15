# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWS's shape ⇄ ours, by AWS's own service model.

Ours is snake_case. Only members of structures are renamed; the keys of maps (tags, log options, environment) stay as they are.
"""

from __future__ import annotations

from typing import Any

try:
    from botocore import xform_name
    from botocore.model import Shape
except ImportError:
    pass  # AnsibleAWSModule ends the module with what is missing before anything of it is used.

from .errors import RailyardError

KINDS: dict[str, tuple[Any, str]] = {"structure": (dict, "a dict"), "map": (dict, "a dict"), "list": ((list, tuple), "a list")}


def output_shape(client: Any, operation: str, *path: str) -> Shape:
    """The shape at `path` in the output of an operation: `output_shape(ecs, "DescribeServices", "services")` is the list."""
    return _walk(client.meta.service_model.operation_model(operation).output_shape, path)


def input_shape(client: Any, operation: str, *path: str) -> Shape:
    """The shape at `path` in the input of an operation."""
    return _walk(client.meta.service_model.operation_model(operation).input_shape, path)


def members(client: Any, operation: str) -> set[str]:
    """What an operation takes, by AWS's names, as far as this botocore knows."""
    return set(_walk(client.meta.service_model.operation_model(operation).input_shape, ()).members)


def _walk(shape: Any, path: tuple[str, ...]) -> Shape:
    for name in path:
        shape = shape.members[name]
    return shape


def ours(shape: Any, value: Any) -> Any:
    """A value from AWS with snake_case members; timestamps as ISO 8601 text."""
    if value is None:
        return None
    if shape.type_name == "structure":
        return {xform_name(name): ours(shape.members[name], item) for name, item in value.items() if name in shape.members}
    if shape.type_name == "list":
        return [ours(shape.member, item) for item in value]
    if shape.type_name == "map":
        return {key: ours(shape.value, item) for key, item in value.items()}
    if shape.type_name == "timestamp":
        return value.isoformat() if hasattr(value, "isoformat") else value
    return value


def aws(shape: Any, value: Any, where: str = "") -> Any:
    """A snake_case value in AWS's shape; members that are None are left out, and scalars get AWS's type (YAML's 3000 where AWS has text).

    Raises RailyardError for a member that AWS does not know and for a value of another kind.
    """
    kind, name = KINDS.get(shape.type_name, (object, ""))
    if not isinstance(value, kind):
        raise RailyardError(f"{where or shape.name} is a {type(value).__name__}; it must be {name}")
    if shape.type_name == "structure":
        names = {xform_name(name): name for name in shape.members}
        unknown = sorted(set(value) - set(names))
        if unknown:
            raise RailyardError(f"{where or shape.name} has no {', '.join(unknown)}; it has {', '.join(sorted(names))}")
        return {
            names[key]: aws(shape.members[names[key]], item, f"{where}.{key}".lstrip("."))
            for key, item in value.items()
            if item is not None
        }
    if shape.type_name == "list":
        return [aws(shape.member, item, f"{where}[{number}]") for number, item in enumerate(value)]
    if shape.type_name == "map":
        return {str(key): aws(shape.value, item, f"{where}.{key}") for key, item in value.items()}
    return _scalar(shape.type_name, value, where or shape.name)


def _scalar(kind: str, value: Any, where: str) -> Any:
    """`value` in the type of AWS's model: templates give text where AWS has numbers, YAML gives numbers where AWS has text."""
    if isinstance(value, (dict, list)):
        raise RailyardError(f"{where} is a {type(value).__name__}; it must be a {kind}")
    if kind == "string" and isinstance(value, (bool, int, float)):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if kind in ("integer", "long") and isinstance(value, str):
        if not value.strip().lstrip("-").isdigit():
            raise RailyardError(f"{where} is {value!r}; it must be a whole number")
        return int(value)
    if kind in ("double", "float"):
        return _number(value, where)
    if kind == "boolean" and isinstance(value, str):
        if value.lower() not in ("true", "false", "yes", "no"):
            raise RailyardError(f"{where} is {value!r}; it must be true or false")
        return value.lower() in ("true", "yes")
    return value


def _number(value: Any, where: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise RailyardError(f"{where} is {value!r}; it must be a number") from None
