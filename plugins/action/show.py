# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.railyard.fargate.plugins.plugin_utils import commands


class ActionModule(ActionBase):
    """Prints on the controller: only there is a person who reads, and only there is known how this run was started."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _unused, arguments = self.validate_argument_spec({"text": {"type": "str", "required": True}, "file": {"type": "path"}})
        text, file = arguments["text"].rstrip() + "\n", arguments["file"]
        if not file:
            Display().display(commands.of_task(text, task_vars or {}))
            return {"changed": False}
        try:
            Path(file).write_text(text)
        except OSError as error:
            return {"failed": True, "msg": f"{file} cannot be written: {error.strerror}"}
        return {"changed": False}
