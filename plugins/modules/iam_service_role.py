#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_service_role
version_added: 0.1.0
short_description: Keep whole roles that AWS's services take on
description:
  - Keeps one or more roles with trust policy, exactly the inline policies and attached policies that are declared, and tags.
  - M(amazon.aws.iam_role) knows no inline policies, and M(amazon.aws.iam_policy) fails in check mode where the role does not exist yet, so
    that together they cannot show what a first run makes; neither has a diff.
  - Documents are compared by what they say. Order, and a list of one against its item, are no difference.
options:
  roles:
    description: The roles.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name, at most 64 characters, unique in the account whatever the case.
        type: str
        required: true
      description:
        description: What it is for.
        type: str
      trust:
        description: Trust policy, who may take the role on. Required unless O(state=absent).
        type: dict
      policies:
        description: Inline policies by name. What is live beside them is removed.
        type: dict
      managed_policies:
        description: ARNs of attached policies. What is live beside them is detached.
        type: list
        elements: str
  known:
    description:
      - Roles that this run has read already, RV(railyard.fargate.preflight#module:roles). They are read again only where something is to be
        changed.
    type: list
    elements: dict
    default: []
  permissions_boundary:
    description: ARN of the policy that bounds what the roles may do. Absent or empty leaves the boundaries that they have.
    type: str
  state:
    description: Whether the roles exist.
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
  - module: railyard.fargate.iam_service_linked_role
  - module: amazon.aws.iam_role_info
  - name: IAM API, CreateRole
    description: What AWS accepts.
    link: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
"""

EXAMPLES = r"""
- name: Make the roles of a task
  railyard.fargate.iam_service_role:
    roles:
      - name: shop-production-task
        description: The application runs with it
        trust: &tasks
          Version: "2012-10-17"
          Statement:
            - {Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: sts:AssumeRole}
      - name: shop-production-execution
        description: ECS starts tasks with it
        trust: *tasks
        policies:
          read-secrets:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: ssm:GetParameters
                Resource: arn:aws:ssm:eu-west-1:123456789012:parameter/shop/production/*
    tags:
      application: shop
  register: roles

- name: Say what they are called in ARNs
  ansible.builtin.debug:
    msg: "{{ roles.roles | map(attribute='arn') }}"

- name: Delete them
  railyard.fargate.iam_service_role:
    roles:
      - name: shop-production-task
      - name: shop-production-execution
    state: absent
"""

RETURN = r"""
roles:
  description: The roles in the order in which they were given; empty after their deletion.
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
    trust:
      description: Its trust policy.
      returned: always
      type: dict
    policies:
      description: Its inline policies by name.
      returned: always
      type: dict
    managed_policies:
      description: ARNs of attached policies, sorted.
      returned: always
      type: list
      elements: str
    permissions_boundary:
      description: ARN of the policy that bounds it; empty without one.
      returned: always
      type: str
    tags:
      description: Its tags.
      returned: always
      type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._iam import role
from ..module_utils._module import STATE, TAGS, converge

ROLE = {
    "name": {"type": "str", "required": True},
    "description": {"type": "str"},
    "trust": {"type": "dict"},
    "policies": {"type": "dict"},
    "managed_policies": {"type": "list", "elements": "str"},
}
SPEC = {
    "roles": {"type": "list", "elements": "dict", "required": True, "options": ROLE},
    "known": {"type": "list", "elements": "dict", "default": []},
    "permissions_boundary": {"type": "str"},
    "state": STATE,
    **TAGS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    wanted = module.params
    untrusted = [one["name"] for one in wanted["roles"] if not one["trust"]]
    if untrusted and wanted["state"] == "present":
        module.fail_json(msg=f"roles need a trust policy, who may take them on: {', '.join(untrusted)}")
    names, known = [one["name"] for one in wanted["roles"]], wanted["known"]
    converge(
        module,
        "iam",
        "roles",
        find=lambda client: role.find(client, names),
        make_plan=lambda _client, live: role.make_plan(wanted, live),
        known=lambda client: role.find(client, names, known) if known else None,
    )


if __name__ == "__main__":
    main()
