#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_application
version_added: 0.1.0
short_description: Keep a CodeDeploy application
description:
  - Creates, tags and deletes an AWS CodeDeploy application, the name under which deployment groups and revisions stand.
  - Neither amazon.aws nor community.aws has a module for CodeDeploy.
  - Deleting an application deletes its deployment groups. Its compute platform can never change.
options:
  name:
    description: Name of the application, at most 100 characters.
    type: str
    required: true
  state:
    description: Whether the application exists.
    type: str
    choices: [present, absent]
    default: present
  compute_platform:
    description: What the application is deployed to.
    type: str
    choices: [ECS, Server, Lambda]
    default: ECS
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
  - module: railyard.fargate.codedeploy_application_info
  - module: railyard.fargate.codedeploy_deployment_group
  - name: CodeDeploy API, CreateApplication
    description: What AWS accepts.
    link: https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateApplication.html
  - name: CodeDeploy API, DeleteApplication
    description: What goes with an application.
    link: https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeleteApplication.html
"""

EXAMPLES = r"""
- name: Make the application
  railyard.fargate.codedeploy_application:
    name: shop-production
    tags:
      application: shop
  register: application

- name: See what a change would do
  railyard.fargate.codedeploy_application:
    name: shop-production
    tags:
      application: shop
      team: checkout
  check_mode: true
  diff: true

- name: Read it
  railyard.fargate.codedeploy_application_info:
    names: ["{{ application.application.application_name }}"]

- name: Delete it with its deployment groups
  railyard.fargate.codedeploy_application:
    name: shop-production
    state: absent
"""

RETURN = r"""
application:
  description: The application; null after its deletion.
  returned: always
  type: dict
  contains:
    application_name:
      description: Its name.
      returned: when it exists
      type: str
      sample: shop-production
    application_id:
      description: AWS's id for it.
      returned: when it exists, not predicted in check mode
      type: str
    arn:
      description: Its ARN.
      returned: when it exists
      type: str
      sample: arn:aws:codedeploy:eu-west-1:123456789012:application:shop-production
    compute_platform:
      description: What it is deployed to.
      returned: when it exists
      type: str
      sample: ECS
    linked_to_git_hub:
      description: Whether it may read a GitHub repository.
      returned: when AWS says it, not predicted in check mode
      type: bool
    git_hub_account_name:
      description: The GitHub account.
      returned: when it has one
      type: str
    create_time:
      description: When it was made, ISO 8601.
      returned: when it exists, not predicted in check mode
      type: str
    tags:
      description: Its tags.
      returned: when it exists
      type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._codedeploy import application
from ..module_utils._module import ACCOUNT, STATE, TAGS, account_id, converge

SPEC = {
    "name": {"type": "str", "required": True},
    "state": STATE,
    "compute_platform": {"type": "str", "choices": ["ECS", "Server", "Lambda"], "default": "ECS"},
    **ACCOUNT,
    **TAGS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    wanted = module.params
    account = account_id(module)
    converge(
        module,
        "codedeploy",
        "application",
        find=lambda client: application.find(client, wanted["name"], account),
        make_plan=lambda client, live: application.make_plan(client, wanted, live, account),
    )


if __name__ == "__main__":
    main()
