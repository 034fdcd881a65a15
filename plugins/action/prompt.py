# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.railyard.fargate.plugins.plugin_utils import secret_input

SPEC = {
    "question": {"type": "str", "required": True},
    "instead": {"type": "str", "required": True},
}


class ActionModule(ActionBase):
    """Asks on the controller: only there is a person who answers."""

    TRANSFERS_FILES = False
    BYPASS_HOST_LOOP = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _unused, arguments = self.validate_argument_spec(SPEC)
        answer = secret_input.ask(arguments["question"], arguments["instead"]).strip()
        if not answer:
            raise AnsibleActionFail(f"nothing was typed. {arguments['instead']}")
        return {"changed": False, "answer": answer}
