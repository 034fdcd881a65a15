#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codepipeline_execution_info
version_added: 0.1.0
short_description: Read executions of a pipeline
description:
  - Returns one execution of a pipeline of CodePipeline, or the last ones, with stages, actions and their seconds beside the median of the
    last ten, commit, cost, the approval that waits, and why one has failed with the last lines of its log.
  - Neither amazon.aws nor community.aws has a module that reads them.
  - It takes four calls to AWS at the same time, and for each failed execution two more.
options:
  pipeline:
    description: Name of the pipeline.
    type: str
    required: true
  execution_id:
    description: The execution. The last ones unless given.
    type: str
  limit:
    description: How many executions at most, the newest first.
    type: int
    default: 1
  details:
    description: Whether cause, cost and medians are wanted, which need CodeBuild and CloudWatch Logs.
    type: bool
    default: true
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.codepipeline_execution
"""

EXAMPLES = r"""
- name: Read the newest execution
  railyard.fargate.codepipeline_execution_info:
    pipeline: shop-production
  register: found

- name: Say why it failed
  ansible.builtin.debug:
    msg: "{{ found.executions[0].cause.sentence }}"
  when: found.executions and found.executions[0].cause

- name: Read the last ten
  railyard.fargate.codepipeline_execution_info:
    pipeline: shop-production
    limit: 10
"""

RETURN = r"""
executions:
  description: The executions, the newest first.
  returned: always
  type: list
  elements: dict
  contains:
    pipeline:
      description: Name of the pipeline.
      returned: always
      type: str
    pipeline_execution_id:
      description: Its id.
      returned: always
      type: str
    pipeline_version:
      description: The version of the structure with which it began; null when AWS does not say it.
      returned: always
      type: int
    status:
      description: AWS's status, V(InProgress), V(Stopping), V(Succeeded), V(Failed), V(Stopped), V(Superseded) or V(Cancelled).
      returned: always
      type: str
    status_summary:
      description: What AWS says about it; often empty.
      returned: always
      type: str
    execution_type:
      description: V(STANDARD), or V(ROLLBACK) of a stage.
      returned: always
      type: str
    rollback_target:
      description: The execution to which it goes back; empty unless it does.
      returned: always
      type: str
    trigger:
      description: What has started it, C(type) and C(detail).
      returned: always
      type: dict
    start_time:
      description: When it began, ISO 8601.
      returned: always
      type: str
    last_update_time:
      description: When it last changed, ISO 8601.
      returned: always
      type: str
    seconds:
      description: From its beginning to its end, or so far.
      returned: always
      type: float
    commit:
      description: The commit on its way; null before its source was read.
      returned: always
      type: dict
      contains:
        id:
          description: Its id; of an image its digest.
          returned: always
          type: str
        message:
          description: The first line of its message, in the words of whoever wrote it.
          returned: always
          type: str
        author:
          description: Who wrote it; empty when AWS does not know.
          returned: always
          type: str
        url:
          description: Where it can be seen; empty when AWS does not know.
          returned: always
          type: str
        branch:
          description: Its branch; empty when AWS does not know.
          returned: always
          type: str
        repository:
          description: Owner and name of its repository; empty when AWS does not know.
          returned: always
          type: str
    stages:
      description: The stages of the pipeline.
      returned: always
      type: list
      elements: dict
      contains:
        name:
          description: Its name.
          returned: always
          type: str
        status:
          description: AWS's status, or V(Waiting) before it, or V(NotStarted).
          returned: always
          type: str
        seconds:
          description: From its first action to its last; null before.
          returned: always
          type: float
        actions:
          description: Its actions, each with its newest attempt.
          returned: always
          type: list
          elements: dict
          contains:
            name:
              description: Its name.
              returned: always
              type: str
            category:
              description: Its category.
              returned: always
              type: str
            provider:
              description: Its provider.
              returned: always
              type: str
            status:
              description: V(InProgress), V(Succeeded), V(Failed), V(Abandoned) or V(NotStarted).
              returned: always
              type: str
            seconds:
              description: How long it took, or takes so far; null before.
              returned: always
              type: float
            median_seconds:
              description: How long it takes, by its last ten successes; null unless asked or known.
              returned: always
              type: float
            attempts:
              description: How often it was tried in this execution.
              returned: always
              type: int
            start_time:
              description: When it began, ISO 8601.
              returned: always
              type: str
            error:
              description: AWS's reason, C(code) and C(message); null without one.
              returned: always
              type: dict
            summary:
              description: What AWS says about it.
              returned: always
              type: str
            external_execution_id:
              description: Id of the build, the deployment or what else it has started.
              returned: always
              type: str
            external_execution_url:
              description: Where that can be seen.
              returned: always
              type: str
            log_stream_arn:
              description: The log of V(Commands).
              returned: always
              type: str
            output_variables:
              description: The variables that it has made.
              returned: always
              type: dict
            input_artifacts:
              description: What it got, C(name), C(bucket) and C(key).
              returned: always
              type: list
              elements: dict
    approval:
      description: The approval that waits for a person in it; null without one.
      returned: always
      type: dict
      contains: &approval
        stage:
          description: Its stage.
          returned: always
          type: str
        action:
          description: Its name.
          returned: always
          type: str
        since:
          description: Since when it waits, ISO 8601.
          returned: always
          type: str
        message:
          description: What it says.
          returned: always
          type: str
        url:
          description: Where it can be answered in a browser.
          returned: always
          type: str
    cause:
      description: Why it failed; null unless it did.
      returned: always
      type: dict
      contains: &cause
        stage:
          description: The stage.
          returned: always
          type: str
        action:
          description: The action; empty for a condition.
          returned: always
          type: str
        code:
          description: AWS's code.
          returned: always
          type: str
        message:
          description: AWS's words.
          returned: always
          type: str
        phase:
          description: The first phase of its build that failed; empty without a build.
          returned: always
          type: str
        reason:
          description: What AWS says about that phase, or about the deployment; empty without.
          returned: always
          type: str
        lines:
          description: The last lines of its log before that, at most 20.
          returned: always
          type: list
          elements: str
        url:
          description: Where the log is.
          returned: always
          type: str
        sentence:
          description: All of it but the lines.
          returned: always
          type: str
    cost:
      description: What it cost in USD; null unless asked.
      returned: always
      type: dict
      contains:
        action_minutes:
          description: Begun minutes of its actions.
          returned: always
          type: int
        action_usd:
          description: What these cost.
          returned: always
          type: float
        build_minutes:
          description: Begun minutes of its builds and commands.
          returned: always
          type: int
        build_usd:
          description: What these cost, as far as known.
          returned: always
          type: float
        total_usd:
          description: Both.
          returned: always
          type: float
        unknown:
          description: What has no price here.
          returned: always
          type: list
          elements: str
    console_url:
      description: Where AWS's console shows it.
      returned: always
      type: str
