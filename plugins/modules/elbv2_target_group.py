#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elbv2_target_group
version_added: 0.1.0
short_description: Keep target groups of a load balancer
description:
  - Creates, changes, tags and deletes target groups with health checks and attributes. Registers no targets, ECS does that.
  - M(community.aws.elb_target_group) has no check mode and knows only some of the attributes.
  - Options that are not given stay as they are; when a group is made they get AWS's defaults.
  - Name, protocol, port, VPC and target type of a target group can never change. A difference is an error that shows both.
options:
  target_groups:
    description: The target groups, each name once. They are read, created and changed at the same time.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name, at most 32 letters, digits and hyphens.
        type: str
        required: true
      protocol:
        description: The protocol between the load balancer and its targets.
        type: str
        choices: [HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP]
        default: HTTP
      protocol_version:
        description: Version of HTTP. AWS's default is C(HTTP1).
        type: str
        choices: [HTTP1, HTTP2, GRPC]
      port:
        description: Port of the targets. Required unless O(state=absent).
        type: int
      vpc_id:
        description: VPC of the targets. Required unless O(state=absent); may be empty in check mode, when the VPC does not exist yet.
        type: str
      target_type:
        description: What a target is. Tasks on Fargate are V(ip).
        type: str
        choices: [ip, instance]
        default: ip
      health_check:
        description: How targets are checked.
        type: dict
        suboptions:
          path:
            description: Path that is asked. AWS's default is C(/).
            type: str
          protocol:
            description: Protocol of the check. AWS's default is C(HTTP) for an Application Load Balancer.
            type: str
            choices: [HTTP, HTTPS, TCP]
          port:
            description: Port of the check, or C(traffic-port), which is AWS's default.
            type: str
          interval:
            description: Seconds between two checks, 5 to 300. AWS's default is 30.
            type: int
          timeout:
            description: Seconds until a check has failed, 2 to 120 and smaller than the interval. AWS's default is 5 for HTTP.
            type: int
          healthy_threshold:
            description: Successes in a row after which a target is healthy, 2 to 10. AWS's default is 5.
            type: int
          unhealthy_threshold:
            description: Failures in a row after which a target is unhealthy, 2 to 10. AWS's default is 2.
            type: int
          matcher:
            description: Status codes of success, for example C(200) or C(200-299). Within 200 to 499 behind an Application Load Balancer.
            type: str
      keep_in_use:
        description:
          - For a group between which releases move. As long as it has targets it keeps its health check, which those may not be able to
            answer otherwise, and RV(target_groups[].release_difference) says what differs. A release gives the declared one to the group
            that it moves to.
          - Its port, which cannot change, is then no difference either. It is only the default, and ECS registers each task with its own.
        type: bool
        default: false
      attributes:
        description:
          - Attributes by AWS's own names, for example C(deregistration_delay.timeout_seconds) or C(stickiness.enabled).
          - Only the ones given here are compared.
        type: dict
  state:
    description: Whether the target groups exist.
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
  - module: railyard.fargate.elbv2_target_group_info
  - module: railyard.fargate.elbv2_listener
  - name: Target groups for Application Load Balancers
    description: What the attributes mean.
    link: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
  - name: Elastic Load Balancing API, CreateTargetGroup
    description: What AWS accepts.
    link: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
"""

EXAMPLES = r"""
- name: Make the pair between which releases move
  railyard.fargate.elbv2_target_group:
    target_groups:
      - name: shop-production-blue
        vpc_id: vpc-0123456789abcdef0
        port: 3000
        health_check: &check
          path: /up
          interval: 10
          healthy_threshold: 2
        attributes: &attributes
          deregistration_delay.timeout_seconds: 30
      - name: shop-production-green
        vpc_id: vpc-0123456789abcdef0
        port: 3000
        health_check: *check
        attributes: *attributes
    tags:
      application: shop
  register: pair

- name: Wait longer before a slow page counts as a failure
  railyard.fargate.elbv2_target_group:
    target_groups:
      - name: shop-production-blue
        vpc_id: vpc-0123456789abcdef0
        port: 3000
        health_check:
          timeout: 9

- name: Delete both
  railyard.fargate.elbv2_target_group:
    target_groups:
      - name: "{{ pair.target_groups[0].target_group_name }}"
      - name: "{{ pair.target_groups[1].target_group_name }}"
    state: absent
