# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Ansible has two codes for a run that did not end well: 2 for a host that failed, 4 for one that was not reached."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        spec = {"code": {"type": "int", "required": True, "choices": [0, 2, 4]}, "msg": {"type": "str", "default": ""}}
        _unused, given = self.validate_argument_spec(spec)
        how = {0: {}, 2: {"failed": True}, 4: {"unreachable": True}}[given["code"]]
        return {"changed": False, "msg": given["msg"], **how}
