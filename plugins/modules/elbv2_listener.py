#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: elbv2_listener
version_added: 0.1.0
short_description: Keep listeners of a load balancer without moving their traffic
description:
  - Creates, changes, tags and deletes the listeners at the given ports. Other listeners, and rules, are never touched.
  - Who gets the traffic is not the business of this module. It sets the forward when it makes the listener; later CodeDeploy or ECS moves
    it between the two groups of O(target_group_pair), and whatever they have done stays.
  - A forward to a group outside the pair, a redirect or a fixed response is an error that names what is there. O(force_forward) repairs it.
  - M(amazon.aws.elb_application_lb) puts the forward back to what is declared, which sends production to the wrong tasks after a release.
  - Options that are not given stay as they are.
options:
  listeners:
    description: The listeners, each port once. They are read, created and changed at the same time.
    type: list
    elements: dict
    required: true
    suboptions:
      port:
        description: Port of the listener; with the load balancer it says which listener is meant.
        type: int
        required: true
      protocol:
        description: Protocol of the listener.
        type: str
        choices: [HTTP, HTTPS, TCP, TLS]
        default: HTTP
      certificate_arns:
        description:
          - Certificates of an HTTPS or TLS listener, ISSUED and in the same Region. The first is the default certificate.
          - Required to make such a listener.
        type: list
        elements: str
      purge_certificates:
        description: Remove additional certificates that are not in O(listeners[].certificate_arns).
        type: bool
        default: false
      ssl_policy:
        description: TLS policy of an HTTPS or TLS listener. A new one gets C(ELBSecurityPolicy-TLS13-1-2-2021-06) unless told.
        type: str
      attributes:
        description: Attributes of the listener by AWS's own names. Only the ones given here are read and compared.
        type: dict
  load_balancer_arn:
    description: ARN of the load balancer. One of this and O(load_balancer_name) is required.
    type: str
  load_balancer_name:
    description: Name of the load balancer. In check mode it need not exist yet.
    type: str
  state:
    description: Whether the listeners exist.
    type: str
    choices: [present, absent]
    default: present
  target_group_pair:
    description:
      - Names or ARNs of the two target groups between which releases move. Required unless O(state=absent).
      - In check mode, names of groups that do not exist yet are fine.
    type: list
    elements: str
  initial:
    description:
      - The group of the pair that gets the traffic when the listener is made, by the name or ARN used in O(target_group_pair).
      - The default is the group of the PRIMARY task set if O(ecs) is given and has one, else the first of the pair.
    type: str
  ecs:
    description:
      - The service behind the listener. Its PRIMARY task set says which group is active; it need not exist.
      - Costs one call of ecs:DescribeServices.
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
  force_forward:
    description:
      - Point the listener at the group of the PRIMARY task set, or at O(initial) when there is no task set, whatever it does now.
      - Of a service that ECS deploys itself it is the group in which ECS has registered the tasks of the current service revision, which
        costs one call of ecs:DescribeServiceRevisions. While a deployment uses both groups, a listener within the pair is left alone.
      - Repairs a foreign forward and the state in which CodeDeploy says C(Primary taskset target group must be behind listener).
      - Never use it while a deployment is moving traffic.
    type: bool
    default: false
  both_groups:
    description:
      - Whether the forward names the idle group of the pair too, with weight 0. ECS's own blue/green refuses a group that no listener names
       , CodeDeploy adds it in its first deployment.
      - It is added to a live forward, and never taken away.
    type: bool
    default: false
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
  - module: railyard.fargate.elbv2_listener_info
  - module: railyard.fargate.elbv2_target_group
  - module: railyard.fargate.codedeploy_deployment_group
  - name: Listeners for Application Load Balancers
    description: What AWS accepts.
    link: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html
  - name: Amazon ECS blue/green deployments
    description: How ECS moves the weights of a listener.
    link: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html
"""

EXAMPLES = r"""
- name: Make the production and the test listener
  railyard.fargate.elbv2_listener: &listeners
    load_balancer_name: shop-production
    target_group_pair: [shop-production-blue, shop-production-green]
    ecs: {cluster: shop-production, service: web}
    listeners:
      - port: 443
        protocol: HTTPS
        certificate_arns: &certificates [arn:aws:acm:eu-west-1:123456789012:certificate/0123abcd-0123-0123-0123-0123456789ab]
      - port: 8443
        protocol: HTTPS
        certificate_arns: *certificates
  register: made

