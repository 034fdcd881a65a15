#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: events_api_destination
version_added: 0.1.0
short_description: Keep an API destination of EventBridge with its connection
description:
  - Keeps an address of the web that rules call, a chat for example, and the connection of the same name that brings the secret along.
  - The secret is taken from Parameter Store while it is handed over, and when the parameter has got another version. It is in no result,
    diff or log.
  - Connections and API destinations have no tags. The tags are kept in their descriptions, with the name and the version of the parameter.
  - There is no module for API destinations in amazon.aws and community.aws.
options:
  name:
    description: Name of both, at most 64 characters.
    type: str
    required: true
  state:
    description: V(absent) deletes both.
    type: str
    choices: [present, absent]
    default: present
  url:
    description:
      - The address, which begins with https://. Required unless O(state=absent).
      - V({secret}) in it stands for the secret, for addresses that are a secret themselves. Whoever may read API destinations in the
        account sees such an address. Without it the secret is the value of O(header), which nobody reads again.
    type: str
  header:
    description: The header whose whole value is the secret, V(Bearer xoxb-…) for example.
    type: str
    default: Authorization
  body:
    description: Members that are added to each message, which are no place for secrets.
    type: dict
    default: {}
  parameter:
    description: Name of the parameter in Parameter Store that holds the secret. Required unless O(state=absent).
    type: str
  calls_per_second:
    description: How often it is called at most.
    type: int
    default: 1
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
  - module: railyard.fargate.events_rules
  - name: Amazon EventBridge user guide, API destinations
    description: What AWS calls, and how.
    link: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
"""

EXAMPLES = r"""
- name: A channel, by the token of a bot
  railyard.fargate.events_api_destination:
    name: shop-production-chat
    url: https://slack.com/api/chat.postMessage
    parameter: /shop/production/CHAT_TOKEN
    body: {channel: "#releases"}

- name: A channel, by an address that is a secret itself
  railyard.fargate.events_api_destination:
    name: shop-production-chat
    url: https://hooks.slack.com/services/{secret}
    parameter: /shop/production/CHAT_TOKEN

- name: Delete it
  railyard.fargate.events_api_destination:
    name: shop-production-chat
    state: absent
"""

RETURN = r"""
api_destination:
  description: Destination and connection, null after their deletion.
  returned: always
  type: dict
  contains:
    name:
      description: Name of both.
      returned: always
      type: str
    destination:
      description: The API destination, null when there is only a connection.
      returned: always
      type: dict
      contains:
        arn:
          description: Its ARN.
          returned: when it exists, not predicted in check mode
          type: str
        url:
          description: The address as it was declared. Without its path when another secret is in it.
          returned: always
          type: str
        method:
          description: The method of HTTP.
          returned: always
          type: str
        calls_per_second:
          description: How often it is called at most.
          returned: always
          type: int
        connection_arn:
          description: ARN of its connection.
          returned: when it exists, not predicted in check mode
          type: str
        state:
          description: V(ACTIVE), or V(INACTIVE) without a connection.
          returned: when it exists, not predicted in check mode
          type: str
    connection:
      description: The connection, null when there is only a destination.
      returned: always
      type: dict
      contains:
        arn:
          description: Its ARN.
          returned: when it exists, not predicted in check mode
          type: str
        state:
          description: AWS's state, V(AUTHORIZED) when it is used.
          returned: when it exists, not predicted in check mode
          type: str
        header:
          description: The header that brings the secret, empty when that is in the address.
          returned: always
          type: str
        body:
          description: Members that are added to each message.
          returned: always
          type: dict
    secret:
      description: Where the secret is from.
      returned: always
      type: dict
      contains:
        parameter:
          description: Name of the parameter.
          returned: always
          type: str
        version:
          description: Its version when it was handed over.
          returned: always
          type: int
    tags:
      description: Its tags, from the descriptions.
      returned: always
      type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.errors import RailyardError
from ..module_utils._events import destination
from ..module_utils._module import STATE, TAGS, aws_client, converge, fail
from ..module_utils._ssm import secret

SPEC = {
    "name": {"type": "str", "required": True},
    "state": STATE,
    "url": {"type": "str"},
    "header": {"type": "str", "default": "Authorization"},
    "body": {"type": "dict", "default": {}},
    "parameter": {"type": "str", "no_log": False},
    "calls_per_second": {"type": "int", "default": 1},
    **TAGS,
}


def _secret(module: AnsibleAWSModule) -> tuple[int, Callable[[], str]]:
    """The version of the parameter, and what reads its value. Ends the process where there is none."""
    name, client = module.params["parameter"], aws_client(module, "ssm")
    try:
        (fact,) = secret.facts(client, [name])
    except RailyardError as error:
        fail(module, error)
    if not fact["exists"]:
        module.fail_json(msg=f"there is no parameter {name} in Parameter Store; store it with playbooks/secret.yml")
    return fact["version"], lambda: secret.read(client, [name], module.no_log_values.add)[name].strip()


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True, required_if=[("state", "present", ["url", "parameter"])])
    wanted: dict[str, Any] = module.params
    version, fetch = _secret(module) if wanted["state"] == "present" else (0, str)
    converge(
        module,
        "events",
        "api_destination",
        find=lambda client: destination.find(client, wanted["name"], wanted["url"] or ""),
        make_plan=lambda _client, live: destination.make_plan(wanted, version, fetch, live),
    )


if __name__ == "__main__":
    main()
