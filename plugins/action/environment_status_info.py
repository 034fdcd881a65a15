# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys
import time
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.railyard.fargate.plugins.plugin_utils import commands

CLEAR = "\x1b[H\x1b[2J\x1b[3J"
AGAIN = "every {seconds} s; Ctrl-C ends it"


class ActionModule(ActionBase):
    """Runs the module, again and again where somebody watches. A module can answer only once."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        variables, arguments = task_vars or {}, dict(self._task.args)
        seconds = int(arguments.get("watch") or 0)
        if seconds and len(variables.get("ansible_play_hosts_all") or []) > 1:
            return {"failed": True, "msg": "one environment can be watched at a time; name it with -l"}
        while True:
            result = dict(self._execute_module(module_args=arguments, task_vars=variables))
            if not seconds or result.get("failed") or "text" not in result:
                return result
            text = commands.of_task(str(result["text"]), variables)
            Display().display(f"{CLEAR if sys.stdout.isatty() else ''}{text}\n{AGAIN.format(seconds=seconds)}")
            time.sleep(seconds)
