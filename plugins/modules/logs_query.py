#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: logs_query
version_added: 0.1.0
short_description: Ask CloudWatch Logs Insights
description:
  - Runs one query over log groups, waits for its whole answer, and says how much it has read and what that costs. With O(question) it is
    one of the questions that come with the collection.
  - A query that is interrupted is stopped. While as many queries are under way as an account may have, it waits for up to two minutes.
  - No upstream module asks Logs Insights.
options:
  query:
    description: A query in the language of Logs Insights.
    type: str
  question:
    description:
      - One of the collection's own. V(5xx) and V(exceptions) count by path and class; V(slowest) has percentiles by action; V(slow_queries)
        is about the database's statements, which PostgreSQL logs from C(log_min_duration_statement) on; V(by_release) compares releases;
        V(new_patterns) shows kinds of lines that the release before had not.
      - They read lines of JSON with the members C(status), C(ms), C(action), C(path), C(release) and C(exception.class), as in
        C(examples/shop).
    type: str
    choices: [5xx, slowest, exceptions, slow_queries, by_release, new_patterns]
  log_groups:
    description: The log groups. With O(question) by default those of the environment.
    type: list
    elements: str
  names:
    description: The environment's names, as P(railyard.fargate.names#lookup) returns them, for O(question) without O(log_groups).
    type: dict
  since:
    description: From when, as V(10m), V(yesterday), V(14:00) or V(2026-11-30 14:00).
    type: str
    default: 1h
  to:
    description: Until when, in the same words. By default now, or the end of the day that O(since) names.
    type: str
    default: ''
  releases:
    description: Records of releases, the newest first, by which releases have a number, as M(railyard.fargate.releases_info) returns them.
    type: list
    elements: dict
    default: []
  release:
    description:
      - With O(question=new_patterns) the release that is compared with the one before it; V(0) is the newest. O(since) does not count.
    type: int
    default: 0
  limit:
    description: How many rows at most; V(0) is what the query says, or AWS's 10,000.
    type: int
    default: 0
  wait_timeout:
    description: Seconds to wait at most.
    type: int
    default: 900
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.logs_saved_query
  - name: CloudWatch Logs Insights
    description: The language of queries.
    link: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

EXAMPLES = r"""
- name: Which actions are slow?
  railyard.fargate.logs_query:
    question: slowest
    names: "{{ lookup('railyard.fargate.names') }}"
    since: 2h
  register: slow

- name: Show them
  railyard.fargate.show:
    text: "{{ slow.rows | railyard.fargate.table(slow.columns) }}"

- name: Ask something else
  railyard.fargate.logs_query:
    log_groups: [/shop/production/web]
    query: "filter status = 404 | stats count(*) as n by path | sort n desc | limit 20"
    since: yesterday
"""

RETURN = r"""
rows:
  description: The rows, each with the fields that it has; all values are texts.
  returned: success
  type: list
  elements: dict
columns:
  description: The fields of the rows, in their order.
  returned: success
  type: list
  elements: str
title:
  description: What the answer says; empty for a query of one's own.
  returned: success
  type: str
since:
  description: From when, ISO 8601.
  returned: success
  type: str
to:
  description: Until when, ISO 8601.
  returned: success
  type: str
log_groups:
  description: The log groups that were asked.
  returned: success
  type: list
  elements: str
bytes_scanned:
  description: How many bytes were read.
  returned: success
  type: int
records_matched:
  description: How many lines matched.
  returned: success
  type: int
cost:
  description: What AWS takes for it, in dollars, by the price in most Regions.
  returned: success
  type: float
"""

from datetime import datetime

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._environment import naming
from ..module_utils._logs import questioning
from ..module_utils._logs.questions import QUESTIONS
from ..module_utils._module import aws_client, interruptible, succeed

SPEC = {
    "query": {"type": "str"},
    "question": {"type": "str", "choices": list(QUESTIONS)},
    "log_groups": {"type": "list", "elements": "str"},
    "names": {"type": "dict"},
    "since": {"type": "str", "default": "1h"},
    "to": {"type": "str", "default": ""},
    "releases": {"type": "list", "elements": "dict", "default": []},
    "release": {"type": "int", "default": 0},
    "limit": {"type": "int", "default": 0},
    "wait_timeout": {"type": "int", "default": 900},
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=SPEC,
        supports_check_mode=True,
        mutually_exclusive=[("query", "question")],
        required_one_of=[("query", "question"), ("log_groups", "names")],
        required_by={"query": ("log_groups",)},
    )
    given = module.params
    names = naming.of_option(given["names"]) if given["names"] else None
    own = {"processes": list(names.log_groups.values()), "database": database_groups(names)} if names else {}
    with interruptible(module):
        answer = questioning.answer(aws_client(module, "logs"), given, own, datetime.now().astimezone())
    succeed(module, changed=False, **answer)


def database_groups(names: naming.Names) -> list[str]:
    """Where PostgreSQL's lines are."""
    return [name for name in names.of_kind("log group", log=["postgresql"]) if name.endswith("/postgresql")]


if __name__ == "__main__":
    main()
