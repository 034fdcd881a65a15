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
  - Reads all services of AWS that an environment uses, in parallel. Lists resources with the environment's tags, and resources that have
    one
    of its names but not its tags, and so belong to somebody else.
  - AWS's own list by tags (Resource Groups Tagging API) lacks roles, task definitions and deployment configurations, and shows for a while
    what has been deleted.
options:
  names:
    description: The environment's names, as P(railyard.fargate.names#lookup) returns them.
    type: dict
    required: true
  services:
    description: Only resources of these services of AWS, by boto3's names. V([]) is all of them.
    type: list
    elements: str
    default: []
  network:
    description: Also look for what is in the environment's VPC and does not belong to it.
    type: bool
    default: false
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
    names: "{{ lookup('railyard.fargate.names') }}"
  register: left

- name: Nothing but data may be left
  ansible.builtin.assert:
    that: left.resources | selectattr('owned') | rejectattr('data') | length == 0
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
    owned:
      description: Whether it has the environment's tags. What has not is never changed or deleted.
      returned: always
      type: bool
    owner:
      description: Whose it seems to be, by its tags; empty for what is owned.
      returned: always
      type: str
      sample: "its tags say managed-by: terraform, owner: team-billing"
in_network:
  description:
    - What is in the environment's VPC, or runs in its cluster, and is not the environment's, so that AWS would not delete the one or the
      other.
  returned: when O(network=true)
  type: list
  elements: dict
  contains:
    kind:
      description: What it is, in AWS's words.
      returned: always
      type: str
      sample: network interface
    id:
      description: Its id.
      returned: always
      type: str
      sample: eni-0123456789abcdef0
    vpc_id:
      description: The VPC.
      returned: always
      type: str
      sample: vpc-0123456789abcdef0
    description:
      description: What AWS tells of it, and whose it seems to be.
      returned: always
      type: str
      sample: "AWS Lambda VPC ENI-bill; in the groups shop-staging-app; it has no tags"
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.errors import RailyardError
from ..module_utils._environment import network_holders, resources
from ..module_utils._module import NAMES, aws_client, fail, names_of

SPEC = {
    **NAMES,
    "network": {"type": "bool", "default": False},
    "services": {"type": "list", "elements": "str", "default": []},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    names = names_of(module)

    def client_of(service: str) -> Any:
        return aws_client(module, service)

    try:
        found = {"resources": resources.find_all(client_of, names, module.params["services"])}
        if module.params["network"]:
            found["in_network"] = network_holders.find(client_of, names)
    except RailyardError as error:
        fail(module, error)
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
