"""Variables `#{namespace.key}` in the configuration, commands and environment of actions and rules.

https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .shapes import ActionRun, Declaration, Execution

REFERENCE = re.compile(r"#\{([^{}]*)\}")
# Namespaces that no action may have.
PIPELINE, OWN = "codepipeline", "variables"
KEYS = ("PipelineExecutionId",)
# As many bytes has a configuration at most once it is resolved.
MOST = 100_000


class Unresolved(Exception):
    """A variable that nothing has given."""


def references(text: str) -> Iterator[tuple[str, str, str]]:
    """Each reference in a text: as it stands there, its namespace and its key ("" where it has none)."""
    for found in REFERENCE.finditer(text):
        namespace, dot, key = found[1].partition(".")
        yield found[0], namespace if dot else "", key


def value(execution: Execution, namespace: str, key: str) -> str | None:
    if namespace == PIPELINE:
        return execution.id if key == KEYS[0] else None
    if namespace == OWN:
        return execution.variables.get(key)
    return execution.outputs.get(namespace, {}).get(key)


def resolve(execution: Execution, text: str, where: str) -> str:
    """A text with the values of its variables. Raises Unresolved."""

    def filled(found: re.Match[str]) -> str:
        namespace, _, key = found[1].partition(".")
        known = value(execution, namespace, key)
        if known is None:
            raise Unresolved(
                f"An action in this pipeline failed because one or more variables could not be resolved: Action name={where}. This can "
                "result when a variable is referenced that does not exist. Validate the pipeline action configuration and verify that the "
                f"variable reference {found[0]} is correct."
            )
        return known

    return REFERENCE.sub(filled, text)


def configuration(run: ActionRun) -> dict[str, str]:
    """The configuration of an action, resolved. Raises Unresolved."""
    found = {key: resolve(run.execution, text, run.name) for key, text in run.declaration["configuration"].items()}
    if sum(len(text.encode()) for text in found.values()) > MOST:
        raise Unresolved(f"The resolved configuration of the action {run.name} is larger than {MOST} bytes.")
    return found


def commands(run: ActionRun) -> list[str]:
    return [resolve(run.execution, text, run.name) for text in run.declaration.get("commands", [])]


def environment(run: ActionRun) -> list[dict[str, Any]]:
    return [{**each, "value": resolve(run.execution, each["value"], run.name)} for each in run.declaration.get("environmentVariables", [])]


def rule(execution: Execution, declaration: Declaration) -> dict[str, str]:
    """The configuration of a rule, resolved. Raises Unresolved."""
    return {key: resolve(execution, text, declaration["name"]) for key, text in declaration.get("configuration", {}).items()}
