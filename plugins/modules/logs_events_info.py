#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: logs_events_info
version_added: 0.1.0
short_description: Read log lines of a time
description:
  - Reads the lines of log groups from one moment to another, in the order of their time, on all pages and whatever AWS throttles.
  - No upstream module reads log lines. For a person at a terminal there is M(railyard.fargate.logs_lines).
options:
  log_groups:
    description: Names of the log groups. One that does not exist has no lines.
    type: list
    elements: str
    required: true
  pattern:
    description: Only lines that match this filter pattern of CloudWatch Logs.
    type: str
    default: ''
  log_stream_prefix:
    description: Only lines of streams whose names begin like this.
    type: str
  since:
    description: From when, as V(10m), V(yesterday), V(14:00) or V(2026-11-30 14:00).
    type: str
    default: 10m
  to:
    description: Until when, in the same words. By default now, or the end of the day that O(since) names.
    type: str
    default: ''
  limit:
    description: How many lines at most, the first ones; V(0) is all.
    type: int
    default: 1000
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.logs_lines
  - module: railyard.fargate.logs_query
  - name: Filter patterns
    description: What a pattern is.
    link: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

EXAMPLES = r"""
- name: What went wrong in the last hour?
  railyard.fargate.logs_events_info:
    log_groups: [/shop/production/web]
    pattern: '{ $.level = "ERROR" }'
    since: 1h
  register: errors

- name: Show the messages
  ansible.builtin.debug:
    msg: "{{ errors.events | map(attribute='message') }}"
"""

RETURN = r"""
events:
  description: The lines, the oldest first.
  returned: success
  type: list
  elements: dict
  contains:
    time: {description: "When it was written, ISO 8601.", returned: always, type: str}
    process: {description: "The last part of its log group's name.", returned: always, type: str, sample: web}
    task: {description: The id of its task., returned: always, type: str}
    release: {description: Null. Only the playbook knows it., returned: always, type: str}
    log_group: {description: Its log group., returned: always, type: str, sample: /shop/production/web}
    log_stream: {description: Its stream., returned: always, type: str}
    event_id: {description: AWS's id of it., returned: always, type: str}
    ingestion_time: {description: "When CloudWatch Logs got it, ISO 8601.", returned: always, type: str}
    message: {description: What was written., returned: always, type: str}
    fields: {description: "Its members, where it is a JSON object.", returned: always, type: dict}
more:
  description: Whether there are more than O(limit).
  returned: success
  type: bool
"""

from datetime import datetime

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.errors import RailyardError
from ..module_utils._logs import lines, search, time_range
from ..module_utils._module import aws_client, fail, succeed

SPEC = {
    "log_groups": {"type": "list", "elements": "str", "required": True},
    "pattern": {"type": "str", "default": ""},
    "log_stream_prefix": {"type": "str"},
    "since": {"type": "str", "default": "10m"},
    "to": {"type": "str", "default": ""},
    "limit": {"type": "int", "default": 1000},
}


def wanted(given: dict[str, object]) -> search.Wanted:
    now = datetime.now().astimezone()
    begins, ends = time_range.between(str(given["since"]), str(given["to"]), now)
    streams = {"logStreamNamePrefix": given["log_stream_prefix"]} if given["log_stream_prefix"] else {}
    groups = {str(name): streams for name in given["log_groups"]}  # type: ignore[attr-defined]
    end = None if ends >= now else int(ends.timestamp() * 1000) - 1
    return search.Wanted(groups, int(begins.timestamp() * 1000), end, str(given["pattern"]))


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    try:
        found, more = search.events(search.Reader(aws_client(module, "logs")), wanted(module.params), module.params["limit"])
    except RailyardError as error:
        fail(module, error)
    succeed(module, changed=False, events=[lines.as_data(each, each.group.rpartition("/")[2], "") for each in found], more=more)


if __name__ == "__main__":
    main()
