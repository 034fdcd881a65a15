#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: events_rules
version_added: 0.1.0
short_description: Keep rules of EventBridge with their targets
description:
  - Keeps any number of rules of the default event bus in one run. The targets of a rule are exactly the declared ones.
  - M(amazon.aws.cloudwatchevent_rule) keeps one rule in a run, has neither check mode nor diff nor tags, is changed again by every run of
    a target whose input transformer has a name with capitals, and takes no notice of a role that has not propagated yet.
options:
  rules:
    description: The rules.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Its name, at most 64 characters.
        type: str
        required: true
      description:
        description: What it is for.
        type: str
        default: ""
      event_pattern:
        description: Which events it is for. Required unless O(state=absent).
        type: dict
      enabled:
        description: Whether it does anything.
        type: bool
        default: true
      targets:
        description: Who gets the events, at most five.
        type: list
        elements: dict
        default: []
        suboptions:
          id:
            description: Its id within the rule.
            type: str
            required: true
          arn:
            description: ARN of a topic or an API destination, for example. The policy of a topic has to admit events.amazonaws.com.
            type: str
            required: true
          role_arn:
            description: The role in which EventBridge calls it. API destinations need one.
            type: str
          input_paths:
            description: Paths in the event by name, V($.detail.state) for example.
            type: dict
          input_template:
            description:
              - What is sent, a JSON document or lines in quotes, with names of O(rules[].targets[].input_paths) in angle brackets.
                Without it the whole event is sent.
            type: str
  state:
    description: V(absent) deletes the rules with their targets.
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
  - module: railyard.fargate.events_api_destination
  - name: Amazon EventBridge user guide, input transformation
    description: What a template may say.
    link: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

EXAMPLES = r"""
- name: Tell a topic of executions that failed
  railyard.fargate.events_rules:
    rules:
      - name: shop-production-failed
        event_pattern:
          source: [aws.codepipeline]
          detail-type: [CodePipeline Pipeline Execution State Change]
          detail: {pipeline: [shop-production], state: [FAILED]}
        targets:
          - id: topic
            arn: arn:aws:sns:eu-west-1:123456789012:shop-production-notifications
            input_paths: {execution: $.detail.execution-id}
            input_template: '"Execution <execution> of shop-production has failed."'
    tags:
      application: shop

- name: Delete it
  railyard.fargate.events_rules:
    rules:
      - name: shop-production-failed
    state: absent
"""

RETURN = r"""
rules:
  description: The rules in the order in which they were given; empty after their deletion.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      returned: always
      type: str
    arn:
      description: Its ARN.
      returned: when it exists, not predicted in check mode
      type: str
    description:
      description: What it is for.
      returned: always
      type: str
    event_pattern:
      description: Which events it is for.
      returned: always
      type: dict
    enabled:
      description: Whether it does anything.
      returned: always
      type: bool
    targets:
      description: Who gets the events, by id.
      returned: always
      type: list
      elements: dict
      contains:
        id:
          description: Its id within the rule.
          returned: always
          type: str
        arn:
          description: Its ARN.
          returned: always
          type: str
        role_arn:
          description: The role in which EventBridge calls it.
          returned: when it has one
          type: str
        input_paths:
          description: Paths in the event by name.
          returned: when it has a template
          type: dict
        input_template:
          description: What is sent.
          returned: when it has one
          type: str
        other:
          description: What AWS has of it beside these, which the next change of the target removes.
          returned: when there is any
          type: dict
    tags:
      description: Its tags.
      returned: always
      type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._events import rule
from ..module_utils._module import STATE, TAGS, converge, listed_tags

TARGET = {
    "id": {"type": "str", "required": True},
    "arn": {"type": "str", "required": True},
    "role_arn": {"type": "str"},
    "input_paths": {"type": "dict"},
    "input_template": {"type": "str"},
}
RULE = {
    "name": {"type": "str", "required": True},
    "description": {"type": "str", "default": ""},
    "event_pattern": {"type": "dict"},
    "enabled": {"type": "bool", "default": True},
    "targets": {"type": "list", "elements": "dict", "options": TARGET, "default": []},
}
SPEC = {"rules": {"type": "list", "elements": "dict", "options": RULE, "required": True}, "state": STATE, **TAGS}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    names = [one["name"] for one in module.params["rules"]]
    converge(
        module,
        "events",
        "rules",
        find=lambda client: rule.find(client, names, listed_tags(module)),
        make_plan=lambda _client, live: rule.make_plan(module.params, live),
    )


if __name__ == "__main__":
    main()
