"""Policy documents as statements, each document read once.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Values = tuple[str, ...]


@dataclass(frozen=True)
class Condition:
    """`values` of the policy for a key of the request's context: one block of an operator has several, all of which must hold."""

    operator: str
    key: str
    values: Values


@dataclass(frozen=True)
class Patterns:
    """What a statement names by a list, or everything but what it names."""

    values: Values
    inverted: bool = False


@dataclass(frozen=True)
class Statement:
    """`principals`: (kind, value) as in `Principal`; None in an identity policy, which has none."""

    allows: bool
    actions: Patterns
    resources: Patterns
    principals: tuple[tuple[str, str], ...] | None
    other_principals: bool
    conditions: tuple[Condition, ...]


@lru_cache(maxsize=4096)
def statements(text: str) -> tuple[Statement, ...]:
    """The statements of a document in JSON."""
    return tuple(_statement(each) for each in _listed(json.loads(text).get("Statement", [])))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _words(value: Any) -> Values:
    return tuple(str(each).lower() if isinstance(each, bool) else str(each) for each in _listed(value))


def _patterns(found: dict[str, Any], name: str) -> Patterns:
    """Of a trust policy, which has no resource, everything is meant."""
    if f"Not{name}" in found:
        return Patterns(_words(found[f"Not{name}"]), inverted=True)
    return Patterns(_words(found.get(name, "*")))


def _principals(found: dict[str, Any]) -> tuple[tuple[str, str], ...] | None:
    given = found.get("Principal", found.get("NotPrincipal"))
    if given is None:
        return None
    kinds = {"AWS": given} if isinstance(given, str) else given
    return tuple((kind, value) for kind, values in kinds.items() for value in _words(values))


def _statement(found: dict[str, Any]) -> Statement:
    actions = _patterns(found, "Action")
    return Statement(
        allows=found["Effect"] == "Allow",
        actions=Patterns(tuple(value.lower() for value in actions.values), actions.inverted),
        resources=_patterns(found, "Resource"),
        principals=_principals(found),
        other_principals="NotPrincipal" in found,
        conditions=tuple(
            Condition(operator, key.lower(), _words(values))
            for operator, keys in found.get("Condition", {}).items()
            for key, values in keys.items()
        ),
    )


@lru_cache(maxsize=8192)
def _glob(pattern: str) -> re.Pattern[str]:
    """`*` and `?` are wildcards and nothing else is."""
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.compile("".join(parts), re.DOTALL)


def like(text: str, pattern: str) -> bool:
    return _glob(pattern).fullmatch(text) is not None
