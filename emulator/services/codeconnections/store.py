"""What CodeConnections holds. What was made under the older name keeps it in its ARN; both names find both.

https://docs.aws.amazon.com/codepipeline/latest/userguide/connections.html
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from typing import Any

from ... import world
from ...wire import Call, Refusal, credential_scope

PAGE, MOST_TAGS = 50, 200
NAME, OLDER = "codeconnections", "codestar-connections"
# One of AWS's shapes, with `Tags` beside its own members.
Kept = dict[str, Any]


def table(call: Call, name: str) -> dict[str, Kept]:
    """`connections` and `hosts` by ARN, `links` by id, `syncs` by type and name of the resource; oldest first."""
    held: dict[str, Kept] = world.store(NAME, call).setdefault(name, {})
    return held


def connections(call: Call) -> dict[str, Kept]:
    return table(call, "connections")


def find(call: Call, name: str, arn: str, what: str) -> Kept:
    """Raises ResourceNotFoundException."""
    if arn not in table(call, name):
        raise Refusal("ResourceNotFoundException", f"{what} with ARN {arn} not found")
    return table(call, name)[arn]


def connection(call: Call, arn: str) -> Kept:
    return find(call, "connections", arn, "Connection")


def new_arn(call: Call, resource: str) -> str:
    """Under the name with which the service was called (CC-2)."""
    scope = credential_scope(call.environ)
    return call.arn(OLDER if scope and scope[2] == OLDER else NAME, resource)


def new_id() -> str:
    return str(uuid.uuid4())


def short_id() -> str:
    return secrets.token_hex(4)


def shown(kept: Kept) -> Kept:
    return {name: value for name, value in kept.items() if name != "Tags"}


def tags(given: Sequence[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in given}


def written(kept: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in kept.items()]


def page(call: Call, items: Sequence[Any], name: str) -> dict[str, Any]:
    """One page under `name`; a size of 0 is the service's own."""
    token, size = call.params.get("NextToken") or "0", call.params.get("MaxResults") or PAGE
    if not token.isdigit() or int(token) > len(items):
        raise Refusal("InvalidInputException", "Invalid pagination token")
    start = int(token)
    more = {"NextToken": str(start + size)} if start + size < len(items) else {}
    return {name: list(items[start : start + size]), **more}
