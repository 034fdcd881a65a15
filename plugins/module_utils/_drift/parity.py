# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two environments beside each other, without what is each one's own. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, TypedDict

from .._core.errors import RailyardError
from . import normal
from .collected import Collected
from .fields import different

EQUAL, DIFFERENT = "equal", "different"
ABSENT, THERE = "is not there", "is there"
SIDES = ("declared", "live")


class Difference(TypedDict):
    """A field that differs between two environments. `declared` and `live` have the value of each environment by its name, in its own
    words; what is equal on one side is so on both. `reason`: why that is allowed, else ""."""

    kind: str
    name: str
    field: str
    declared: dict[str, Any]
    live: dict[str, Any]
    reason: str


class Environment(TypedDict):
    """An environment with its resources, as this run has read them."""

    place: normal.Place
    resources: list[Collected]


def compare(environments: Mapping[str, Environment], allowed: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """{environments, result, compared, differences, allowed, unused}. `allowed`: dicts of `difference`, a pattern of "kind name field",
    and `reason`. Raises RailyardError unless there are two environments, and for an entry without a reason."""
    if len(environments) != 2:
        raise RailyardError(
            f"parity compares two environments, not {len(environments)}; name them: -i inventories/staging -i inventories/prod"
        )
    if any(not str(one.get("reason") or "").strip() or not one.get("difference") for one in allowed):
        raise RailyardError(
            "railyard_parity: each entry has a difference and a reason: {difference: 'logs group * retention_days', reason: …}"
        )
    names = list(environments)
    first, second = (normal.resources(one["resources"], one["place"]) for one in environments.values())
    found: list[Difference] = []
    for key in [*first, *(key for key in second if key not in first)]:
        found += _resource(first.get(key), second.get(key), names)
    used = set()
    for one in found:
        number = next((number for number, entry in enumerate(allowed) if fnmatchcase(_words(one), entry["difference"])), None)
        if number is not None:
            one["reason"] = str(allowed[number]["reason"])
            used.add(number)
    open_ones = [one for one in found if not one["reason"]]
    return {
        "environments": names,
        "result": DIFFERENT if open_ones else EQUAL,
        "compared": len({*first, *second}),
        "differences": open_ones,
        "allowed": [one for one in found if one["reason"]],
        "unused": [str(entry["difference"]) for number, entry in enumerate(allowed) if number not in used],
    }


def _words(one: Difference) -> str:
    return f"{one['kind']} {one['name']} {one['field']}".strip()


def _resource(one: normal.Normal | None, other: normal.Normal | None, names: list[str]) -> list[Difference]:
    if (either := one or other) is None:
        return []
    pairs = {side: [getattr(resource, side) if resource else None for resource in (one, other)] for side in SIDES}
    found: list[Difference] = []
    if any((mine is None) != (its is None) for mine, its in pairs.values()):
        there = {side: [ABSENT if values is None else THERE for values in pairs[side]] for side in SIDES}
        found.append(_difference(either, "", {side: dict(zip(names, words, strict=True)) for side, words in there.items()}))
    paths: dict[str, None] = {}
    for mine, its in pairs.values():
        if mine is not None and its is not None:
            paths |= dict.fromkeys(path for path in different(mine, its) if _differs(mine.get(path), its.get(path)))
    for path in paths:
        told = {side: dict(zip(names, ((values or {}).get(path, (None,))[0] for values in pairs[side]), strict=True)) for side in SIDES}
        found.append(_difference(either, path, told))
    return found


def _differs(one: tuple[Any, Any] | None, other: tuple[Any, Any] | None) -> bool:
    """A word may be an environment's own, and the same in the other by intent: RAILS_ENV is production in both."""
    return one is None or other is None or (one[0] != other[0] and one[1] != other[1])


def _difference(one: normal.Normal, field: str, told: dict[str, dict[str, Any]]) -> Difference:
    return Difference(kind=one.kind, name=one.name, field=field, declared=told["declared"], live=told["live"], reason="")
