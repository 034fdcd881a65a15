# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inventories of a run: hosts that nobody is, and environments that Ansible would merge into one."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.vars.manager import VariableManager

from ansible_collections.railyard.fargate.plugins.plugin_utils.commands import short

# What makes two environments two; the first says that an inventory describes one.
IDENTITY = ("railyard_environment", "railyard_app", "railyard_account_id", "railyard_region", "railyard_cidr")
Identities = dict[str, dict[str, Any]]


def absent(sources: Iterable[str]) -> list[str]:
    """The sources that are files or folders and are not there."""
    return [source for source in sources if "," not in source and not Path(source).exists()]


def matching(loader: DataLoader, groups: Mapping[str, Iterable[str]], pattern: str, subset: str | None) -> list[str]:
    """The hosts of the inventory's `groups` that a play with this pattern, and a run with this limit, has."""
    inventory = InventoryManager(loader, parse=False)
    for group, hosts in groups.items():
        inventory.add_group(group)
        for host in hosts:
            inventory.add_host(host, group)
    inventory.subset(subset)
    return [str(host) for host in inventory.list_hosts(pattern)]


def merged(sources: Iterable[str]) -> tuple[str, ...]:
    """Environments of several sources that have become one: by a host, or by a group with variables, of the same name in two of them."""
    several = tuple(sources)
    return _merged(several) if len(several) > 1 else ()


@functools.cache
def _merged(sources: tuple[str, ...]) -> tuple[str, ...]:
    """Each source is read again for it: once, whatever the number of plays that ask."""
    return tuple(_problems(sources))


def _problems(sources: tuple[str, ...]) -> Iterator[str]:
    described = {source: found for source in sources if (found := _environments([source]))}
    if len(described) < 2:
        return
    together = _identities(list(described))
    for source, found in described.items():
        for host, own in found.items():
            other = {name: together[host].get(name) for name in own}
            differing = [name for name in own if own[name] != other[name]]
            if differing:
                name = differing[0]
                yield (
                    f"{host} is {_words(own)} in {short(source)}, and with the other inventories of this run it would be {_words(other)}"
                    f" ({name}: {other[name]} instead of {own[name]}). Two inventories have a host, or a group with variables, of the same"
                    " name: give each its own, or run them one after the other"
                )


def _environments(sources: list[str]) -> Identities:
    return {host: found for host, found in _identities(sources).items() if IDENTITY[0] in found}


def _identities(sources: list[str]) -> Identities:
    """What the sources say of each host, as it stands there."""
    loader = DataLoader()
    inventory = InventoryManager(loader, sources=sources)
    variables = VariableManager(loader=loader, inventory=inventory)
    found = {}
    for host in inventory.list_hosts():
        said = variables.get_vars(host=host, include_hostvars=False)
        # The command line says the same of every host.
        found[str(host)] = {name: said[name] for name in IDENTITY if name in said and name not in variables.extra_vars}
    return found


def _words(identity: dict[str, Any]) -> str:
    return " ".join(str(identity[name]) for name in ("railyard_app", "railyard_environment") if identity.get(name))
