#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: application_autoscaling_target
version_added: 0.1.0
short_description: Keep scalable targets of Application Auto Scaling with their policies
description:
  - Registers, changes, suspends, resumes and deregisters scalable targets, the limits between which ECS services are scaled, and keeps
    their target tracking policies.
  - Neither amazon.aws nor community.aws has a module for targets. M(community.aws.application_autoscaling_policy) writes in check mode,
    registers a target without limits where there is none, and has no diff.
  - Deregistering deletes the scaling policies of a target and their alarms.
options:
  scalable_targets:
    description: The targets, each once. They are read, registered and changed at the same time.
    type: list
    elements: dict
    required: true
    suboptions:
      resource_id:
        description: What is scaled, C(service/<cluster>/<service>) for ECS. It must exist.
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
      min_capacity:
        description: Lower limit. Required to register; later left as it is when left out.
        type: int
      max_capacity:
        description: Upper limit. Required to register; later left as it is when left out.
        type: int
      suspended:
        description:
          - Suspends or resumes all scaling. Without this option it does not change, so that it stays suspended during a deployment.
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
      policies:
        description:
          - The target tracking policies. All are left as they are when left out.
          - Of two policies by the same metric AWS refuses the second.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the policy.
            type: str
            required: true
          target_value:
            description: The value at which the metric is held.
            type: float
            required: true
          predefined_metric:
            description: A metric that AWS knows. This or O(scalable_targets[].policies[].customized_metric_specification) is required.
            type: str
            choices: [ECSServiceAverageCPUUtilization, ECSServiceAverageMemoryUtilization, ALBRequestCountPerTarget]
          resource_label:
            description:
              - For O(scalable_targets[].policies[].predefined_metric=ALBRequestCountPerTarget), C(app/<load
                balancer>/<id>/targetgroup/<target group>/<id>), and only for it.
            type: str
          resource_label_pair:
            description:
              - The labels of both target groups between which deployments swap. Either of them in the live policy is no difference.
            type: list
            elements: str
          customized_metric_specification:
            description: Any other metric, as AWS's CustomizedMetricSpecification with snake_case names.
            type: dict
          scale_in_cooldown:
            description: Seconds after lowering the number before it is lowered again. Left as it is when left out.
            type: int
          scale_out_cooldown:
            description: Seconds after raising the number before it is raised again. Left as it is when left out.
            type: int
          disable_scale_in:
            description: Whether the number is only ever raised.
            type: bool
            default: false
      purge_policies:
        description:
          - Whether policies of any type that O(scalable_targets[].policies) does not have are deleted. Without
            O(scalable_targets[].policies) none is.
        type: bool
        default: true
  state:
    description: Whether the target is registered.
    type: str
    choices: [present, absent]
    default: present
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - amazon.aws.tags
  - railyard.fargate.tags
  - railyard.fargate.attributes
seealso:
  - module: railyard.fargate.application_autoscaling_target_info
  - name: Application Auto Scaling API, RegisterScalableTarget
    description: What AWS accepts.
    link: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
  - name: Application Auto Scaling API, PutScalingPolicy
    description: What AWS accepts of a policy.
    link: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html
  - name: Application Auto Scaling API, DeregisterScalableTarget
    description: What goes with a target.
    link: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeregisterScalableTarget.html
"""

EXAMPLES = r"""
- name: Scale the web service by its average CPU, the workers by the latency of their queue
  railyard.fargate.application_autoscaling_target:
    scalable_targets:
      - resource_id: service/shop-production/web
        min_capacity: 2
        max_capacity: 10
        policies:
          - name: cpu
            predefined_metric: ECSServiceAverageCPUUtilization
            target_value: 60
            scale_in_cooldown: 300
            scale_out_cooldown: 60
      - resource_id: service/shop-production/worker
        min_capacity: 1
        max_capacity: 4
        policies:
          - name: queue
            customized_metric_specification:
              namespace: shop
              metric_name: QueueLatency
              statistic: Average
            target_value: 30
        # Keeps what somebody else has made
        purge_policies: false
    tags:
      application: shop

- name: Hold scaling during a deployment
  railyard.fargate.application_autoscaling_target:
    scalable_targets:
      - resource_id: service/shop-production/web
        suspended: true

