# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._drift import parity
from ansible_collections.railyard.fargate.plugins.plugin_utils import plans
from ansible_collections.railyard.fargate.plugins.plugin_utils.planned import ENABLE, first_refused


class ActionModule(ActionBase):
    """Compares on the controller, where what this run has read of all environments is."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        specification = {"environments": {"type": "dict", "required": True}, "allowed": {"type": "list", "elements": "dict", "default": []}}
        _unused, given = self.validate_argument_spec(specification)
        if not plans.enabled:
            return {"failed": True, "msg": ENABLE}
        hosts: dict[str, Any] = given["environments"]
        refused = [f"{host}: {one['task']}: {one['message']}" for host in hosts for one in first_refused(plans.refused.get(host, []))]
        if refused:
            return {"failed": True, "msg": "\n".join(["An environment cannot be read as a whole:", *refused])}
        read: dict[str, parity.Environment] = {
            place["environment"]: {"place": place, "resources": plans.resources.get(host, [])} for host, place in hosts.items()
        }
        try:
            return {"changed": False, "parity": parity.compare(read, given["allowed"])}
        except RailyardError as error:
            return {"failed": True, "msg": error.message}
