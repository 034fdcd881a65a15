"""Hold a module's result against its own RETURN documentation."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
TYPES: dict[str, Any] = {"str": str, "int": int, "float": (int, float), "bool": bool, "dict": dict, "list": list, "raw": object}
IMPLIED = {"changed", "diff", "invocation", "warnings", "deprecations", "failed", "msg"}


@cache
def documentation(module: str, name: str = "RETURN") -> dict[str, Any]:
    tree = ast.parse((ROOT / "plugins" / "modules" / f"{module}.py").read_text())
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name and isinstance(node.value, ast.Constant):
            return dict(yaml.safe_load(str(node.value.value)) or {})
    return {}


def differences(module: str, result: dict[str, Any]) -> list[str]:
    """Each way in which a result is not what RETURN says: undocumented keys, wrong types, keys that "always" are there and are not."""
    return list(_walk(documentation(module), {key: value for key, value in result.items() if key not in IMPLIED}, ""))


def _walk(documented: dict[str, Any], value: dict[str, Any], where: str) -> Iterator[str]:
    for key in value:
        if key not in documented:
            yield f"{where}{key} is not documented"
    for key, entry in documented.items():
        if key not in value:
            if entry.get("returned") in ("always", "success"):
                yield f"{where}{key} is documented as always returned and is absent"
            continue
        yield from _typed(entry, value[key], f"{where}{key}")


def _typed(entry: dict[str, Any], value: Any, where: str) -> Iterator[str]:
    if value is None:
        return
    if not isinstance(value, TYPES[entry["type"]]) or (entry["type"] == "int" and isinstance(value, bool)):
        yield f"{where} is a {type(value).__name__}, documented as {entry['type']}"
        return
    if "contains" in entry:
        items = value if isinstance(value, list) else [value]
        for number, item in enumerate(items):
            yield from _walk(entry["contains"], item, f"{where}[{number}]." if isinstance(value, list) else f"{where}.")
