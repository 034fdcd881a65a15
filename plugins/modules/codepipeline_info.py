#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codepipeline_info
version_added: 0.1.0
short_description: Read pipelines of CodePipeline
description:
  - Returns the structure of pipelines with their tags.
  - Neither amazon.aws nor community.aws has a module that reads them.
options:
  names:
    description: Names of the pipelines; those that do not exist are left out. All pipelines of the Region unless given.
    type: list
    elements: str
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.codepipeline
  - module: railyard.fargate.codepipeline_execution_info
"""

EXAMPLES = r"""
- name: Read one
  railyard.fargate.codepipeline_info:
    names: [shop-production]
  register: found

- name: Say its stages
  ansible.builtin.debug:
    msg: "{{ found.pipelines[0].stages | map(attribute='name') }}"
"""

RETURN = r"""
pipelines:
  description: The pipelines.
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
    version:
      description: How often its structure was written.
      returned: when it exists, not predicted in check mode
      type: int
    role_arn:
      description: ARN of its role.
      returned: always
      type: str
    artifact_store:
      description: The bucket of its artifacts.
      returned: when it has one for all Regions
      type: dict
      contains:
        type:
          description: Always V(S3).
          returned: always
          type: str
        location:
          description: Name of the bucket.
          returned: always
          type: str
        encryption_key:
          description: Id and type of the key.
          returned: when it has one
          type: dict
    artifact_stores:
      description: The buckets of its artifacts by Region.
      returned: when it has one for each Region
      type: dict
    pipeline_type:
      description: V(V1) or V(V2).
      returned: always
      type: str
    execution_mode:
      description: What becomes of executions that meet.
      returned: always
      type: str
    stages:
      description: Its stages.
      returned: always
      type: list
      elements: dict
      contains:
        name:
          description: Its name.
          returned: always
          type: str
        actions:
          description: Its actions in AWS's shape, with their configuration.
          returned: always
          type: list
          elements: dict
        before_entry:
          description: Its condition of entry.
          returned: when it has one
          type: dict
        on_success:
          description: Its condition after success.
          returned: when it has one
          type: dict
        on_failure:
          description: What happens after a failure.
          returned: when it is said
          type: dict
    variables:
      description: Its variables.
      returned: always
      type: list
      elements: dict
    triggers:
      description: Its triggers in AWS's shape.
      returned: always
      type: list
      elements: dict
    created:
      description: When it was made, ISO 8601.
      returned: when AWS says it
      type: str
    updated:
      description: When its structure was last written, ISO 8601.
      returned: when AWS says it
      type: str
    tags:
      description: Its tags.
      returned: always
      type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._codepipeline import pipeline
from ..module_utils._module import report

SPEC = {"names": {"type": "list", "elements": "str"}}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    report(module, "codepipeline", "pipelines", lambda client: pipeline.find_all(client, module.params["names"]))


if __name__ == "__main__":
    main()
