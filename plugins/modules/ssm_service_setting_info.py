#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ssm_service_setting_info
version_added: 0.1.0
short_description: A setting of Systems Manager for a whole account and Region
description:
  - Reads a service setting, by default the tier of nodes outside EC2.
  - Neither amazon.aws nor community.aws has a module for service settings.
options:
  name:
    description: Name of the setting as AWS writes it.
    type: str
    default: /ssm/managed-instance/activation-tier
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.ssm_service_setting
"""

EXAMPLES = r"""
- name: Look whether sessions to nodes outside EC2 are possible
  railyard.fargate.ssm_service_setting_info:
  register: tier

- name: Say what is missing
  ansible.builtin.fail:
    msg: The account is in the standard tier.
  when: tier.setting.setting_value != 'advanced'
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

from ..module_utils._module import report
from ..module_utils._ssm import setting

SPEC = {"name": {"type": "str", "default": setting.TIER}}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    report(module, "ssm", "setting", lambda client: setting.find(client, module.params["name"]))


if __name__ == "__main__":
    main()
