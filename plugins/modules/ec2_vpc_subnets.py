#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ec2_vpc_subnets
version_added: 0.1.0
short_description: Keep the subnets of a VPC and their route tables
description:
  - Keeps subnets, route tables with exactly the declared routes, and which subnet uses which table, as one set in one run. Whatever their
    number, one call reads the subnets and one the route tables.
  - M(amazon.aws.ec2_vpc_subnet) keeps one subnet in a run, with several calls for each, M(amazon.aws.ec2_vpc_route_table) fails in check
    mode where the VPC does not exist yet, so that together they cannot show what a first run makes; neither has a diff.
  - A subnet is known by its range and a route table by its Name. Others in the VPC stay as they are.
options:
  vpc_id:
    description:
      - ID of the VPC.
      - In check mode it may be empty, when the VPC does not exist yet; everything is then predicted as new.
    type: str
    required: true
  subnets:
    description:
      - The subnets. Without this option no subnet is changed; with O(state=absent) it then means all subnets of the VPC.
    type: list
    elements: dict
    suboptions:
      name:
        description: Its tag C(Name).
        type: str
        required: true
      cidr:
        description: Its range. It cannot change.
        type: str
        required: true
      availability_zone:
        description: Name of its availability zone. It cannot change; another one than the live one is an error.
        type: str
      zone_index:
        description:
          - Which of the Region's available zones that have Fargate, in the order of their names from 0, a new subnet is made in. An
            existing one stays where it is.
          - One of this and O(subnets[].availability_zone) is needed to make a subnet.
        type: int
      map_public_ip:
        description: Whether what is started in it gets a public address by itself.
        type: bool
        default: false
      route_table:
        description: The name of its table in O(route_tables). Left out, it keeps the one that it has, in the beginning the VPC's main one.
        type: str
  route_tables:
    description:
      - The route tables. Without this option none is changed; with O(state=absent) it then means all of the VPC but the main one.
    type: list
    elements: dict
    suboptions:
      name:
        description: Its tag C(Name), by which it is known.
        type: str
        required: true
      routes:
        description:
          - Its routes besides the local ones. What is live beside them is removed, but for the routes of gateway endpoints and those that a
            virtual private gateway propagates.
        type: list
        elements: dict
        default: []
        suboptions:
          destination:
            description: Range, or ID of a prefix list, to which the route leads.
            type: str
            required: true
          gateway_id:
            description: ID of the internet gateway, NAT gateway, virtual private gateway, egress-only internet gateway, transit gateway,
              peering connection or network interface through which it leads.
            type: str
            required: true
  state:
    description: V(absent) deletes the subnets, then the route tables.
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
  - module: railyard.fargate.ec2_vpc
  - module: amazon.aws.ec2_vpc_subnet_info
  - module: amazon.aws.ec2_vpc_route_table_info
"""

EXAMPLES = r"""
- name: Make a public and a private subnet in the Region's first zone
  railyard.fargate.ec2_vpc_subnets:
    vpc_id: "{{ net.vpc.id | default('') }}"
    subnets:
      - {name: shop-public-1, cidr: 10.20.0.0/20, zone_index: 0, route_table: shop-public}
      - {name: shop-private-1, cidr: 10.20.128.0/20, zone_index: 0, route_table: shop-private}
    route_tables: &tables
      - name: shop-public
        routes:
          - {destination: 0.0.0.0/0, gateway_id: "{{ gateway.gateway_id }}"}
      - name: shop-private
    tags:
      application: shop

- name: Add a subnet in another zone
  railyard.fargate.ec2_vpc_subnets:
    vpc_id: "{{ net.vpc.id }}"
    subnets:
      - {name: shop-public-2, cidr: 10.20.16.0/20, availability_zone: eu-west-1c, route_table: shop-public}
    route_tables: *tables
    tags:
      application: shop
  register: made

- name: Say where it is
  ansible.builtin.debug:
    msg: "{{ made.network.subnets[0].subnet_id }}"

- name: Delete every subnet and route table of the VPC
  railyard.fargate.ec2_vpc_subnets:
    vpc_id: "{{ net.vpc.id }}"
    state: absent
"""

RETURN = r"""
network:
  description: What is declared of the VPC.
  returned: always
  type: dict
  contains:
    subnets:
      description: The subnets in the order in which they were given; empty after their deletion.
      returned: always
      type: list
      elements: dict
      contains:
        name:
          description: Its tag C(Name).
          returned: always
          type: str
          sample: shop-public-1
        subnet_id:
          description: Its ID.
          returned: when it exists, not predicted in check mode
          type: str
        cidr:
          description: Its range.
          returned: always
          type: str
          sample: 10.20.0.0/20
        availability_zone:
          description: Name of its availability zone.
          returned: always
          type: str
        map_public_ip:
          description: Whether what is started in it gets a public address by itself.
          returned: always
          type: bool
        route_table:
          description: Name of its route table, or the ID of one without a name; null when it uses the VPC's main one.
          returned: always
          type: str
        association_id:
          description: ID of its association with that table.
          returned: when it exists
          type: str
        tags:
          description: Its tags.
          returned: always
          type: dict
    route_tables:
      description: The route tables in the order in which they were given; empty after their deletion.
      returned: always
      type: list
      elements: dict
      contains:
        name:
          description: Its tag C(Name).
          returned: always
          type: str
        route_table_id:
          description: Its ID.
          returned: when it exists, not predicted in check mode
          type: str
        routes:
          description: Its routes besides those that AWS keeps, by destination.
          returned: always
          type: list
          elements: dict
          contains:
            destination:
              description: Range, or ID of a prefix list.
              returned: always
              type: str
            gateway_id:
              description: ID of what it leads through.
              returned: always
              type: str
        tags:
          description: Its tags.
          returned: always
          type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._ec2 import subnets, subnets_plan
from ..module_utils._module import STATE, TAGS, converge

SUBNET = {
    "name": {"type": "str", "required": True},
    "cidr": {"type": "str", "required": True},
    "availability_zone": {"type": "str"},
    "zone_index": {"type": "int"},
    "map_public_ip": {"type": "bool", "default": False},
    "route_table": {"type": "str"},
}
ROUTE = {"destination": {"type": "str", "required": True}, "gateway_id": {"type": "str", "required": True}}
TABLE = {
    "name": {"type": "str", "required": True},
    "routes": {"type": "list", "elements": "dict", "options": ROUTE, "default": []},
}
SPEC = {
    "vpc_id": {"type": "str", "required": True},
    "subnets": {
        "type": "list",
        "elements": "dict",
        "options": SUBNET,
        "mutually_exclusive": [("availability_zone", "zone_index")],
    },
    "route_tables": {"type": "list", "elements": "dict", "options": TABLE},
    "state": STATE,
    **TAGS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    wanted = module.params
    if not wanted["vpc_id"] and wanted["state"] == "present" and not module.check_mode:
        module.fail_json(msg="vpc_id is empty; only in check mode may the VPC not exist yet")
    converge(
        module,
        "ec2",
        "network",
        find=lambda client: subnets.find(client, wanted),
        make_plan=lambda client, live: subnets_plan.make_plan(wanted, live, subnets.numbered_zones(client, wanted, live)),
    )


if __name__ == "__main__":
    main()
