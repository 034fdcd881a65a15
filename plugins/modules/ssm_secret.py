#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ssm_secret
version_added: 0.1.0
short_description: Keep a secret in Parameter Store without ever seeing it
description:
  - Keeps a SecureString parameter. Its value is generated once, or composed of other parameters, or given.
  - The value is neither returned, nor part of a diff, nor logged, not with C(-vvvv) either. A generated or composed value never
    becomes a variable of Ansible.
  - M(community.aws.ssm_parameter) takes the value from a variable and shows it to whoever registers its result; it can neither
    generate nor compose.
options:
  name:
    description: Name of the parameter, C(/shop/production/DATABASE_PASSWORD) for example.
    type: str
    required: true
  state:
    description: Whether the parameter exists.
    type: str
    choices: [present, absent]
    default: present
  generate:
    description: Make a random value when the parameter does not exist; one that exists is left as it is.
    type: bool
    default: false
  length:
    description: Characters of a generated value, 8 to 128. They are letters, digits, and C(-_.~).
    type: int
    default: 32
  template:
    description:
      - Compose the value of this text. Each C({name}) in it is replaced by what O(values) or O(parameters) has under that name,
        percent-encoded as in a URL.
      - The parameter is written again as soon as the composed value differs.
    type: str
  values:
    description: Values for O(template) that are no secrets.
    type: dict
    default: {}
  parameters:
    description: Names of parameters whose decrypted values O(template) needs, by the name used there.
    type: dict
    default: {}
  value:
    description: The value, for secrets that a person has.
    type: str
  value_from:
    description:
      - Ask for the value at the terminal, where it is not shown, or read it from standard input of C(ansible-playbook).
      - Like O(value_file) and O(value_env) it is fetched on the controller, and becomes no variable of Ansible. A value that is empty, or a
        word for none like C(None), is refused.
    type: str
    choices: [prompt, stdin]
  value_file:
    description: A file on the controller that holds the value. Line ends at its end do not count.
    type: path
  value_env:
    description: Name of an environment variable of C(ansible-playbook) that holds the value.
    type: str
  overwrite:
    description: Whether O(value) replaces another value that is there. V(never) stores it only when the parameter does not exist.
    type: str
    choices: [always, never]
    default: always
  description:
    description: What the secret is for. Absent means untouched.
    type: str
  key_id:
    description: ID, ARN or alias of the KMS key. Absent means untouched, and C(alias/aws/ssm) for a new parameter.
    type: str
  tier:
    description: V(Standard) holds 4096 characters and costs nothing. V(Advanced) holds 8192 and never goes back.
    type: str
    choices: [Standard, Advanced]
    default: Standard
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
  - module: railyard.fargate.ssm_secret_info
  - name: Parameter Store API, PutParameter
    description: What AWS accepts.
    link: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
"""

EXAMPLES = r"""
- name: Make the database's password once
  railyard.fargate.ssm_secret:
    name: /shop/production/DATABASE_PASSWORD
    generate: true

- name: Compose what Rails reads
  railyard.fargate.ssm_secret:
    name: /shop/production/DATABASE_URL
    template: "postgres://{user}:{password}@{host}:5432/shop?sslmode=require"
    values:
      user: rails
      host: shop-production.abc.eu-west-1.rds.amazonaws.com
    parameters:
      password: /shop/production/DATABASE_PASSWORD

- name: Store what a person typed
  railyard.fargate.ssm_secret:
    name: /shop/production/RAILS_MASTER_KEY
    value: "{{ typed_key }}"

- name: Store what is in a file of this machine
  railyard.fargate.ssm_secret:
    name: /shop/production/RAILS_MASTER_KEY
    value_file: config/master.key

- name: Delete it
  railyard.fargate.ssm_secret:
    name: /shop/production/RAILS_MASTER_KEY
    state: absent
"""

RETURN = r"""
secret:
  description: The parameter without its value; null after its deletion.
  returned: always
  type: dict
  contains:
    name:
      description: Its name.
      returned: when it exists
      type: str
      sample: /shop/production/DATABASE_URL
    arn:
      description: Its ARN.
      returned: when it exists, not predicted in check mode
      type: str
    type:
      description: SecureString.
      returned: when it exists
      type: str
    version:
      description: Rises by one with each write, so that a diff shows that a value changed, and not which.
      returned: when it exists
      type: int
    tier:
      description: Standard or Advanced.
      returned: when it exists
      type: str
    key_id:
      description: The KMS key.
      returned: when it exists
      type: str
    description:
      description: What it is for.
      returned: when it exists
      type: str
    up_to_date:
      description: Whether it holds the value that was asked for.
      returned: when it exists
      type: bool
    tags:
      description: Its tags.
      returned: when it exists
      type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._module import STATE, TAGS, converge
from ..module_utils._ssm import secret

SPEC = {
    "name": {"type": "str", "required": True},
    "state": STATE,
    "generate": {"type": "bool", "default": False},
    "length": {"type": "int", "default": 32},
    "template": {"type": "str"},
    "values": {"type": "dict", "default": {}},
    "parameters": {"type": "dict", "default": {}, "no_log": False},
    "value": {"type": "str", "no_log": True},
    # The action of the same name makes these the value.
    "value_from": {"type": "str", "choices": ["prompt", "stdin"]},
    "value_file": {"type": "path"},
    "value_env": {"type": "str"},
    "overwrite": {"type": "str", "choices": ["always", "never"], "default": "always"},
    "description": {"type": "str"},
    "key_id": {"type": "str", "no_log": False},
    "tier": {"type": "str", "choices": ["Standard", "Advanced"], "default": "Standard"},
    **TAGS,
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=SPEC,
        supports_check_mode=True,
        mutually_exclusive=[("template", "value")],
    )
    wanted = module.params
    sources = wanted["generate"] + (wanted["template"] is not None) + (wanted["value"] is not None)
    if wanted["state"] == "present" and sources != 1:
        module.fail_json(msg=f"say where the value of {wanted['name']} comes from: one of generate: true, template, value")

    def remember(text: str) -> None:
        # Ansible would mask every gap between two characters of a message.
        if text:
            module.no_log_values.add(text)

    converge(
        module,
        "ssm",
        "secret",
        find=lambda client: secret.find(client, wanted, remember),
        make_plan=lambda client, live: secret.make_plan(client, wanted, live, remember),
    )


if __name__ == "__main__":
    main()
