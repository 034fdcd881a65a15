#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ecs_service_deployment
version_added: 0.2.0
short_description: Deploy a service with ECS itself, and wait for the deployment
description:
  - Starts, continues and stops deployments of a service with ECS's own controller, and waits until they have reached the state in
    O(wait_for).
    The strategies V(BLUE_GREEN), V(LINEAR) and V(CANARY) move traffic between two target groups, V(ROLLING) replaces tasks.
  - M(community.aws.ecs_service) has no strategies, does not wait for a deployment, and reports success when AWS has rolled it back.
  - Every task can be repeated. A deployment whose start was requested, but whose reply was lost, is found again.
options:
  cluster:
    description: Name of the cluster.
    type: str
    default: default
  service:
    description: Name of the service.
    type: str
    required: true
  strategy:
    description: How new tasks take over. As the service says unless given.
    type: str
    choices: [ROLLING, BLUE_GREEN, LINEAR, CANARY]
  bake_minutes:
    description: Minutes for which the old tasks are kept, 0 to 1440. Needed for V(BLUE_GREEN) when the service has none.
    type: int
  step_percent:
    description: Percent of the traffic that moves first (O(strategy=CANARY)), or in each step (O(strategy=LINEAR)).
    type: float
  step_minutes:
    description: Minutes until the rest, or the next step, moves.
    type: int
  pause:
    description:
      - Whether the deployment waits when test traffic is on the new tasks and users are still on the old ones. As the service says unless
        given. The service keeps this for the deployments after it.
    type: bool
  pause_minutes:
    description: Minutes after which a deployment that was not continued is rolled back, 60 by default.
    type: int
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
  - railyard.fargate.deployment
seealso:
  - module: railyard.fargate.ecs_service_deployment_info
  - module: railyard.fargate.ecs_service
  - module: railyard.fargate.codedeploy_deployment
  - name: Amazon ECS, service deployments
    description: What a service deployment is.
    link: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
  - name: ECS API, DeploymentConfiguration
    description: What AWS accepts of bake time and steps.
    link: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
"""

EXAMPLES = r"""
- name: Deploy the newest revision, and stop before users see it
  railyard.fargate.ecs_service_deployment:
    cluster: shop-production
    service: web
    task_definition: shop-production-web
    strategy: CANARY
    step_percent: 10
    step_minutes: 5
    bake_minutes: 5
    pause: true
    wait_for: ready
  register: release

- name: Let it go on, until all traffic is on the new tasks
  railyard.fargate.ecs_service_deployment:
    cluster: shop-production
    service: web
    state: continued

- name: Go back
  railyard.fargate.ecs_service_deployment:
    cluster: shop-production
    service: web
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
      description: ARN of the service deployment; null in check mode before there is one.
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

from ..module_utils._core.progress import to_file
from ..module_utils._deployment import deployments, module_options
from ..module_utils._ecs.deployment_options import STRATEGIES
from ..module_utils._module import aws_client, interruptible, succeed

SPEC = {
    "cluster": {"type": "str", "default": "default"},
    "service": {"type": "str", "required": True},
    "strategy": {"type": "str", "choices": list(STRATEGIES)},
    "bake_minutes": {"type": "int"},
    "step_percent": {"type": "float"},
    "step_minutes": {"type": "int"},
    "pause": {"type": "bool"},
    "pause_minutes": {"type": "int"},
    **module_options.SPEC,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True, required_if=[("state", "started", ["task_definition"])])
    given = module.params
    clients = {name: aws_client(module, name) for name in ("ecs", "elbv2", "logs")}
    with interruptible(module):
        outcome = module_options.carry_out(
            "ecs",
            lambda: deployments.of_ecs(clients, given["cluster"], given["service"]),
            given,
            to_file(given["progress"]),
            module.check_mode,
        )
    succeed(module, changed=outcome.changed, deployment=outcome.deployment, **({"diff": outcome.difference} if module._diff else {}))


if __name__ == "__main__":
    main()
