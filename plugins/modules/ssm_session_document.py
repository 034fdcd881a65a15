#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ssm_session_document
version_added: 0.1.0
short_description: Keep documents that say how sessions are
description:
  - Keeps any number of Session documents of Systems Manager, in one run. Other content becomes a new version, and that the default.
  - Documents are compared by what they say, not by how their JSON is written.
  - Neither amazon.aws nor community.aws has a module for documents of Systems Manager.
options:
  documents:
    description: The documents.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name, 3 to 128 letters, digits, and C(_.-).
        type: str
        required: true
      content:
        description: What it says, with C(schemaVersion), C(sessionType) and the rest as AWS writes them. Required unless O(state=absent).
        type: dict
  state:
    description: Whether the documents exist.
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
  - name: Session document schema
    description: What a document may say.
    link: https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-schema.html
"""

EXAMPLES = r"""
- name: Sessions that run one command, recorded, for an hour at most
  railyard.fargate.ssm_session_document:
    documents:
      - name: shop-production-tail
        content:
          schemaVersion: "1.0"
          description: Follow the log of Rails
          sessionType: InteractiveCommands
          inputs:
            cloudWatchLogGroupName: /shop/production/console
            cloudWatchStreamingEnabled: true
            cloudWatchEncryptionEnabled: false
            maxSessionDuration: "60"
          properties:
            linux:
              commands: tail -f log/production.log
              runAsElevated: true
    tags:
      application: shop

- name: Delete it
  railyard.fargate.ssm_session_document:
    documents:
      - name: shop-production-tail
    state: absent
"""

RETURN = r"""
documents:
  description: The documents in the order in which they were given; empty after their deletion.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      returned: always
      type: str
    version:
      description: The version that sessions use; null when it is predicted in check mode.
      returned: always
      type: str
    content:
      description: What it says.
      returned: always
      type: dict
    tags:
      description: Its tags.
      returned: always
      type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._module import STATE, TAGS, converge
from ..module_utils._ssm import document

DOCUMENT = {"name": {"type": "str", "required": True}, "content": {"type": "dict"}}
SPEC = {
    "documents": {"type": "list", "elements": "dict", "required": True, "options": DOCUMENT},
    "state": STATE,
    **TAGS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    wanted = module.params
    converge(
        module,
        "ssm",
        "documents",
        find=lambda client: document.find(client, wanted["documents"]),
        make_plan=lambda _client, live: document.make_plan(wanted, live),
    )


if __name__ == "__main__":
    main()
