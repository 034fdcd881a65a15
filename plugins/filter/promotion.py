# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: promotion
version_added: 0.1.0
short_description: Tell from which environment an image goes to which
description:
  - Finds source and target among the hosts of a play. Both are of the same application and run on the same architecture.
positional: hosts, source, target
options:
  _input:
    description: C(hostvars).
    type: dict
    required: true
  hosts:
    description: Names of the hosts among which they are.
    type: list
    elements: str
    required: true
  source:
    description: Host name or C(railyard_environment) of the source. Empty is the other one of two.
    type: str
    default: ''
  target:
    description:
      - Host name or C(railyard_environment) of the target. Empty is the other one of two; without O(source) either, the only one of two
        with C(railyard_protection).
    type: str
    default: ''
author:
  - Railyard contributors (@railyard)
"""

EXAMPLES = r"""
way: "{{ hostvars | railyard.fargate.promotion(ansible_play_hosts_all) }}"
"""

RETURN = r"""
_value:
  description: C(source) and C(target), names of hosts.
  type: dict
"""

SAY = "say which: -e from=<environment> -e to=<environment>"
# What must be the same on both sides: the variable, its default, and what it is called.
SAME = (("railyard_app", None, "application"), ("ecs_architecture", "X86_64", "architecture"))


def promotion(hostvars: Mapping[str, Any], hosts: list[str], source: str = "", target: str = "") -> dict[str, str]:
    environments = {host: str(hostvars[host].get("railyard_environment", "")) for host in hosts}
    known = ", ".join(f"{host} ({environment})" for host, environment in environments.items())
    if len(environments) < 2:
        raise AnsibleFilterError(
            f"an image goes from one environment to another, and here is {known or 'none'}; give both inventories with -i"
        )
    left, right = _named(environments, source, known), _named(environments, target, known)
    if not left and not right:
        right = _protected(hostvars, environments, known)
    left, right = left or _other(environments, right, known), right or _other(environments, left, known)
    if left == right:
        raise AnsibleFilterError(f"an image goes from one environment to another, and {left} is both; there are {known}")
    for name, default, words in SAME:
        first, second = (hostvars[host].get(name, default) for host in (left, right))
        if first != second:
            raise AnsibleFilterError(f"{left} and {right} have not the same {words} ({name}): {first} and {second}")
    return {"source": left, "target": right}


def _named(environments: dict[str, str], wanted: str, known: str) -> str:
    """The host of this name, or of the environment of this name; "" when none is wanted."""
    if not wanted or wanted in environments:
        return wanted
    found = [host for host, environment in environments.items() if environment == wanted]
    if len(found) == 1:
        return found[0]
    what = f"{wanted} is the environment of {' and '.join(found)}; name the host" if found else f"there is no environment {wanted}"
    raise AnsibleFilterError(f"{what}; there are {known}")


def _other(environments: dict[str, str], one: str, known: str) -> str:
    others = [host for host in environments if host != one]
    if len(others) != 1:
        raise AnsibleFilterError(f"there are several environments, {known}; {SAY}")
    return others[0]


def _protected(hostvars: Mapping[str, Any], environments: dict[str, str], known: str) -> str:
    found = [host for host in environments if hostvars[host].get("railyard_protection", True)]
    if len(environments) == 2 and len(found) == 1:
        return found[0]
    raise AnsibleFilterError(f"of {known}, {len(found)} are protected (railyard_protection), so that the way is not clear; {SAY}")


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"promotion": promotion}
