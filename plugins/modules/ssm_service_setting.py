#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ssm_service_setting
version_added: 0.1.0
short_description: Keep a setting of Systems Manager for a whole account and Region
description:
  - Keeps a service setting, by default the tier of nodes outside EC2.
  - V(advanced) is what sessions to such nodes need. From then on each of them in this account and Region costs by the hour,
    and changing it back takes half an hour and ends everybody's sessions.
  - Neither amazon.aws nor community.aws has a module for service settings.
options:
  name:
    description: Name of the setting as AWS writes it.
    type: str
    default: /ssm/managed-instance/activation-tier
  value:
    description: Its value; of the tier V(standard) or V(advanced).
    type: str
    required: true
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
seealso:
  - module: railyard.fargate.ssm_service_setting_info
  - name: Instance tiers
    description: What the advanced tier is, and what it costs.
    link: https://docs.aws.amazon.com/systems-manager/latest/userguide/fleet-manager-configure-instance-tiers.html
"""

EXAMPLES = r"""
- name: Allow sessions to nodes outside EC2
  railyard.fargate.ssm_service_setting:
    value: advanced
"""

RETURN = r"""
setting:
  description: The setting.
  returned: always
  type: dict
  contains:
    setting_id:
      description: Its name.
      returned: always
      type: str
    setting_value:
      description: Its value.
      returned: always
      type: str
    status:
      description: Default, Customized or PendingUpdate.
      returned: always
      type: str
    arn:
      description: Its ARN.
      returned: when AWS tells it
      type: str
    last_modified_date:
      description: When it was changed last, ISO 8601.
      returned: when it was changed
      type: str
    last_modified_user:
      description: ARN of who changed it.
      returned: when it was changed
      type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._module import converge
from ..module_utils._ssm import setting

SPEC = {
    "name": {"type": "str", "default": setting.TIER},
    "value": {"type": "str", "required": True},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    wanted = module.params
    converge(
        module,
        "ssm",
        "setting",
        find=lambda client: setting.find(client, wanted["name"]),
        make_plan=lambda _client, live: setting.make_plan(wanted, live),
    )


if __name__ == "__main__":
    main()
