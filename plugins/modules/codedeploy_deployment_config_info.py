#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_deployment_config_info
version_added: 0.1.0
short_description: Read CodeDeploy deployment configurations
description:
  - Returns deployment configurations, CodeDeploy's own ones included.
  - Neither amazon.aws nor community.aws has a module for CodeDeploy.
options:
  names:
    description: Names of the configurations; those that do not exist are left out. All unless given, with one call for each.
    type: list
    elements: str
  predefined:
    description: Whether CodeDeploy's own configurations are among all.
    type: bool
    default: true
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.codedeploy_deployment_config
"""

EXAMPLES = r"""
- name: Read how traffic moves
  railyard.fargate.codedeploy_deployment_config_info:
    names: [CodeDeployDefault.ECSCanary10Percent5Minutes]
  register: found

- name: Read those that somebody made
  railyard.fargate.codedeploy_deployment_config_info:
    predefined: false

- name: Show the first
  ansible.builtin.debug:
    var: found.deployment_configs[0].traffic_routing_config
"""

RETURN = r"""
deployment_configs:
  description: The configurations.
  returned: always
  type: list
  elements: dict
  contains:
    deployment_config_name:
      description: Its name.
      returned: always
      type: str
    deployment_config_id:
      description: AWS's id for it.
      returned: when AWS says it
      type: str
    compute_platform:
      description: What it is for.
      returned: always
      type: str
      sample: ECS
    traffic_routing_config:
      description: How traffic moves, in AWS's shape.
      returned: for ECS and Lambda
      type: dict
      sample: {type: TimeBasedCanary, time_based_canary: {canary_percentage: 10, canary_interval: 5}}
    minimum_healthy_hosts:
      description: How many instances stay healthy.
      returned: for Server
      type: dict
    zonal_config:
      description: How one zone after the other is deployed.
      returned: for Server, when it is set
      type: dict
    create_time:
      description: When it was made, ISO 8601.
      returned: when AWS says it
      type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._codedeploy import deployment_config
from ..module_utils._module import report

SPEC = {"names": {"type": "list", "elements": "str"}, "predefined": {"type": "bool", "default": True}}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    names, predefined = module.params["names"], module.params["predefined"]
    report(module, "codedeploy", "deployment_configs", lambda client: deployment_config.find_all(client, names, predefined))


if __name__ == "__main__":
    main()
