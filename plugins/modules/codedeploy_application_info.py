#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_application_info
version_added: 0.1.0
short_description: Read CodeDeploy applications
description:
  - Returns CodeDeploy applications with their tags.
  - Neither amazon.aws nor community.aws has a module for CodeDeploy.
options:
  names:
    description: Names of the applications; those that do not exist are left out. All applications of the Region unless given.
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
  - module: railyard.fargate.codedeploy_application
"""

EXAMPLES = r"""
- name: Read one
  railyard.fargate.codedeploy_application_info:
    names: [shop-production]
  register: found

- name: Say whether it is there
  ansible.builtin.debug:
    msg: "{{ 'there' if found.applications else 'absent' }}"

- name: Read all
  railyard.fargate.codedeploy_application_info:
"""

RETURN = r"""
applications:
  description: The applications.
  returned: always
  type: list
  elements: dict
  contains:
    application_name:
      description: Its name.
      returned: always
      type: str
    application_id:
      description: AWS's id for it.
      returned: always
      type: str
    arn:
      description: Its ARN.
      returned: always
      type: str
    compute_platform:
      description: What it is deployed to.
      returned: always
      type: str
      sample: ECS
    create_time:
      description: When it was made, ISO 8601.
      returned: always
      type: str
    linked_to_git_hub:
      description: Whether it may read a GitHub repository.
      returned: when AWS says it
      type: bool
    git_hub_account_name:
      description: The GitHub account.
      returned: when it has one
      type: str
    tags:
      description: Its tags.
      returned: always
      type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._codedeploy import application
from ..module_utils._module import account_id, report

SPEC = {"names": {"type": "list", "elements": "str"}}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    account = account_id(module)
    report(module, "codedeploy", "applications", lambda client: application.find_all(client, module.params["names"], account))


if __name__ == "__main__":
    main()
