#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ssm_activation
version_added: 0.1.0
short_description: Keep a hybrid activation, and its code in Parameter Store
description:
  - Keeps an activation of Systems Manager with which an agent outside EC2 registers as a node.
  - Its code is shown by AWS once and never again. It goes from there into a SecureString parameter, and is neither returned, nor part
    of a diff, nor logged, not with C(-vvvv) either.
  - Neither amazon.aws nor community.aws has a module for activations.
  - An activation is never changed. One that has expired, is used up, is not as declared, or whose code was never stored
    makes room for a new one.
options:
  state:
    description: Whether there is an activation. V(absent) deletes its code too, and leaves its nodes registered.
    type: str
    choices: [present, absent]
    default: present
  tags:
    description:
      - Tags of the activation and of the nodes that register with it. They are what the activation is found by, so no other activation
        may carry all of them.
    type: dict
    required: true
    aliases: [resource_tags]
  code_parameter:
    description: Name of the SecureString parameter that holds the code, C(/shop/production/OFFICE_ACTIVATION) for example.
    type: str
    required: true
  iam_role:
    description: Name of the role that nodes get, not its ARN. Required unless O(state=absent).
    type: str
  default_instance_name:
    description: Name of the nodes.
    type: str
  description:
    description: What the activation is for.
    type: str
  registration_limit:
    description: How many nodes can register with it, 1 to 1000.
    type: int
    default: 1
  minutes:
    description: Minutes until it expires, at most 43200, which are 30 days. They count from its creation, by AWS's clock.
    type: int
    default: 60
  renew:
    description: Make a new one, and delete the one that there is.
    type: bool
    default: false
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
attributes:
  idempotent:
    description: A second run changes nothing, as long as the activation can still be used and O(renew) is false.
    support: partial
seealso:
  - module: railyard.fargate.ssm_managed_node
  - module: railyard.fargate.ssm_service_setting
  - name: Systems Manager API, CreateActivation
    description: What AWS accepts.
    link: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateActivation.html
  - name: Systems Manager API, DeleteActivation
    description: What AWS deletes.
    link: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteActivation.html
"""

EXAMPLES = r"""
- name: Let one machine of the office register within the hour
  railyard.fargate.ssm_activation:
    iam_role: shop-production-console
    default_instance_name: office
    minutes: 60
    code_parameter: /shop/production/OFFICE_ACTIVATION
    tags:
      application: shop
      environment: production
      place: office
  register: made

- name: Say what its agent registers with, beside the code
  ansible.builtin.debug:
    var: made.activation.activation_id

- name: Delete it and its code
  railyard.fargate.ssm_activation:
    state: absent
    code_parameter: /shop/production/OFFICE_ACTIVATION
    tags:
      application: shop
      environment: production
      place: office
"""

RETURN = r"""
activation:
  description: The activation without its code; null after its deletion.
  returned: always
  type: dict
  contains:
    activation_id:
      description: Its id.
      returned: when it exists, not predicted in check mode
      type: str
      sample: 0fa6bf3c-8a1b-4d5f-9d3f-0a6b1c2d3e4f
    iam_role:
      description: Name of the role that nodes get.
      returned: when it exists
      type: str
    default_instance_name:
      description: Name of the nodes.
      returned: when it has one
      type: str
    description:
      description: What it is for.
      returned: when it has one
      type: str
    registration_limit:
      description: How many nodes can register.
      returned: when it exists
      type: int
    registrations_count:
      description: How many have.
      returned: when it exists
      type: int
    expiration_date:
      description: When it expires, ISO 8601.
      returned: when it exists
      type: str
    expired:
      description: Whether it has.
      returned: when it exists
      type: bool
    created_date:
      description: When it was made, ISO 8601.
      returned: when it exists, not predicted in check mode
      type: str
    tags:
      description: Its tags.
      returned: when it exists
      type: dict
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._module import STATE, converge
from ..module_utils._ssm import activation

SPEC = {
    "state": STATE,
    "tags": {"type": "dict", "required": True, "aliases": ["resource_tags"]},
    "code_parameter": {"type": "str", "required": True, "no_log": False},
    "iam_role": {"type": "str"},
    "default_instance_name": {"type": "str"},
    "description": {"type": "str"},
    "registration_limit": {"type": "int", "default": 1},
    "minutes": {"type": "int", "default": 60},
    "renew": {"type": "bool", "default": False},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, required_if=[("state", "present", ["iam_role"])], supports_check_mode=True)
    wanted = module.params
    seen: list[activation.Live] = []

    def find(client: Any) -> dict[str, Any] | None:
        seen.append(activation.look(client, wanted))
        return seen[-1].newest

    converge(module, "ssm", "activation", find=find, make_plan=lambda _client, _live: activation.make_plan(wanted, seen[-1], seen[0]))


if __name__ == "__main__":
    main()
