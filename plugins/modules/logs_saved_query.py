#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: logs_saved_query
version_added: 0.1.0
short_description: Keep saved queries of CloudWatch Logs Insights
description:
  - Creates, changes and deletes saved queries, which CloudWatch's console offers under their names. AWS allows several of one name; here a
    name is one query, and twins are deleted.
  - With O(environment_names) they are the questions that come with the collection, as the playbook C(logs) asks them.
  - No upstream module knows saved queries.
options:
  state:
    description: Whether the queries exist.
    type: str
    choices: [present, absent]
    default: present
  queries:
    description: The queries. Of those that are to be absent only the names count.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name. What stands before a C(/) is a folder in the console.
        type: str
        required: true
      query:
        description: The query.
        type: str
        default: ''
      log_groups:
        description: The log groups that it is about.
        type: list
        elements: str
        default: []
  environment_names:
    description: An environment's names, as P(railyard.fargate.names#lookup) returns them. The collection's questions are kept for it, too.
    type: dict
  purge_prefix:
    description: Other queries whose names begin like this are deleted, V(shop-production/) for example.
    type: str
    default: ''
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
seealso:
  - module: railyard.fargate.logs_query
  - name: CloudWatch Logs API, PutQueryDefinition
    description: What AWS accepts.
    link: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html
"""

EXAMPLES = r"""
- name: Keep the collection's questions
  railyard.fargate.logs_saved_query:
    environment_names: "{{ lookup('railyard.fargate.names') }}"
    purge_prefix: shop-production/

- name: Keep one of our own
  railyard.fargate.logs_saved_query:
    queries:
      - name: checkout/refused
        query: "filter status = 402 | stats count(*) by bin(1h)"
        log_groups: [/shop/production/web]
"""

RETURN = r"""
queries:
  description: The queries, by name.
  returned: always
  type: list
  elements: dict
  contains:
    name: {description: Its name., returned: always, type: str, sample: shop-production/5xx}
    query: {description: The query., returned: always, type: str}
    log_groups: {description: Its log groups., returned: always, type: list, elements: str}
    query_definition_id: {description: AWS's id of it., returned: "when it exists, not predicted in check mode", type: str}
    last_modified: {description: "When it was changed last, milliseconds since the epoch.", returned: "when it exists", type: int}
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._environment import naming
from ..module_utils._logs import questions, saved_query
from ..module_utils._module import STATE, converge

SPEC = {
    "state": STATE,
    "queries": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "query": {"type": "str", "default": ""},
            "log_groups": {"type": "list", "elements": "str", "default": []},
        },
    },
    "environment_names": {"type": "dict"},
    "purge_prefix": {"type": "str", "default": ""},
}


def of_environment(names: naming.Names) -> list[dict[str, object]]:
    database = [name for name in names.of_kind("log group", log=["postgresql"]) if name.endswith("/postgresql")]
    groups = {questions.PROCESSES: list(names.log_groups.values()), questions.DATABASE: database}
    return questions.saved(names.environment_name, groups)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=SPEC, supports_check_mode=True, required_one_of=[("queries", "environment_names", "purge_prefix")]
    )
    wanted = dict(module.params)
    if wanted["environment_names"]:
        wanted["queries"] = [*of_environment(naming.of_option(wanted["environment_names"])), *wanted["queries"]]
    names = [one["name"] for one in wanted["queries"]]
    converge(
        module,
        "logs",
        "queries",
        find=lambda client: saved_query.find(client, names, wanted["purge_prefix"]),
        make_plan=lambda _client, live: saved_query.make_plan(wanted, live),
    )


if __name__ == "__main__":
    main()
