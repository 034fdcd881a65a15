#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ecs_run_task
version_added: 0.1.0
short_description: Run a command once as an ECS task on Fargate, and show its lines
description:
  - Starts one task, shows the lines that it logs while it runs, and fails when the command fails. Any exit code but 0 is a failure.
  - RV(kind) tells a task that ECS did not accept from one that never started, one that failed and one that takes too long.
  - The task runs a task definition as it is (O(task_definition)), or an image of an environment (O(names)).
  - ECS cannot override the image of a task. With O(names), the module therefore registers a revision of the family
    C(<cluster>-run) with the image, unless the newest revision has it. The revision is a copy of the newest revision of
    C(<cluster>-web) without port mappings, health checks and other settings of a service.
  - A command that changes the schema (C(db:migrate), C(db:rollback) and the like) of an environment takes the environment's lock and is
    recorded among the releases, so that a rollback knows that something may have been dropped. M(railyard.fargate.rails_migration)
    migrates and records what was dropped.
  - M(community.aws.ecs_task) does not fail when a task is not accepted or its command fails, shows no lines, and cannot be repeated safely.
options:
  names:
    description: The names of the environment whose O(image) is run, as P(railyard.fargate.names#lookup) returns them.
    type: dict
  image:
    description: With O(names), a tag, a digest or a URI of an image in the environment's repository. By default the image that
      O(service) runs.
    type: str
  task_definition:
    description: A family, C(family:revision) or ARN that is run as it is.
    type: str
  cluster:
    description: With O(task_definition), the cluster. V(default) if not set.
    type: str
  service:
    description: Service in whose network the task runs.
    type: str
    default: web
  network:
    description: The network, instead of that of O(service).
    type: dict
    suboptions:
      subnets:
        description: Ids of the subnets.
        type: list
        elements: str
        required: true
      security_groups:
        description: Ids of the security groups.
        type: list
        elements: str
      assign_public_ip:
        description: Whether the task gets a public address.
        type: bool
        default: false
  container:
    description:
      - With O(task_definition), the container whose command, environment, lines and exit code are meant. The first essential one if not
        set.
    type: str
  command:
    description:
      - The command, instead of that of the container. A list of words, or a line that is split as a shell splits it. No shell reads it.
      - Required with O(names).
    type: raw
  environment:
    description: Variables beside those of the container. Not for secrets, which everybody who may look at tasks would see.
    type: dict
  wait_timeout:
    description: Seconds to wait at most until the task has ended.
    type: int
    default: 3600
  on_timeout:
    description: What to do with a task that has not ended by then. V(leave) lets it run, V(stop) stops it.
    type: str
    choices: [leave, stop]
    default: leave
  token:
    description:
      - At most 64 characters. ECS starts only one task for each. Another run with the same token, within a day, follows the same task to
        its end instead of starting a second one.
    type: str
  requested_by:
    description: Who requests the task. It becomes C(startedBy) of the task, which may contain letters, digits and C(-_/) only; other
      characters become C(-).
    type: str
  lock_timeout:
    description: With O(names), seconds to wait at most for a lock that somebody else holds.
    type: int
    default: 0
  tags:
    description: Tags of the task beside those of its task definition.
    type: dict
    aliases: [resource_tags]
  progress:
    description: A file to which a line is appended per event. On the controller, the lines are shown without it.
    type: path
author:
  - Railyard contributors (@railyard)
attributes:
  idempotent:
    support: partial
    details: Each run starts a task, unless it has the O(token) of an earlier one.
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
seealso:
  - module: railyard.fargate.ecs_task_definition
  - name: RunTask
    description: What ECS makes of it.
    link: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
"""

EXAMPLES = r"""
- name: Load the seeds with the live image
  railyard.fargate.ecs_run_task:
    names: "{{ lookup('railyard.fargate.names') }}"
    command: bin/rails db:seed

- name: Try a task out in an image that is not live
  railyard.fargate.ecs_run_task:
    names: "{{ lookup('railyard.fargate.names') }}"
    image: 3f2c1ab
    command: [bin/rails, runner, "puts User.count"]
    wait_timeout: 300
    on_timeout: stop

- name: A nightly report, at most once, however often this runs today
  railyard.fargate.ecs_run_task:
    task_definition: shop-production-reports
    cluster: shop-production
    token: "reports-{{ ansible_facts.date_time.date }}"
  register: report
"""

RETURN = r"""
task:
  description: The task. In check mode null for what is not known yet.
  returned: success
  type: dict
  contains:
    task_arn:
      description: ARN of the task.
      returned: always
      type: str
    task_definition:
      description: ARN of the revision. In check mode null when it is not registered yet.
      returned: always
      type: str
    exit_code:
      description: Exit code of the container. Null when it has none.
      returned: always
      type: int
    stop_code:
      description: Why it stopped, as ECS's code.
      returned: always
      type: str
      sample: EssentialContainerExited
    stopped_reason:
      description: Why it stopped, in ECS's words.
      returned: always
      type: str
    started_at:
      description: When its containers had started, ISO 8601.
      returned: always
      type: str
    stopped_at:
      description: When it had stopped, ISO 8601.
      returned: always
      type: str
    seconds:
      description: Seconds between the two.
      returned: always
      type: float
    log_group:
      description: Log group of its lines. Null when the container does not write to CloudWatch Logs.
      returned: always
      type: str
    log_stream:
      description: Log stream of its lines.
      returned: always
      type: str
    log_url:
      description: Where AWS's console shows its lines.
      returned: always
      type: str
    task_url:
      description: Where AWS's console shows the task.
      returned: always
      type: str
    lines:
      description: Its last 50 lines.
      returned: always
      type: list
      elements: str
image:
  description: URI of the image, by digest. Null with O(task_definition).
  returned: success
  type: str
command:
  description: The command, word by word. Null when it is the container's.
  returned: success
  type: list
  elements: str
kind:
  description:
    - The kind of failure. V(refused) is a task that ECS did not accept, V(never_started) one whose container never ran, V(failed) one that
      ended and not well, V(timeout) one that has not ended, and V(unknown) one of which nobody can tell.
    - What RV(task) contains is in the result beside it.
  returned: failure of a task
  type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.progress import to_file
from ..module_utils._deployment import module_options
from ..module_utils._module import aws_clients, interruptible, names_of, succeed
from ..module_utils._one_off import run
from ..module_utils._release import schema_changes

SPEC = {
    "names": {"type": "dict"},
    "image": {"type": "str"},
    "task_definition": {"type": "str"},
    "cluster": {"type": "str"},
    "service": {"type": "str", "default": "web"},
    "network": {"type": "dict", "options": module_options.NETWORK},
    "container": {"type": "str"},
    "command": {"type": "raw"},
    "environment": {"type": "dict"},
    "wait_timeout": {"type": "int", "default": 3600},
    "on_timeout": {"type": "str", "choices": ["leave", "stop"], "default": "leave"},
    "token": {"type": "str", "no_log": False},
    "requested_by": {"type": "str"},
    "lock_timeout": {"type": "int", "default": 0},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "progress": {"type": "path"},
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=SPEC,
        supports_check_mode=True,
        required_one_of=[("names", "task_definition")],
        mutually_exclusive=[
            ("names", "task_definition"),
            ("names", "cluster"),
            ("names", "container"),
            ("image", "task_definition"),
        ],
        required_by={"names": ["command"]},
    )
    names = names_of(module) if module.params["names"] else None
    clients = aws_clients(module, ("ecs", "ecr", "logs", "s3"))
    with interruptible(module):
        say = to_file(module.params["progress"])
        answer = run.carry_out(clients, module.params, say, module.check_mode, schema_changes.run_command, names)
    difference = {"before": {}, "after": {key: answer[key] for key in ("image", "command")}}
    succeed(module, changed=True, **answer, **({"diff": difference} if module._diff else {}))


if __name__ == "__main__":
    main()
