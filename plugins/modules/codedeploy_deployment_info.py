#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_deployment_info
version_added: 0.2.0
short_description: Read the deployments of a CodeDeploy deployment group for ECS
description:
  - Returns the newest deployments of a group, what is in flight among them, in the shape of M(railyard.fargate.codedeploy_deployment).
  - Neither amazon.aws nor community.aws has a module for CodeDeploy.
options:
  application_name:
    description: CodeDeploy application. One that does not exist has no deployments.
    type: str
    required: true
  deployment_group_name:
    description: Deployment group of the service.
    type: str
    required: true
  limit:
    description: How many deployments to return at most.
    type: int
    default: 5
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.codedeploy_deployment
"""

EXAMPLES = r"""
- name: Read the last deployments
  railyard.fargate.codedeploy_deployment_info:
    application_name: shop-production
    deployment_group_name: web
  register: found

- name: Say what is in flight
  ansible.builtin.debug:
    msg: "{{ found.deployments | rejectattr('finished_at') | map(attribute='status') }}"
"""

RETURN = r"""
deployments:
  description: The newest deployments, newest first, those in flight among them.
  returned: always
  type: list
  elements: dict
  contains:
    engine:
      description: V(codedeploy) or V(ecs).
      returned: always
      type: str
    deployment_id:
      description: CodeDeploy's id.
      returned: always
      type: str
    status:
      description:
        - V(preparing) starts new tasks, V(ready) waits for a person, V(shifting) moves traffic, V(waiting) keeps the old tasks; then
          V(succeeded), V(failed), V(stopped), V(superseded), or V(rolling_back) and V(rolled_back).
      returned: always
      type: str
    status_reason:
      description: Why, in AWS's words.
      returned: always
      type: str
    task_definition:
      description: ARN of what is deployed; null when CodeDeploy knows only where its file lies.
      returned: always
      type: str
    previous_task_definition:
      description: ARN of what was live before, null where AWS no longer says.
      returned: always
      type: str
    image:
      description: Image of the container behind the load balancer.
      returned: always
      type: str
    created_at:
      description: When it began.
      returned: always
      type: str
    finished_at:
      description: When it ended, null before.
      returned: always
      type: str
    weights:
      description: Percent of the production traffic by target group as it is now. The first one is that of the new tasks.
      returned: always
      type: dict
    tasks:
      description: The new tasks. V(null) where it is unknown.
      returned: always
      type: dict
      contains:
        desired:
          description: How many there should be.
          returned: always
          type: int
        running:
          description: How many run.
          returned: always
          type: int
        pending:
          description: How many are starting.
          returned: always
          type: int
        healthy:
          description: How many are healthy in their target group, while the deployment is in flight.
          returned: always
          type: int
    rollback:
      description: What undoes it, null without.
      returned: always
      type: dict
      contains:
        deployment_id:
          description: CodeDeploy's id of the deployment that goes back.
          returned: always
          type: str
        status:
          description: Its status.
          returned: always
          type: str
    console_url:
      description: Where AWS's console shows it.
      returned: always
      type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._deployment import deployments, module_options
from ..module_utils._module import aws_client, report

SPEC = {
    "application_name": {"type": "str", "required": True},
    "deployment_group_name": {"type": "str", "required": True},
    "limit": {"type": "int", "default": 5},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    given = module.params
    clients = {name: aws_client(module, name) for name in ("codedeploy", "ecs", "elbv2")}
    report(
        module,
        "codedeploy",
        "deployments",
        lambda _client: module_options.listing(
            lambda: deployments.of_codedeploy(clients, given["application_name"], given["deployment_group_name"]), given["limit"]
        ),
    )


if __name__ == "__main__":
    main()
