# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands that are shown to a person, as they can be pasted into the shell that this run was started from.

In a checkout a playbook is a path, for an installed collection it is railyard.fargate.<name>. Messages name playbooks as
`playbooks/deploy.yml` or `site.yml`, which holds for every run; `completed` makes commands of this run of them.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ansible import context

PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"
PROGRAM = "ansible-playbook"
# A playbook that no inventory follows yet; `-i <the inventory>` stands for this run's.
NAMED = re.compile(
    r"(?<![\w/.<-])(?:ansible-playbook )?(?:playbooks/(?P<name>[a-z_]+)|(?P<site>site))\.yml\b(?P<inventory>(?: -i <[^>]+>)*)(?! -i)"
)
EMULATOR = re.compile(r"(?<![\w/.-])python -m emulator\b")


def program() -> str:
    """How ansible-playbook was called: by its name when the shell finds it on its PATH."""
    called = sys.argv[0]
    if os.path.basename(called) != PROGRAM or "/" not in called:
        return PROGRAM
    found = shutil.which(PROGRAM)
    if os.path.isabs(called) and found and os.path.samefile(found, called):
        return PROGRAM
    return shlex.quote(short(called))


def python() -> str:
    """The Python of this run; by its name when the shell finds it on its PATH."""
    found = shutil.which("python")
    if program() == PROGRAM and found and os.path.samefile(os.path.dirname(found), os.path.dirname(sys.executable)):
        return "python"
    return shlex.quote(short(sys.executable))


def short(path: str) -> str:
    """A path as it is typed in the current folder."""
    relative = os.path.relpath(path)
    return path if relative.startswith(os.pardir) else relative


def playbook(name: str) -> str:
    """How a playbook of this collection is named in the current folder."""
    path = Path("site.yml") if name == "site" else Path("playbooks") / f"{name}.yml"
    here = Path("playbooks") / f"{name}.yml"
    if path.exists() and here.exists() and here.samefile(PLAYBOOKS / f"{name}.yml"):
        return str(path)
    return f"railyard.fargate.{name}"


def command(name: str, *words: str, inventories: Iterable[str], limit: str = "") -> str:
    """The command that runs a playbook with the same inventories. `limit`: the host that it is about, where there are several."""
    given = [f"-i {shlex.quote(short(source))}" for source in inventories]
    return " ".join([program(), playbook(name), *given, *of_vault(), *([f"-l {shlex.quote(limit)}"] if limit else []), *words])


def completed(text: str, inventories: Iterable[str], limit: str = "") -> str:
    """A message whose playbooks are commands of this run. What is one already stays as it is."""
    sources = list(inventories)

    def whole(found: re.Match[str]) -> str:
        name = found["name"] or "site"
        return command(name, inventories=sources, limit=limit) if (PLAYBOOKS / f"{name}.yml").exists() else found[0]

    return EMULATOR.sub(lambda _found: f"{python()} -m emulator", NAMED.sub(whole, text))


def limit(variables: dict[str, Any]) -> str:
    """The host that a task works on, where a command has to name it."""
    return str(variables.get("inventory_hostname", "")) if len(variables.get("hostvars") or {}) > 1 else ""


def of_task(text: str, variables: dict[str, Any]) -> str:
    """`completed` for the host that a task works on."""
    return completed(text, of_run(), limit(variables))


def of_vault() -> list[str]:
    """The options with which this run was told how its vaults are opened."""
    given = context.CLIARGS
    sources = [f"--vault-id {shlex.quote(source)}" for source in given.get("vault_ids") or ()]
    files = [f"--vault-password-file {shlex.quote(short(path))}" for path in given.get("vault_password_files") or ()]
    return [*sources, *files, *(["--ask-vault-pass"] if given.get("ask_vault_pass") else [])]


def of_run() -> list[str]:
    """The inventories that this run was given."""
    return [str(source) for source in context.CLIARGS.get("inventory") or ()]
