#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: application_autoscaling_policy
version_added: 0.1.0
short_description: Keep a target tracking policy of Application Auto Scaling
description:
  - Puts, changes and deletes a target tracking policy of a scalable target.
  - M(community.aws.application_autoscaling_policy) writes in check mode, registers a target without limits where there is none, and has
    no diff.
options:
  name:
    description: Name of the policy.
    type: str
    required: true
  resource_id:
    description: What is scaled, C(service/<cluster>/<service>) for ECS. It must be a scalable target (rule AAS-2).
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
    description: Whether the policy exists.
    type: str
    choices: [present, absent]
    default: present
  target_value:
    description: The value at which the metric is held. Required with O(state=present).
    type: float
  predefined_metric:
    description: A metric that AWS knows.
    type: str
    choices: [ECSServiceAverageCPUUtilization, ECSServiceAverageMemoryUtilization, ALBRequestCountPerTarget]
  resource_label:
    description:
      - For O(predefined_metric=ALBRequestCountPerTarget), C(app/<load balancer>/<id>/targetgroup/<target group>/<id>), and only for it
        (rule AAS-2).
    type: str
  resource_label_pair:
    description: The labels of both target groups between which deployments swap. Either of them in the live policy is no difference.
    type: list
    elements: str
  customized_metric_specification:
    description: Any other metric, as AWS's CustomizedMetricSpecification with snake_case names.
    type: dict
  scale_in_cooldown:
    description: Seconds after lowering the number before it is lowered again.
    type: int
  scale_out_cooldown:
    description: Seconds after raising the number before it is raised again.
    type: int
  disable_scale_in:
    description: Whether the number is only ever raised.
    type: bool
    default: false
author:
  - Railyard contributors
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
seealso:
  - module: railyard.fargate.application_autoscaling_target
  - name: Application Auto Scaling API, PutScalingPolicy
    description: What AWS accepts.
    link: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html
"""

EXAMPLES = r"""
- name: Hold the average CPU at 60 per cent
  railyard.fargate.application_autoscaling_policy:
    name: cpu
    resource_id: service/shop-production/web
    predefined_metric: ECSServiceAverageCPUUtilization
    target_value: 60
    scale_in_cooldown: 300
    scale_out_cooldown: 60

- name: Hold the length of the queue
  railyard.fargate.application_autoscaling_policy:
    name: queue
    resource_id: service/shop-production/worker
    customized_metric_specification:
      namespace: shop
      metric_name: QueueLatency
      statistic: Average
    target_value: 30

- name: Delete it
  railyard.fargate.application_autoscaling_policy:
    name: cpu
    resource_id: service/shop-production/web
    state: absent
"""

RETURN = r"""
scaling_policy:
  description: The policy; null after its deletion.
  returned: always
  type: dict
  contains:
    policy_name:
      description: Its name.
      returned: when it exists
      type: str
      sample: cpu
    policy_arn:
      description: Its ARN.
      returned: when it exists, not predicted in check mode
      type: str
    policy_type:
      description: V(TargetTrackingScaling).
      returned: when it exists
      type: str
    service_namespace:
      description: Namespace.
      returned: when it exists
      type: str
    resource_id:
      description: What is scaled.
      returned: when it exists
      type: str
    scalable_dimension:
      description: What of it is scaled.
      returned: when it exists
      type: str
    target_tracking_scaling_policy_configuration:
      description: Value, metric and cooldowns, as AWS has them, in snake_case.
      returned: when it exists
      type: dict
    alarms:
      description: The alarms by which AWS scales. They are AWS's own; do not change them.
      returned: when it exists, not predicted in check mode
      type: list
      elements: dict
    creation_time:
      description: When it was made, ISO 8601.
      returned: when it exists, not predicted in check mode
      type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._autoscaling import policy, target
from ..module_utils._module import STATE, converge

METRICS = ["ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization", "ALBRequestCountPerTarget"]
SPEC = {
    "name": {"type": "str", "required": True},
    **target.IDENTITY,
    "state": STATE,
    "target_value": {"type": "float"},
    "predefined_metric": {"type": "str", "choices": METRICS},
    "resource_label": {"type": "str"},
    "resource_label_pair": {"type": "list", "elements": "str"},
    "customized_metric_specification": {"type": "dict"},
    "scale_in_cooldown": {"type": "int"},
    "scale_out_cooldown": {"type": "int"},
    "disable_scale_in": {"type": "bool", "default": False},
}
METRIC = ["predefined_metric", "customized_metric_specification"]
RULES = {
    "mutually_exclusive": [METRIC],
    "required_if": [
        ("state", "present", ["target_value"]),
        ("state", "present", METRIC, True),
        ("predefined_metric", "ALBRequestCountPerTarget", ["resource_label"]),
    ],
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True, **RULES)
    wanted = module.params
    converge(
        module,
        "application-autoscaling",
        "scaling_policy",
        find=lambda client: policy.find(client, wanted),
        make_plan=lambda client, live: policy.make_plan(client, wanted, live),
    )


if __name__ == "__main__":
    main()
