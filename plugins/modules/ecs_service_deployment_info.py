#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ecs_service_deployment_info
version_added: 0.2.0
short_description: Read the deployments of a service with ECS's own controller
description:
  - Returns the newest deployments of a service, what is in flight among them, in the shape of M(railyard.fargate.ecs_service_deployment).
  - M(community.aws.ecs_service_info) does not know service deployments.
options:
  cluster:
    description: Name of the cluster.
    type: str
    default: default
  service:
    description: Name of the service. One that does not exist has no deployments.
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
  - module: railyard.fargate.ecs_service_deployment
"""

EXAMPLES = r"""
- name: Read the last deployments
  railyard.fargate.ecs_service_deployment_info:
    cluster: shop-production
    service: web
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
      description: ARN of the service deployment.
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
          description: ARN of the service revision to which ECS goes back.
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
    "cluster": {"type": "str", "default": "default"},
    "service": {"type": "str", "required": True},
    "limit": {"type": "int", "default": 5},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    given = module.params
    clients = {name: aws_client(module, name) for name in ("ecs", "elbv2")}
    report(
        module,
        "ecs",
        "deployments",
        lambda _client: module_options.listing(lambda: deployments.of_ecs(clients, given["cluster"], given["service"]), given["limit"]),
    )


if __name__ == "__main__":
    main()
