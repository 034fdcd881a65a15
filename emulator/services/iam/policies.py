"""Policies: AWS's managed ones, in every account from the beginning, and whether a role's policies allow an action.

They allow by Allow without Deny; conditions are taken as met.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend

from ...wire import Call
from .roles import find

LINKED_POLICIES = "arn:aws:iam::aws:policy/aws-service-role/"


@cache
def _policies(account: str, partition: str) -> list[AWSManagedPolicy]:
    found = json.loads(aws_managed_policies_data)
    return [AWSManagedPolicy.from_data(name, account, partition, data) for name, data in found.items()]


def _of_aws(backend: IAMBackend) -> list[AWSManagedPolicy]:
    """A backend's own copies: each counts to how many roles it is attached."""
    return [copy.copy(policy) for policy in _policies(backend.account_id, backend.region_name)]


IAMBackend._init_aws_policies = _of_aws  # type: ignore[assignment, method-assign]


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
