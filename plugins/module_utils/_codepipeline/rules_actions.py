# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules of an action and its configuration (CP-3, CP-4, CP-6, CP-8)."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from typing import Any

from .providers import CATEGORIES_OF, KNOWN, MANUAL, Provider
from .rules_structure import place, twice
from .structure import CODEBUILD, CONNECTION, Structure, actions_of, kind

NAMESPACE = re.compile(r"[A-Za-z0-9@_-]{1,100}")
REPOSITORY = re.compile(r"[^/\s:]+/[^\s:]+")
CONNECTION_ARN = re.compile(r"arn:[\w-]+:(?:codestar-connections|codeconnections):([a-z0-9-]+):\d{12}:connection/[\w-]+")
REFERENCE = re.compile(r"#\{([^.}]+)\.([^}]+)\}")
LONGEST_KEY, LONGEST_VALUE = 50, 1000
# Minutes, the default of an approval is seven days.
SHORTEST_TIMEOUT, LONGEST_TIMEOUT = 5, 86400
AWS_NAMESPACES = ("variables", "codepipeline")


def of_aws(action: dict[str, Any]) -> Provider | None:
    """What is known of an action's provider, or None."""
    category, owner, provider = kind(action)
    return KNOWN.get((category, provider)) if owner == "AWS" else None


def _providers(structure: Structure, _region: str) -> Iterator[str]:
    for stage, action in actions_of(structure):
        category, owner, name = kind(action)
        known, where = of_aws(action), f"{place(stage, action)}, provider"
        if owner != "AWS":
            continue
        if known is None and name in CATEGORIES_OF:
            yield f"{where}: AWS has no {name} of the category {category}; {' or '.join(CATEGORIES_OF[name])} is right for it"
        elif known is None and (close := difflib.get_close_matches(name, CATEGORIES_OF, 1)):
            yield f"{where}: AWS has no {name}; {close[0]} seems to be meant"
        elif known and known.v2_only and structure["pipeline_type"] == "V1":
            yield f"{where}: {name} is for pipelines of type V2 only; pipeline_type V2 is right"


def _configuration(structure: Structure, _region: str) -> Iterator[str]:
    for stage, action in actions_of(structure):
        known, given = of_aws(action), action.get("configuration", {})
        for key in known.required if known else ():
            if key not in given:
                close = difflib.get_close_matches(key, given, 1, 0.8)
                seems = f"; {close[0]} seems to be meant for it" if close else ""
                yield f"{place(stage, action)}, configuration: {key} is missing, which {kind(action)[2]} needs{seems}"
        for key, value in given.items():
            if len(key) > LONGEST_KEY or not 1 <= len(value) <= LONGEST_VALUE:
                hint = "; leave it out" if not value else ""
                yield f"{place(stage, action)}, configuration.{key}: {len(value)} characters; AWS takes 1 to {LONGEST_VALUE}{hint}"


def _numbers(structure: Structure, _region: str) -> Iterator[str]:
    for stage, action in actions_of(structure):
        where, minutes = place(stage, action), action.get("timeout_in_minutes")
        if not 1 <= action.get("run_order", 1) <= 999:
            yield f"{where}, run_order: {action['run_order']}; AWS takes 1 to 999"
        if minutes is not None and kind(action)[2] != MANUAL:
            yield f"{where}, timeout_minutes: only an approval may set it; leave it out"
        elif minutes is not None and not SHORTEST_TIMEOUT <= minutes <= LONGEST_TIMEOUT:
            yield f"{where}, timeout_minutes: {minutes}; AWS takes {SHORTEST_TIMEOUT} to {LONGEST_TIMEOUT}"


def _namespaces(structure: Structure, _region: str) -> Iterator[str]:
    actions = actions_of(structure)
    given = [action["namespace"] for _stage, action in actions if action.get("namespace")]
    for name in twice(given):
        yield f"namespace: {name} belongs to more than one action; each has its own"
    for stage, action in actions:
        if action.get("namespace") and not NAMESPACE.fullmatch(action["namespace"]):
            yield f"{place(stage, action)}, namespace: {action['namespace']!r}; 1 to 100 letters, digits and @ _ - are right"
    variables = {one["name"] for one in structure["variables"]}
    for stage, action, namespace, name in references(structure):
        if namespace not in (*given, *AWS_NAMESPACES):
            close = difflib.get_close_matches(namespace, given, 1)
            right = f"{close[0]} seems to be meant" if close else f"{', '.join(given) or 'none'} are there"
            yield f"{place(stage, action)}: #{{{namespace}.{name}}} names no namespace of an action; {right}"
        elif namespace == "variables" and name not in variables:
            yield f"{place(stage, action)}: #{{variables.{name}}} is none of the pipeline's variables; declare it in `variables`"


def references(structure: Structure) -> Iterator[tuple[str, dict[str, Any], str, str]]:
    """Each variable of another action that an action names: stage, action, namespace, name."""
    for stage, action in actions_of(structure):
        values = [*action.get("configuration", {}).values(), *action.get("commands", [])]
        values += [one["value"] for one in action.get("environment_variables", [])]
        for namespace, name in REFERENCE.findall("\n".join(values)):
            yield stage, action, namespace, name


def _source(structure: Structure, region: str) -> Iterator[str]:
    for stage, action in actions_of(structure):
        if kind(action)[2] != CONNECTION:
            continue
        given, where = action.get("configuration", {}), f"{place(stage, action)}, configuration"
        repository, arn = given.get("FullRepositoryId"), given.get("ConnectionArn")
        if repository and not REPOSITORY.fullmatch(repository):
            yield f"{where}.FullRepositoryId: {repository}; owner and name are right, acme/shop, in their own case and without an address"
        found = CONNECTION_ARN.fullmatch(arn or "")
        if arn and not found:
            form = f":codeconnections:{region}:<account>:connection/<id>"
            yield f"{where}.ConnectionArn: {arn} is no ARN of a connection, which ends with {form}"
        elif found and found.group(1) != action.get("region", region):
            here = action.get("region", region)
            yield f"{where}.ConnectionArn: it is in {found.group(1)}, and the action in {here}; they must be in one Region"


def _build_variables(structure: Structure, _region: str) -> Iterator[str]:
    for stage, action in actions_of(structure):
        said = action.get("configuration", {}).get("EnvironmentVariables")
        if said and kind(action)[0] in CODEBUILD:
            yield from (f"{place(stage, action)}, configuration.EnvironmentVariables: {one}" for one in _listed(said))


def _listed(said: str) -> Iterator[str]:
    try:
        items = json.loads(said)
    except ValueError as error:
        yield f"no JSON ({error}); a list of {{name, value, type}} is right"
        return
    if not isinstance(items, list) or not all(isinstance(one, dict) and {"name", "value"} <= set(one) for one in items):
        yield "it must be a list of {name, value, type}"
        return
    for one in items:
        if str(one["name"]).startswith("CODEBUILD_"):
            yield f"{one['name']} begins with CODEBUILD_, which are AWS's own; choose another name"
        if "CommitMessage}" in str(one["value"]):
            yield f"{one['name']} has the commit's message in it, whose quotes and lines break the JSON; pass CommitId and ask for the rest"


RULES = (_providers, _configuration, _numbers, _namespaces, _source, _build_variables)
