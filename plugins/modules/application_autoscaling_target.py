#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: application_autoscaling_target
version_added: 0.1.0
short_description: Keep a scalable target of Application Auto Scaling
description:
  - Registers, changes, suspends, resumes and deregisters a scalable target, the limits between which an ECS service is scaled.
  - Neither amazon.aws nor community.aws has a module for it; M(community.aws.application_autoscaling_policy) registers one on the way, in
    check mode too.
  - Deregistering deletes the scaling policies of the target and their alarms (rule AAS-3).
options:
  resource_id:
    description: What is scaled, C(service/<cluster>/<service>) for ECS. It must exist (rule AAS-1).
    type: str
    required: true
  service_namespace:
    description: Namespace of the service to which it belongs.
    type: str
    default: ecs
  scalable_dimension:
    description: What of it is scaled.
    type: str
    default: ecs:service:DesiredCount
  state:
    description: Whether the target is registered.
    type: str
    choices: [present, absent]
    default: present
  min_capacity:
    description: Lower limit. Required to register; later left as it is when left out.
    type: int
  max_capacity:
    description: Upper limit. Required to register; later left as it is when left out.
    type: int
  suspended:
    description: Suspends or resumes everything. Left as it is when left out, so that a deployment in progress keeps its silence.
    type: bool
  suspended_state:
    description: The same for each activity.
    type: dict
    suboptions:
      dynamic_scaling_in_suspended:
        description: Whether policies may not lower the number.
        type: bool
      dynamic_scaling_out_suspended:
        description: Whether policies may not raise the number.
        type: bool
      scheduled_scaling_suspended:
        description: Whether schedules may not change it.
        type: bool
author:
  - Railyard contributors
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - amazon.aws.tags
  - railyard.fargate.attributes
seealso:
  - module: railyard.fargate.application_autoscaling_policy
  - module: railyard.fargate.application_autoscaling_target_info
  - name: Application Auto Scaling API, RegisterScalableTarget
    description: What AWS accepts.
    link: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
"""

EXAMPLES = r"""
- name: Scale the web service between two and ten tasks
  railyard.fargate.application_autoscaling_target:
    resource_id: service/shop-production/web
    min_capacity: 2
    max_capacity: 10
    tags:
      application: shop

- name: Hold scaling during a deployment
  railyard.fargate.application_autoscaling_target:
    resource_id: service/shop-production/web
    suspended: true

- name: Go on
  railyard.fargate.application_autoscaling_target:
    resource_id: service/shop-production/web
    suspended: false

- name: Deregister it with its policies
  railyard.fargate.application_autoscaling_target:
    resource_id: service/shop-production/web
    state: absent
"""

RETURN = r"""
scalable_target:
  description: The target; null after its deregistration.
  returned: always
  type: dict
  contains:
    service_namespace:
      description: Namespace.
      returned: when it exists
      type: str
      sample: ecs
    resource_id:
      description: What is scaled.
      returned: when it exists
      type: str
      sample: service/shop-production/web
    scalable_dimension:
      description: What of it is scaled.
      returned: when it exists
      type: str
    min_capacity:
      description: Lower limit.
      returned: when it exists
      type: int
    max_capacity:
      description: Upper limit.
      returned: when it exists
      type: int
    predicted_capacity:
      description: What predictive scaling foresees.
      returned: when AWS says so
      type: int
    role_arn:
      description: Role by which AWS scales.
      returned: when it exists, not predicted in check mode
      type: str
    creation_time:
      description: When it was registered, ISO 8601.
      returned: when it exists, not predicted in check mode
      type: str
    suspended_state:
      description: Which activities are suspended.
      returned: when it exists
      type: dict
      contains:
        dynamic_scaling_in_suspended:
          description: Whether policies may not lower the number.
          returned: always
          type: bool
        dynamic_scaling_out_suspended:
          description: Whether policies may not raise the number.
          returned: always
          type: bool
        scheduled_scaling_suspended:
          description: Whether schedules may not change it.
          returned: always
          type: bool
    scalable_target_arn:
      description: Its ARN.
      returned: when it exists, not predicted in check mode
      type: str
    tags:
      description: Its tags.
      returned: when it exists
      type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._autoscaling import target
from ..module_utils._module import STATE, TAGS, converge

SUSPENDED = {name: {"type": "bool"} for name in target.ACTIVITIES}
SPEC = {
    **target.IDENTITY,
    "state": STATE,
    "min_capacity": {"type": "int"},
    "max_capacity": {"type": "int"},
    "suspended": {"type": "bool"},
    "suspended_state": {"type": "dict", "options": SUSPENDED},
    **TAGS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True, mutually_exclusive=[("suspended", "suspended_state")])
    wanted = module.params
    converge(
        module,
        "application-autoscaling",
        "scalable_target",
        find=lambda client: target.find(client, wanted),
        make_plan=lambda client, live: target.make_plan(client, wanted, live),
    )


if __name__ == "__main__":
    main()
