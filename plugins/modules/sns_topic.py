#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sns_topic
version_added: 0.1.0
short_description: Keep a topic of SNS and who is told by e-mail
description:
  - Keeps a standard topic with its policy, its key and its subscriptions by e-mail. Subscriptions by other protocols are left alone.
  - A subscription by e-mail is pending until the person has clicked the link in the message that AWS sends; C(pending) of the result
    names those. AWS forgets one that is not confirmed within three days, and the next run asks again.
  - M(community.aws.sns_topic) fails in check mode for a topic with a policy that is not there yet, has no diff, and lists all topics of
    the account for each look at one.
options:
  name:
    description: Name of the topic.
    type: str
    required: true
  state:
    description: V(absent) deletes the topic with its subscriptions.
    type: str
    choices: [present, absent]
    default: present
  display_name:
    description: The sender's name in e-mails.
    type: str
  policy:
    description: Who may publish, a policy document. Without it the topic keeps the one that it has.
    type: dict
  kms_key:
    description:
      - Id, ARN or alias of the key that encrypts messages; empty encrypts with none. The key's own policy has to admit each service that
        publishes. AWS's key V(alias/aws/sns) admits none, and messages are lost without a word.
    type: str
  emails:
    description: Addresses that are told, exactly these. Without it they stay as they are.
    type: list
    elements: str
  account_id:
    description: The account, if it is known. Without it STS is asked.
    type: str
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
  - name: Amazon SNS developer guide, e-mail notifications
    description: How a subscription is confirmed.
    link: https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
"""

EXAMPLES = r"""
- name: Tell two people what rules of EventBridge publish
  railyard.fargate.sns_topic:
    name: shop-production-notifications
    display_name: shop production
    policy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal: {Service: events.amazonaws.com}
          Action: sns:Publish
          Resource: arn:aws:sns:eu-west-1:123456789012:shop-production-notifications
    emails: [ada@example.com, grace@example.com]
  register: topic

- name: Say who has not answered yet
  ansible.builtin.debug:
    msg: "Waiting for {{ topic.pending | join(', ') }}"
  when: topic.pending

- name: Delete it
  railyard.fargate.sns_topic:
    name: shop-production-notifications
    state: absent
"""

RETURN = r"""
topic:
  description: The topic, null after its deletion.
  returned: always
  type: dict
  contains:
    name:
      description: Its name.
      returned: always
      type: str
    arn:
      description: Its ARN.
      returned: always
      type: str
    display_name:
      description: The sender's name in e-mails.
      returned: always
      type: str
    kms_key:
      description: The key that encrypts messages, empty for none.
      returned: always
      type: str
    policy:
      description: Who may publish.
      returned: always
      type: dict
    emails:
      description: Who is told by e-mail.
      returned: always
      type: list
      elements: dict
      contains:
        address:
          description: The address.
          returned: always
          type: str
        status:
          description: V(confirmed), or V(pending) until the person has clicked the link.
          returned: always
          type: str
        arn:
          description: ARN of the subscription.
          returned: when it is confirmed
          type: str
    tags:
      description: Its tags.
      returned: always
      type: dict
pending:
  description: Addresses that have not confirmed yet. Nothing is sent to them.
  returned: always
  type: list
  elements: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core import partition
from ..module_utils._module import ACCOUNT, STATE, TAGS, account_id, converge
from ..module_utils._sns import topic

SPEC = {
    "name": {"type": "str", "required": True},
    "state": STATE,
    "display_name": {"type": "str"},
    "policy": {"type": "dict"},
    "kms_key": {"type": "str", "no_log": False},
    "emails": {"type": "list", "elements": "str"},
    **ACCOUNT,
    **TAGS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    wanted = module.params
    place = f"{module.region}:{account_id(module)}"
    arn = f"arn:{partition.name(module.region)}:sns:{place}:{wanted['name']}"
    converge(
        module,
        "sns",
        "topic",
        find=lambda client: topic.find(client, arn),
        make_plan=lambda _client, live: topic.make_plan(wanted, arn, live),
        about=lambda final: {"pending": topic.pending(final)},
    )


if __name__ == "__main__":
    main()