- name: Go on
  railyard.fargate.application_autoscaling_target:
    scalable_targets:
      - resource_id: service/shop-production/web
        suspended: false

- name: Delete its policies and keep the limits
  railyard.fargate.application_autoscaling_target:
    scalable_targets:
      - resource_id: service/shop-production/web
        policies: []

- name: Deregister both with their policies
  railyard.fargate.application_autoscaling_target:
    scalable_targets:
      - resource_id: service/shop-production/web
      - resource_id: service/shop-production/worker
    state: absent
"""

RETURN = r"""
scalable_targets:
  description: The targets in the order in which they were given, without those that are gone.
  returned: always
  type: list
  elements: dict
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
    floor:
      description: The lower bound that somebody has raised for a while, and that is kept.
      returned: when one holds
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
          description: Who has raised it.
          returned: always
          type: str
    policies:
      description: Its scaling policies of any type, by name.
      returned: when it exists
      type: list
      elements: dict
      contains:
        policy_name:
          description: Its name.
          returned: always
          type: str
          sample: cpu
        policy_arn:
          description: Its ARN.
          returned: when it exists, not predicted in check mode
          type: str
        policy_type:
          description: V(TargetTrackingScaling) for those that this module makes.
          returned: always
          type: str
        service_namespace:
          description: Namespace.
          returned: always
          type: str
        resource_id:
          description: What is scaled.
          returned: always
          type: str
        scalable_dimension:
          description: What of it is scaled.
          returned: always
          type: str
        target_tracking_scaling_policy_configuration:
          description: Value, metric and cooldowns, as AWS has them, in snake_case.
          returned: for this type
          type: dict
        step_scaling_policy_configuration:
          description: The same of a policy of type V(StepScaling).
          returned: for this type
          type: dict
        predictive_scaling_policy_configuration:
          description: The same of a policy of type V(PredictiveScaling).
          returned: for this type
          type: dict
        alarms:
          description: The alarms by which AWS scales. Those of target tracking are AWS's own; do not change them.
          returned: when it exists, not predicted in check mode
          type: list
          elements: dict
        creation_time:
          description: When it was made, ISO 8601.
          returned: when it exists, not predicted in check mode
          type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._autoscaling import target
from ..module_utils._module import STATE, TAGS, converge_each, listed_tags

METRICS = ["ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization", "ALBRequestCountPerTarget"]
METRIC = ["predefined_metric", "customized_metric_specification"]
POLICY = {
    "name": {"type": "str", "required": True},
    "target_value": {"type": "float", "required": True},
    "predefined_metric": {"type": "str", "choices": METRICS},
    "resource_label": {"type": "str"},
    "resource_label_pair": {"type": "list", "elements": "str"},
    "customized_metric_specification": {"type": "dict"},
    "scale_in_cooldown": {"type": "int"},
    "scale_out_cooldown": {"type": "int"},
    "disable_scale_in": {"type": "bool", "default": False},
}
POLICIES = {
    "type": "list",
    "elements": "dict",
    "options": POLICY,
    "mutually_exclusive": [METRIC],
    "required_one_of": [METRIC],
    "required_if": [("predefined_metric", "ALBRequestCountPerTarget", ["resource_label"])],
}
SUSPENDED = {name: {"type": "bool"} for name in target.ACTIVITIES}
SUSPENSION = ["suspended", "suspended_state"]
TARGET = {
    **target.IDENTITY,
    "min_capacity": {"type": "int"},
    "max_capacity": {"type": "int"},
    "suspended": {"type": "bool"},
    "suspended_state": {"type": "dict", "options": SUSPENDED},
    "policies": POLICIES,
    "purge_policies": {"type": "bool", "default": True},
}
SPEC = {
    "scalable_targets": {"type": "list", "elements": "dict", "required": True, "options": TARGET, "mutually_exclusive": [SUSPENSION]},
    "state": STATE,
    **TAGS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    converge_each(
        module,
        "application-autoscaling",
        "scalable_targets",
        find=lambda client, some: target.find_each(client, some, listed_tags(module)),
        make_plan=target.make_plan,
        name=lambda one: str(one["resource_id"]),
    )


if __name__ == "__main__":
    main()
