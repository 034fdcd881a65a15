# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

# Imported in the main process, where standard input is.
from ansible_collections.railyard.fargate.plugins.plugin_utils import secret_input

WAYS: dict[str, Callable[[str], str]] = {"value_file": secret_input.from_file, "value_env": secret_input.from_environment}


class ActionModule(ActionBase):
    """Fetches the value that a person gives on the controller. It is in no variable of Ansible, and goes to the module alone."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        given = dict(self._task.args)
        said = {name: given.pop(name, None) for name in ("value_from", *WAYS)}
        said = {name: value for name, value in said.items() if value is not None}
        if said:
            if len(said) > 1 or given.get("value") is not None:
                names = sorted({*said, *({"value"} & given.keys())})
                raise AnsibleActionFail(f"a value has one source, and here are {', '.join(names)}")
            given["value"] = fetched(str(given.get("name")), *said.popitem())
        answer: dict[str, Any] = self._execute_module("railyard.fargate.ssm_secret", given, task_vars=task_vars)
        return answer


def fetched(name: str, way: str, value: str) -> str:
    if way in WAYS:
        return WAYS[way](value)
    if value == secret_input.STDIN:
        return str(secret_input.from_stdin())
    if value == secret_input.PROMPT:
        return str(secret_input.typed(name))
    raise AnsibleActionFail(f"value_from is {secret_input.PROMPT} or {secret_input.STDIN}, not {value}")
