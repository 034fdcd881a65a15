# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks role variables of an inventory against the specifications of the roles (roles/*/meta/argument_specs.yml) before the first role
writes. Conversions and messages are those of Ansible's ArgumentSpecValidator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from . import limits, sums
from .problem import Problem, likely
from .shape import Spec, example


def options(role: str, specs: dict[str, Spec]) -> Spec:
    """The role's own variables, of all its entry points. `specs`: the content of its `argument_specs`, by entry point."""
    every = ((name, option) for spec in specs.values() for name, option in spec.get("options", {}).items())
    return {name: option for name, option in every if name.startswith(f"{role}_")}


def problems(known: Spec, variables: dict[str, Any], protected: bool = False) -> Iterator[Problem]:
    """What is wrong with `variables`, each of which is in `known`, in an environment that is `protected` or is not."""
    for name, value in variables.items():
        if value is None:
            continue
        validated = ArgumentSpecValidator({name: {**known[name], "required": False}}).validate({name: value})
        for message in validated.error_messages:
            yield Problem(message, (name,), example(name, known[name]))
        if not validated.error_messages:
            yield from limits.problems(name, validated.validated_parameters[name])
    yield from sums.rules({name: value for name, value in variables.items() if value is not None}, protected)


def unknown(prefixes: Iterable[str], known: Iterable[str], names: Iterable[str]) -> Iterator[Problem]:
    """A problem for each name that begins with a role's prefix and is no variable of it. `<role>_result`, which a role sets, is ignored."""
    all_known, roles = sorted(known), tuple(f"{role}_" for role in prefixes)
    for name in names:
        if name.startswith(roles) and name not in all_known and not name.endswith("_result"):
            role = max((role for role in roles if name.startswith(role)), key=len)
            own = [one.removeprefix(role) for one in all_known if one.startswith(role)]
            meant = likely(name.removeprefix(role), own)
            right = f"did you mean {role}{meant}?" if meant else f"see ansible-doc -t role railyard.fargate.{role[:-1]}"
            yield Problem(f"unknown variable {name}: the role {role[:-1]} has none of this name", (name,), right)
