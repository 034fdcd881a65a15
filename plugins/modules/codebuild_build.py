#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codebuild_build
version_added: 0.1.0
short_description: Start, follow and stop builds of CodeBuild
description:
  - Starts a build of a project, follows one with its phases as lines, or stops it.
  - Neither amazon.aws nor community.aws has a module for builds.
  - A build that fails ends the module with the first phase that failed, what AWS says about it, and the last lines of its log before that.
    One that was stopped is no error; RV(message) says so.
options:
  project:
    description: Name of the project.
    type: str
    required: true
  state:
    description: V(started) starts a build, V(followed) follows one, V(stopped) stops it.
    type: str
    choices: [started, followed, stopped]
    default: started
  build_id:
    description: The build to follow or stop, the newest of the project unless given.
    type: str
  source_version:
    description: What to build, a commit, branch or tag, or the version of an object.
    type: str
  variables:
    description: Environment variables for this build, beside and instead of those of the project.
    type: list
    elements: dict
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      value:
        description: Its value, or the name of a parameter or secret.
        type: str
        required: true
      type:
        description: What the value is.
        type: str
        choices: [PLAINTEXT, PARAMETER_STORE, SECRETS_MANAGER]
        default: PLAINTEXT
  buildspec:
    description: A buildspec for this build, as text or as the path of its file in the source.
    type: str
  debug_session:
    description: Whether the build may be entered where it says C(codebuild-breakpoint).
    type: bool
    default: false
  overrides:
    description: What else StartBuild takes, by AWS's names in snake_case, for example C(source_type_override).
    type: dict
  token:
    description: Idempotence key. Within five minutes a second start with the same one starts nothing.
    type: str
  wait:
    description: Whether to follow the build to its end.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to follow it at most. It goes on then, and the module fails.
    type: int
    default: 3600
  progress:
    description: A file to which a line is appended per event.
    type: path
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
attributes:
  diff_mode:
    support: none
    description: Changes nothing that stays.
  idempotent:
    support: partial
    description: V(started) is with O(token) only.
seealso:
  - module: railyard.fargate.codebuild_build_info
  - module: railyard.fargate.codebuild_project
  - name: CodeBuild API, StartBuild
    description: What AWS accepts.
    link: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html
"""

EXAMPLES = r"""
- name: Build a branch by hand
  railyard.fargate.codebuild_build:
    project: shop-production-build
    source_version: main
    variables:
      - {name: TARGET, value: test}
  register: built

- name: Say what it has exported
  ansible.builtin.debug:
    msg: "{{ built.build.exported_environment_variables }}"

- name: Stop the newest
  railyard.fargate.codebuild_build:
    project: shop-production-build
    state: stopped
"""

RETURN = r"""
build:
  description: The build; null where check mode predicts one.
  returned: always
  type: dict
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
message:
  description: What there is to say beside it; empty without.
  returned: always
  type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._codebuild import running
from ..module_utils._core.progress import to_file
from ..module_utils._module import aws_client, interruptible, succeed

VARIABLE = {
    "name": {"type": "str", "required": True},
    "value": {"type": "str", "required": True},
    "type": {"type": "str", "choices": ["PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"], "default": "PLAINTEXT"},
}
SPEC = {
    "project": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["started", "followed", "stopped"], "default": "started"},
    "build_id": {"type": "str"},
    "source_version": {"type": "str"},
    "variables": {"type": "list", "elements": "dict", "options": VARIABLE},
    "buildspec": {"type": "str"},
    "debug_session": {"type": "bool", "default": False},
    "overrides": {"type": "dict"},
    "token": {"type": "str", "no_log": False},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 3600},
    "progress": {"type": "path"},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    given = module.params
    clients = {name: aws_client(module, name) for name in ("codebuild", "logs")}
    with interruptible(module):
        how = running.Following(to_file(given["progress"]), given["wait_timeout"])
        outcome = running.carry_out(clients, given, how, module.check_mode)
    succeed(module, changed=outcome.changed, build=outcome.build, message=outcome.message)


if __name__ == "__main__":
    main()
