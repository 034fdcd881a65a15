#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elbv2_listener_info
version_added: 0.1.0
short_description: Read listeners and who gets their traffic
description:
  - Returns the listeners of a load balancer as M(railyard.fargate.elbv2_listener) does, with the active and the idle group of a pair.
  - M(amazon.aws.elb_application_lb_info) returns listeners without their additional certificates, and does not say which group is active.
options:
  load_balancer_arn:
    description: ARN of the load balancer. One of this and O(load_balancer_name) is required.
    type: str
  load_balancer_name:
    description: Name of the load balancer. One that does not exist has no listeners.
    type: str
  ports:
    description: Only the listeners at these ports.
    type: list
    elements: int
  target_group_pair:
    description: Names or ARNs of the two target groups between which releases move.
    type: list
    elements: str
  ecs:
    description: The service behind the listeners. Its PRIMARY task set says which group is active; it need not exist.
    type: dict
    suboptions:
      cluster:
        description: Name or ARN of the cluster.
        type: str
        required: true
      service:
        description: Name or ARN of the service.
        type: str
        required: true
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.elbv2_listener
"""

EXAMPLES = r"""
- name: See where traffic goes
  railyard.fargate.elbv2_listener_info:
    load_balancer_name: shop-production
    ports: [443]
    target_group_pair: [shop-production-blue, shop-production-green]
    ecs: {cluster: shop-production, service: web}
  register: found

- name: Stop when the next deployment could not start
  ansible.builtin.assert:
    that: found.listeners[0].problem is none
    fail_msg: "{{ found.listeners[0].problem }}"
"""

RETURN = r"""
listeners:
  description: The listeners.
  returned: always
  type: list
  elements: dict
  contains:
    listener_arn:
      description: Its ARN.
      returned: always
      type: str
    load_balancer_arn:
      description: Its load balancer.
      returned: always
      type: str
    port:
      description: Its port.
      returned: always
      type: int
    protocol:
      description: Its protocol.
      returned: always
      type: str
    certificate_arns:
      description: Its certificates, the default one first.
      returned: always
      type: list
      elements: str
    ssl_policy:
      description: Its TLS policy.
      returned: when it has certificates
      type: str
    default_actions:
      description: What it does with a request that no rule takes, in AWS's shape.
      returned: always
      type: list
      elements: dict
    alpn_policy:
      description: ALPN policy of a TLS listener.
      returned: when it is set
      type: list
      elements: str
    mutual_authentication:
      description: How clients prove themselves.
      returned: when AWS says it
      type: dict
    tags:
      description: Its tags.
      returned: always
      type: dict
    active_target_group_arn:
      description: The group that users reach; that of the PRIMARY task set if O(ecs) is given. Null when it cannot be told.
      returned: when O(target_group_pair) is given
      type: str
    idle_target_group_arn:
      description: The other group of the pair.
      returned: when O(target_group_pair) is given
      type: str
    weights:
      description: Percent of the traffic for each of the pair, by ARN.
      returned: when O(target_group_pair) is given
      type: dict
    shifting:
      description: Whether both groups get traffic.
      returned: when O(target_group_pair) is given
      type: bool
    problem:
      description: What stands in the way of the next deployment, or null. A running deployment may cause it for a moment.
      returned: when O(target_group_pair) is given
      type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.errors import RailyardError
from ..module_utils._elbv2 import listener, place
from ..module_utils._module import aws_client, fail, report

SPEC = {
    "load_balancer_arn": {"type": "str"},
    "load_balancer_name": {"type": "str"},
    "ports": {"type": "list", "elements": "int"},
    "target_group_pair": {"type": "list", "elements": "str"},
    "ecs": {"type": "dict", "options": {"cluster": {"type": "str", "required": True}, "service": {"type": "str", "required": True}}},
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=SPEC,
        supports_check_mode=True,
        required_one_of=[("load_balancer_arn", "load_balancer_name")],
        mutually_exclusive=[("load_balancer_arn", "load_balancer_name")],
    )
    try:
        where = place.look(lambda service: aws_client(module, service), module.params, predict=True)
    except RailyardError as error:
        fail(module, error)
    report(module, "elbv2", "listeners", lambda client: listener.find_all(client, where, module.params["ports"]))


if __name__ == "__main__":
    main()
