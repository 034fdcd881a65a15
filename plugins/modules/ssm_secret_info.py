#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ssm_secret_info
version_added: 0.1.0
short_description: Say which secrets exist, without reading them
description:
  - Says for each name in Parameter Store whether it exists, its type and its version. Nothing is decrypted.
  - M(community.aws.ssm_parameter) has no info module, and the lookup P(amazon.aws.ssm_parameter#lookup) returns values.
options:
  names:
    description: Names of the parameters.
    type: list
    elements: str
    required: true
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.ssm_secret
"""

EXAMPLES = r"""
- name: See which secrets are there
  railyard.fargate.ssm_secret_info:
    names:
      - /shop/production/RAILS_MASTER_KEY
      - /shop/production/DATABASE_URL
  register: stored

- name: Refuse to go on without one
  ansible.builtin.assert:
    that: stored.secrets | rejectattr('exists') | length == 0
"""

RETURN = r"""
secrets:
  description: One entry for each name, in the order given.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      returned: always
      type: str
      sample: /shop/production/RAILS_MASTER_KEY
    exists:
      description: Whether it exists.
      returned: always
      type: bool
    arn:
      description: Its ARN.
      returned: when it exists
      type: str
    type:
      description: SecureString, String or StringList.
      returned: when it exists
      type: str
    version:
      description: Its version; each write raises it by one.
      returned: when it exists
      type: int
    last_modified_date:
      description: When it was written last, ISO 8601.
      returned: when it exists
      type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._module import report
from ..module_utils._ssm import secret

SPEC = {"names": {"type": "list", "elements": "str", "required": True}}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    report(module, "ssm", "secrets", lambda client: secret.facts(client, module.params["names"]))


if __name__ == "__main__":
    main()
