#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codeconnections_connection
version_added: 0.1.0
short_description: Keep a connection to GitHub and the like
description:
  - Creates, tags and deletes a connection of AWS CodeConnections, by which CodePipeline reads a repository of GitHub, GitLab or Bitbucket.
  - Neither amazon.aws nor community.aws has a module for CodeConnections. M(community.aws.codepipeline) takes the ARN of one that a person
    has made in the console.
  - A new connection is PENDING until a person has finished its handshake in a browser; no API can. RV(link) says where, RV(next) what to
    do.
  - AWS lets several connections have the same name. The one that is ours by its tags is kept, and of several the one that is AVAILABLE.
    When the answer to a creation is lost, the module looks before it makes another.
options:
  name:
    description: Name of the connection, at most 32 characters.
    type: str
    required: true
  provider_type:
    description: Where the repositories are, V(GitHub) unless it or O(host_arn) is given. It cannot be changed.
    type: str
    choices: [GitHub, Bitbucket, GitHubEnterpriseServer, GitLab, GitLabSelfManaged, AzureDevOps, GitHubEnterpriseCloudDataResidency]
  host_arn:
    description: ARN of the host, for a provider that a company runs itself. It cannot be changed.
    type: str
  state:
    description: Whether the connection exists. A pipeline whose connection is gone cannot read its source any more.
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
  - module: railyard.fargate.codeconnections_connection_info
  - module: railyard.fargate.codepipeline
  - name: CodeConnections API, CreateConnection
    description: What AWS accepts.
    link: https://docs.aws.amazon.com/codeconnections/latest/APIReference/API_CreateConnection.html
  - name: Update a pending connection
    description: What a person does in the console.
    link: https://docs.aws.amazon.com/dtconsole/latest/userguide/connections-update.html
"""

EXAMPLES = r"""
- name: Make the connection
  railyard.fargate.codeconnections_connection:
    name: shop-production
    tags:
      application: shop
  register: connection

- name: Say what a person has to do
  ansible.builtin.debug:
    msg: "{{ connection.next }}"
  when: connection.next | default("")

- name: Delete it
  railyard.fargate.codeconnections_connection:
    name: shop-production
    state: absent
"""

RETURN = r"""
connection:
  description: The connection; null after its deletion.
  returned: always
  type: dict
  contains:
    arn:
      description: Its ARN.
      returned: when it exists, not predicted in check mode
      type: str
      sample: arn:aws:codeconnections:eu-west-1:123456789012:connection/1d2e3f40-5a6b-7c8d-9e0f-112233445566
    name:
      description: Its name.
      returned: when it exists
      type: str
    status:
      description: V(PENDING) before its handshake, V(AVAILABLE), or V(ERROR).
      returned: when it exists
      type: str
    provider_type:
      description: Where the repositories are.
      returned: when it exists, not predicted in check mode for one with a host
      type: str
      sample: GitHub
    owner_account_id:
      description: The account that it belongs to.
      returned: when it exists, not predicted in check mode
      type: str
    host_arn:
      description: ARN of its host.
      returned: when it has one
      type: str
    tags:
      description: Its tags.
      returned: when it exists
      type: dict
link:
  description: Where a person finishes its handshake; empty for one that check mode predicts.
  returned: when it exists
  type: str
  sample: https://eu-west-1.console.aws.amazon.com/codesuite/settings/123456789012/eu-west-1/connections/1d2e3f40-5a6b-7c8d-9e0f-112233445566
next:
  description: What a person has to do, one sentence; empty when it is AVAILABLE.
  returned: when it exists
  type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._codeconnections import connection
from ..module_utils._module import STATE, TAGS, converge

PROVIDERS = [
    "GitHub",
    "Bitbucket",
    "GitHubEnterpriseServer",
    "GitLab",
    "GitLabSelfManaged",
    "AzureDevOps",
    "GitHubEnterpriseCloudDataResidency",
]
SPEC = {
    "name": {"type": "str", "required": True},
    "provider_type": {"type": "str", "choices": PROVIDERS},
    "host_arn": {"type": "str"},
    "state": STATE,
    **TAGS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True, mutually_exclusive=[("provider_type", "host_arn")])
    wanted = module.params
    converge(
        module,
        "codeconnections",
        "connection",
        find=lambda client: connection.find(client, wanted["name"], wanted["tags"]),
        make_plan=lambda _client, live: connection.make_plan(wanted, live),
        about=connection.about,
    )


if __name__ == "__main__":
    main()
