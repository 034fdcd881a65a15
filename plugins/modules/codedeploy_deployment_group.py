#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_deployment_group
version_added: 0.1.0
short_description: Keep a CodeDeploy deployment group for an ECS service
description:
  - Creates, changes, tags and deletes the deployment group that releases an ECS service blue/green.
  - Neither amazon.aws nor community.aws has a module for CodeDeploy.
  - The service must exist and have the deployment controller C(CODE_DEPLOY); it can have one deployment group.
  - Options that are not given stay as they are. An empty list, or an empty text for O(test_listener_arn), removes.
  - Only what differs is sent. The order of the two target groups is no difference, because their roles swap with every release.
options:
  application_name:
    description: CodeDeploy application of the platform C(ECS).
    type: str
    required: true
  name:
    description: Name of the deployment group, at most 100 characters.
    type: str
    required: true
  state:
    description: Whether the deployment group exists.
    type: str
    choices: [present, absent]
    default: present
  service_role_arn:
    description:
      - Role that CodeDeploy assumes. Required unless O(state=absent).
      - A role that was made moments ago is waited for, at most five minutes.
    type: str
  deployment_config_name:
    description: How traffic moves. A new group gets C(CodeDeployDefault.ECSAllAtOnce) unless told.
    type: str
  ecs:
    description: The service that is released. Required unless O(state=absent).
    type: dict
    suboptions:
      cluster:
        description: Name of the cluster.
        type: str
        required: true
      service:
        description: Name of the service.
        type: str
        required: true
  target_group_pair:
    description: Names (not ARNs) of the two target groups. Required unless O(state=absent).
    type: list
    elements: str
  production_listener_arn:
    description:
      - ARN of the listener that users reach. Required unless O(state=absent).
      - May be empty in check mode, when the listener does not exist yet.
    type: str
  test_listener_arn:
    description: ARN of the listener on which a release is tried out before it gets traffic. An empty text means none.
    type: str
  ready:
    description: What happens when the new tasks are healthy. A new group goes on at once unless told.
    type: dict
    suboptions:
      action:
        description: V(STOP_DEPLOYMENT) waits for a person and stops the deployment when nobody comes.
        type: str
        choices: [CONTINUE_DEPLOYMENT, STOP_DEPLOYMENT]
        default: CONTINUE_DEPLOYMENT
      wait_minutes:
        description: Minutes to wait for a person; more than 0 with V(STOP_DEPLOYMENT), absent or 0 otherwise.
        type: int
  terminate_after_minutes:
    description: Minutes for which the old tasks are kept after a release, 0 to 2880. A new group gets 5 unless told.
    type: int
  auto_rollback:
    description: Events after which CodeDeploy goes back to the last good release. An empty list turns it off.
    type: list
    elements: str
    choices: [DEPLOYMENT_FAILURE, DEPLOYMENT_STOP_ON_ALARM, DEPLOYMENT_STOP_ON_REQUEST]
  alarms:
    description: Names of CloudWatch alarms that stop a deployment, at most 10. An empty list turns them off.
    type: list
    elements: str
  ignore_poll_alarm_failure:
    description: Go on with a deployment when the state of the alarms cannot be read.
    type: bool
  triggers:
    description: Messages about deployments, at most 10, each with a name and a topic of its own. An empty list removes them.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the trigger.
        type: str
        required: true
      topic_arn:
        description: ARN of an SNS topic in the same Region.
        type: str
        required: true
      events:
        description: What is told.
        type: list
        elements: str
        choices: [DeploymentStart, DeploymentSuccess, DeploymentFailure, DeploymentStop, DeploymentRollback, DeploymentReady]
        required: true
  account_id:
    description: The caller's account, of which the ARNs are made that CodeDeploy does not return. Asked of STS when left out.
    type: str
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
  - module: railyard.fargate.codedeploy_deployment_group_info
  - module: railyard.fargate.codedeploy_application
  - module: railyard.fargate.codedeploy_deployment_config
  - module: railyard.fargate.elbv2_listener
  - name: CodeDeploy API, CreateDeploymentGroup
    description: What AWS accepts.
    link: https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeploymentGroup.html
  - name: CodeDeploy quotas
    description: How many alarms, groups and minutes AWS accepts.
    link: https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html
