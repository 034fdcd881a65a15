#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elbv2_load_balancer
version_added: 0.1.0
short_description: Keep an Application Load Balancer
description:
  - Creates, changes, tags and deletes an Application Load Balancer with its attributes. Its listeners are kept by
    M(railyard.fargate.elbv2_listener).
  - M(amazon.aws.elb_application_lb) reads one thing after the other, listeners and rules too, returns nothing of a load balancer in check
    mode, and has no diff.
  - Options that are not given stay as they are; when the load balancer is made they get AWS's defaults.
  - The scheme of a load balancer can never change. A difference is an error that shows both.
options:
  name:
    description: Name, at most 32 letters, digits and hyphens.
    type: str
    required: true
  state:
    description:
      - Whether the load balancer exists. Its listeners go with it.
      - V(absent) refuses a load balancer that is protected against deletion, unless O(attributes) has C(deletion_protection.enabled) as
        V(false).
    type: str
    choices: [present, absent]
    default: present
  scheme:
    description: Whether it is reached from the internet or only from its network. AWS's default is V(internet-facing).
    type: str
    choices: [internet-facing, internal]
  subnets:
    description: IDs of two or more subnets, each in another availability zone. Needed to make a load balancer.
    type: list
    elements: str
  keep_in_use:
    description:
      - Whether live subnets that O(subnets) leaves out stay as long as targets are registered in their zones. A load balancer reaches no
        target in a zone that it has left.
    type: bool
    default: false
  security_groups:
    description: IDs of its security groups. AWS's default is the default group of the VPC.
    type: list
    elements: str
  ip_address_type:
    description: Kind of its addresses. AWS's default is V(ipv4).
    type: str
    choices: [ipv4, dualstack, dualstack-without-public-ipv4]
  attributes:
    description:
      - Attributes by AWS's own names, for example C(idle_timeout.timeout_seconds) or C(access_logs.s3.enabled).
      - Only the ones given here are compared.
    type: dict
  wait:
    description: Whether to wait until a load balancer that is made is active, and one that is deleted is gone.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait at most.
    type: int
    default: 600
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
  - module: railyard.fargate.elbv2_listener
  - module: railyard.fargate.elbv2_target_group
  - module: amazon.aws.elb_application_lb_info
  - name: Application Load Balancers
    description: What the attributes mean.
    link: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
"""

EXAMPLES = r"""
- name: Make a public load balancer that logs every access
  railyard.fargate.elbv2_load_balancer:
    name: shop-production
    scheme: internet-facing
    subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    security_groups: [sg-0123456789abcdef0]
    attributes:
      access_logs.s3.enabled: true
      access_logs.s3.bucket: shop-production-alb-logs
      deletion_protection.enabled: true
    tags:
      application: shop
  register: made

- name: Say where it is
  ansible.builtin.debug:
    msg: "{{ made.load_balancer.dns_name }}"

- name: Let idle connections live longer
  railyard.fargate.elbv2_load_balancer:
    name: shop-production
    attributes:
      idle_timeout.timeout_seconds: 120

- name: Delete it although it is protected
  railyard.fargate.elbv2_load_balancer:
    name: shop-production
    state: absent
    attributes:
      deletion_protection.enabled: false
"""

RETURN = r"""
load_balancer:
  description: The load balancer; null after its deletion.
  returned: always
  type: dict
  contains:
    load_balancer_arn:
      description: Its ARN. AWS chooses a part of it, so it is not predicted in check mode.
      returned: when it exists
      type: str
      sample: arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop-production/0123456789abcdef
    load_balancer_name:
      description: Its name.
      returned: always
      type: str
      sample: shop-production
    dns_name:
      description: The name under which it is reached.
      returned: when it exists
      type: str
      sample: shop-production-1234567890.eu-west-1.elb.amazonaws.com
    canonical_hosted_zone_id:
      description: The hosted zone of that name, for alias records.
      returned: when it exists
      type: str
      sample: Z32O12XQLNTSW2
    created_time:
      description: When it was made.
      returned: when it exists
      type: str
    scheme:
      description: C(internet-facing) or C(internal).
      returned: always
      type: str
    vpc_id:
      description: ID of its VPC.
      returned: when it exists
      type: str
    state:
      description: Its state as C(code), and the C(reason) when AWS gives one.
      returned: when it exists
      type: dict
      sample: {code: active}
    type:
      description: Always C(application).
      returned: always
      type: str
    subnets:
      description: IDs of its subnets, sorted.
      returned: always
      type: list
      elements: str
    security_groups:
      description: IDs of its security groups, sorted.
      returned: when it exists, predicted when given
      type: list
      elements: str
    ip_address_type:
      description: Kind of its addresses.
      returned: always
      type: str
      sample: ipv4
    attributes:
      description: Every attribute by AWS's name; values are text. In check mode only the given ones of one that does not exist yet.
      returned: always
      type: dict
      sample: {idle_timeout.timeout_seconds: "60"}
    tags:
      description: Its tags.
      returned: always
      type: dict
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.plan import Plan
from ..module_utils._elbv2 import in_use, load_balancer
from ..module_utils._module import STATE, TAGS, aws_client, converge

SPEC = {
    "name": {"type": "str", "required": True},
    "state": STATE,
    "scheme": {"type": "str", "choices": ["internet-facing", "internal"]},
    "subnets": {"type": "list", "elements": "str"},
    "keep_in_use": {"type": "bool", "default": False},
    "security_groups": {"type": "list", "elements": "str"},
    "ip_address_type": {"type": "str", "choices": ["ipv4", "dualstack", "dualstack-without-public-ipv4"]},
    "attributes": {"type": "dict"},
    "wait": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 600},
    **TAGS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    wanted = module.params
    patience = 0

    def make_plan(client: Any, live: dict[str, Any] | None) -> Plan:
        nonlocal patience
        kept = in_use.keep_zones(client, lambda: aws_client(module, "ec2"), wanted, live)
        plan = load_balancer.make_plan(kept, live)
        made_or_gone = plan.changed and None in (plan.before, plan.after)
        patience = wanted["wait_timeout"] if wanted["wait"] and made_or_gone else 0
        return plan

    converge(module, "elbv2", "load_balancer", lambda client: load_balancer.find(client, wanted, patience), make_plan)


if __name__ == "__main__":
    main()
