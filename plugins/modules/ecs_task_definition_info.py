#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ecs_task_definition_info
version_added: 0.1.0
short_description: Read ECS task definitions
description:
  - Reads task definitions by family or revision, in the shape that M(railyard.fargate.ecs_task_definition) returns.
  - M(community.aws.ecs_taskdefinition_info) reads one at a time, without tags, and answers every error with an empty result.
options:
  names:
    description:
      - Families (the latest active revision is read), C(family:revision), or ARNs. One that does not exist is left out of the result.
    type: list
    elements: str
    required: true
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.ecs_task_definition
"""

EXAMPLES = r"""
- name: Read the latest revision of two families
  railyard.fargate.ecs_task_definition_info:
    names: [shop-production-web, shop-production-worker]
  register: definitions

- name: Show their images
  ansible.builtin.debug:
    msg: "{{ definitions.task_definitions | map(attribute='containers') | flatten | map(attribute='image') }}"
"""

RETURN = r"""
task_definitions:
  description: Those that exist, in the order of O(names). See M(railyard.fargate.ecs_task_definition) for their members.
  returned: always
  type: list
  elements: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._ecs import task_definition
from ..module_utils._module import report

SPEC = {"names": {"type": "list", "elements": "str", "required": True}}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    report(module, "ecs", "task_definitions", find=lambda client: task_definition.describe_all(client, module.params["names"]))


if __name__ == "__main__":
    main()
