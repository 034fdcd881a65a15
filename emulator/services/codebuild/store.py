"""What CodeBuild holds, and the refusals that many operations share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ... import world
from ...wire import Call, Refusal
from .builds import Build

PAGE = 100
INVALID, MISSING = "InvalidInputException", "ResourceNotFoundException"
# One of AWS's shapes.
Shape = dict[str, Any]


def table(call: Call, name: str) -> dict[str, Any]:
    """`projects` by name, `builds` by id, and so on; oldest first."""
    held: dict[str, Any] = world.store("codebuild", call).setdefault(name, {})
    return held


def projects(call: Call) -> dict[str, Shape]:
    return table(call, "projects")


def builds(call: Call) -> dict[str, Build]:
    return table(call, "builds")


def project_arn(call: Call, name: str) -> str:
    return call.arn("codebuild", f"project/{name}")


def bare(reference: str) -> str:
    """The name, or the id, of something that is named by it or by its ARN."""
    return reference.split("/", 1)[1] if reference.startswith("arn:") and "/" in reference else reference


def project(call: Call, reference: str) -> Shape:
    """Raises ResourceNotFoundException."""
    name = bare(reference)
    if name not in projects(call):
        raise Refusal(MISSING, f"Project cannot be found: {project_arn(call, name)}")
    return projects(call)[name]


def build(call: Call, reference: str) -> Build:
    """Raises ResourceNotFoundException."""
    identity = bare(reference)
    if ":" not in identity:
        raise Refusal(INVALID, "Invalid build ID provided")
    if identity not in builds(call):
        raise Refusal(MISSING, f"Build {call.arn('codebuild', f'build/{identity}')} does not exist")
    return builds(call)[identity]


def tags(given: Iterable[dict[str, str]]) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in given}


def page(call: Call, items: Sequence[Any], name: str) -> Shape:
    """One page under `name`."""
    token, size = call.params.get("nextToken") or "0", call.params.get("maxResults") or PAGE
    if not token.isdigit() or int(token) > len(items):
        raise Refusal(INVALID, "Invalid pagination token")
    start = int(token)
    more = {"nextToken": str(start + size)} if start + size < len(items) else {}
    return {name: list(items[start : start + size]), **more}


def ordered(call: Call, items: Iterable[Any], default: str = "ASCENDING") -> list[Any]:
    """Items that are in ascending order, in the order that a call wants."""
    found = list(items)
    return found[::-1] if call.params.get("sortOrder", default) == "DESCENDING" else found
