#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudwatch_metric_alarms
version_added: 0.1.0
short_description: Keep alarms of CloudWatch over metrics
description:
  - Keeps any number of metric alarms in one run. One call finds them, another one their tags, and they are written at the same time.
  - AWS replaces an alarm whole. What an alarm of the list does not say has AWS's default afterwards. Its state stays.
  - M(amazon.aws.cloudwatch_metric_alarm) keeps one alarm in a run, knows no tags, has no diff, and deletes none that is not declared.
options:
  alarms:
    description:
      - The alarms, each a dictionary with its V(name) and what C(PutMetricAlarm) takes, in snake_case.
      - Needed unless O(state=absent).
    type: list
    elements: dict
  prefix:
    description:
      - With what names of alarms begin that belong together. One that begins so, has O(tags) and is not in O(alarms) is deleted.
      - With O(state=absent) those of O(tags) that begin so are deleted.
    type: str
  state:
    description: V(absent) deletes the alarms of O(alarms) and of O(prefix).
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
  - module: amazon.aws.cloudwatch_metric_alarm_info
  - name: CloudWatch API, PutMetricAlarm
    description: What an alarm can say.
    link: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  - name: CloudWatch user guide, missing data
    description: What becomes of an alarm without data.
    link: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

EXAMPLES = r"""
- name: Ring when the load balancer itself answers with errors, and when the disk fills up
  railyard.fargate.cloudwatch_metric_alarms:
    prefix: shop-production-
    alarms:
      - name: shop-production-elb-5xx
        namespace: AWS/ApplicationELB
        metric_name: HTTPCode_ELB_5XX_Count
        dimensions: [{name: LoadBalancer, value: app/shop-production/0123456789abcdef}]
        statistic: Sum
        period: 60
        evaluation_periods: 3
        datapoints_to_alarm: 2
        comparison_operator: GreaterThanThreshold
        threshold: 10
        treat_missing_data: notBreaching
      - name: shop-production-storage
        namespace: AWS/RDS
        metric_name: FreeStorageSpace
        dimensions: [{name: DBInstanceIdentifier, value: shop-production}]
        statistic: Minimum
        period: 300
        evaluation_periods: 3
        comparison_operator: LessThanThreshold
        threshold: 2147483648
    tags: {application: shop, environment: production, managed-by: railyard}

- name: Delete all alarms of an environment
  railyard.fargate.cloudwatch_metric_alarms:
    prefix: shop-production-
    state: absent
    tags: {application: shop, environment: production, managed-by: railyard}
"""

RETURN = r"""
alarms:
  description: The alarms by their names, each with what it was told to be in snake_case; empty after their deletion.
  returned: always
  type: list
  elements: dict
  sample:
    - name: shop-production-elb-5xx
      arn: arn:aws:cloudwatch:eu-west-1:123456789012:alarm:shop-production-elb-5xx
      state: OK
      state_reason: "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [NonBreaching]."
      namespace: AWS/ApplicationELB
      metric_name: HTTPCode_ELB_5XX_Count
      statistic: Sum
      period: 60
      evaluation_periods: 3
      comparison_operator: GreaterThanThreshold
      threshold: 10.0
      tags: {application: shop}
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._cloudwatch import alarms
from ..module_utils._module import STATE, TAGS, converge, listed_tags

SPEC = {
    "alarms": {"type": "list", "elements": "dict"},
    "prefix": {"type": "str"},
    "state": STATE,
    **TAGS,
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=SPEC,
        supports_check_mode=True,
        required_if=[("state", "present", ("alarms",)), ("state", "absent", ("alarms", "prefix"), True)],
    )
    params = module.params
    params["alarms"] = params["alarms"] or []
    if nameless := [alarm for alarm in params["alarms"] if not alarm.get("name")]:
        module.fail_json(msg=f"alarms: {nameless[0]} has no name")
    names, prefix = [str(alarm["name"]) for alarm in params["alarms"]], params["prefix"] or ""

    def find(client: object) -> list[dict[str, object]]:
        if params["state"] == "absent" and prefix:
            return alarms.owned(client, prefix)
        return alarms.find(client, names, prefix, listed_tags(module)) if names or prefix else []

    converge(module, "cloudwatch", "alarms", find=find, make_plan=lambda client, live: alarms.make_plan(client, params, live))


if __name__ == "__main__":
    main()
