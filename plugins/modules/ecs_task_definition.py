#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ecs_task_definition
version_added: 0.1.0
short_description: Keep the latest revisions of ECS task definitions as declared
description:
  - Compares everything that AWS keeps of a task definition with the latest active revision of its family, and registers a new revision
    only when something is different after AWS's defaults are put aside.
  - M(community.aws.ecs_taskdefinition) does not compare cpu, memory, execution role, network mode or platform, takes any older revision
    for a match, and knows neither tags nor ephemeral storage.
  - A revision that Fargate would refuse is refused before the first call, with what would be right.
  - A new revision is not rolled out. That is a release, by M(railyard.fargate.ecs_service) or by CodeDeploy.
options:
  task_definitions:
    description: The task definitions, each family once. They are read and registered at the same time.
    type: list
    elements: dict
    required: true
    suboptions:
      family:
        description: Name of the family, at most 255 letters, digits, hyphens and underscores.
        type: str
        required: true
      containers:
        description:
          - The containers, as AWS's ContainerDefinition with snake_case names, C(port_mappings) and C(log_configuration) for example.
            A member that AWS does not know is an error that names those it knows.
          - C(environment) and C(secrets) are dictionaries by name, or lists as AWS has them. A secret is a reference to Parameter Store or
            Secrets Manager; values of C(environment) are settings and are shown in diffs.
          - C(image) may be left out of a container that the latest revision has; its image there is taken.
          - Required unless O(state=absent).
        type: list
        elements: dict
      cpu:
        description: CPU units of the task, 1024 are one vCPU. Required for Fargate.
        type: str
      memory:
        description: Memory of the task in MiB. Required for Fargate, which takes certain pairs only.
        type: str
      task_role_arn:
        description: The role of the application in the containers.
        type: str
      execution_role_arn:
        description: The role by which ECS pulls the image, reads secrets and writes logs.
        type: str
      network_mode:
        description: Network mode. Fargate has V(awsvpc) only.
        type: str
        choices: [awsvpc, bridge, host, none]
        default: awsvpc
      requires_compatibilities:
        description: What AWS holds the task definition against.
        type: list
        elements: str
        default: [FARGATE]
      runtime_platform:
        description: Processor and operating system.
        type: dict
        suboptions:
          cpu_architecture:
            description: Processor.
            type: str
            choices: [X86_64, ARM64]
            default: X86_64
          operating_system_family:
            description: Operating system.
            type: str
            default: LINUX
      ephemeral_storage:
        description: Disk of the task in GiB, 21 to 200. Fargate gives 20 when it is left out.
        type: int
      volumes:
        description: Volumes, as AWS's Volume with snake_case names.
        type: list
        elements: dict
      proxy_configuration:
        description: App Mesh proxy, as AWS's ProxyConfiguration with snake_case names.
        type: dict
      pid_mode:
        description: V(task) lets the containers of a task see each other's processes.
        type: str
        choices: [host, task]
      enable_fault_injection:
        description: Whether the task accepts fault injection.
        type: bool
        default: false
      keep_image:
        description:
          - Whether images belong to the deployer. A different image alone then makes no revision.
          - When something else makes a revision, each container gets the image that is declared here, and the one of the latest revision
            when none is declared. Give what is live, see M(railyard.fargate.ecs_service_info).
        type: bool
        default: false
      keep_image_of:
        description: Names of the containers to which O(task_definitions[].keep_image) applies. All when left out.
        type: list
        elements: str
  state:
    description: V(absent) deregisters every active revision of the families. Running tasks go on.
    type: str
    choices: [present, absent]
    default: present
  known:
    description:
      - Latest revisions that this run has read already, C(newest_task_definition) of M(railyard.fargate.ecs_service_info). One that is as
        declared is not read again.
    type: list
    elements: dict
    default: []
  delete_revisions:
    description:
      - With O(state=absent), also delete the deregistered revisions, older ones too. AWS keeps a revision that a running
        service uses until no service uses it any more.
    type: bool
    default: false
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
  - module: railyard.fargate.ecs_task_definition_info
  - module: railyard.fargate.ecs_service
  - module: railyard.fargate.ecs_service_info
  - name: ECS API, RegisterTaskDefinition
    description: What AWS accepts.
    link: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
  - name: Amazon ECS, invalid CPU or memory
    description: Which pairs of CPU and memory Fargate accepts.
    link: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
"""

EXAMPLES = r"""
- name: Declare what the web process and the workers are
  railyard.fargate.ecs_task_definition:
    task_definitions:
      - family: shop-production-web
        cpu: 512
        memory: 1024
        execution_role_arn: &execution arn:aws:iam::123456789012:role/shop-production-execution
        task_role_arn: &task arn:aws:iam::123456789012:role/shop-production-task
        containers:
          - name: web
            image: &image
              123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop@sha256:1111111111111111111111111111111111111111111111111111111111111111
            port_mappings:
              - container_port: 3000
            environment: &variables
              RAILS_ENV: production
            secrets: &secrets
              RAILS_MASTER_KEY: arn:aws:ssm:eu-west-1:123456789012:parameter/shop/production/RAILS_MASTER_KEY
            log_configuration:
              log_driver: awslogs
              options:
                awslogs-group: /shop/production/web
                awslogs-region: eu-west-1
                awslogs-stream-prefix: web
        keep_image: true
      - family: shop-production-worker
        cpu: 256
        memory: 512
        execution_role_arn: *execution
        task_role_arn: *task
        containers:
          - name: worker
            image: *image
            command: [bundle, exec, sidekiq]
            environment: *variables
            secrets: *secrets
        keep_image: true
    tags:
      application: shop
  register: processes

