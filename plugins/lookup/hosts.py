# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: hosts
version_added: 0.1.0
short_description: The hosts of a playbook of this collection, once its command line is found to be right
description:
  - Is evaluated for C(hosts) of a play, before anything is read or written, and returns the pattern in C(railyard_hosts), or V(all).
  - Ends the run when the command line says an option that the playbook has not, one without a value, or one whose words the shell has torn
    apart; when it asks for a part of the playbook, with C(--tags), C(--skip-tags) or C(--start-at-task); when an inventory is not there;
    when no host is meant; and when two inventories of the run have environments that Ansible would merge into one.
  - C(-e help=yes) prints the playbook's options and ends the run.
options:
  _terms:
    description: The playbook's options, a dictionary of what options of a role are in C(argument_specs).
    required: true
  hosts:
    description: This pattern, and no look at the inventories; for a playbook that needs none.
    type: str
author:
  - Railyard contributors (@railyard)
"""

EXAMPLES = r"""
- name: Release
  hosts: "{{ lookup('railyard.fargate.hosts', __options) }}"
  vars:
    __options:
      image: {type: str, description: A tag or a digest.}
"""

RETURN = r"""
_raw:
  description: A pattern of hosts.
  type: list
  elements: str
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from ansible import context
from ansible.errors import AnsibleError
from ansible.module_utils.common.yaml import yaml_load
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display
from ansible.utils.vars import load_extra_vars

from ansible_collections.railyard.fargate.plugins.plugin_utils._command_line import extra_vars, inventories, options, usage

COLLECTION = Path(__file__).resolve().parents[2]
# Ansible's own code for a command line that is wrong.
WRONG = 5
# Names an environment variable that holds a secret.
SECRET = "value_env"


class LookupModule(LookupBase):
    """In the controller, and before the first play: nothing has been read of AWS."""

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        table, known = dict(terms[0]), variables or {}
        pattern = kwargs.get("hosts") or self._templar.template(known.get("railyard_hosts", "all"))
        if context.CLIARGS.get("syntax"):
            return [pattern]
        said = extra_vars.read(context.CLIARGS.get("extra_vars") or (), lambda text: load(self._loader, text))
        if any(each.name == options.HELP for each in said) and options.HELP not in table:
            Display().display(usage.text(playbook(), table, not kwargs.get("hosts")))
            raise SystemExit(0)
        alone = not foreign()
        wrong = [*(options.parts(context.CLIARGS) if alone else ()), *options.problems(table, said, others if alone else None)]
        wrong = wrong or self._values(table, said, known) or ([] if kwargs.get("hosts") else list(self._inventories(known, pattern)))
        if wrong:
            end(wrong)
        self._take(table)
        return [pattern]

    def _take(self, table: options.Table) -> None:
        """The variable that holds a secret is for one action alone; what runs before it inherits this process's environment."""
        if name := templated(self._templar, self._loader, table)[0].get(SECRET):
            # Imported only here, because it keeps standard input open.
            from ansible_collections.railyard.fargate.plugins.plugin_utils import secret_input

            secret_input.take(str(name))

    def _values(self, table: options.Table, said: list[extra_vars.Said], known: dict[str, Any]) -> list[str]:
        names = {each.name for each in said}
        stray = [name for name in table if name in known and name not in names]
        wrong = [f"{name} is read from the command line only: {options.example(name, table[name])}" for name in stray]
        given, more = templated(self._templar, self._loader, table)
        return [*wrong, *more, *options.values(table, given)[1]]

    def _inventories(self, known: dict[str, Any], pattern: Any) -> Iterator[str]:
        sources = list(context.CLIARGS.get("inventory") or ())
        gone = inventories.absent(sources)
        if gone:
            yield f"there is no inventory {options.listed(gone)}"
            return
        hosts = inventories.matching(self._loader, known.get("groups", {}), pattern, context.CLIARGS.get("subset"))
        if not hosts:
            has = list(known.get("groups", {}).get("all", ()))
            yield f"no host is meant: the inventory has {options.listed(has) if has else 'none'}, and {asked(pattern)}"
            return
        yield from inventories.merged(sources)


def load(loader: Any, text: str) -> Any:
    return loader.load_from_file(text[1:]) if text.startswith("@") else loader.load(text)


def templated(templar: Any, loader: Any, table: options.Table) -> tuple[dict[str, Any], list[str]]:
    """Values of the options that the command line says, and what has none."""
    said = load_extra_vars(loader)
    given, wrong = {}, []
    for name in (name for name in said if name in table and "refused" not in table[name]):
        try:
            given[name] = templar.template(said[name])
        except AnsibleError as error:
            wrong.append(f"{name}: its template has no value{'' if options.private(table) else f': {error}'}")
    return given, wrong


def others() -> Iterable[str]:
    """Variables of the collection's roles: what an inventory may say, a command line may, too."""
    for path in sorted((COLLECTION / "roles").glob("*/meta/argument_specs.yml")):
        for entry in yaml_load(path.read_text())["argument_specs"].values():
            yield from (name for name in entry.get("options", {}) if name.startswith(f"{path.parts[-3]}_") or name.startswith("railyard_"))


def foreign() -> bool:
    """Whether other playbooks than this one run, too, or around it, whose options are not known here."""
    named: tuple[str, ...] = context.CLIARGS.get("args") or ()
    return len(named) != 1 or not (named[0].startswith("railyard.fargate.") or Path(named[0]).resolve() in ours())


def ours() -> list[Path]:
    return [COLLECTION / "site.yml", *(COLLECTION / "playbooks").glob("*.yml")]


def playbook() -> str:
    return " ".join(context.CLIARGS.get("args") or ("<playbook>",))


def asked(pattern: Any) -> str:
    subset = context.CLIARGS.get("subset")
    return f"railyard_hosts is '{pattern}'{f', -l {subset}' if subset else ''}"


def end(wrong: list[str]) -> NoReturn:
    """Say all of it at once, without the places of code that an error of a template has."""
    lines = "\n".join(f"  {line}" for line in wrong)
    Display().error(f"{playbook()} was not started.\n{lines}\nAll options: ansible-playbook {playbook()} -e help=yes", wrap_text=False)
    raise SystemExit(WRONG)
