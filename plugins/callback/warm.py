# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What makes the connection railyard.fargate.warm faster, and has to happen in the controller."""

from __future__ import annotations

DOCUMENTATION = """
name: warm
type: aggregate
short_description: Gets ready what the connection railyard.fargate.warm needs
version_added: 0.1.0
author: Railyard contributors (@railyard)
description:
  - Starts the server of P(railyard.fargate.warm#connection) while the playbook is read, keeps built modules between runs, and loads in
    the controller what each of its workers would load again. It prints nothing and changes no result.
  - Without it the connection starts the server when the first module needs it.
requirements:
  - C(callbacks_enabled = railyard.fargate.warm) in C(ansible.cfg)
options:
  store:
    description:
      - The folder for built modules. They hold code, and no parameters. It is safe to delete.
      - The default is C(railyard.fargate/modules) in Ansible's own folder.
    type: path
    env:
      - name: RAILYARD_WARM_STORE
    ini:
      - section: callback_warm
        key: store
  read_ahead:
    description:
      - Whether what the last run of the same playbooks and inventories has read of AWS is read at once at the start of this one.
      - Each answer is handed to one module at most, within a minute, and none that was asked for before a write of the run was over.
      - The record of what was read is in C(railyard.fargate/reads) in Ansible's own folder. It holds no answers, and is safe to delete.
    type: bool
    default: true
    env:
      - name: RAILYARD_READ_AHEAD
    ini:
      - section: callback_warm
        key: read_ahead
  keep_server:
    description:
      - For how many seconds after a run what its server has loaded waits for the next one. V(0) ends it with its run.
      - What waits has no parameters, no credentials, and of the environment only what a starting process reads. It serves no run after a
        file that it has loaded has changed.
      - Its socket is in C(railyard.fargate/keepers) in Ansible's own folder, which is the user's alone.
    type: float
    default: 600
    env:
      - name: RAILYARD_KEEP_SERVER
    ini:
      - section: callback_warm
        key: keep_server
"""

import gc
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ansible
import ansible.constants as C
from ansible import context
from ansible.plugins.callback import CallbackBase
from ansible.release import __version__
from ansible.utils.collection_loader import AnsibleCollectionConfig

from ..plugin_utils._warm import client, imports, payloads, server_socket, shared, templates
from ..plugin_utils._warm.ahead import ipc, record

CONNECTION = "railyard.fargate.warm"
HOME = Path(C.ANSIBLE_HOME) / "railyard.fargate"
# What the defaults of most tasks ask.
LOOKUPS = ("ansible.builtin.template", "railyard.fargate.connection", "railyard.fargate.names")


class CallbackModule(CallbackBase):
    """Every step may fail without harm: then it is slower, and `-v` says why."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "railyard.fargate.warm"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._inputs: payloads.Inputs | None = None
        self._shared = shared.Shared()
        self._begun = False

    def set_options(self, *arguments: Any, **options: Any) -> None:
        super().set_options(*arguments, **options)
        self._attempt(self._start)

    def v2_playbook_on_play_start(self, play: Any) -> None:
        if not self._begun:
            self._begun = True
            self._attempt(self._offer)
            self._attempt(self._share_templates)
            self._attempt(templates.copy_less)
            self._attempt(self._share_imports)
            self._attempt(_load_plugins)

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._shared.take()

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        self._shared.take()

    def v2_runner_item_on_ok(self, result: Any) -> None:
        self._shared.take()

    def v2_runner_on_ok(self, result: Any) -> None:
        self._shared.take()
        # Tasks of other connections are not seen otherwise.
        if result.is_changed() and not context.CLIARGS.get("check"):
            self._attempt(lambda: ipc.tell(client.folder_of_run(), ipc.CHANGED))

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._attempt(self._keep)
        self._display.vv(
            f"{CONNECTION}: {self._shared.computed} templates and files were compiled, {len(self._shared.values)} different ones"
        )
        if not stats.failures and not stats.dark:
            self._attempt(self._remember)

    def _share_templates(self) -> None:
        templates.Templates(self._shared).share()

    def _share_imports(self) -> None:
        imports.share(self._shared)

    def _remember(self) -> None:
        if said := ipc.tell(client.folder_of_run(), ipc.KEEP):
            self._display.v(f"{CONNECTION}: {said}")

    def _attempt(self, step: Callable[[], object]) -> None:
        try:
            step()
        except Exception as error:
            self._display.v(f"{CONNECTION}: {error}")

    def _start(self) -> None:
        idle = self.get_option("keep_server")
        keep = server_socket.Keep(payloads.private(HOME / "keepers"), idle) if idle > 0 else None
        server_socket.start(client.folder_of_run(), os.getpid(), list(AnsibleCollectionConfig.collection_paths), self._record(), keep)

    def _store(self) -> Path:
        named = self.get_option("store")
        return payloads.private(Path(named) if named else HOME / "modules")

    def _record(self) -> Path | None:
        """Where the reads of runs like this one are kept; None when nothing shall be read ahead."""
        if not self.get_option("read_ahead") or not context.CLIARGS.get("inventory"):
            return None
        which = [os.path.abspath(name) for name in (*context.CLIARGS["inventory"], *context.CLIARGS.get("args", ()))]
        part = [context.CLIARGS.get(name) for name in ("subset", "tags", "skip_tags", "start_at_task")]
        names = context.CLIARGS.get("args", ())
        whole = len(names) == 1 and all(not some or list(some) == ["all"] for some in part)
        name = re.split("[./]", re.sub(r"\.ya?ml$", "", names[0]))[-1] if whole else ""
        return record.path(payloads.private(HOME / "reads"), name, which, part)

    def _offer(self) -> None:
        if not _plain_module_utils():
            return
        core = Path(ansible.__file__).parent
        self._inputs = payloads.inputs(__version__, core, list(AnsibleCollectionConfig.collection_paths))
        payloads.offer(self._store(), self._inputs, client.folder_of_run())

    def _keep(self) -> None:
        if self._inputs:
            payloads.keep(self._store(), self._inputs, client.folder_of_run())


def _plain_module_utils() -> bool:
    """Whether module_utils come from ansible-core and collections alone: what else there may be is not part of the key."""
    from ansible.plugins.loader import module_utils_loader

    core = Path(ansible.__file__).parent / "module_utils"
    folders = [Path(path) for path in module_utils_loader._get_paths(subdirs=False)]
    return not any(folder.is_dir() and not folder.samefile(core) for folder in folders)


def _load_plugins() -> None:
    """Load once what every worker, a fork of this process, would load again for itself."""
    from ansible.parsing.dataloader import DataLoader
    from ansible.plugins import loader
    from ansible.template import Templar, trust_as_template

    for kind in (loader.filter_loader, loader.test_loader):
        list(kind.all())
    # One filter of a collection brings all of them.
    loader.filter_loader.get("railyard.fargate.each")
    for name in LOOKUPS:
        loader.lookup_loader.get(name, class_only=True)
    loader.action_loader.get("ansible.builtin.normal", class_only=True)
    loader.connection_loader.get(CONNECTION, class_only=True)
    loader.shell_loader.get("sh")
    Templar(DataLoader(), variables={"name": "x"}).template(trust_as_template("{{ name | default('y', true) is match('x') }}"))
    gc.collect()
    gc.freeze()
