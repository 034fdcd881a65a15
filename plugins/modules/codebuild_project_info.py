#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codebuild_project_info
version_added: 0.1.0
short_description: Read build projects of CodeBuild
description:
  - Returns build projects with their tags, up to a hundred by one call.
  - Neither amazon.aws nor community.aws has a module that reads them.
options:
  names:
    description: Names of the projects; those that do not exist are left out. All projects of the Region unless given.
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
  - module: railyard.fargate.codebuild_project
"""

EXAMPLES = r"""
- name: Read one
  railyard.fargate.codebuild_project_info:
    names: [shop-production-build]
  register: found

- name: Say with which image it builds
  ansible.builtin.debug:
    msg: "{{ found.projects[0].environment.image }}"
"""

RETURN = r"""
projects:
  description: The projects.
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
    source:
      description: Type, location and buildspec of its source, and what AWS adds to them.
      returned: always
      type: dict
    artifacts:
      description: Type and place of its artifacts, and what AWS adds to them.
      returned: always
      type: dict
    secondary_sources:
      description: Further sources.
      returned: when AWS says it
      type: list
      elements: dict
    secondary_artifacts:
      description: Further artifacts.
      returned: when AWS says it
      type: list
      elements: dict
    source_version:
      description: The version that is built unless a build names another.
      returned: when it has one
      type: str
    secondary_source_versions:
      description: The versions of further sources.
      returned: when AWS says it
      type: list
      elements: dict
    cache:
      description: Its cache.
      returned: always
      type: dict
    environment:
      description: Image, type, compute type, variables (without those that AWS adds, C(CODEBUILD_*)) and docker of its builds.
      returned: always
      type: dict
    service_role:
      description: ARN of the role of its builds.
      returned: always
      type: str
    timeout_in_minutes:
      description: Minutes after which a build is ended.
      returned: always
      type: int
    queued_timeout_in_minutes:
      description: Minutes after which a build that has not begun is ended.
      returned: always
      type: int
    encryption_key:
      description: The key with which artifacts are encrypted.
      returned: when AWS says it
      type: str
    vpc_config:
      description: VPC, subnets and security groups of its builds; empty outside of a VPC.
      returned: always
      type: dict
    logs_config:
      description: Where its lines go.
      returned: always
      type: dict
    concurrent_build_limit:
      description: How many builds run at once at most; null without a limit.
      returned: always
      type: int
    created:
      description: When it was made, ISO 8601.
      returned: when it exists, not predicted in check mode
      type: str
    last_modified:
      description: When it was last changed, ISO 8601.
      returned: when it exists, not predicted in check mode
      type: str
    badge:
      description: Whether it has a badge, and where.
      returned: when AWS says it
      type: dict
    webhook:
      description: Its webhook, without the secret.
      returned: when it has one
      type: dict
    file_system_locations:
      description: File systems of its builds.
      returned: when AWS says it
      type: list
      elements: dict
    build_batch_config:
      description: How builds are batched.
      returned: when it has it
      type: dict
    project_visibility:
      description: Who may see its builds.
      returned: when AWS says it
      type: str
    public_project_alias:
      description: Its public name.
      returned: when it has one
      type: str
    resource_access_role:
      description: The role by which the public sees logs and artifacts.
      returned: when it has one
      type: str
    auto_retry_limit:
      description: How often a failed build is tried again by AWS.
      returned: when AWS says it
      type: int
    tags:
      description: Its tags.
      returned: always
      type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._codebuild import project
from ..module_utils._module import report

SPEC = {"names": {"type": "list", "elements": "str"}}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    report(module, "codebuild", "projects", lambda client: project.find_all(client, module.params["names"]))


if __name__ == "__main__":
    main()
