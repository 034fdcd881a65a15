#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: logs_groups
version_added: 0.1.0
short_description: Keep log groups of CloudWatch Logs
description:
  - Keeps any number of log groups with the same retention and tags, in one run and with one list.
  - M(amazon.aws.cloudwatchlogs_log_group) keeps one group in a run, says in check mode only that it would change something, and
    has no diff.
options:
  names:
    description: Names of the groups, each at most 512 characters.
    type: list
    elements: str
    required: true
  state:
    description: V(absent) deletes the groups with every line in them.
    type: str
    choices: [present, absent]
    default: present
  retention_days:
    description: Days after which lines are deleted, one of the numbers that AWS takes; 0 keeps them for ever.
    type: int
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
  - module: amazon.aws.cloudwatchlogs_log_group_info
  - name: CloudWatch Logs API, CreateLogGroup
    description: What AWS accepts of a name.
    link: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
  - name: CloudWatch Logs API, PutRetentionPolicy
    description: Which numbers of days AWS accepts.
    link: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
"""

EXAMPLES = r"""
- name: Make a group for each process
  railyard.fargate.logs_groups:
    names: [/shop/production/web, /shop/production/worker]
    retention_days: 30
    tags:
      application: shop

- name: Keep them longer
  railyard.fargate.logs_groups:
    names: [/shop/production/web, /shop/production/worker]
    retention_days: 365

- name: Delete them with every line in them
  railyard.fargate.logs_groups:
    names: [/shop/production/web, /shop/production/worker]
    state: absent
"""

RETURN = r"""
groups:
  description: The groups in the order in which they were given; empty after their deletion.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      returned: always
      type: str
      sample: /shop/production/web
    arn:
      description: Its ARN.
      returned: when it exists, not predicted in check mode
      type: str
    retention_days:
      description: Days after which lines are deleted; 0 means never.
      returned: always
      type: int
    tags:
      description: Its tags.
      returned: always
      type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._logs import groups
from ..module_utils._module import STATE, TAGS, converge, listed_tags

SPEC = {
    "names": {"type": "list", "elements": "str", "required": True},
    "state": STATE,
    "retention_days": {"type": "int"},
    **TAGS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    converge(
        module,
        "logs",
        "groups",
        find=lambda client: groups.find(client, module.params["names"], listed_tags(module)),
        make_plan=lambda _client, live: groups.make_plan(module.params, live),
    )


if __name__ == "__main__":
    main()
