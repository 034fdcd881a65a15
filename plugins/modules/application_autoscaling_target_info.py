#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: application_autoscaling_target_info
version_added: 0.1.0
short_description: Read scalable targets of Application Auto Scaling with their policies
description:
  - Reads scalable targets, whether they are suspended, their scaling policies and tags.
  - Neither amazon.aws nor community.aws has a module for it.
options:
  resource_ids:
    description: What is scaled, C(service/<cluster>/<service>) for ECS. All of the namespace when left out.
    type: list
    elements: str
  service_namespace:
    description: Namespace of the service to which they belong.
    type: str
    default: ecs
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.application_autoscaling_target
"""

EXAMPLES = r"""
- name: Is scaling held?
  railyard.fargate.application_autoscaling_target_info:
    resource_ids: [service/shop-production/web]
  register: scaling
"""

RETURN = r"""
scalable_targets:
  description: Those that are registered, as M(railyard.fargate.application_autoscaling_target) returns them, with their C(policies).
  returned: always
  type: list
  elements: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._autoscaling import target
from ..module_utils._module import report

SPEC = {
    "resource_ids": {"type": "list", "elements": "str"},
    "service_namespace": {"type": "str", "default": "ecs"},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    wanted = module.params
    report(
        module,
        "application-autoscaling",
        "scalable_targets",
        find=lambda client: target.read(client, wanted["service_namespace"], wanted["resource_ids"]),
    )


if __name__ == "__main__":
    main()