"""

EXAMPLES = r"""
- name: Release the web service blue/green, and go back when an alarm rings
  railyard.fargate.codedeploy_deployment_group:
    application_name: shop-production
    name: web
    service_role_arn: arn:aws:iam::123456789012:role/shop-production-codedeploy
    deployment_config_name: CodeDeployDefault.ECSCanary10Percent5Minutes
    ecs: {cluster: shop-production, service: web}
    target_group_pair: [shop-production-blue, shop-production-green]
    production_listener_arn: "{{ production.listener.listener_arn }}"
    test_listener_arn: "{{ test.listener.listener_arn }}"
    terminate_after_minutes: 5
    auto_rollback: [DEPLOYMENT_FAILURE, DEPLOYMENT_STOP_ON_ALARM]
    alarms: [shop-production-5xx]
    tags:
      application: shop
  register: web

- name: See the last release
  ansible.builtin.debug:
    var: web.deployment_group.last_successful_deployment

- name: Delete it
  railyard.fargate.codedeploy_deployment_group:
    application_name: shop-production
    name: web
    state: absent
"""

RETURN = r"""
deployment_group:
  description: The deployment group in AWS's shape; null after its deletion.
  returned: always
  type: dict
  contains:
    application_name:
      description: Its application.
      returned: when it exists
      type: str
    deployment_group_name:
      description: Its name.
      returned: when it exists
      type: str
    deployment_group_id:
      description: AWS's id for it.
      returned: when it exists, not predicted in check mode
      type: str
    arn:
      description: Its ARN.
      returned: when it exists
      type: str
      sample: arn:aws:codedeploy:eu-west-1:123456789012:deploymentgroup:shop-production/web
    compute_platform:
      description: What it releases.
      returned: when it exists
      type: str
      sample: ECS
    deployment_config_name:
      description: How traffic moves.
      returned: when it exists
      type: str
    service_role_arn:
      description: Role that CodeDeploy assumes.
      returned: when it exists
      type: str
    deployment_style:
      description: Always blue/green with traffic control.
      returned: when it exists
      type: dict
    blue_green_deployment_configuration:
      description: What happens when the new tasks are ready and to the old ones after a release.
      returned: when it exists
      type: dict
    load_balancer_info:
      description: The pair of target groups and the listeners.
      returned: when it exists
      type: dict
    ecs_services:
      description: The service, as a list of one.
      returned: when it exists
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
      returned: when it exists
      type: list
      elements: dict
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
      returned: when it exists
      type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._codedeploy import deployment_group, group_options
from ..module_utils._module import ACCOUNT, STATE, TAGS, account_id, converge

SPEC = {
    "application_name": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "state": STATE,
    "service_role_arn": {"type": "str"},
    "deployment_config_name": {"type": "str"},
    "ecs": {"type": "dict", "options": {"cluster": {"type": "str", "required": True}, "service": {"type": "str", "required": True}}},
    "target_group_pair": {"type": "list", "elements": "str"},
    "production_listener_arn": {"type": "str"},
    "test_listener_arn": {"type": "str"},
    "ready": {
        "type": "dict",
        "options": {
            "action": {"type": "str", "choices": ["CONTINUE_DEPLOYMENT", "STOP_DEPLOYMENT"], "default": "CONTINUE_DEPLOYMENT"},
            "wait_minutes": {"type": "int"},
        },
    },
    "terminate_after_minutes": {"type": "int"},
    "auto_rollback": {"type": "list", "elements": "str", "choices": group_options.ROLLBACK_EVENTS},
    "alarms": {"type": "list", "elements": "str"},
    "ignore_poll_alarm_failure": {"type": "bool"},
    "triggers": {
        "type": "list",
        "elements": "dict",
        "options": {
            "name": {"type": "str", "required": True},
            "topic_arn": {"type": "str", "required": True},
            "events": {"type": "list", "elements": "str", "choices": group_options.TRIGGER_EVENTS, "required": True},
        },
    },
    **ACCOUNT,
    **TAGS,
}
REQUIRED = ["service_role_arn", "ecs", "target_group_pair", "production_listener_arn"]


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True, required_if=[("state", "present", REQUIRED)])
    wanted = module.params
    account = account_id(module)
    converge(
        module,
        "codedeploy",
        "deployment_group",
        find=lambda client: deployment_group.find(client, wanted["application_name"], wanted["name"], account),
        make_plan=lambda client, live: deployment_group.make_plan(client, wanted, live, account, predict=module.check_mode),
    )


if __name__ == "__main__":
    main()
