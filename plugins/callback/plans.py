# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What drift, parity and the record of a converge are made of: the results of the modules of this run."""

from __future__ import annotations

DOCUMENTATION = """
name: plans
type: aggregate
short_description: Keeps what the modules of this collection say of resources until the end of the run
version_added: 0.1.0
author: Railyard contributors (@railyard)
description:
  - M(railyard.fargate.environment_drift_info), M(railyard.fargate.environment_parity_info) and M(railyard.fargate.environment_record)
    read it. In check mode that is what is live, and what a converge would make of it.
  - It prints nothing, writes nothing, and ends with the run. Results with C(no_log) are not kept.
requirements:
  - C(callbacks_enabled = railyard.fargate.plans) in C(ansible.cfg)
"""

from typing import Any

from ansible.plugins.callback import CallbackBase

from ..plugin_utils import plans


class CallbackModule(CallbackBase):
    """Results of failed tasks are kept as well: a comparison goes on after them."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "railyard.fargate.plans"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_start(self, playbook: Any) -> None:
        plans.begin()

    def v2_runner_on_ok(self, result: Any) -> None:
        said = dict(result.result)
        if not result.task.check_mode:
            # What is then live is more than what was planned.
            said.pop("diff", None)
        plans.take(result.host.get_name(), str(result.task.resolved_action or result.task.action), said)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        plans.take_refusal(result.host.get_name(), str(result.task_name), str(result.result.get("msg", "")))
