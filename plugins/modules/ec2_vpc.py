#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ec2_vpc
version_added: 0.1.0
short_description: Keep a VPC and its internet gateway
description:
  - Keeps a VPC with its DNS attributes, its internet gateway, and the tags of both, in one run.
  - M(amazon.aws.ec2_vpc_net) and M(amazon.aws.ec2_vpc_igw) are two runs with many calls one after the other, and ask AWS until it agrees
    although nothing has changed. On an empty account the second cannot tell in check mode what the first would make; neither has a diff.
  - A VPC is known by its Name and its range. Two that have both are an error, unless one has nothing in it and all O(tags). An earlier run
    made that one and lost AWS's answer; it is deleted.
options:
  name:
    description: Its tag C(Name), also that of its internet gateway.
    type: str
    required: true
  cidr:
    description: Its range, an IPv4 one between /16 and /28. Another range is another VPC.
    type: str
    required: true
  dns_support:
    description: Whether Amazon's DNS server answers in it.
    type: bool
    default: true
  dns_hostnames:
    description: Whether what has a public address in it gets a public name. Needs O(dns_support).
    type: bool
    default: true
  state:
    description: V(absent) detaches and deletes the internet gateway, then deletes the VPC. AWS refuses as long as anything is in it.
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
notes:
  - Where the VPC has no internet gateway, one with the same Name that has no VPC is taken. A run that was ended early leaves such a one.
seealso:
  - module: railyard.fargate.ec2_vpc_subnets
  - module: railyard.fargate.ec2_security_groups
  - module: amazon.aws.ec2_vpc_net_info
"""

EXAMPLES = r"""
- name: Make a VPC that has a way out
  railyard.fargate.ec2_vpc:
    name: shop-production
    cidr: 10.20.0.0/16
    tags:
      application: shop
  register: net

- name: Make a public subnet in it
  railyard.fargate.ec2_vpc_subnets:
    vpc_id: "{{ net.vpc.id | default('') }}"
    subnets:
      - {name: shop-public-1, cidr: 10.20.0.0/20, zone_index: 0, route_table: shop-public}
    route_tables:
      - name: shop-public
        routes:
          - {destination: 0.0.0.0/0, gateway_id: "{{ net.vpc.internet_gateway.internet_gateway_id | default('igw-00000000000000000') }}"}

- name: Delete it once it is empty
  railyard.fargate.ec2_vpc:
    name: shop-production
    cidr: 10.20.0.0/16
    state: absent
"""

RETURN = r"""
vpc:
  description: The VPC; null after its deletion.
  returned: always
  type: dict
  contains:
    id:
      description: Its ID, under the name that M(amazon.aws.ec2_vpc_net) gives it.
      returned: when it exists, not predicted in check mode
      type: str
      sample: vpc-0123456789abcdef0
    name:
      description: Its tag C(Name).
      returned: always
      type: str
      sample: shop-production
    cidr:
      description: Its range.
      returned: always
      type: str
      sample: 10.20.0.0/16
    dns_support:
      description: Whether Amazon's DNS server answers in it.
      returned: always
      type: bool
    dns_hostnames:
      description: Whether what has a public address in it gets a public name.
      returned: always
      type: bool
    internet_gateway:
      description: Its internet gateway.
      returned: always
      type: dict
      contains:
        internet_gateway_id:
          description: Its ID.
          returned: when it exists, not predicted in check mode
          type: str
          sample: igw-0123456789abcdef0
        attached:
          description: Whether it is attached to the VPC.
          returned: always
          type: bool
        tags:
          description: Its tags.
          returned: always
          type: dict
    tags:
      description: Its tags.
      returned: always
      type: dict
    leftovers:
      description:
        - IDs of VPCs that have nothing in them and of internet gateways without a VPC, with the same Name and all O(tags). An earlier run
          has lost the answer in which they were. They are deleted.
      returned: always
      type: list
      elements: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._ec2 import vpc
from ..module_utils._module import STATE, TAGS, converge

SPEC = {
    "name": {"type": "str", "required": True},
    "cidr": {"type": "str", "required": True},
    "dns_support": {"type": "bool", "default": True},
    "dns_hostnames": {"type": "bool", "default": True},
    "state": STATE,
    **TAGS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    wanted = module.params
    converge(
        module,
        "ec2",
        "vpc",
        find=lambda client: vpc.find(client, wanted),
        make_plan=lambda _client, live: vpc.make_plan(wanted, live),
    )


if __name__ == "__main__":
    main()
