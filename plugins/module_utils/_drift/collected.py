# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resources in the results of modules, each once: as it is, and as its module would leave it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypedDict

from .._core.ownership import name_of

# What results have beside the resource that they are about; it is the first of the rest.
BESIDE = {"changed", "diff", "invocation", "warnings", "deprecations", "failed", "msg", "skipped", "ansible_facts", "attempts"}
# What a release will bring, in the notes of a plan.
AWAITED = "release_difference"
# What results say of a resource beside its fields.
NOTES = {
    *("needs_release", AWAITED, "recreation_difference", "difference", "revision_registered", "kept", "up_to_date", "in_use"),
    *("active_target_group_arn", "idle_target_group_arn", "weights", "shifting", "problem", "live_task_definition"),
}
# Modules that are about a run, and not about a resource.
OF_THE_RUN = {"preflight", "release_lock", "show"}
NAMELESS = "without a name"


class Collected(TypedDict):
    """A resource. `live` and `declared` are in the shape of its module, None where there is none; in a run that was no check they are
    the same. `operations`: what AWS would be asked for. `awaited`: by path, {before, after} of what the next release brings."""

    kind: str
    name: str
    live: Any
    declared: Any
    changed: bool
    operations: list[str]
    awaited: dict[str, Any]


def of_result(module: str, result: dict[str, Any]) -> list[Collected]:
    """The resources in a result of one of our modules. Info modules, and those that are about a run, have none."""
    key = next((member for member in result if member not in BESIDE and not member.startswith("_")), None)
    if key is None or "changed" not in result or module.endswith("_info") or module.startswith("environment_") or module in OF_THE_RUN:
        return []
    label = f"{module.partition('_')[0]} {_singular(key)}"
    found: dict[tuple[str, str], Collected] = {}
    for kind, item in _items(label, result[key]):
        clean, awaited = _clean(item), item.get(AWAITED) or {}
        one = Collected(
            kind=kind,
            name=_name(module, item),
            live=clean,
            declared=clean,
            changed=False,
            operations=[],
            awaited=awaited,
        )
        found[kind, one["name"]] = one
    if result["changed"]:
        diffs = result.get("diff") or []
        for diff in diffs if isinstance(diffs, list) else [diffs]:
            _merge(found, module, label, diff)
    return list(found.values())


def _merge(found: dict[tuple[str, str], Collected], module: str, label: str, diff: dict[str, Any]) -> None:
    """Both sides of a difference, into what is known of its resources. Calls for several of them stand with the first."""
    sides = [{(kind, _name(module, item)): _clean(item) for kind, item in _items(label, diff.get(side))} for side in ("before", "after")]
    before, after = sides
    keys = [*before, *(key for key in after if key not in before)]
    differing = [key for key in keys if before.get(key) != after.get(key)] or keys[:1]
    for key in differing:
        known = found.get(key)
        found[key] = Collected(
            kind=key[0],
            name=key[1],
            live=before.get(key),
            declared=after.get(key),
            changed=True,
            operations=list(diff.get("operations", [])) if key == differing[0] else [],
            awaited=known["awaited"] if known else {},
        )


def _clean(item: dict[str, Any]) -> dict[str, Any]:
    return {member: value for member, value in item.items() if member not in NOTES}


def _singular(key: str) -> str:
    words = key.replace("_", " ")
    return f"{words.removesuffix('ies')}y" if words.endswith("ies") else words.removesuffix("s")


def _items(label: str, value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Kind and value of each resource: of one, of a list of them, or of a dict of such lists. Kinds begin with AWS's service."""
    if isinstance(value, list):
        for one in value:
            if isinstance(one, dict):
                yield label, one
    elif isinstance(value, dict) and value:
        lists = {member: some for member, some in value.items() if isinstance(some, list)}
        if len(lists) == len(value):
            for member, some in lists.items():
                yield from _items(f"{label.partition(' ')[0]} {_singular(member)}", some)
        elif set(value) == {label.partition(" ")[2]} and isinstance(one := next(iter(value.values())), dict):
            yield label, one
        else:
            yield label, value


def _name(module: str, item: dict[str, Any]) -> str:
    """What people call it; a thing without a name is the only one of its module."""
    if "port" in item and "default_actions" in item:
        return str(item["port"])
    if item.get("name"):
        return str(item["name"])
    # A service-linked role is known by its service before it is there.
    for member in ("service", "deployment_config_name"):
        if isinstance(item.get(member), str) and name_of(item) in (NAMELESS, str(item.get("arn"))):
            return str(item[member])
    found = name_of(item)
    return module.replace("_", " ") if found == NAMELESS else found
