#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codepipeline_execution
version_added: 0.1.0
short_description: Start, follow, stop, retry, approve and roll back executions of a pipeline
description:
  - Starts an execution of a pipeline of CodePipeline, follows one with its progress as lines, stops it, tries a stage again, answers an
    approval, or brings a stage back to an earlier execution.
  - Neither amazon.aws nor community.aws has a module for executions.
  - An execution that fails ends the module with RV(cause), AWS's reason of the failing action, the first failed phase of its build, and the
    last lines of its log. One that was stopped, superseded by a later one or cancelled is no error; RV(message) says so.
  - AWS's refusals are explained.
options:
  pipeline:
    description: Name of the pipeline.
    type: str
    required: true
  state:
    description:
      - V(started) starts an execution. V(followed) follows one. V(stopped) stops it.
      - V(retried) tries a stage again that has failed or was stopped, in the same execution.
      - V(approved) and V(rejected) answer the approval that waits.
      - V(rolled_back) brings O(stage) back to what an earlier execution has brought it. AWS starts an execution of that stage only, with
        the old artifacts; the structure of the pipeline must not have changed since.
    type: str
    choices: [started, followed, stopped, retried, approved, rejected, rolled_back]
    default: started
  execution_id:
    description:
      - The execution that is meant. The newest one under way unless given, or the newest of all; with V(retried) the newest that has failed
        or was stopped; with V(approved) and V(rejected) the one that waits.
      - With V(rolled_back) the execution to go back to, the last one that has succeeded in the stage before what is there now unless given.
    type: str
  stage:
    description: The stage to try again (the failed one unless given), to roll back (required then), or whose approval is meant.
    type: str
  reason:
    description: Why it is stopped, at most 200 characters, or what is said with an approval, at most 512.
    type: str
  abandon:
    description:
      - Whether V(stopped) abandons the running actions instead of letting them end first. AWS lets work on what they have started, so the
        module stops builds and deployments itself. Commands go on to their end.
    type: bool
    default: false
  failed_actions_only:
    description: Whether V(retried) tries only the failed actions of the stage again, not all of them.
    type: bool
    default: true
  variables:
    description: Values of the pipeline's variables by name, for V(started).
    type: dict
  source_revisions:
    description: What is built instead of the newest, for V(started), for example one commit again or an image by its digest.
    type: list
    elements: dict
    suboptions:
      action_name:
        description: Name of the source action.
        type: str
        required: true
      revision_type:
        description: What the value is.
        type: str
        choices: [COMMIT_ID, IMAGE_DIGEST, S3_OBJECT_VERSION_ID, S3_OBJECT_KEY]
        default: COMMIT_ID
      revision_value:
        description: The commit, digest, version or key.
        type: str
        required: true
  token:
    description: Idempotence key of V(started), at most 128 letters, digits and C(-). A second start with the same one starts nothing.
    type: str
  wait:
    description: Whether to follow the execution.
    type: bool
    default: true
  wait_for:
    description: What to follow it to. V(approval) also ends where an approval waits for a person.
    type: str
    choices: [ended, approval]
    default: ended
  wait_timeout:
    description: Seconds to follow it at most. It goes on then, and the module fails.
    type: int
    default: 7200
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
    description: V(started) is with O(token) only; each other state is left as it is when it is reached.
seealso:
  - module: railyard.fargate.codepipeline
  - module: railyard.fargate.codepipeline_execution_info
  - name: How pipeline executions work
    description: Stops, superseded executions, retries and rollbacks.
    link: https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html
"""

EXAMPLES = r"""
- name: Start an execution and follow it
  railyard.fargate.codepipeline_execution:
    pipeline: shop-production

- name: Build one commit again
  railyard.fargate.codepipeline_execution:
    pipeline: shop-production
    source_revisions:
      - {action_name: Source, revision_value: 6d1f8a2c0b4e97d35fa1}

- name: Try the failed stage again
  railyard.fargate.codepipeline_execution:
    pipeline: shop-production
    state: retried

- name: Approve what waits
  railyard.fargate.codepipeline_execution:
    pipeline: shop-production
    state: approved
    reason: Seen on staging

- name: Stop what is under way at once
  railyard.fargate.codepipeline_execution:
    pipeline: shop-production
    state: stopped
    abandon: true
    reason: The migration locks a table
"""

RETURN = r"""
execution:
  description: The execution as it is at the end; null where check mode predicts one, and where the module fails before it is known.
  returned: always
  type: dict
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
message:
  description: What there is to say beside it; empty without.
  returned: always
  type: str
  sample: execution 5b0f of shop-production was superseded by a later one, which has its changes too
cause:
  description: Why it failed, as RV(execution.cause).
  returned: when it failed
  type: dict
  contains: *cause
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._codepipeline import execution_options
from ..module_utils._codepipeline.follow import Following
from ..module_utils._core.progress import to_file
from ..module_utils._module import aws_client, interruptible, succeed


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=execution_options.SPEC, supports_check_mode=True, required_if=[("state", "rolled_back", ["stage"])]
    )
    given = module.params
    clients = {name: aws_client(module, name) for name in execution_options.SERVICES}
    with interruptible(module):
        how = Following(to_file(given["progress"]), given["wait_timeout"], given["wait_for"])
        outcome = execution_options.carry_out(clients, given, how, module.check_mode)
    succeed(module, changed=outcome.changed, execution=outcome.execution, message=outcome.message)


if __name__ == "__main__":
    main()
