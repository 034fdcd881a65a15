#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudwatch_dashboard
version_added: 0.1.0
short_description: Keep a dashboard of CloudWatch
description:
  - Keeps a dashboard. Its body is compared as data, so that other spaces are no change.
  - Vertical lines that others have drawn in a graph, for releases for example, stay in the graph of the same title, unless O(body) has
    lines of its own there.
  - AWS takes tags of a dashboard when it is made. An older botocore does not know them; then it has none, and is known by its name alone.
  - There is no module for dashboards in amazon.aws or community.aws.
options:
  name:
    description: Name of the dashboard, of letters, digits, V(-) and V(_). A name is taken once in an account, for all Regions.
    type: str
    required: true
  body:
    description: The dashboard as AWS's JSON says it, with C(widgets). Needed unless O(state=absent).
    type: dict
  state:
    description: V(absent) deletes the dashboard.
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
  - name: CloudWatch API, dashboard body
    description: What a body can say.
    link: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

EXAMPLES = r"""
- name: Show requests on one screen
  railyard.fargate.cloudwatch_dashboard:
    name: shop-production
    body:
      widgets:
        - type: metric
          width: 12
          height: 6
          properties:
            title: Requests
            region: eu-west-1
            stat: Sum
            period: 60
            metrics: [[AWS/ApplicationELB, RequestCount, LoadBalancer, app/shop-production/0123456789abcdef]]
    tags: {application: shop, environment: production, managed-by: railyard}
"""

RETURN = r"""
dashboard:
  description: The dashboard; null after its deletion.
  returned: always
  type: dict
  contains:
    name:
      description: Its name.
      returned: always
      type: str
      sample: shop-production
    arn:
      description: Its ARN.
      returned: when it exists, not predicted in check mode
      type: str
    body:
      description: What its JSON says.
      returned: always
      type: dict
    tags:
      description: Its tags.
      returned: always
      type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._cloudwatch import dashboard
from ..module_utils._core import shape
from ..module_utils._module import STATE, TAGS, converge

SPEC = {
    "name": {"type": "str", "required": True},
    "body": {"type": "dict"},
    "state": STATE,
    **TAGS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True, required_if=[("state", "present", ("body",))])
    if "Tags" not in shape.members(module.client("cloudwatch"), "PutDashboard"):
        module.params["tags"] = None
    converge(
        module,
        "cloudwatch",
        "dashboard",
        find=lambda client: dashboard.find(client, module.params["name"]),
        make_plan=lambda _client, live: dashboard.make_plan(module.params, live),
    )


if __name__ == "__main__":
    main()
