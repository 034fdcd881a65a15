#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codepipeline
version_added: 0.1.0
short_description: Keep a pipeline of CodePipeline
description:
  - Keeps a pipeline exactly as declared, by default of type V2 with queued executions.
  - M(community.aws.codepipeline) has neither check mode nor diff, knows neither V2, execution mode, triggers, variables, stage conditions,
    nor tags, and calls UpdatePipeline on every run, which raises the version and cancels the executions under way.
  - An equal structure is not written, so that the version rises only with a change. What AWS adds by itself is no difference, and
    RV(difference) has each smallest one by its path.
  - Wrong configurations are named before AWS is asked, all at once, one sentence each with its place and what would be right. Before the
    first write the module also asks AWS for what it would only say when an execution has failed, see O(validate).
  - AWS starts an execution of a new pipeline at once.
options:
  name:
    description: Name of the pipeline, at most 100 characters.
    type: str
    required: true
  role_arn:
    description: ARN of the role of the pipeline. Required unless O(state=absent).
    type: str
  artifact_bucket:
    description: Name of the bucket of its artifacts, in the same Region. Required unless O(state=absent).
    type: str
  encryption_key:
    description: ARN of a key of KMS for the artifacts. AWS's own unless given.
    type: str
  pipeline_type:
    description: V(V2) has triggers, variables, conditions, commands and queues, and costs by the minute of its actions.
    type: str
    choices: [V1, V2]
    default: V2
  execution_mode:
    description:
      - What becomes of executions that meet. V(QUEUED) lets them wait for each other before each stage, V(SUPERSEDED) lets a later one
        overtake one that waits, V(PARALLEL) runs them side by side, and then no stage can be rolled back.
    type: str
    choices: [QUEUED, SUPERSEDED, PARALLEL]
    default: QUEUED
  stages:
    description: The stages, the first with the sources. Required unless O(state=absent).
    type: list
    elements: dict
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      actions:
        description: Its actions.
        type: list
        elements: dict
        required: true
        suboptions:
          name:
            description: Its name, unique in the stage.
            type: str
            required: true
          category:
            description: What kind of action it is.
            type: str
            choices: [Source, Build, Test, Deploy, Approval, Invoke, Compute]
            required: true
          provider:
            description:
              - Who carries it out, for example V(CodeStarSourceConnection), V(CodeBuild), V(Commands), V(Manual), V(CodeDeployToECS).
            type: str
            required: true
          owner:
            description: Whose provider it is.
            type: str
            choices: [AWS, ThirdParty, Custom]
            default: AWS
          version:
            description: Version of the provider.
            type: str
            default: "1"
          run_order:
            description: Place among the actions of the stage; those of the same place run side by side.
            type: int
            default: 1
          configuration:
            description: What the provider takes, by AWS's keys. Lists and dicts become JSON, as C(EnvironmentVariables) wants it.
            type: dict
          inputs:
            description: Names of the artifacts that it gets, the first is the primary one.
            type: list
            elements: str
          outputs:
            description: The artifacts that it makes, a name or a dict of C(name) and C(files), which are for V(Commands).
            type: list
            elements: raw
          commands:
            description: The commands of V(Commands), 1 to 50 of at most 1000 characters.
            type: list
            elements: str
          environment_variables:
            description: Environment variables of V(Commands), at most 10.
            type: list
            elements: dict
            suboptions:
              name:
                description: Its name.
                type: str
                required: true
              value:
                description: Its value, or the name of a secret. It may hold variables of earlier actions, C(#{Source.CommitId}).
                type: str
                required: true
              type:
                description: What the value is.
                type: str
                default: PLAINTEXT
          output_variables:
            description: Names of the variables of V(Commands) that later actions may read.
            type: list
            elements: str
          namespace:
            description: By what later actions name its variables.
            type: str
          role_arn:
            description: ARN of a role of its own, which the pipeline's role may take on.
            type: str
          region:
            description: Another Region in which it runs.
            type: str
          timeout_minutes:
            description: Minutes after which an approval has failed, 7 days unless given.
            type: int
      before_entry:
        description: Condition of entry in AWS's shape with snake_case names.
        type: dict
      on_success:
        description: Condition after success in AWS's shape with snake_case names.
        type: dict
      on_failure:
        description: What happens after a failure, in AWS's shape with snake_case names, for example a C(result) of V(ROLLBACK).
        type: dict
  triggers:
    description:
      - What starts an execution. Without triggers AWS starts one for each push to the branch of a source, unless its C(DetectChanges) is
        false.
      - C(file_paths) are compared with the first hundred changed files only, and never fire for the push that creates a branch.
    type: list
    elements: dict
    suboptions:
      source_action:
        description: Name of the source action whose repository it is.
        type: str
        required: true
      push:
        description: At most three filters of pushes, one of which must match. Tags and branches stand in different ones.
        type: list
        elements: dict
        suboptions:
          branches: &patterns
            description: Patterns; exclusion wins.
            type: dict
            suboptions:
              includes:
                description: At most 8 patterns.
                type: list
                elements: str
              excludes:
                description: At most 8 patterns.
                type: list
                elements: str
          tags: *patterns
          file_paths: *patterns
      pull_request:
        description: At most three filters of pull requests by their destination, one of which must match.
        type: list
        elements: dict
        suboptions:
          events:
            description: What must have happened.
            type: list
            elements: str
            choices: [OPEN, UPDATED, CLOSED]
          branches: *patterns
          file_paths: *patterns
  variables:
    description: Variables that whoever starts an execution may give.
    type: list
    elements: dict
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      default_value:
        description: Its value unless given.
        type: str
      description:
        description: What it is for.
        type: str
  if_running:
    description:
      - What to do when the structure changes while an execution is under way, which AWS would cancel. V(wait) waits for its end, V(refuse)
        fails.
    type: str
    choices: [wait, refuse]
    default: wait
  wait_timeout:
    description: Seconds to wait at most for executions under way.
    type: int
    default: 3600
  validate:
    description:
      - Whether to ask AWS before the first write for what is wrong beyond the structure itself. That is a connection that is not AVAILABLE
        or of another Region, a bucket or project that is not there or elsewhere, roles that may not use connection, bucket or project (by
        SimulatePrincipalPolicy), and what O(image_repository), O(container_name) and O(container_port) name.
      - What cannot be asked because the caller may not, and in check mode what is not there yet, is left out.
    type: bool
    default: true
  image_repository:
    description: Name of the repository of ECR to which the roles of its build projects must be able to push.
    type: str
  container_name:
    description: The container that the appspec names, compared with the service behind the deployment group.
    type: str
  container_port:
    description: The port that the appspec names, compared likewise.
    type: int
  state:
    description: Whether the pipeline exists.
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
  - module: railyard.fargate.codepipeline_info
  - module: railyard.fargate.codepipeline_execution
  - module: railyard.fargate.codebuild_project
  - module: railyard.fargate.codeconnections_connection
  - name: CodePipeline pipeline structure reference
    description: What AWS accepts.
    link: https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html
"""

EXAMPLES = r"""
- name: Make a pipeline that builds each push to main
  railyard.fargate.codepipeline:
    name: shop-production
    role_arn: arn:aws:iam::123456789012:role/shop-production-pipeline
    artifact_bucket: shop-production-artifacts-123456789012
    stages:
      - name: Source
        actions:
          - name: Source
            category: Source
            provider: CodeStarSourceConnection
            namespace: Source
            outputs: [source]
            configuration:
              ConnectionArn: arn:aws:codeconnections:eu-west-1:123456789012:connection/1d2e3f40-5a6b-7c8d-9e0f-112233445566
              FullRepositoryId: acme/shop
              BranchName: main
              DetectChanges: false
      - name: Build
        actions:
          - name: Build
            category: Build
            provider: CodeBuild
            namespace: Build
            inputs: [source]
            outputs: [build]
            configuration:
              ProjectName: shop-production-build
      - name: Record
        actions:
          - name: Record
            category: Compute
            provider: Commands
            inputs: [build]
            commands: [cat imageDetail.json]
    triggers:
      - source_action: Source
        push:
          - branches:
              includes: [main]
    tags:
      application: shop

- name: Delete it
  railyard.fargate.codepipeline:
    name: shop-production
    state: absent
"""

RETURN = r"""
pipeline:
  description: The pipeline; null after its deletion.
  returned: always
  type: dict
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
difference:
  description: Each smallest difference of the structure by its path, with C(before) and C(after).
  returned: always
  type: dict
  sample: {"stages.Build.actions.Build.configuration.ProjectName": {"before": "shop-build", "after": "shop-production-build"}}
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._codepipeline import checks, module_options, pipeline
from ..module_utils._core.plan import Plan
from ..module_utils._module import STATE, TAGS, aws_client, connect, converge

SPEC = {**module_options.PIPELINE, "state": STATE, **TAGS}


def main() -> None:
    needed = ["role_arn", "artifact_bucket", "stages"]
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True, required_if=[("state", "present", needed)])
    wanted = module.params

    def prepare(plan: Plan) -> None:
        if wanted["validate"] and pipeline.writes_structure(plan):
            region = aws_client(module, "codepipeline").meta.region_name
            checks.validate(lambda service, where: connect(module, service, where), wanted, region, module.check_mode)
        if pipeline.changes_structure(plan) and not module.check_mode:
            pipeline.make_way(aws_client(module, "codepipeline"), wanted["name"], wanted["if_running"], wanted["wait_timeout"])

    converge(
        module,
        "codepipeline",
        "pipeline",
        find=lambda client: pipeline.find(client, wanted["name"]),
        make_plan=lambda client, live: pipeline.make_plan(client, wanted, live),
        prepare=prepare,
    )


if __name__ == "__main__":
    main()
