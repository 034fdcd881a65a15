#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elbv2_maintenance
version_added: 0.2.0
short_description: Show a maintenance page to users of a load balancer
description:
  - Makes a rule of a listener that answers every request itself, and one before it that forwards allowed addresses as the listener does.
  - M(community.aws.elb_application_lb) replaces all rules and the default actions of a listener, which releases change.
options:
  load_balancer:
    description: Name of the load balancer.
    type: str
    required: true
  port:
    description: Port of the listener that users reach.
    type: int
    required: true
  body:
    description: The page, HTML, JSON or plain text, at most 1024 bytes.
    type: str
    default: We are back soon.
  status:
    description: Status of the answer.
    type: int
    default: 503
  allow:
    description: Address ranges that reach the application, at most five.
    type: list
    elements: str
    default: []
  tags:
    description: Tags of the rules.
    type: dict
    default: {}
  state:
    description: Whether the page is shown.
    type: str
    choices: [present, absent]
    default: present
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
seealso:
  - module: railyard.fargate.elbv2_listener
"""

EXAMPLES = r"""
- name: Show the page to everybody but the office
  railyard.fargate.elbv2_maintenance:
    load_balancer: shop-production
    port: 80
    body: "<h1>We are back at six</h1>"
    allow: [203.0.113.7/32]

- name: Serve users again
  railyard.fargate.elbv2_maintenance:
    load_balancer: shop-production
    port: 80
    state: absent
"""

RETURN = r"""
maintenance:
  description: What is on; null where there is no such listener.
  returned: always
  type: dict
  contains:
    listener_arn:
      description: The listener.
      returned: always
      type: str
    "on":
      description: Whether the page is shown.
      returned: always
      type: bool
    status:
      description: Status of the answer; null while it is off.
      returned: always
      type: int
    body:
      description: The page; null while it is off.
      returned: always
      type: str
    allow:
      description: Address ranges that reach the application.
      returned: always
      type: list
      elements: str
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.plan import Plan
from ..module_utils._elbv2 import maintenance
from ..module_utils._module import STATE, converge

SPEC = {
    "load_balancer": {"type": "str", "required": True},
    "port": {"type": "int", "required": True},
    "body": {"type": "str", "default": "We are back soon."},
    "status": {"type": "int", "default": 503},
    "allow": {"type": "list", "elements": "str", "default": []},
    "tags": {"type": "dict", "default": {}},
    "state": STATE,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    given, seen = module.params, dict[str, Any]()

    def find(client: Any) -> dict[str, Any] | None:
        seen["live"] = maintenance.find(client, given["load_balancer"], given["port"])
        return maintenance.shown(seen["live"])

    def make_plan(_client: Any, _shown: Any) -> Plan:
        return maintenance.make_plan(given, seen["live"])

    converge(module, "elbv2", "maintenance", find=find, make_plan=make_plan)


if __name__ == "__main__":
    main()
