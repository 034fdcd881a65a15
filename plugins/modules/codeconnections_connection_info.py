#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codeconnections_connection_info
version_added: 0.1.0
short_description: Read connections to GitHub and the like
description:
  - Returns connections of AWS CodeConnections with their tags, and for each what a person has to do before it works.
  - Neither amazon.aws nor community.aws has a module for CodeConnections.
options:
  names:
    description:
      - Names of the connections; those that do not exist are left out. All connections of the Region unless O(names) or O(arns) is given.
    type: list
    elements: str
  arns:
    description: ARNs of connections, which may belong to other accounts that share them; those that do not exist are left out.
    type: list
    elements: str
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.codeconnections_connection
"""

EXAMPLES = r"""
- name: Read one
  railyard.fargate.codeconnections_connection_info:
    names: [shop-production]
  register: found

- name: Say which are not ready
  ansible.builtin.debug:
    msg: "{{ found.connections | map(attribute='next') | select }}"

- name: Read one of another account
  railyard.fargate.codeconnections_connection_info:
    arns: [arn:aws:codeconnections:eu-west-1:210987654321:connection/1d2e3f40-5a6b-7c8d-9e0f-112233445566]
"""

RETURN = r"""
connections:
  description: The connections.
  returned: always
  type: list
  elements: dict
  contains:
    arn:
      description: Its ARN.
      returned: always
      type: str
    name:
      description: Its name.
      returned: always
      type: str
    status:
      description: V(PENDING) before its handshake, V(AVAILABLE), or V(ERROR).
      returned: always
      type: str
    provider_type:
      description: Where the repositories are.
      returned: always
      type: str
    owner_account_id:
      description: The account that it belongs to.
      returned: always
      type: str
    host_arn:
      description: ARN of its host.
      returned: when it has one
      type: str
    tags:
      description: Its tags.
      returned: always
      type: dict
    link:
      description: Where a person finishes its handshake.
      returned: always
      type: str
    next:
      description: What a person has to do, one sentence; empty when it is AVAILABLE.
      returned: always
      type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._codeconnections import connection
from ..module_utils._module import report

SPEC = {"names": {"type": "list", "elements": "str"}, "arns": {"type": "list", "elements": "str"}}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    given = module.params
    report(
        module,
        "codeconnections",
        "connections",
        lambda client: [{**one, **connection.about(one)} for one in connection.find_all(client, given["names"], given["arns"])],
    )


if __name__ == "__main__":
    main()
