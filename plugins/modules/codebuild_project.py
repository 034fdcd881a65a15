#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codebuild_project
version_added: 0.1.0
short_description: Keep build projects of CodeBuild
description:
  - Keeps one or more build projects exactly as declared, planned together before the first write and worked side by side.
  - M(community.aws.codebuild_project) has neither check mode nor diff, calls UpdateProject on every run, and does not know logs, the docker
    server, queued timeouts and limits of concurrent builds.
  - What can never work is named before AWS is asked, each with its place and what would be right; AWS itself says some of it only when a
    build has failed. Examples are an Ubuntu image on ARM, a LOCAL cache in a VPC, and docker commands without
    O(projects[].environment.privileged).
  - A role that was just made may be refused for some minutes; the module asks again for that refusal only.
options:
  projects:
    description: The projects.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name, 2 to 150 letters, digits, C(-) and C(_).
        type: str
        required: true
      description:
        description: What it is for, at most 255 characters.
        type: str
      service_role_arn:
        description: ARN of the role of its builds. Required unless O(state=absent).
        type: str
      source:
        description: What is built. Required unless O(state=absent).
        type: dict
        suboptions:
          type:
            description: Where it comes from.
            type: str
            choices: [CODEPIPELINE, NO_SOURCE, S3, GITHUB, GITHUB_ENTERPRISE, GITLAB, GITLAB_SELF_MANAGED, BITBUCKET, CODECOMMIT]
            default: CODEPIPELINE
          location:
            description: Address of the repository, or bucket and key. Not with V(CODEPIPELINE) and V(NO_SOURCE).
            type: str
          buildspec:
            description: The buildspec as text, or the path of its file in the source. C(buildspec.yml) unless given.
            type: str
      artifacts:
        description: What comes of it. Required unless O(state=absent).
        type: dict
        suboptions:
          type:
            description: Where it goes. V(CODEPIPELINE) belongs to a source of V(CODEPIPELINE).
            type: str
            choices: [CODEPIPELINE, NO_ARTIFACTS, S3]
            default: CODEPIPELINE
          location:
            description: The bucket, with V(S3).
            type: str
      environment:
        description: Where it is built. Required unless O(state=absent).
        type: dict
        suboptions:
          type:
            description: Kind of machine.
            type: str
            choices: [LINUX_CONTAINER, ARM_CONTAINER, LINUX_GPU_CONTAINER, LINUX_LAMBDA_CONTAINER, ARM_LAMBDA_CONTAINER]
            default: LINUX_CONTAINER
          image:
            description: Image of the build container, one of AWS's own or of a repository.
            type: str
            required: true
          compute_type:
            description: Size of the machine.
            type: str
            default: BUILD_GENERAL1_SMALL
          privileged:
            description: Whether the build may run a docker daemon.
            type: bool
            default: false
          image_pull_credentials_type:
            description: Who pulls the image. V(SERVICE_ROLE) is for images of private repositories.
            type: str
            choices: [CODEBUILD, SERVICE_ROLE]
            default: CODEBUILD
          variables:
            description: Environment variables of builds.
            type: list
            elements: dict
            suboptions:
              name:
                description: Its name, not C(CODEBUILD_*).
                type: str
                required: true
              value:
                description: Its value, or the name of a parameter or secret.
                type: str
                required: true
              type:
                description: What O(projects[].environment.variables[].value) is.
                type: str
                choices: [PLAINTEXT, PARAMETER_STORE, SECRETS_MANAGER]
                default: PLAINTEXT
          docker_server:
            description:
              - A docker server of the project's own, which keeps layers for up to a month. Its minutes are paid beside those of builds.
            type: dict
            suboptions:
              compute_type:
                description: Its size.
                type: str
                default: BUILD_GENERAL1_SMALL
              security_group_ids:
                description: Its security groups, in a VPC.
                type: list
                elements: str
          registry_credential:
            description: A secret by which the image of a private registry is pulled.
            type: dict
            suboptions:
              credential:
                description: Name or ARN of the secret.
                type: str
                required: true
              credential_provider:
                description: Where the secret is.
                type: str
                choices: [SECRETS_MANAGER]
                default: SECRETS_MANAGER
      cache:
        description: What builds keep for the next one; nothing unless given.
        type: dict
        suboptions:
          type:
            description: Where. V(LOCAL) is on the machine, when AWS happens to use the same one; it does nothing in a VPC.
            type: str
            choices: [NO_CACHE, S3, LOCAL]
            default: NO_CACHE
          location:
            description: Bucket and prefix, with V(S3).
            type: str
          modes:
            description: What is kept, with V(LOCAL).
            type: list
            elements: str
            choices: [LOCAL_DOCKER_LAYER_CACHE, LOCAL_SOURCE_CACHE, LOCAL_CUSTOM_CACHE]
      log_group:
        description: Log group of its lines; AWS's own, C(/aws/codebuild/<name>), without retention unless given.
        type: str
      log_stream_prefix:
        description: What the names of its log streams begin with.
        type: str
      timeout_minutes:
        description: Minutes after which a build is ended, 5 to 2160.
        type: int
        default: 60
      queued_timeout_minutes:
        description: Minutes after which a build that has not begun is ended, 5 to 480.
        type: int
        default: 480
      concurrent_build_limit:
        description: How many builds run at once at most; no limit unless given.
        type: int
      encryption_key:
        description: Key with which artifacts are encrypted. What is live stays unless given.
        type: str
      vpc_config:
        description: Where builds are in a VPC, which need a way out of it; outside of one unless given.
        type: dict
        suboptions:
          vpc_id:
            description: Id of the VPC.
            type: str
          subnets:
            description: Ids of subnets.
            type: list
            elements: str
          security_group_ids:
            description: Ids of security groups.
            type: list
            elements: str
  state:
    description: Whether the projects exist.
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
  - module: railyard.fargate.codebuild_project_info
  - module: railyard.fargate.codebuild_build
  - module: railyard.fargate.codepipeline
  - name: CodeBuild API, CreateProject
    description: What AWS accepts.
    link: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html
  - name: Docker images provided by CodeBuild
    description: Which images there are for which type.
    link: https://docs.aws.amazon.com/codebuild/latest/userguide/ec2-compute-images.html
