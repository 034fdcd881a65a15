# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables of roles that an inventory sets, held against the roles' specifications (roles/*/meta/argument_specs.yml) before the first role
writes. What Ansible takes for a number or a truth is one here, too: the words are those of its own validation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .problem import Problem
from .shape import Spec, example


def options(specs: dict[str, Spec]) -> Spec:
    """The options of all entry points of a role. `specs`: the content of its `argument_specs`, by entry point."""
    return {name: option for spec in specs.values() for name, option in spec.get("options", {}).items()}


def problems(known: Spec, variables: dict[str, Any]) -> Iterator[Problem]:
    """What is wrong with `variables`, each of which is in `known`."""
    for name, value in variables.items():
        if value is not None:
            validator = ArgumentSpecValidator({name: {**known[name], "required": False}})
            for message in validator.validate({name: value}).error_messages:
                yield Problem(message, (name,), example(name, known[name]))
