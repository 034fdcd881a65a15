#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ec2_security_groups
version_added: 0.1.0
short_description: Keep security groups of a VPC that refer to each other
description:
  - Keeps several security groups of one VPC with exactly the declared rules, as one set in one run. Whatever their number, one call reads
    them. A rule can name another group of the set before either exists.
  - M(amazon.aws.ec2_security_group) keeps one group in a run, with several calls for each and seconds of waiting after each write. In check
    mode on an empty account it cannot name groups that do not exist yet, and it deletes one only when nothing refers to it.
  - A group is known by its name. Others in the VPC stay as they are.
options:
  vpc_id:
    description:
      - ID of the VPC.
      - In check mode it may be empty, when the VPC does not exist yet; everything is then predicted as new.
    type: str
    required: true
  security_groups:
    description: The groups. With O(state=absent) only their names count.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Its name, also its tag C(Name). It cannot change.
        type: str
        required: true
      description:
        description: What it is for, by default its name. It cannot change; a group that is there keeps its own.
        type: str
      ingress:
        description:
          - The inbound rules. Other live rules are removed. Without this option the rules do not change; a new group lets nothing
            in.
        type: list
        elements: dict
        suboptions:
          protocol: &protocol
            description: The protocol; V(all) stands for all of them.
            type: str
            choices: [tcp, udp, icmp, icmpv6, all]
            default: tcp
          ports: &ports
            description: Ports and ranges of ports, such as C(443) and C(8000-8100). Needed for TCP and UDP, meaningless for the others.
            type: list
            elements: str
          peers: &peers
            description: From where, or to where. Address ranges, names of groups in O(security_groups), IDs of security groups (of another
              account as C(123456789012/sg-…)) and of prefix lists. Each port is open for each of them.
            type: list
            elements: str
            required: true
          description: &text
            description: What the rule is for. Left out, one that is there keeps its own.
            type: str
          keep_in_use:
            description:
              - Names of target groups that these peers forward to. A rule of the same protocol and peer for another port is not removed as
                long as one of their targets is registered with that port, so that another port cuts nobody off before a release has moved
                the traffic. They are looked at only when such a rule would be removed.
            type: list
            elements: str
            default: []
      egress:
        description:
          - The rules for what goes out. What is live beside them is removed; an empty list lets nothing out. Left out, they are not looked
            after; a new group lets everything out.
        type: list
        elements: dict
        suboptions:
          protocol: *protocol
          ports: *ports
          peers: *peers
          description: *text
  state:
    description: V(absent) deletes the groups, those that refer to others first.
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
  - module: amazon.aws.ec2_security_group
  - module: amazon.aws.ec2_security_group_info
  - module: railyard.fargate.ec2_vpc_subnets
"""

EXAMPLES = r"""
- name: Let users reach the load balancer, the load balancer the tasks, and tasks the database
  railyard.fargate.ec2_security_groups:
    vpc_id: "{{ net.vpc.id | default('') }}"
    security_groups:
      - name: shop-alb
        description: Load balancer, reached by users
        ingress:
          - {ports: [80, 443], peers: [0.0.0.0/0], description: users}
      - name: shop-app
        description: Tasks, reached by the load balancer
        ingress:
          - {ports: [3000], peers: [shop-alb], description: load balancer}
      - name: shop-database
        description: Database, reached by tasks
        ingress:
          - {ports: [5432], peers: [shop-app], description: tasks}
        egress: []
    tags:
      application: shop
  register: made

- name: Say which one tasks get
  ansible.builtin.debug:
    msg: "{{ made.security_groups[1].group_id }}"

- name: Delete the three
  railyard.fargate.ec2_security_groups:
    vpc_id: "{{ net.vpc.id }}"
    security_groups: [{name: shop-alb}, {name: shop-app}, {name: shop-database}]
    state: absent
"""

RETURN = r"""
security_groups:
  description: The groups in the order in which they were given; empty after their deletion.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      returned: always
      type: str
      sample: shop-app
    group_id:
      description: Its ID.
      returned: when it exists, not predicted in check mode
      type: str
    description:
      description: What it is for.
      returned: always
      type: str
    ingress:
      description: The rules for what comes in, one for each port and peer.
      returned: always
      type: list
      elements: dict
      contains:
        protocol: &protocol
          description: The protocol, or V(all).
          returned: always
          type: str
          sample: tcp
        from_port: &from
          description: The first port; -1 where the protocol has none, and for all of them.
          returned: always
          type: int
        to_port: &to
          description: The last port.
          returned: always
          type: int
        peer: &peer
          description: Address range, name of a group of the set, or ID of another group or of a prefix list.
          returned: always
          type: str
          sample: shop-alb
        description: &text
          description: What the rule is for, empty where nothing is said.
          returned: always
          type: str
    egress:
      description: The rules for what goes out, one for each port and peer.
      returned: always
      type: list
      elements: dict
      contains:
        protocol: *protocol
        from_port: *from
        to_port: *to
        peer: *peer
        description: *text
    tags:
      description: Its tags.
      returned: always
      type: dict
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.plan import Plan
from ..module_utils._ec2 import security_groups, security_groups_plan
from ..module_utils._elbv2 import in_use
from ..module_utils._module import STATE, TAGS, aws_client, converge

RULES: dict[str, Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "protocol": {"type": "str", "choices": ["tcp", "udp", "icmp", "icmpv6", "all"], "default": "tcp"},
        "ports": {"type": "list", "elements": "str"},
        "peers": {"type": "list", "elements": "str", "required": True},
        "description": {"type": "str"},
    },
    "required_if": [("protocol", "tcp", ["ports"]), ("protocol", "udp", ["ports"])],
}
IN_USE = {"keep_in_use": {"type": "list", "elements": "str", "default": []}}
INGRESS = {**RULES, "options": {**RULES["options"], **IN_USE}}
GROUP = {"name": {"type": "str", "required": True}, "description": {"type": "str"}, "ingress": INGRESS, "egress": RULES}
SPEC = {
    "vpc_id": {"type": "str", "required": True},
    "security_groups": {"type": "list", "elements": "dict", "options": GROUP, "required": True},
    "state": STATE,
    **TAGS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    wanted = module.params
    if not wanted["vpc_id"] and wanted["state"] == "present" and not module.check_mode:
        module.fail_json(msg="vpc_id is empty; only in check mode may the VPC not exist yet")

    def make_plan(client: Any, live: list[dict[str, Any]]) -> Plan:
        kept = in_use.keep_ports(lambda: aws_client(module, "elbv2"), wanted, live)
        return security_groups_plan.make_plan(kept, live, security_groups.first_egress(client, kept, live))

    converge(module, "ec2", "security_groups", find=lambda client: security_groups.find(client, wanted), make_plan=make_plan)


if __name__ == "__main__":
    main()
