#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ssm_managed_node_info
version_added: 0.1.0
short_description: Nodes that hybrid activations registered
description:
  - Lists nodes (C(mi-…)) by activation, tags, ids and state. Without any option it lists all of the account and Region.
  - M(community.aws.ssm_inventory_info) needs the id of an instance and tells its inventory only.
options:
  ids:
    description: Ids of nodes. One that is gone is not in the result.
    type: list
    elements: str
  activation_id:
    description: Only nodes that registered with this activation.
    type: str
  tags:
    description: Only nodes with all these tags.
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
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.ssm_managed_node
"""

EXAMPLES = r"""
- name: Which consoles of this environment are open
  railyard.fargate.ssm_managed_node_info:
    tags:
      application: shop
      environment: production
    ping_status: Online
  register: consoles

- name: Say who has one
  ansible.builtin.debug:
    msg: "{{ consoles.nodes | map(attribute='name') }}"
"""

RETURN = r"""
nodes:
  description: The nodes, by id.
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

from ..module_utils._module import report
from ..module_utils._ssm import node

SPEC = {
    "ids": {"type": "list", "elements": "str"},
    "activation_id": {"type": "str"},
    "tags": {"type": "dict"},
    "ping_status": {"type": "str", "choices": ["Online", "ConnectionLost", "Inactive"]},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    asked = {**module.params, "ids": module.params["ids"] or ()}
    report(module, "ssm", "nodes", lambda client: node.find(client, **{key: asked[key] for key in SPEC}))


if __name__ == "__main__":
    main()
