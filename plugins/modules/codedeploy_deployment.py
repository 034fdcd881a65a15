#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_deployment
version_added: 0.2.0
short_description: Deploy an ECS service with CodeDeploy, and wait for the deployment
description:
  - Starts, continues and stops blue/green deployments of a deployment group for ECS, and waits until they have reached the state in
    O(wait_for).
  - Neither amazon.aws nor community.aws has a module for CodeDeploy.
  - Every task can be repeated. A deployment whose start was requested, but whose reply was lost, is found again.
options:
  application_name:
    description: CodeDeploy application.
    type: str
    required: true
  deployment_group_name:
    description: Deployment group of the service.
    type: str
    required: true
  container_name:
    description: Container behind the load balancer. That of the live tasks unless given.
    type: str
  container_port:
    description: Its port. That of the live tasks unless given.
    type: int
  deployment_config_name:
    description: How traffic moves this time. As the deployment group says unless given.
    type: str
  description:
    description: A note that CodeDeploy shows.
    type: str
  token:
    description: Idempotence key, made of letters, digits and hyphens. A deployment with the same token is not started again, even if it has
      failed.
    type: str
  hooks:
    description: Lambda functions by lifecycle event, such as C(AfterAllowTestTraffic).
    type: dict
  ignore_alarms:
    description: Deploy although an alarm is in the state ALARM, for example to repair its cause. CodeDeploy then ignores all alarms.
    type: bool
    default: false
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
  - railyard.fargate.deployment
seealso:
  - module: railyard.fargate.codedeploy_deployment_info
  - module: railyard.fargate.codedeploy_deployment_group
  - module: railyard.fargate.ecs_service_deployment
  - name: CodeDeploy API, CreateDeployment
    description: What AWS accepts.
    link: https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeployment.html
"""

EXAMPLES = r"""
- name: Deploy the newest revision, and go on as soon as all traffic is on it
  railyard.fargate.codedeploy_deployment:
    application_name: shop-production
    deployment_group_name: web
    task_definition: shop-production-web
    description: release 12, 4f2c9aa
    token: release-12
  register: release

- name: Deploy, and stop before users see it
  railyard.fargate.codedeploy_deployment:
    application_name: shop-production
    deployment_group_name: web
    task_definition: shop-production-web
    wait_for: ready

- name: Let it go on
  railyard.fargate.codedeploy_deployment:
    application_name: shop-production
    deployment_group_name: web
    state: continued

- name: Go back
  railyard.fargate.codedeploy_deployment:
    application_name: shop-production
    deployment_group_name: web
    state: stopped
"""

RETURN = r"""
deployment:
  description: The deployment as it is at the end; null when a service was never deployed. A failure has it too.
  returned: always
  type: dict
  contains:
    engine:
      description: V(codedeploy) or V(ecs).
      returned: always
      type: str
    deployment_id:
      description: CodeDeploy's id; null in check mode before there is one.
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

from ..module_utils._core.progress import to_file
from ..module_utils._deployment import deployments, module_options
from ..module_utils._module import aws_client, interruptible, succeed

SPEC = {
    "application_name": {"type": "str", "required": True},
    "deployment_group_name": {"type": "str", "required": True},
    "container_name": {"type": "str"},
    "container_port": {"type": "int"},
    "deployment_config_name": {"type": "str"},
    "description": {"type": "str"},
    "token": {"type": "str", "no_log": False},
    "hooks": {"type": "dict"},
    "ignore_alarms": {"type": "bool", "default": False},
    **module_options.SPEC,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True, required_if=[("state", "started", ["task_definition"])])
    given = module.params
    options = {
        **given,
        "container": given["container_name"],
        "port": given["container_port"],
        "deployment_config": given["deployment_config_name"],
    }
    clients = {name: aws_client(module, name) for name in ("codedeploy", "ecs", "elbv2", "logs")}
    with interruptible(module):
        outcome = module_options.carry_out(
            "codedeploy",
            lambda: deployments.of_codedeploy(clients, given["application_name"], given["deployment_group_name"]),
            options,
            to_file(given["progress"]),
            module.check_mode,
        )
    succeed(module, changed=outcome.changed, deployment=outcome.deployment, **({"diff": outcome.difference} if module._diff else {}))


if __name__ == "__main__":
    main()
