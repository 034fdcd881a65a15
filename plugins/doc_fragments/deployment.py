# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  state:
    description:
      - V(started) deploys O(task_definition). If a deployment of it is in flight or is the one that is live, that deployment is returned.
      - V(continued) continues a deployment that waits for a person, or that only keeps the old tasks.
      - V(stopped) stops the deployment in flight and follows it to its end. When none is in flight nothing happens.
    type: str
    choices: [started, continued, stopped]
    default: started
  task_definition:
    description: What to deploy, as a family (its latest revision), C(family:revision) or ARN. Required with O(state=started).
    type: str
  deployment_id:
    description: The deployment to continue or stop. The one in flight unless given.
    type: str
  platform_version:
    description: Fargate platform version of the new tasks. That of the live ones unless given.
    type: str
  network:
    description: Network of the new tasks. That of the live ones unless given.
    type: dict
    suboptions:
      subnets:
        description: Ids of subnets.
        type: list
        elements: str
        required: true
      security_groups:
        description: Ids of security groups.
        type: list
        elements: str
      assign_public_ip:
        description: Whether tasks get a public address, which they need in public subnets without other ways out.
        type: bool
        default: false
  force:
    description: Deploy what is live once more, so that tasks read changed secrets.
    type: bool
    default: false
  if_running:
    description:
      - What to do when another deployment is in flight. V(wait) waits for its end, V(refuse) fails and names it, V(supersede) stops it,
        rolls it back and waits for the end of the rollback.
      - A deployment that has moved all traffic and only keeps the old tasks is never refused. With CodeDeploy its wait is ended. With ECS
        the module waits for the end of its bake time, because a later rollback returns to the last deployment that succeeded.
    type: str
    choices: [wait, refuse, supersede]
    default: wait
  rollback:
    description: Whether O(state=stopped) returns the traffic to the old tasks.
    type: bool
    default: true
  wait_for:
    description:
      - How far to follow the deployment.
      - V(started) does not wait. V(ready) waits for test traffic on the new tasks; the deployment then waits for a person to continue it.
      - V(traffic_shifted) waits for all traffic to be on the new tasks, V(old_tasks_stopped) for the old tasks to have stopped.
      - The module fails when the deployment fails, is stopped, superseded or rolled back; it waits for the end of the rollback first.
      - New tasks in a crash loop are detected within minutes. The deployment is then stopped and rolled back, and the error contains the
        reason, the exit code and the last lines of the container.
    type: str
    choices: [started, ready, traffic_shifted, old_tasks_stopped]
    default: traffic_shifted
  timeouts:
    description:
      - Seconds that a deployment may stay in each state. When V(preparing) lasts too long, the deployment is stopped and rolled back. In
        any other state it continues, and the error says what is live.
    type: dict
    default: {}
    suboptions:
      preparing:
        description: New tasks start, 1200 unless given.
        type: int
      ready:
        description: It waits for a person, 3600 unless given.
        type: int
      shifting:
        description: Traffic moves, 14400 unless given.
        type: int
      waiting:
        description: Old tasks are kept, 14400 unless given.
        type: int
      rolling_back:
        description: Traffic goes back, 1800 unless given.
        type: int
  progress:
    description: A file to which a line is appended per event.
    type: path
"""
