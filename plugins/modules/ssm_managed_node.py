#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ssm_managed_node
version_added: 0.1.0
short_description: Deregister nodes that a hybrid activation registered
description:
  - Deregisters nodes (C(mi-…)) from Systems Manager. Each one costs by the hour in the advanced tier until then.
  - A node is deregistered only if its id is given, or if it has the tags C(application) and C(environment) that are given.
  - Neither amazon.aws nor community.aws has a module for nodes outside EC2.
options:
  state:
    description: Nodes are registered by their agents, so that only V(absent) can be asked for.
    type: str
    choices: [absent]
    default: absent
  ids:
    description: Ids of nodes. The other options must match them, too.
    type: list
    elements: str
  activation_id:
    description: Only nodes that registered with this activation.
    type: str
  tags:
    description: Only nodes with all these tags. Without O(ids), C(application) and C(environment) are among them.
    type: dict
  ping_status:
    description: Only nodes in this state. V(Inactive) and V(ConnectionLost) may come back.
    type: str
    choices: [Online, ConnectionLost, Inactive]
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
seealso:
  - module: railyard.fargate.ssm_managed_node_info
  - module: railyard.fargate.ssm_activation
"""

EXAMPLES = r"""
- name: Deregister the nodes of consoles whose task is gone
  railyard.fargate.ssm_managed_node:
    tags:
      application: shop
      environment: production
    ping_status: ConnectionLost
  register: gone

- name: Say which
  ansible.builtin.debug:
    msg: "{{ gone.diff.before.nodes | map(attribute='instance_id') }}"
  when: gone.diff is defined

- name: Deregister one node, whatever its tags are
  railyard.fargate.ssm_managed_node:
    ids: [mi-0123456789abcdef0]
"""

RETURN = r"""
nodes:
  description: What is left of the nodes that were asked for; empty, or in a failed run those that are still there.
  returned: always
  type: list
  elements: dict
  contains:
    instance_id:
      description: Its id.
      returned: always
      type: str
      sample: mi-0123456789abcdef0
    name:
      description: Its name, as the activation gave it.
      returned: when it has one
      type: str
    ping_status:
      description: Online, ConnectionLost or Inactive.
      returned: always
      type: str
    last_ping_date_time:
      description: When its agent was heard last, ISO 8601.
      returned: when it was heard
      type: str
    activation_id:
      description: The activation that it registered with.
      returned: always
      type: str
    iam_role:
      description: Name of its role.
      returned: always
      type: str
    registration_date:
      description: When it registered, ISO 8601.
      returned: always
      type: str
    agent_version:
      description: Version of its agent.
      returned: when AWS knows it
      type: str
    computer_name:
      description: Name of the host that the agent runs on.
      returned: when AWS knows it
      type: str
    ip_address:
      description: Address of that host.
      returned: when AWS knows it
      type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._module import converge
from ..module_utils._ssm import node

SPEC = {
    "state": {"type": "str", "choices": ["absent"], "default": "absent"},
    "ids": {"type": "list", "elements": "str"},
    "activation_id": {"type": "str"},
    "tags": {"type": "dict"},
    "ping_status": {"type": "str", "choices": ["Online", "ConnectionLost", "Inactive"]},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    wanted = module.params
    converge(
        module,
        "ssm",
        "nodes",
        find=lambda client: node.select(client, wanted),
        make_plan=lambda _client, live: node.make_plan(live),
    )


if __name__ == "__main__":
    main()
