"""Whether a role's own policies allow an action: Allow without Deny, conditions taken as met."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from ..wire import Call
from .iam_linked import find


def allowed(call: Call, role_arn: str, action: str, resource: str) -> bool:
    """What an unknown role may do is nothing."""
    effects = [effect for effect, matches in _statements(call, role_arn, action, resource) if matches]
    return "Allow" in effects and "Deny" not in effects


def _statements(call: Call, role_arn: str, action: str, resource: str) -> Iterator[tuple[str, bool]]:
    for document in _documents(call, role_arn):
        statements = document.get("Statement", [])
        for statement in statements if isinstance(statements, list) else [statements]:
            matches = _any(statement.get("Action", []), action.lower(), lower=True) and _any(statement.get("Resource", []), resource)
            yield statement["Effect"], matches


def _documents(call: Call, role_arn: str) -> Iterator[dict[str, Any]]:
    role = find(call, role_arn.rsplit("/", 1)[-1])
    texts = [*role.policies.values(), *(policy.document for policy in role.managed_policies.values())] if role else []
    for text in texts:
        yield text if isinstance(text, dict) else json.loads(text)


def _any(patterns: str | list[str], text: str, lower: bool = False) -> bool:
    listed = [patterns] if isinstance(patterns, str) else patterns
    return any(fnmatchcase(text, pattern.lower() if lower else pattern) for pattern in listed)
