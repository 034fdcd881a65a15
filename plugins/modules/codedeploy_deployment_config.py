#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_deployment_config
version_added: 0.1.0
short_description: Keep a CodeDeploy deployment configuration for ECS
description:
  - Creates and deletes a deployment configuration, the way in which traffic moves to the new tasks of an ECS service.
  - Neither amazon.aws nor community.aws has a module for CodeDeploy.
  - A configuration can never be changed. Other traffic routing under the same name is an error that shows both.
  - CodeDeploy's own configurations (C(CodeDeployDefault.…)) need no module and are refused. Configurations have no tags.
options:
  name:
    description: Name, at most 100 characters, for example C(shop-canary-10-percent-5-minutes).
    type: str
    required: true
  state:
    description: Whether the configuration exists.
    type: str
    choices: [present, absent]
    default: present
  traffic_routing:
    description: How traffic moves. Required unless O(state=absent).
    type: dict
    suboptions:
      type:
        description:
          - V(all_at_once) moves all traffic in one step.
          - V(canary) moves C(percentage) first and the rest C(interval) minutes later.
          - V(linear) moves C(percentage) every C(interval) minutes.
        type: str
        choices: [all_at_once, canary, linear]
        required: true
      percentage:
        description: Percent of the traffic, 1 to 99. For V(canary) and V(linear).
        type: int
      interval:
        description: Minutes, 1 or more; all steps together take at most 2880. For V(canary) and V(linear).
        type: int
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
seealso:
  - module: railyard.fargate.codedeploy_deployment_config_info
  - module: railyard.fargate.codedeploy_deployment_group
  - name: Deployment configurations on an Amazon ECS compute platform
    description: What the predefined ones do.
    link: https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
  - name: CodeDeploy API, CreateDeploymentConfig
    description: What AWS accepts.
    link: https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeploymentConfig.html
"""

EXAMPLES = r"""
- name: Show the new release to one in ten people for five minutes
  railyard.fargate.codedeploy_deployment_config:
    name: canary-10-percent-5-minutes
    traffic_routing: {type: canary, percentage: 10, interval: 5}
  register: config

- name: Use it
  railyard.fargate.codedeploy_deployment_group:
    application_name: shop-production
    name: web
    deployment_config_name: "{{ config.deployment_config.deployment_config_name }}"
    service_role_arn: arn:aws:iam::123456789012:role/shop-production-codedeploy
    ecs: {cluster: shop-production, service: web}
    target_group_pair: [shop-production-blue, shop-production-green]
    production_listener_arn: "{{ production.listener.listener_arn }}"

- name: Delete it when no group uses it any more
  railyard.fargate.codedeploy_deployment_config:
    name: canary-10-percent-5-minutes
    state: absent
"""

RETURN = r"""
deployment_config:
  description: The configuration; null after its deletion.
  returned: always
  type: dict
  contains:
    deployment_config_name:
      description: Its name.
      returned: when it exists
      type: str
      sample: canary-10-percent-5-minutes
    deployment_config_id:
      description: AWS's id for it.
      returned: when it exists, not predicted in check mode
      type: str
    compute_platform:
      description: What it is for.
      returned: when it exists
      type: str
      sample: ECS
    traffic_routing_config:
      description: How traffic moves, in AWS's shape.
      returned: when it exists
      type: dict
      sample: {type: TimeBasedCanary, time_based_canary: {canary_percentage: 10, canary_interval: 5}}
    minimum_healthy_hosts:
      description: For Server only; AWS may say it for ECS too.
      returned: when AWS says it
      type: dict
    create_time:
      description: When it was made, ISO 8601.
      returned: when it exists, not predicted in check mode
      type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._codedeploy import deployment_config
from ..module_utils._module import STATE, converge

SPEC = {
    "name": {"type": "str", "required": True},
    "state": STATE,
    "traffic_routing": {
        "type": "dict",
        "options": {
            "type": {"type": "str", "choices": ["all_at_once", "canary", "linear"], "required": True},
            "percentage": {"type": "int"},
            "interval": {"type": "int"},
        },
    },
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True, required_if=[("state", "present", ["traffic_routing"])])
    wanted = module.params
    converge(
        module,
        "codedeploy",
        "deployment_config",
        find=lambda client: deployment_config.find(client, wanted["name"]),
        make_plan=lambda client, live: deployment_config.make_plan(client, wanted, live),
    )


if __name__ == "__main__":
    main()
