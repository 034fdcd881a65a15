#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elbv2_target_group_info
version_added: 0.1.0
short_description: Read target groups and the health of their targets
description:
  - Returns target groups in the shape of M(railyard.fargate.elbv2_target_group).
  - M(community.aws.elb_target_group_info) returns nothing at all when one of several names is missing, and renames the attributes.
options:
  names:
    description: Names of the groups; those that do not exist are left out. All of the Region unless given.
    type: list
    elements: str
  load_balancer_arn:
    description: Only the groups behind this load balancer.
    type: str
  health:
    description: Read the health of the targets too.
    type: bool
    default: false
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.elbv2_target_group
"""

EXAMPLES = r"""
- name: Read the pair with the health of its tasks
  railyard.fargate.elbv2_target_group_info:
    names: [shop-production-blue, shop-production-green]
    health: true
  register: pair

- name: Show what is not healthy and why
  ansible.builtin.debug:
    msg: "{{ pair.target_groups | map(attribute='targets') | flatten | rejectattr('target_health.state', 'eq', 'healthy') }}"
"""

RETURN = r"""
target_groups:
  description: The target groups, as M(railyard.fargate.elbv2_target_group) returns them.
  returned: always
  type: list
  elements: dict
  contains:
    target_group_arn:
      description: Its ARN.
      returned: always
      type: str
    target_group_name:
      description: Its name.
      returned: always
      type: str
    protocol:
      description: The protocol between the load balancer and its targets.
      returned: unless it is for Lambda
      type: str
    protocol_version:
      description: Version of HTTP.
      returned: when it is for HTTP
      type: str
    port:
      description: Port of the targets.
      returned: unless it is for Lambda
      type: int
    vpc_id:
      description: VPC of the targets.
      returned: unless it is for Lambda
      type: str
    target_type:
      description: What a target is.
      returned: always
      type: str
    ip_address_type:
      description: C(ipv4) or C(ipv6).
      returned: when AWS says it
      type: str
    target_control_port:
      description: Port for the target optimizer.
      returned: when it is set
      type: int
    health_check_enabled:
      description: Whether targets are checked.
      returned: always
      type: bool
    health_check_protocol:
      description: Protocol of the check.
      returned: when targets are checked
      type: str
    health_check_port:
      description: Port of the check.
      returned: when targets are checked
      type: str
    health_check_path:
      description: Path that is asked.
      returned: when the check is HTTP
      type: str
    health_check_interval_seconds:
      description: Seconds between two checks.
      returned: when targets are checked
      type: int
    health_check_timeout_seconds:
      description: Seconds until a check has failed.
      returned: when targets are checked
      type: int
    healthy_threshold_count:
      description: Successes in a row after which a target is healthy.
      returned: when targets are checked
      type: int
    unhealthy_threshold_count:
      description: Failures in a row after which a target is unhealthy.
      returned: when targets are checked
      type: int
    matcher:
      description: Status codes of success.
      returned: when the check is HTTP
      type: dict
    load_balancer_arns:
      description: The load balancer whose listeners or rules name the group.
      returned: always
      type: list
      elements: str
    attributes:
      description: Every attribute by AWS's name; values are text.
      returned: always
      type: dict
    targets:
      description: Targets with their health, in AWS's shape.
      returned: when O(health=true)
      type: list
      elements: dict
      sample: [{target: {id: 10.0.0.7, port: 3000}, target_health: {state: healthy}}]
    tags:
      description: Its tags.
      returned: always
      type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._elbv2 import target_group
from ..module_utils._module import report

SPEC = {
    "names": {"type": "list", "elements": "str"},
    "load_balancer_arn": {"type": "str"},
    "health": {"type": "bool", "default": False},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True, mutually_exclusive=[("names", "load_balancer_arn")])
    asked = module.params
    report(
        module,
        "elbv2",
        "target_groups",
        lambda client: target_group.find_all(client, asked["names"], asked["load_balancer_arn"], asked["health"]),
    )


if __name__ == "__main__":
    main()
