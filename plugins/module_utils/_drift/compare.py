# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Declared, last converged and live, side by side. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from . import owners
from .collected import Collected
from .fields import Fields, different, fields

NONE, DRIFT = "none", "drift"
# Where a difference comes from.
IN_AWS, IN_INVENTORY, IN_BOTH, UNKNOWN = "aws", "inventory", "both", "unknown"
HIDDEN = "(not shown)"


class Field(TypedDict):
    """A field that is not as declared. `cause`: aws, inventory, both, or unknown as long as no converge is recorded."""

    field: str
    declared: Any
    last_converged: Any
    live: Any
    cause: str


class Kept(TypedDict):
    """A field that is not as the last converge has left it, or not yet as declared, and that a converge leaves to its owner."""

    kind: str
    name: str
    field: str
    declared: Any
    last_converged: Any
    live: Any
    owner: str
    awaits_release: bool


class Drifted(TypedDict):
    """A resource that a converge would change. `change`: create, delete or update."""

    kind: str
    name: str
    change: str
    fields: list[Field]
    operations: list[str]
    events: list[dict[str, Any]]


# A change of what is never shown, a secret for example.
HIDDEN_FIELD = Field(field=HIDDEN, declared="another value", last_converged=None, live="not as declared", cause=UNKNOWN)


def compare(collected: Sequence[Collected], recorded: dict[str, Any] | None) -> tuple[list[Drifted], list[Kept]]:
    """What drifted, and what is kept. `recorded`: resources by `key` as the last converge has left them; None before the first."""
    drifted, kept = [], []
    for one in collected:
        last = None if recorded is None else fields(recorded.get(key(one)))
        sides = fields(one["declared"]), fields(one["live"])
        found = _fields(*sides, last) if one["changed"] else []
        if one["changed"]:
            drifted.append(_drifted(one, found or [HIDDEN_FIELD]))
        taken = {field["field"] for field in found}
        if last and one["live"] is not None:
            kept += _moved(one, sides[1], last, taken)
        kept += [_awaited(one, path, pair) for path, pair in one["awaited"].items() if path not in taken]
    return drifted, kept


def key(one: Collected) -> str:
    return f"{one['kind']} {one['name']}"


def _drifted(one: Collected, found: list[Field]) -> Drifted:
    change = "create" if one["live"] is None else "delete" if one["declared"] is None else "update"
    return Drifted(kind=one["kind"], name=one["name"], change=change, fields=found, operations=one["operations"], events=[])


def _fields(declared: Fields, live: Fields, last: Fields | None) -> list[Field]:
    return [
        Field(
            field=path,
            declared=declared.get(path),
            last_converged=(last or {}).get(path),
            live=live.get(path),
            cause=_cause(declared.get(path), live.get(path), last, path),
        )
        for path in different(declared, live)
        if not owners.passing(path)
    ]


def _cause(declared: Any, live: Any, last: Fields | None, path: str) -> str:
    if last is None:
        return UNKNOWN
    before = last.get(path)
    return IN_AWS if before == declared else IN_INVENTORY if before == live else IN_BOTH


def _moved(one: Collected, live: Fields, last: Fields, taken: set[str]) -> list[Kept]:
    return [
        _kept(one, path, last.get(path), last.get(path), live.get(path), owners.owner(one["kind"], path), False)
        for path in different(last, live)
        if path not in taken and not owners.passing(path) and path not in one["awaited"]
    ]


def _awaited(one: Collected, path: str, pair: dict[str, Any]) -> Kept:
    return _kept(one, path, pair.get("after"), None, pair.get("before"), owners.DEPLOYER, True)


def _kept(one: Collected, path: str, declared: Any, last: Any, live: Any, owner: str, awaits: bool) -> Kept:
    return Kept(
        kind=one["kind"],
        name=one["name"],
        field=path,
        declared=declared if awaits else live,
        last_converged=last,
        live=live,
        owner=owner,
        awaits_release=awaits,
    )
