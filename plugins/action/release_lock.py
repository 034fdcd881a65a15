# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from typing import Any

from ansible_collections.railyard.fargate.plugins.plugin_utils import commands, last_words
from ansible_collections.railyard.fargate.plugins.plugin_utils.watched import WatchedAction


class ActionModule(WatchedAction):
    """Says which process the run is, shows for whom the module waits, and how to go on with a run that is interrupted."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        if self._connection.transport == "local":
            # A worker is a child of the process that the lock is held for.
            self._task.args = {**self._task.args, "controller": os.getppid()}
        answer, variables = dict(super().run(tmp, task_vars)), task_vars or {}
        given, host = self._task.args, str(variables.get("inventory_hostname", ""))
        if not answer.get("failed") and answer.get("holder"):
            last_words.of_run(str(given.get("reason")), host, commands.limit(variables))
        elif given.get("holder"):
            last_words.done(host)
        return answer