inbound:
  description: Executions that wait before a stage.
  returned: always
  type: list
  elements: dict
  contains:
    stage:
      description: The stage.
      returned: always
      type: str
    pipeline_execution_id:
      description: Who waits.
      returned: always
      type: str
    status:
      description: Its status.
      returned: always
      type: str
disabled_transitions:
  description: Stages into which nothing may go.
  returned: always
  type: list
  elements: dict
  contains:
    stage:
      description: The stage.
      returned: always
      type: str
    reason:
      description: Why, in the words of whoever disabled it.
      returned: always
      type: str
    changed_by:
      description: Who has disabled it.
      returned: always
      type: str
approval:
  description: The approval that waits in the pipeline; null without one.
  returned: always
  type: dict
  contains: *approval
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._codepipeline import execution_options, executions
from ..module_utils._core.errors import RailyardError
from ..module_utils._module import aws_client, fail, succeed

SPEC = {
    "pipeline": {"type": "str", "required": True},
    "execution_id": {"type": "str"},
    "limit": {"type": "int", "default": 1},
    "details": {"type": "bool", "default": True},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    given = module.params
    clients = {name: aws_client(module, name) for name in execution_options.SERVICES}
    try:
        found = executions.latest(clients, given["pipeline"], given["limit"], given["execution_id"], given["details"])
    except RailyardError as error:
        fail(module, error)
    succeed(module, changed=False, **found)


if __name__ == "__main__":
    main()
