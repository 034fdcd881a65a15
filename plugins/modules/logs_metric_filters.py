#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: logs_metric_filters
version_added: 0.1.0
short_description: Keep metric filters of log groups
description:
  - Keeps any number of metric filters of any number of log groups in one run. One call for each metric finds them.
  - Filters have no tags. What feeds one of the metrics of O(filters) and is not in O(filters) is deleted, so choose a namespace that only
    this list uses.
  - M(amazon.aws.cloudwatchlogs_log_group_metric_filter) keeps one filter in a run, has no diff, and deletes none that is not declared.
options:
  filters:
    description: The filters.
    type: list
    elements: dict
    required: true
    suboptions:
      log_group:
        description: Name of the log group.
        type: str
        required: true
      name:
        description: Name of the filter, once in a log group.
        type: str
        required: true
      pattern:
        description: Which lines count, in AWS's words.
        type: str
        required: true
      metric_namespace:
        description: Namespace of the metric. Those that begin with V(AWS/) are AWS's.
        type: str
        required: true
      metric_name:
        description: Name of the metric.
        type: str
        required: true
      metric_value:
        description: What a line adds to the metric, a number, or a field of the line as V($.ms).
        type: str
        default: "1"
      unit:
        description: Unit of the metric, V(Milliseconds) for example.
        type: str
  state:
    description: V(absent) deletes all filters that feed the metrics of O(filters).
    type: str
    choices: [present, absent]
    default: present
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
seealso:
  - name: CloudWatch Logs user guide, filter patterns
    description: How a pattern is written.
    link: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

EXAMPLES = r"""
- name: Count lines of errors
  railyard.fargate.logs_metric_filters:
    filters:
      - log_group: /shop/production/web
        name: errors
        pattern: '{ $.level = "ERROR" || $.level = "FATAL" }'
        metric_namespace: shop-production
        metric_name: Errors
"""

RETURN = r"""
filters:
  description: The filters, by log group and name; empty after their deletion.
  returned: always
  type: list
  elements: dict
  contains:
    log_group: {description: Name of the log group., returned: always, type: str, sample: /shop/production/web}
    name: {description: Name of the filter., returned: always, type: str, sample: errors}
    pattern: {description: Which lines count., returned: always, type: str}
    metric_namespace: {description: Namespace of the metric., returned: always, type: str, sample: shop-production}
    metric_name: {description: Name of the metric., returned: always, type: str, sample: Errors}
    metric_value: {description: What a line adds to the metric., returned: always, type: str, sample: "1"}
    unit: {description: Unit of the metric., returned: always, type: str, sample: None}
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._logs import metric_filters
from ..module_utils._module import STATE, converge

SPEC = {
    "filters": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "log_group": {"type": "str", "required": True},
            "name": {"type": "str", "required": True},
            "pattern": {"type": "str", "required": True},
            "metric_namespace": {"type": "str", "required": True},
            "metric_name": {"type": "str", "required": True},
            "metric_value": {"type": "str", "default": "1"},
            "unit": {"type": "str"},
        },
    },
    "state": STATE,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    converge(
        module,
        "logs",
        "filters",
        find=lambda client: metric_filters.find(client, module.params["filters"]),
        make_plan=lambda _client, live: metric_filters.make_plan(module.params, live),
    )


if __name__ == "__main__":
    main()
