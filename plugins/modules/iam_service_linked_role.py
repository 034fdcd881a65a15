#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_service_linked_role
version_added: 0.1.0
short_description: Make sure that an account has the roles which AWS services use for themselves
description:
  - Many services act through a role of their own that exists once per account. The first use of a service in an account may fail
    because this role does not exist yet, or is not known everywhere. Making it beforehand avoids that.
  - Neither amazon.aws nor community.aws has a module for it.
  - These roles belong to the whole account, so that this module never deletes one.
options:
  services:
    description: Service principals, C(rds.amazonaws.com) for example.
    type: list
    elements: str
    required: true
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
seealso:
  - module: amazon.aws.iam_role
  - name: Create a service-linked role
    description: Which services have one.
    link: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
"""

EXAMPLES = r"""
- name: Let the services that Rails on Fargate needs act in this account
  railyard.fargate.iam_service_linked_role:
    services:
      - ecs.amazonaws.com
      - ecs.application-autoscaling.amazonaws.com
      - elasticloadbalancing.amazonaws.com
      - rds.amazonaws.com
"""

RETURN = r"""
roles:
  description: The roles, one for each service.
  returned: always
  type: list
  elements: dict
  contains:
    service:
      description: The service principal.
      returned: always
      type: str
      sample: rds.amazonaws.com
    role_name:
      description: The role's name, which AWS chose.
      returned: when it exists, not predicted in check mode
      type: str
      sample: AWSServiceRoleForRDS
    arn:
      description: Its ARN.
      returned: when it exists, not predicted in check mode
      type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._iam import service_linked_role
from ..module_utils._module import converge

SPEC = {"services": {"type": "list", "elements": "str", "required": True}}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    services = module.params["services"]
    converge(
        module,
        "iam",
        "roles",
        find=lambda client: service_linked_role.find(client, services),
        make_plan=lambda client, live: service_linked_role.make_plan(client, services, live),
    )


if __name__ == "__main__":
    main()