- name: Say who is live
  ansible.builtin.debug:
    msg: "{{ production.active_target_group_arn }} gets {{ production.weights[production.active_target_group_arn] }} %"
  vars:
    production: "{{ made.listeners[0] }}"

- name: Point them at the PRIMARY task set again after somebody has moved one by hand
  railyard.fargate.elbv2_listener:
    <<: *listeners
    force_forward: true
  when: made.listeners | map(attribute='problem') | select

- name: Delete the test listener
  railyard.fargate.elbv2_listener:
    load_balancer_name: shop-production
    listeners:
      - port: 8443
    state: absent
"""

RETURN = r"""
listeners:
  description: The listeners in the order in which they were given, without those that are gone.
  returned: always
  type: list
  elements: dict
  contains:
    listener_arn:
      description: Its ARN. AWS chooses a part of it, so it is not predicted in check mode.
      returned: when it exists
      type: str
    load_balancer_arn:
      description: Its load balancer; null in check mode when that does not exist yet.
      returned: when it exists
      type: str
    port:
      description: Its port.
      returned: when it exists
      type: int
      sample: 443
    protocol:
      description: Its protocol.
      returned: when it exists
      type: str
      sample: HTTPS
    certificate_arns:
      description: Its certificates, the default one first. Empty for HTTP and TCP.
      returned: when it exists
      type: list
      elements: str
    ssl_policy:
      description: Its TLS policy.
      returned: when it has certificates
      type: str
    default_actions:
      description: What it does with a request that no rule takes, in AWS's shape.
      returned: when it exists
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
    attributes:
      description: Its attributes by AWS's name; values are text.
      returned: when O(listeners[].attributes) was given
      type: dict
    tags:
      description: Its tags.
      returned: when it exists
      type: dict
    active_target_group_arn:
      description: The group that users reach; that of the PRIMARY task set if O(ecs) is given. Null when it cannot be told.
      returned: when the state is present
      type: str
    idle_target_group_arn:
      description: The other group of the pair.
      returned: when the state is present
      type: str
    weights:
      description: Percent of the traffic for each of the pair, by ARN. Empty in check mode when the groups do not exist yet.
      returned: when the state is present
      type: dict
      sample: {arn-of-blue: 90, arn-of-green: 10}
    shifting:
      description: Whether both groups get traffic, as in the middle of a canary or linear deployment.
      returned: when the state is present
      type: bool
    problem:
      description: What stands in the way of the next deployment, or null. A running deployment may cause it for a moment.
      returned: when the state is present
      type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.errors import RailyardError
from ..module_utils._elbv2 import listener, place
from ..module_utils._module import STATE, TAGS, aws_client, converge_each, fail

LISTENER = {
    "port": {"type": "int", "required": True},
    "protocol": {"type": "str", "choices": ["HTTP", "HTTPS", "TCP", "TLS"], "default": "HTTP"},
    "certificate_arns": {"type": "list", "elements": "str"},
    "purge_certificates": {"type": "bool", "default": False},
    "ssl_policy": {"type": "str"},
    "attributes": {"type": "dict"},
}
SPEC = {
    "listeners": {"type": "list", "elements": "dict", "required": True, "options": LISTENER},
    "load_balancer_arn": {"type": "str"},
    "load_balancer_name": {"type": "str"},
    "state": STATE,
    "target_group_pair": {"type": "list", "elements": "str"},
    "initial": {"type": "str"},
    "ecs": {"type": "dict", "options": {"cluster": {"type": "str", "required": True}, "service": {"type": "str", "required": True}}},
    "force_forward": {"type": "bool", "default": False},
    "both_groups": {"type": "bool", "default": False},
    **TAGS,
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=SPEC,
        supports_check_mode=True,
        required_if=[("state", "present", ["target_group_pair"])],
        required_one_of=[("load_balancer_arn", "load_balancer_name")],
        mutually_exclusive=[("load_balancer_arn", "load_balancer_name")],
    )
    wanted = module.params
    try:
        listener.validate(wanted)
        where = place.look(lambda service: aws_client(module, service), wanted, predict=module.check_mode)
    except RailyardError as error:
        fail(module, error)
    converge_each(
        module,
        "elbv2",
        "listeners",
        find=lambda client, some: listener.find_each(client, where, some),
        make_plan=lambda _client, one, live: listener.make_plan(one, live, where),
        name=lambda one: f"at port {one['port']}",
    )


if __name__ == "__main__":
    main()