"""

EXAMPLES = r"""
- name: Make the project that builds and pushes the image
  railyard.fargate.codebuild_project:
    projects:
      - name: shop-production-build
        service_role_arn: arn:aws:iam::123456789012:role/shop-production-build
        source:
          buildspec: "{{ lookup('ansible.builtin.template', 'build.yml.j2') }}"
        artifacts: {}
        environment:
          image: aws/codebuild/amazonlinux-x86_64-standard:5.0
          privileged: true
          variables:
            - {name: REPOSITORY, value: shop}
        log_group: /aws/codebuild/shop-production-build
    tags:
      application: shop

- name: See what another size would change
  railyard.fargate.codebuild_project:
    projects:
      - name: shop-production-build
        service_role_arn: arn:aws:iam::123456789012:role/shop-production-build
        source: {}
        artifacts: {}
        environment:
          image: aws/codebuild/amazonlinux-x86_64-standard:5.0
          compute_type: BUILD_GENERAL1_MEDIUM
  check_mode: true
  diff: true

- name: Delete it
  railyard.fargate.codebuild_project:
    projects:
      - name: shop-production-build
    state: absent
"""

RETURN = r"""
projects:
  description: The projects in the order in which they were given; empty after their deletion.
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
from ..module_utils._module import STATE, TAGS, converge_each

STRINGS = {"type": "list", "elements": "str"}
SOURCES = ["CODEPIPELINE", "NO_SOURCE", "S3", "GITHUB", "GITHUB_ENTERPRISE", "GITLAB", "GITLAB_SELF_MANAGED", "BITBUCKET", "CODECOMMIT"]
SOURCE = {"type": {"type": "str", "choices": SOURCES, "default": "CODEPIPELINE"}, "location": {"type": "str"}, "buildspec": {"type": "str"}}
ARTIFACTS = {
    "type": {"type": "str", "choices": ["CODEPIPELINE", "NO_ARTIFACTS", "S3"], "default": "CODEPIPELINE"},
    "location": {"type": "str"},
}
VARIABLE = {
    "name": {"type": "str", "required": True},
    "value": {"type": "str", "required": True},
    "type": {"type": "str", "choices": ["PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"], "default": "PLAINTEXT"},
}
DOCKER_SERVER = {"compute_type": {"type": "str", "default": "BUILD_GENERAL1_SMALL"}, "security_group_ids": STRINGS}
CREDENTIAL = {
    "credential": {"type": "str", "required": True, "no_log": False},
    "credential_provider": {"type": "str", "choices": ["SECRETS_MANAGER"], "default": "SECRETS_MANAGER"},
}
MACHINES = ["LINUX_CONTAINER", "ARM_CONTAINER", "LINUX_GPU_CONTAINER", "LINUX_LAMBDA_CONTAINER", "ARM_LAMBDA_CONTAINER"]
ENVIRONMENT = {
    "type": {"type": "str", "choices": MACHINES, "default": "LINUX_CONTAINER"},
    "image": {"type": "str", "required": True},
    "compute_type": {"type": "str", "default": "BUILD_GENERAL1_SMALL"},
    "privileged": {"type": "bool", "default": False},
    "image_pull_credentials_type": {"type": "str", "choices": ["CODEBUILD", "SERVICE_ROLE"], "default": "CODEBUILD"},
    "variables": {"type": "list", "elements": "dict", "options": VARIABLE},
    "docker_server": {"type": "dict", "options": DOCKER_SERVER},
    "registry_credential": {"type": "dict", "options": CREDENTIAL},
}
CACHE = {
    "type": {"type": "str", "choices": ["NO_CACHE", "S3", "LOCAL"], "default": "NO_CACHE"},
    "location": {"type": "str"},
    "modes": {**STRINGS, "choices": ["LOCAL_DOCKER_LAYER_CACHE", "LOCAL_SOURCE_CACHE", "LOCAL_CUSTOM_CACHE"]},
}
PROJECT = {
    "name": {"type": "str", "required": True},
    "description": {"type": "str"},
    "service_role_arn": {"type": "str"},
    "source": {"type": "dict", "options": SOURCE},
    "artifacts": {"type": "dict", "options": ARTIFACTS},
    "environment": {"type": "dict", "options": ENVIRONMENT},
    "cache": {"type": "dict", "options": CACHE},
    "log_group": {"type": "str"},
    "log_stream_prefix": {"type": "str"},
    "timeout_minutes": {"type": "int", "default": 60},
    "queued_timeout_minutes": {"type": "int", "default": 480},
    "concurrent_build_limit": {"type": "int"},
    "encryption_key": {"type": "str", "no_log": False},
    "vpc_config": {"type": "dict", "options": {"vpc_id": {"type": "str"}, "subnets": STRINGS, "security_group_ids": STRINGS}},
}
SPEC = {"projects": {"type": "list", "elements": "dict", "required": True, "options": PROJECT}, "state": STATE, **TAGS}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    converge_each(
        module,
        "codebuild",
        "projects",
        find=project.find_each,
        make_plan=project.make_plan,
        name=lambda one: str(one["name"]),
    )


if __name__ == "__main__":
    main()
