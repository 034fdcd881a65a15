#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: application_autoscaling_floor
version_added: 0.2.0
short_description: Raise the lower bound of an ECS service for a while
description:
  - Raises the lower bound of a scalable target, plans the scheduled action that brings the former one back, and notes both in the tags of
    the target. M(railyard.fargate.application_autoscaling_target) keeps a floor that holds.
  - community.aws has no module for scheduled actions of Application Auto Scaling.
options:
  resource_id:
    description: The scalable target, C(service/<cluster>/<service>).
    type: str
    required: true
  service_namespace:
    description: Its namespace.
    type: str
    default: ecs
  scalable_dimension:
    description: What of it is scaled.
    type: str
    default: ecs:service:DesiredCount
  min_capacity:
    description: Tasks at least, above the bound of now and at most the upper one. Required unless O(state=absent).
    type: int
  until:
    description:
      - When it ends, as C(18:00), C(2026-12-01T18:00), C(2h), C(90m) or C(3d), in the time zone of this machine, within 30 days.
      - Required unless O(state=absent).
    type: str
  requested_by:
    description: Who wants it, for others to see.
    type: str
    default: somebody
  state:
    description: V(absent) ends a floor at once.
    type: str
    choices: [present, absent]
    default: present
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
seealso:
  - module: railyard.fargate.application_autoscaling_target
"""

EXAMPLES = r"""
- name: At least four tasks until six o'clock
  railyard.fargate.application_autoscaling_floor:
    resource_id: service/shop-production/web
    min_capacity: 4
    until: "18:00"
    requested_by: deborah

- name: That was enough
  railyard.fargate.application_autoscaling_floor:
    resource_id: service/shop-production/web
    state: absent
"""

RETURN = r"""
scalable_target:
  description: The target; null where there is none.
  returned: always
  type: dict
  contains:
    resource_id:
      description: What is scaled.
      returned: always
      type: str
    service_namespace:
      description: Namespace.
      returned: always
      type: str
    scalable_dimension:
      description: What of it is scaled.
      returned: always
      type: str
    min_capacity:
      description: Lower bound.
      returned: always
      type: int
    max_capacity:
      description: Upper bound.
      returned: always
      type: int
    suspended_state:
      description: Which activities are suspended.
      returned: always
      type: dict
    scalable_target_arn:
      description: Its ARN.
      returned: always
      type: str
    floor:
      description: The floor; null without one.
      returned: always
      type: dict
      contains:
        min:
          description: Tasks at least.
          returned: always
          type: int
        before:
          description: The bound that comes back.
          returned: always
          type: int
        until:
          description: When it ends, ISO 8601.
          returned: always
          type: str
        requested_by:
          description: Who wants it.
          returned: always
          type: str
    ends:
      description: The schedule of the action that ends it; null without one.
      returned: always
      type: str
"""

import re
from datetime import UTC, datetime

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._autoscaling import floor_plan, target
from ..module_utils._core.errors import RailyardError
from ..module_utils._module import STATE, converge, fail

SPEC = {
    **target.IDENTITY,
    "min_capacity": {"type": "int"},
    "until": {"type": "str"},
    "requested_by": {"type": "str", "default": "somebody"},
    "state": STATE,
}
# What a tag of AWS may not have.
UNTAGGED = re.compile(r"[^\w.:/=+@ -]")


def main() -> None:
    required = [("state", "present", ["min_capacity", "until"])]
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True, required_if=required)
    given, now = module.params, datetime.now().astimezone()
    try:
        until = floor_plan.ends_at(given["until"], now) if given["state"] == "present" else None
    except RailyardError as error:
        fail(module, error)
    wanted = {**given, "until": until, "requested_by": UNTAGGED.sub("-", given["requested_by"])[:256]}
    converge(
        module,
        "application-autoscaling",
        "scalable_target",
        find=lambda client: floor_plan.find(client, wanted),
        make_plan=lambda _client, live: floor_plan.make_plan(wanted, live, now.astimezone(UTC)),
    )


if __name__ == "__main__":
    main()