- name: Say why there are new revisions
  ansible.builtin.debug:
    msg: "{{ item.family }}: {{ item.difference }}"
  loop: "{{ processes.task_definitions | selectattr('revision_registered') }}"

- name: Deregister all revisions and delete them
  railyard.fargate.ecs_task_definition:
    task_definitions:
      - family: shop-production-web
      - family: shop-production-worker
    state: absent
    delete_revisions: true
"""

RETURN = r"""
task_definitions:
  description:
    - The latest active revisions in the order in which the families were given, without those that are gone. Defaults of AWS are put
      aside, empty members are left out.
  returned: always
  type: list
  elements: dict
  contains:
    family:
      description: Its family.
      returned: when it exists
      type: str
      sample: shop-production-web
    revision:
      description: Its number.
      returned: when it exists, not predicted in check mode
      type: int
    task_definition_arn:
      description: Its ARN, with the revision.
      returned: when it exists, not predicted in check mode
      type: str
      sample: arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-production-web:7
    status:
      description: V(ACTIVE).
      returned: when it exists, not predicted in check mode
      type: str
    registered_at:
      description: When it was registered, ISO 8601.
      returned: when it exists, not predicted in check mode
      type: str
    containers:
      description:
        - Containers in snake_case, sorted by name. C(essential) is always there, and so are C(protocol) and C(host_port) of each port.
          C(environment) and C(secrets) are dictionaries.
      returned: when it exists
      type: list
      elements: dict
    cpu:
      description: CPU units.
      returned: when set
      type: str
      sample: "512"
    memory:
      description: Memory in MiB.
      returned: when set
      type: str
      sample: "1024"
    task_role_arn:
      description: The role of the application.
      returned: when set
      type: str
    execution_role_arn:
      description: The role by which ECS starts the task.
      returned: when set
      type: str
    network_mode:
      description: Network mode.
      returned: when set
      type: str
    requires_compatibilities:
      description: What AWS held it against.
      returned: when set
      type: list
      elements: str
    runtime_platform:
      description: Processor and operating system, complete.
      returned: when it exists
      type: dict
    ephemeral_storage:
      description: Disk in GiB.
      returned: when set
      type: int
    volumes:
      description: Volumes in snake_case, sorted by name.
      returned: when set
      type: list
      elements: dict
    proxy_configuration:
      description: App Mesh proxy.
      returned: when set
      type: dict
    pid_mode:
      description: Process namespace.
      returned: when set
      type: str
    ipc_mode:
      description: Namespace of shared memory.
      returned: when set, which this module never does
      type: str
    enable_fault_injection:
      description: Whether fault injection is accepted.
      returned: when true
      type: bool
    placement_constraints:
      description: Where tasks may be placed.
      returned: when set, which this module never does
      type: list
      elements: dict
    inference_accelerators:
      description: Accelerators.
      returned: when set, which this module never does
      type: list
      elements: dict
    trusted_execution_configuration:
      description: Isolation of the task.
      returned: when set, which this module never does
      type: dict
    tags:
      description: Its tags.
      returned: when it exists
      type: dict
    revision_registered:
      description: Whether a new revision was registered, or would be in check mode. Changed tags need none.
      returned: always
      type: bool
    difference:
      description:
        - What made the revision necessary; each difference by its path, C(containers.web.environment.RAILS_ENV) for example, with before
          and after. Empty for the first revision.
      returned: always
      type: dict
      sample: {"memory": {"before": "1024", "after": "2048"}}
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._ecs import task_definition
from ..module_utils._module import STATE, TAGS, converge_each

PLATFORM = {
    "cpu_architecture": {"type": "str", "choices": ["X86_64", "ARM64"], "default": "X86_64"},
    "operating_system_family": {"type": "str", "default": "LINUX"},
}
TASK_DEFINITION = {
    "family": {"type": "str", "required": True},
    "containers": {"type": "list", "elements": "dict"},
    "cpu": {"type": "str"},
    "memory": {"type": "str"},
    "task_role_arn": {"type": "str"},
    "execution_role_arn": {"type": "str"},
    "network_mode": {"type": "str", "choices": ["awsvpc", "bridge", "host", "none"], "default": "awsvpc"},
    "requires_compatibilities": {"type": "list", "elements": "str", "default": ["FARGATE"]},
    "runtime_platform": {"type": "dict", "options": PLATFORM},
    "ephemeral_storage": {"type": "int"},
    "volumes": {"type": "list", "elements": "dict"},
    "proxy_configuration": {"type": "dict"},
    "pid_mode": {"type": "str", "choices": ["host", "task"]},
    "enable_fault_injection": {"type": "bool", "default": False},
    "keep_image": {"type": "bool", "default": False},
    "keep_image_of": {"type": "list", "elements": "str"},
}
SPEC = {
    "task_definitions": {"type": "list", "elements": "dict", "required": True, "options": TASK_DEFINITION},
    "known": {"type": "list", "elements": "dict", "default": []},
    "state": STATE,
    "delete_revisions": {"type": "bool", "default": False},
    **TAGS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    known = {one["family"]: one for one in module.params["known"]}
    converge_each(
        module,
        "ecs",
        "task_definitions",
        find=task_definition.find_each,
        make_plan=task_definition.make_plan,
        name=lambda one: str(one["family"]),
        known=lambda one: known.get(one["family"]),
    )


if __name__ == "__main__":
    main()
