#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rds_subnet_group
version_added: 0.1.0
short_description: Keep a DB subnet group
description:
  - Creates, changes, tags and deletes a DB subnet group, the subnets in which a database may be.
  - M(amazon.aws.rds_subnet_group) reads group and tags a second time although nothing has changed, returns in check mode what is live
    instead of what would be, and has no diff.
options:
  name:
    description: Name of the group. RDS keeps it in lower case.
    type: str
    required: true
  description:
    description: What the group is for. Required unless O(state=absent).
    type: str
  subnets:
    description: IDs of exactly its subnets, in two availability zones or more of one VPC. Required unless O(state=absent).
    type: list
    elements: str
  state:
    description: Whether the group exists. AWS refuses to delete one in which a database is.
    type: str
    choices: [present, absent]
    default: present
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
  - module: railyard.fargate.rds_instance
  - module: railyard.fargate.rds_parameter_group
"""

EXAMPLES = r"""
- name: Let the database be in the private subnets
  railyard.fargate.rds_subnet_group:
    name: shop-production
    description: Private subnets of shop-production
    subnets: "{{ vpc_result.private_subnet_ids }}"
    tags:
      application: shop

- name: Delete it once the database is gone
  railyard.fargate.rds_subnet_group:
    name: shop-production
    state: absent
"""

RETURN = r"""
subnet_group:
  description: The group; null after its deletion.
  returned: always
  type: dict
  contains:
    name:
      description: Its name in lower case.
      returned: always
      type: str
      sample: shop-production
    arn:
      description: Its ARN.
      returned: when it exists, not predicted in check mode
      type: str
    description:
      description: What it is for.
      returned: always
      type: str
    vpc_id:
      description: ID of the VPC of its subnets.
      returned: when it exists, not predicted in check mode
      type: str
    subnets:
      description: IDs of its subnets, sorted.
      returned: always
      type: list
      elements: str
    tags:
      description: Its tags.
      returned: always
      type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._module import STATE, TAGS, converge
from ..module_utils._rds import subnet_group

SPEC = {
    "name": {"type": "str", "required": True},
    "description": {"type": "str"},
    "subnets": {"type": "list", "elements": "str"},
    "state": STATE,
    **TAGS,
}


def main() -> None:
    required = [("state", "present", ["description", "subnets"])]
    module = AnsibleAWSModule(argument_spec=SPEC, required_if=required, supports_check_mode=True)
    wanted = module.params
    converge(
        module,
        "rds",
        "subnet_group",
        find=lambda client: subnet_group.find(client, wanted["name"]),
        make_plan=lambda _client, live: subnet_group.make_plan(wanted, live),
    )


if __name__ == "__main__":
    main()
