# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Actions whose module is given what the callback railyard.fargate.plans has kept of this run."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.railyard.fargate.plugins.plugin_utils import plans

ENABLED = "callbacks_enabled = railyard.fargate.warm, railyard.fargate.plans"
ENABLE = f"the callback railyard.fargate.plans is not enabled; in ansible.cfg, under [defaults]: {ENABLED}"
# Roles read what a failed task would have returned.
CONSEQUENCE = ("undefined", "has no attribute")


class PlannedAction(ActionBase):
    """Runs the module of the same name. Without `REQUIRED`, a run in which nothing was kept is no fault."""

    TRANSFERS_FILES = False
    REQUIRED = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        variables = task_vars or {}
        host = str(variables.get("inventory_hostname", ""))
        given = {"resources": plans.resources.get(host, []), **self._task.args}
        if not self.REQUIRED:
            return dict(self._execute_module(module_args=given, task_vars=variables))
        if not plans.enabled and "resources" not in self._task.args:
            return {"failed": True, "msg": ENABLE}
        return dict(self._execute_module(module_args={"refused": first_refused(plans.refused.get(host, [])), **given}, task_vars=variables))


def first_refused(refused: list[plans.Refused]) -> list[plans.Refused]:
    """Those that did not only fail because one before them had."""
    return [one for number, one in enumerate(refused) if not number or not any(word in one["message"] for word in CONSEQUENCE)]
