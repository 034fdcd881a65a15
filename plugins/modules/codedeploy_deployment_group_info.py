#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_deployment_group_info
version_added: 0.1.0
short_description: Read CodeDeploy deployment groups
description:
  - Returns the deployment groups of an application with their tags.
  - Neither amazon.aws nor community.aws has a module for CodeDeploy.
options:
  application_name:
    description: The application. One that does not exist has no groups.
    type: str
    required: true
  names:
    description: Names of the groups; those that do not exist are left out. All groups of the application unless given.
    type: list
    elements: str
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.codedeploy_deployment_group
"""

EXAMPLES = r"""
- name: Read the group of the web service
  railyard.fargate.codedeploy_deployment_group_info:
    application_name: shop-production
    names: [web]
  register: found

- name: Say which deployment was the last
  ansible.builtin.debug:
    msg: "{{ found.deployment_groups[0].last_attempted_deployment.deployment_id }}"
"""

RETURN = r"""
deployment_groups:
  description: The deployment groups in AWS's shape.
  returned: always
  type: list
  elements: dict
  contains:
    application_name:
      description: Its application.
      returned: always
      type: str
    deployment_group_name:
      description: Its name.
      returned: always
      type: str
    deployment_group_id:
      description: AWS's id for it.
      returned: always
      type: str
    arn:
      description: Its ARN.
      returned: always
      type: str
    compute_platform:
      description: What it releases.
      returned: always
      type: str
    deployment_config_name:
      description: How traffic moves.
      returned: always
      type: str
    service_role_arn:
      description: Role that CodeDeploy assumes.
      returned: always
      type: str
    deployment_style:
      description: Blue/green or in place, with or without traffic control.
      returned: always
      type: dict
    blue_green_deployment_configuration:
      description: What happens when the new tasks are ready and to the old ones after a release.
      returned: when it is set
      type: dict
    load_balancer_info:
      description: The pair of target groups and the listeners.
      returned: when it is set
      type: dict
    ecs_services:
      description: The service, as a list of one.
      returned: for ECS
      type: list
      elements: dict
    alarm_configuration:
      description: Alarms that stop a deployment.
      returned: when it is set
      type: dict
    auto_rollback_configuration:
      description: When CodeDeploy goes back by itself.
      returned: when it is set
      type: dict
    trigger_configurations:
      description: Messages about deployments.
      returned: when AWS says it
      type: list
      elements: dict
    outdated_instances_strategy:
      description: What happens to new instances that missed a deployment.
      returned: for Server
      type: str
    ec2_tag_filters:
      description: Instances by tag.
      returned: for Server
      type: list
      elements: dict
    ec2_tag_set:
      description: Instances by groups of tags.
      returned: for Server, when it is set
      type: dict
    on_premises_instance_tag_filters:
      description: On-premises instances by tag.
      returned: for Server
      type: list
      elements: dict
    on_premises_tag_set:
      description: On-premises instances by groups of tags.
      returned: for Server, when it is set
      type: dict
    auto_scaling_groups:
      description: Auto Scaling groups.
      returned: for Server
      type: list
      elements: dict
    ec2_deployment_options:
      description: What Auto Scaling pauses during a deployment.
      returned: for Server, when it is set
      type: dict
    termination_hook_enabled:
      description: Whether an instance is deployed to before it ends.
      returned: when AWS says it
      type: bool
    last_successful_deployment:
      description: The last deployment that succeeded.
      returned: when there was one
      type: dict
    last_attempted_deployment:
      description: The last deployment.
      returned: when there was one
      type: dict
    target_revision:
      description: The last revision that was deployed.
      returned: when there was one
      type: dict
    tags:
      description: Its tags.
      returned: always
      type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._codedeploy import deployment_group
from ..module_utils._module import account_id, report

SPEC = {
    "application_name": {"type": "str", "required": True},
    "names": {"type": "list", "elements": "str"},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    application, names = module.params["application_name"], module.params["names"]
    account = account_id(module)
    report(module, "codedeploy", "deployment_groups", lambda client: deployment_group.find_all(client, application, names, account))


if __name__ == "__main__":
    main()
