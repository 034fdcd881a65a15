# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  names:
    description: The environment's names, as P(railyard.fargate.names#lookup) returns them.
    type: dict
    required: true
  processes:
    description: By process the least number of its tasks, a dict with C(min). V(web) is the process behind the load balancer.
    type: dict
    required: true
  architecture:
    description: The CPU architecture of the tasks.
    type: str
    choices: [X86_64, ARM64]
    default: X86_64
  engine:
    description: What deploys the web process. V(ecs) is ECS itself (BLUE_GREEN, CANARY or LINEAR).
    type: str
    choices: [codedeploy, ecs]
    default: codedeploy
  traffic:
    description: How the traffic moves with O(engine=ecs). With CodeDeploy its deployment group decides that.
    type: dict
    default: {}
    suboptions:
      shift:
        description: All at once, a first part and then the rest, or in equal steps.
        type: str
        choices: [all_at_once, canary, linear]
        default: all_at_once
      percent:
        description: Percent of the first part, or of each step.
        type: int
      minutes:
        description: Minutes between the parts.
        type: int
      keep_old:
        description: Minutes for which the old tasks are kept.
        type: int
        default: 0
  smoke:
    description: The smoke test on the test listener, before the release gets traffic. Without this option there is no smoke test.
    type: dict
    suboptions:
      port:
        description: The port of the test listener.
        type: int
        required: true
      path:
        description: The path of the request.
        type: str
        default: /
      scheme:
        description: The scheme of the request.
        type: str
        choices: [http, https]
        default: http
      status:
        description: The status that an answer must have.
        type: int
        default: 200
      body:
        description: A regular expression that the answer must match somewhere.
        type: str
      tries:
        description: After so many wrong answers the release is rolled back.
        type: int
        default: 5
      pause:
        description: Seconds between two tries.
        type: float
        default: 3
      timeout:
        description: Seconds that an answer may take.
        type: float
        default: 10
      proxy:
        description: URL of an HTTP proxy on the way to the load balancer.
        type: str
      host:
        description: The host of the request, a name that resolves to the load balancer. Required with V(https), where the certificate must
          contain it. By default the load balancer's own DNS name.
        type: str
      https:
        description:
          - Whether something answers HTTPS requests to the same name. By default whether the load balancer has an HTTPS listener.
          - If nothing does, a redirect to HTTPS fails the smoke test, also a redirect of C(/).
        type: bool
      sources:
        description: The address ranges that may reach the test listener, if they are known. An empty list is refused before anything is
          done, unless there is a O(smoke.proxy).
        type: list
        elements: str
  protected:
    description: Whether migrations that drop or rename something must be asked for.
    type: bool
    default: true
  timeouts:
    description:
      - Seconds that a deployment may stay in each state.
      - The defaults of V(shifting) and V(waiting) are an hour more than O(traffic) takes, and at least four hours.
    type: dict
    default: {}
    suboptions:
      preparing:
        description: New tasks start.
        type: int
      ready:
        description: The new tasks have the test traffic.
        type: int
      shifting:
        description: The traffic moves.
        type: int
      waiting:
        description: Old tasks are kept.
        type: int
      rolling_back:
        description: The traffic goes back.
        type: int
  keep:
    description: For how many releases images and task definitions are kept, so that a rollback to them is possible.
    type: int
    default: 10
"""
