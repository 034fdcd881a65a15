#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codebuild_build_info
version_added: 0.1.0
short_description: Read builds of CodeBuild
description:
  - Returns builds by their ids, or the last ones of a project, those that failed with the last lines of their logs.
  - Neither amazon.aws nor community.aws has a module that reads them.
options:
  ids:
    description: Ids of builds; those that do not exist are left out.
    type: list
    elements: str
  project:
    description: Name of the project whose last builds are wanted.
    type: str
  limit:
    description: How many builds of O(project) at most, the newest first.
    type: int
    default: 5
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.codebuild_build
"""

EXAMPLES = r"""
- name: Read the last five
  railyard.fargate.codebuild_build_info:
    project: shop-production-build
  register: found

- name: Say which failed, and where
  ansible.builtin.debug:
    msg: "{{ found.builds | selectattr('phase') | map(attribute='phase') }}"
"""

RETURN = r"""
builds:
  description: The builds.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Its id, with the name of the project.
      returned: always
      type: str
    arn:
      description: Its ARN.
      returned: always
      type: str
    project_name:
      description: Its project.
      returned: always
      type: str
    build_number:
      description: Its number.
      returned: always
      type: int
    build_status:
      description: V(IN_PROGRESS), V(SUCCEEDED), V(FAILED), V(FAULT), V(TIMED_OUT) or V(STOPPED).
      returned: always
      type: str
    current_phase:
      description: The phase in which it is.
      returned: always
      type: str
    start_time:
      description: When it began, ISO 8601.
      returned: always
      type: str
    end_time:
      description: When it ended, ISO 8601; null before.
      returned: always
      type: str
    seconds:
      description: How long it took; null before its end.
      returned: always
      type: float
    source_version:
      description: What was asked to be built.
      returned: always
      type: str
    resolved_source_version:
      description: What is built.
      returned: always
      type: str
    initiator:
      description: Who has started it.
      returned: always
      type: str
    environment_type:
      description: Kind of its machine.
      returned: always
      type: str
    compute_type:
      description: Size of its machine.
      returned: always
      type: str
    phases:
      description: Its phases.
      returned: always
      type: list
      elements: dict
      contains:
        phase_type:
          description: Its name.
          returned: always
          type: str
        phase_status:
          description: How it ended; null before.
          returned: always
          type: str
        seconds:
          description: How long it took; null before its end.
          returned: always
          type: int
        reason:
          description: Why it failed; empty without.
          returned: always
          type: str
    exported_environment_variables:
      description: The variables that it has exported.
      returned: always
      type: dict
    phase:
      description: The first phase that failed; empty without.
      returned: always
      type: str
    reason:
      description: What AWS says about it.
      returned: always
      type: str
    lines:
      description: The last lines before it failed, at most 20.
      returned: always
      type: list
      elements: str
    log_group:
      description: Its log group; empty before it has one.
      returned: always
      type: str
    log_stream:
      description: Its log stream; empty before it has one.
      returned: always
      type: str
    log_url:
      description: Where its log is.
      returned: always
      type: str
    console_url:
      description: Where AWS's console shows it.
      returned: always
      type: str
    cost:
      description: What it cost in USD; null when it is not known.
      returned: always
      type: float
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._codebuild import build, running
from ..module_utils._core import aws
from ..module_utils._module import aws_client, report

SPEC = {
    "ids": {"type": "list", "elements": "str"},
    "project": {"type": "str"},
    "limit": {"type": "int", "default": 5},
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=SPEC,
        supports_check_mode=True,
        mutually_exclusive=[("ids", "project")],
        required_one_of=[("ids", "project")],
    )
    given = module.params
    logs = aws_client(module, "logs")

    def find(client: Any) -> list[build.Build]:
        ids = given["ids"] or running.latest(client, given["project"], given["limit"])
        return aws.concurrently(lambda one: build.with_lines(logs, one), build.read(client, ids))

    report(module, "codebuild", "builds", find)


if __name__ == "__main__":
    main()