"""

RETURN = r"""
target_groups:
  description: The target groups in the order in which they were given, without those that are gone.
  returned: always
  type: list
  elements: dict
  contains:
    target_group_arn:
      description: Its ARN. AWS chooses a part of it, so it is not predicted in check mode.
      returned: when it exists
      type: str
      sample: arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-production-blue/0123456789abcdef
    target_group_name:
      description: Its name.
      returned: when it exists
      type: str
      sample: shop-production-blue
    protocol:
      description: The protocol between the load balancer and its targets.
      returned: when it exists
      type: str
      sample: HTTP
    protocol_version:
      description: Version of HTTP.
      returned: when it exists and is for HTTP
      type: str
      sample: HTTP1
    port:
      description: Port of the targets.
      returned: when it exists
      type: int
      sample: 3000
    vpc_id:
      description: VPC of the targets.
      returned: when it exists
      type: str
    target_type:
      description: What a target is.
      returned: when it exists
      type: str
      sample: ip
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
      returned: when it exists, not predicted in check mode
      type: bool
    health_check_protocol:
      description: Protocol of the check.
      returned: when it exists, predicted when given
      type: str
    health_check_port:
      description: Port of the check.
      returned: when it exists, predicted when given
      type: str
      sample: traffic-port
    health_check_path:
      description: Path that is asked.
      returned: when it exists, predicted when given
      type: str
      sample: /up
    health_check_interval_seconds:
      description: Seconds between two checks.
      returned: when it exists, predicted when given
      type: int
    health_check_timeout_seconds:
      description: Seconds until a check has failed.
      returned: when it exists, predicted when given
      type: int
    healthy_threshold_count:
      description: Successes in a row after which a target is healthy.
      returned: when it exists, predicted when given
      type: int
    unhealthy_threshold_count:
      description: Failures in a row after which a target is unhealthy.
      returned: when it exists, predicted when given
      type: int
    matcher:
      description: Status codes of success.
      returned: when it exists, predicted when given
      type: dict
      sample: {http_code: "200"}
    load_balancer_arns:
      description: The load balancer whose listeners or rules name the group; at most one.
      returned: when it exists, not predicted in check mode
      type: list
      elements: str
    attributes:
      description: Every attribute by AWS's name; values are text. In check mode only the given ones of a group that does not exist yet.
      returned: when it exists
      type: dict
      sample: {deregistration_delay.timeout_seconds: "30"}
    in_use:
      description: Whether it has targets and another health check than declared.
      returned: with O(target_groups[].keep_in_use=true), when it exists
      type: bool
    tags:
      description: Its tags.
      returned: when it exists
      type: dict
    release_difference:
      description: What a release will bring, each member by its name with before and after. Empty where nothing waits.
      returned: always
      type: dict
      sample: {"health_check_path": {"before": "/up", "after": "/health"}}
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._elbv2 import target_group
from ..module_utils._module import STATE, TAGS, converge_each

TARGET_GROUP = {
    "name": {"type": "str", "required": True},
    "protocol": {"type": "str", "choices": ["HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP"], "default": "HTTP"},
    "protocol_version": {"type": "str", "choices": ["HTTP1", "HTTP2", "GRPC"]},
    "port": {"type": "int"},
    "vpc_id": {"type": "str"},
    "target_type": {"type": "str", "choices": ["ip", "instance"], "default": "ip"},
    "health_check": {
        "type": "dict",
        "options": {
            "path": {"type": "str"},
            "protocol": {"type": "str", "choices": ["HTTP", "HTTPS", "TCP"]},
            "port": {"type": "str"},
            "interval": {"type": "int"},
            "timeout": {"type": "int"},
            "healthy_threshold": {"type": "int"},
            "unhealthy_threshold": {"type": "int"},
            "matcher": {"type": "str"},
        },
    },
    "attributes": {"type": "dict"},
    "keep_in_use": {"type": "bool", "default": False},
}
SPEC = {
    "target_groups": {"type": "list", "elements": "dict", "required": True, "options": TARGET_GROUP},
    "state": STATE,
    **TAGS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    converge_each(
        module,
        "elbv2",
        "target_groups",
        find=target_group.find_each,
        make_plan=target_group.make_plan,
        name=lambda one: str(one["name"]),
    )


if __name__ == "__main__":
    main()
