#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: environment_info
version_added: 0.1.0
short_description: List what exists of an environment in AWS
description:
  - Asks each service that an environment is made of, side by side, and lists what exists, whoever made it - by name where names are ours,
    by tags in EC2.
  - AWS's own list by tags (Resource Groups Tagging API) lacks roles, task definitions and deployment configurations, and shows for a while
    what has been deleted.
options:
  application:
    description: Name of the application, the tag C(application).
    type: str
    required: true
  environment:
    description: Name of the environment, the tag C(environment).
    type: str
    required: true
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
"""

EXAMPLES = r"""
- name: What is left of staging
  railyard.fargate.environment_info:
    application: shop
    environment: staging
  register: left

- name: Nothing but data may be left
  ansible.builtin.assert:
    that: left.resources | rejectattr('data') | length == 0
"""

RETURN = r"""
resources:
  description: What exists, sorted by kind and id.
  returned: always
  type: list
  elements: dict
  contains:
    kind:
      description: What it is, in AWS's words.
      returned: always
      type: str
      sample: load balancer
    id:
      description: Its name or id.
      returned: always
      type: str
      sample: shop-staging
    data:
      description: Whether it holds data, which a destroy keeps unless told otherwise.
      returned: always
      type: bool
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.errors import RailyardError
from ..module_utils._environment import resources
from ..module_utils._module import aws_client, fail

SPEC = {
    "application": {"type": "str", "required": True},
    "environment": {"type": "str", "required": True},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    environment = resources.Environment(module.params["application"], module.params["environment"])
    try:
        found = resources.find(lambda service: aws_client(module, service), environment)
    except RailyardError as error:
        fail(module, error)
    module.exit_json(changed=False, resources=found)


if __name__ == "__main__":
    main()
