#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rds_parameter_group
version_added: 0.1.0
short_description: Keep a DB parameter group of RDS
description:
  - Keeps a parameter group with the values of the parameters that are given, and tags.
  - M(amazon.aws.rds_instance_param_group) does not predict changed parameters in check mode, so that nobody sees what somebody else has
    changed; it has no diff, and only warns of another family.
  - A dynamic parameter is changed at once; a static one is taken up when the instance restarts.
options:
  name:
    description: Its name. RDS keeps it in lower case.
    type: str
    required: true
  family:
    description: Family of the engine, like V(postgres17). It cannot change. Required with O(state=present).
    type: str
  description:
    description: What it is for. It is set once, when the group is made. Required with O(state=present).
    type: str
  parameters:
    description:
      - Values by parameter, in the unit that RDS documents for it. Only those given are compared.
      - A parameter that has the value already, by RDS's default, is set in a new group and left in an existing one.
    type: dict
    default: {}
  state:
    description: V(absent) deletes it, once no instance uses it.
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
  - name: Parameter groups for Amazon RDS
    description: When a changed parameter takes effect.
    link: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html
"""

EXAMPLES = r"""
- name: Make a group
  railyard.fargate.rds_parameter_group:
    name: shop-production-postgres17
    family: postgres17
    description: Settings of shop-production
    parameters:
      rds.force_ssl: 1
    tags:
      application: shop

- name: Log slow statements too, from now on
  railyard.fargate.rds_parameter_group:
    name: shop-production-postgres17
    family: postgres17
    description: Settings of shop-production
    parameters:
      rds.force_ssl: 1
      log_min_duration_statement: 500

- name: Delete it
  railyard.fargate.rds_parameter_group:
    name: shop-production-postgres17
    state: absent
"""

RETURN = r"""
parameter_group:
  description: The group; null after its deletion.
  returned: always
  type: dict
  contains:
    name:
      description: Its name.
      returned: always
      type: str
      sample: shop-production-postgres17
    arn:
      description: Its ARN.
      returned: when it exists, not predicted in check mode
      type: str
    family:
      description: Family of the engine.
      returned: always
      type: str
    description:
      description: What it is for.
      returned: always
      type: str
    parameters:
      description: Values as text of the parameters that the group itself sets.
      returned: always
      type: dict
    tags:
      description: Its tags.
      returned: always
      type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._module import STATE, TAGS, converge
from ..module_utils._rds import parameter_group

SPEC = {
    "name": {"type": "str", "required": True},
    "family": {"type": "str"},
    "description": {"type": "str"},
    "parameters": {"type": "dict", "default": {}},
    "state": STATE,
    **TAGS,
}


def main() -> None:
    required = [("state", "present", ["family", "description"])]
    module = AnsibleAWSModule(argument_spec=SPEC, required_if=required, supports_check_mode=True)
    wanted = module.params
    converge(
        module,
        "rds",
        "parameter_group",
        find=lambda client: parameter_group.find(client, wanted["name"]),
        make_plan=lambda client, live: parameter_group.make_plan(wanted, live, parameter_group.definitions(client, wanted, live)),
    )


if __name__ == "__main__":
    main()
