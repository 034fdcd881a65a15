#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: environment_status_info
version_added: 0.2.0
short_description: Read how an environment is
description:
  - Reads all that says how an environment is at the same time, and decides whether it is healthy, degraded or down.
  - A part that was not made, or that the caller may not read, says so and hides no other one.
  - No module of amazon.aws or community.aws reads more than one service. None of its calls is one that AWS charges for.
options:
  names:
    description: The names of the environment, as P(railyard.fargate.names#lookup) returns them.
    type: dict
    required: true
  limit:
    description: How many records of releases to read.
    type: int
    default: 3
  watch:
    description: Show the screen again after so many seconds, until somebody interrupts the run. V(0) reads once.
    type: int
    default: 0
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.releases_info
  - module: railyard.fargate.codepipeline_execution_info
"""

EXAMPLES = r"""
- name: Read how the environment is
  railyard.fargate.environment_status_info:
    names: "{{ lookup('railyard.fargate.names') }}"
  register: found

- name: Say what is wrong
  ansible.builtin.debug:
    msg: "{{ found.problems | map(attribute='what') }}"
  when: found.health != 'healthy'
"""

RETURN = r"""
health:
  description:
    - V(healthy); V(degraded), where something is wrong and users are served; V(down), where nobody answers users; V(unknown), where the
      services or the load balancer cannot be read.
  returned: always
  type: str
problems:
  description: What is wrong, the worst first.
  returned: always
  type: list
  elements: dict
  contains:
    health:
      description: V(degraded) or V(down).
      returned: always
      type: str
    what:
      description: What is wrong.
      returned: always
      type: str
    next:
      description: The playbook that repairs it or tells more; empty without one.
      returned: always
      type: str
at:
  description: When it was read, ISO 8601.
  returned: always
  type: str
seconds:
  description: How long it took.
  returned: always
  type: float
text:
  description: All of it for a terminal.
  returned: always
  type: str
parts:
  description: What was read.
  returned: always
  type: dict
  contains:
    services:
      description: The services of the processes; absent where there is none.
      returned: always
      type: dict
      contains:
        state: &state
          description: V(read), V(absent) where it was not made, or V(unreadable).
          returned: always
          type: str
        reason: &reason
          description: Why there is nothing, or AWS's words; null when it was read.
          returned: always
          type: str
        found:
          description: What was read; null otherwise.
          returned: always
          type: list
          elements: dict
          contains:
            name:
              description: Its process.
              returned: always
              type: str
            engine:
              description: V(codedeploy) or V(ecs).
              returned: always
              type: str
            desired:
              description: Tasks that are wanted.
              returned: always
              type: int
            running:
              description: Tasks that run.
              returned: always
              type: int
            pending:
              description: Tasks that are starting.
              returned: always
              type: int
            active_group:
              description: ARN of the target group of its primary tasks; null where only the listener knows it.
              returned: always
              type: str
            runs:
              description: Its task sets or deployments.
              returned: always
              type: list
              elements: dict
              contains:
                definition:
                  description: Family and revision.
                  returned: always
                  type: str
                primary:
                  description: Whether these are the primary tasks.
                  returned: always
                  type: bool
                desired:
                  description: Tasks that are wanted.
                  returned: always
                  type: int
                running:
                  description: Tasks that run.
                  returned: always
                  type: int
                pending:
                  description: Tasks that are starting.
                  returned: always
                  type: int
    load_balancer:
      description: The production listener and both target groups.
      returned: always
      type: dict
      contains:
        state: *state
        reason: *reason
        found:
          description: What was read; null otherwise.
          returned: always
          type: dict
          contains:
            listener_arn:
              description: ARN of the listener.
              returned: always
              type: str
            pair:
              description: ARNs of the target groups.
              returned: always
              type: list
              elements: str
            answers:
              description: What the listener does where it does not forward to them; else null.
              returned: always
              type: str
            certificate_arns:
              description: Its certificates and those of the other listeners.
              returned: always
              type: list
              elements: str
            maintenance:
              description: ARN of the rule that shows a page to everybody; null without one.
              returned: always
              type: str
            groups:
              description: Both target groups.
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
                  returned: always
                  type: str
                weight:
                  description: Percent of the traffic.
                  returned: always
                  type: int
                targets:
                  description: Number of targets by state.
                  returned: always
                  type: dict
                reasons:
                  description: AWS's words about targets that are unhealthy.
                  returned: always
                  type: list
                  elements: str
    pipeline:
      description: The newest execution of the pipeline; null where nothing has been pushed.
      returned: always
      type: dict
      contains:
        state: *state
        reason: *reason
        found:
          description: What was read; null otherwise.
          returned: always
          type: dict
          contains:
            name:
              description: The pipeline.
              returned: always
              type: str
            execution_id:
              description: The execution.
              returned: always
              type: str
            status:
              description: AWS's status.
              returned: always
              type: str
            stage:
              description: The stage in which it is, or ended.
              returned: always
              type: str
            commit:
              description: Id of the commit.
              returned: always
              type: str
            message:
              description: The first line of its message.
              returned: always
              type: str
            started_at:
              description: When it began, ISO 8601.
              returned: always
              type: str
            waits:
              description: The approval that waits for a person; null without one.
              returned: always
              type: str
    deployment:
      description: The deployment in flight; null without one.
      returned: always
      type: dict
      contains:
        state: *state
        reason: *reason
        found:
          description: What was read; null otherwise.
          returned: always
          type: dict
          contains:
            deployment_id:
              description: Its id.
              returned: always
              type: str
            engine:
              description: V(codedeploy) or V(ecs).
              returned: always
              type: str
            status:
              description: As in M(railyard.fargate.codedeploy_deployment_info).
              returned: always
              type: str
            percent:
              description: Percent of the traffic on its tasks.
              returned: always
              type: int
            progress:
              description: A line that says where it is.
              returned: always
              type: str
            definition:
              description: Family and revision of its tasks.
              returned: always
              type: str
            created_at:
              description: When it began, ISO 8601.
              returned: always
              type: str
            rollback:
              description: Whether it goes back.
              returned: always
              type: bool
            console_url:
              description: Where AWS's console shows it.
              returned: always
              type: str
            waits:
              description: For what it waits.
              returned: always
              type: list
              elements: dict
              contains:
                name:
                  description: A hook, or what is waited for.
                  returned: always
                  type: str
                status:
                  description: AWS's status.
                  returned: always
                  type: str
                until:
                  description: Until when, ISO 8601; null where AWS does not say.
                  returned: always
                  type: str
                then:
                  description: What happens at that time.
                  returned: always
                  type: str
                by_person:
                  description: Whether somebody can let it go on.
                  returned: always
                  type: bool
    alarms:
      description: The alarms of the environment, by name.
      returned: always
      type: dict
      contains:
        state: *state
        reason: *reason
        found:
          description: What was read; null otherwise.
          returned: always
          type: list
          elements: dict
          contains:
            name:
              description: Its name.
              returned: always
              type: str
            state:
              description: V(OK), V(ALARM) or V(INSUFFICIENT_DATA).
              returned: always
              type: str
            reason:
              description: AWS's words.
              returned: always
              type: str
            since:
              description: Since when, ISO 8601.
              returned: always
              type: str
            acts:
              description: Whether its actions are enabled.
              returned: always
              type: bool
    scaling:
      description: Each process that is scaled.
      returned: always
      type: dict
      contains:
        state: *state
        reason: *reason
        found:
          description: What was read; null otherwise.
          returned: always
          type: list
          elements: dict
          contains:
            process:
              description: The process.
              returned: always
              type: str
            min:
              description: Tasks at least.
              returned: always
              type: int
            max:
              description: Tasks at most.
              returned: always
              type: int
            desired:
              description: Tasks that are wanted.
              returned: always
              type: int
            suspended:
              description: Whether AWS does not scale it now.
              returned: always
              type: bool
            floor:
              description: A lower bound for a while; null without one.
              returned: always
              type: dict
              contains:
                min:
                  description: Tasks at least.
                  returned: always
                  type: int
                before:
                  description: The bound that comes back.
                  returned: always
                  type: int
                until:
                  description: When it ends, ISO 8601.
                  returned: always
                  type: str
                requested_by:
                  description: Who wants it.
                  returned: always
                  type: str
            floor_holds:
              description: Whether it has not ended.
              returned: always
              type: bool
            policies:
              description: Names of its policies.
              returned: always
              type: list
              elements: str
            reason:
              description: Why it wants as many tasks.
              returned: always
              type: str
            activities:
              description: What Application Auto Scaling did, the newest first.
              returned: always
              type: list
              elements: dict
              contains:
                at:
                  description: When, ISO 8601.
                  returned: always
                  type: str
                status:
                  description: AWS's status.
                  returned: always
                  type: str
                count:
                  description: The number of tasks that was set.
                  returned: always
                  type: int
                cause:
                  description: AWS's words.
                  returned: always
                  type: str
                message:
                  description: AWS's words about its end.
                  returned: always
                  type: str
                not_scaled:
                  description: Why nothing was done, if so.
                  returned: always
                  type: list
                  elements: str
    database:
      description: The database.
      returned: always
      type: dict
      contains:
        state: *state
        reason: *reason
        found:
          description: What was read; null otherwise.
          returned: always
          type: dict
          contains:
            name:
              description: Its identifier.
              returned: always
              type: str
            status:
              description: AWS's status.
              returned: always
              type: str
            engine:
              description: Engine and version.
              returned: always
              type: str
            instance_class:
              description: Its class.
              returned: always
              type: str
            storage:
              description: GiB.
              returned: always
              type: int
            max_storage:
              description: GiB up to which it grows; null where it does not.
              returned: always
              type: int
            free_bytes:
              description: Bytes that are free; null where AWS has no number.
              returned: always
              type: float
            connections:
              description: Open connections; null where AWS has no number.
              returned: always
              type: float
            cpu_percent:
              description: Percent of its processors in use; null where AWS has no number.
              returned: always
              type: float
            pending:
              description: What will be changed, and when.
              returned: always
              type: list
              elements: str
    releases:
      description: The newest records, as M(railyard.fargate.releases_info) returns them.
      returned: always
      type: dict
      contains:
        state: *state
        reason: *reason
        found:
          description: What was read; null otherwise.
          returned: always
          type: list
          elements: dict
    lock:
      description: Who has the environment's lock; null when nobody has.
      returned: always
      type: dict
      contains:
        state: *state
        reason: *reason
        found:
          description: What was read; null otherwise.
          returned: always
          type: dict
          contains:
            status:
              description: As in M(railyard.fargate.release_lock).
              returned: always
              type: str
            alive:
              description: Whether its holder lives.
              returned: always
              type: bool
            requested_by:
              description: Who has it.
              returned: always
              type: str
            reason:
              description: What for.
              returned: always
              type: str
            since:
              description: Since when, ISO 8601.
              returned: always
              type: str
            release:
              description: The release that it works on.
              returned: always
              type: int
    consoles:
      description: The consoles that are open.
      returned: always
      type: dict
      contains:
        state: *state
        reason: *reason
        found:
          description: What was read; null otherwise.
          returned: always
          type: list
          elements: dict
          contains:
            node:
              description: Id of its node.
              returned: always
              type: str
            console:
              description: Its name.
              returned: always
              type: str
            requested_by:
              description: Who has opened it.
              returned: always
              type: str
            since:
              description: Since when, ISO 8601.
              returned: always
              type: str
    certificates:
      description: The certificates of the listeners, by their end.
      returned: always
      type: dict
      contains:
        state: *state
        reason: *reason
        found:
          description: What was read; null otherwise.
          returned: always
          type: list
          elements: dict
          contains:
            domain:
              description: Its domain.
              returned: always
              type: str
            status:
              description: AWS's status.
              returned: always
              type: str
            days:
              description: Days until it ends; null before it is issued.
              returned: always
              type: int
            renewal:
              description: AWS's status of its renewal; null without one.
              returned: always
              type: str
"""

import time
from datetime import UTC, datetime

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.errors import RailyardError
from ..module_utils._module import NAMES, aws_clients, fail, names_of, succeed
from ..module_utils._status import health, parts, reads, screen

SPEC = {
    **NAMES,
    "limit": {"type": "int", "default": 3},
    "watch": {"type": "int", "default": 0},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    names, limit = names_of(module), module.params["limit"]
    started = time.monotonic()
    try:
        clients = aws_clients(module, reads.SERVICES)
        read = parts.Reading(reads.readers(clients, names, limit)).all()
    except RailyardError as error:
        fail(module, error)
    worst, problems = health.judge(read)
    status = {
        "health": worst,
        "problems": problems,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - started, 2),
        "parts": read,
    }
    succeed(module, changed=False, **status, text=screen.text(f"{names.application} {names.environment}", status))


if __name__ == "__main__":
    main()
