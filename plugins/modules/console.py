#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: console
version_added: 0.1.0
short_description: Enter a Rails console in a container of its own, and leave nothing behind
description:
  - Starts a task of the live release beside the service, opens a session with it, and gives it the terminal of the person who runs the
    playbook. Keys, colours, resizing and Ctrl-C are the console's. When it does not answer, Enter and then C(~.) leaves it from here.
  - With O(mode=hybrid) the task becomes a managed node of Systems Manager through an activation of its own, as C(examples/shop) has it in
    its image. With O(mode=exec) it is entered by ECS Exec.
  - Session, task, node and activation are taken away at the end, on errors, on Ctrl-C, when the terminal is closed and when
    C(ansible-playbook) is killed. What only the crash of the machine can leave, M(railyard.fargate.console_sweep) takes away; and the
    container ends by itself.
  - Needs a terminal, and says so before it makes anything when there is none, in a pipeline for example. Only O(forward) needs none.
  - Uses C(session-manager-plugin) when it is on the PATH, and a client of its own, which needs the Python library C(websockets), otherwise.
  - No upstream module opens sessions.
options:
  names:
    description: The environment's names, as P(railyard.fargate.names#lookup) returns them.
    type: dict
    required: true
  mode:
    description: How the container is entered.
    type: str
    choices: [hybrid, exec]
    default: hybrid
  command:
    description:
      - A command in the place of C(bin/rails console), one line of plain words.
      - In a protected environment it needs O(write=true), because only C(--sandbox) of the Rails console rolls back what is changed.
      - One that says that it changes the schema, C(bin/rails db:migrate) for example, is refused. It must take the lock of releases and be
        recorded, as with M(railyard.fargate.rails_migration) and M(railyard.fargate.ecs_run_task).
    type: str
  write:
    description: What is changed stays.
    type: bool
    default: false
  protected:
    description: Whether the Rails console runs in its sandbox unless O(write=true).
    type: bool
    default: true
  requested_by:
    description: Who enters. Kept as a tag and in the session's reason.
    type: str
    required: true
  reason:
    description: Why. Kept with the session.
    type: str
    default: ''
  image:
    description: A tag, a digest or a URI of the environment's repository. By default the image that is live.
    type: str
  minutes:
    description: After that the container ends by itself.
    type: int
    default: 60
  forward:
    description:
      - A port of this machine that becomes the environment's database until the playbook ends, in the place of a command. V(0) takes a
        free one.
    type: int
  advanced_tier:
    description:
      - Switch hybrid nodes of the account and Region to the advanced-instances tier, if they are not in it. Session Manager opens sessions
        with hybrid nodes in that tier only, and each hybrid node costs by the hour in it.
    type: bool
    default: false
  client:
    description:
      - With V(auto) C(session-manager-plugin) opens the session where it is on the PATH and can be run; otherwise, and with V(own), the
        client of this collection does, which needs the Python library C(websockets).
    type: str
    choices: [auto, own]
    default: auto
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  action:
    description: Runs on the controller, where the terminal is.
    support: full
  action_group:
    description: Takes the defaults of C(module_defaults) for this group.
    support: full
    membership: [railyard.fargate.aws]
  async:
    description: A terminal waits for nobody.
    support: none
  bypass_host_loop:
    description: There is one terminal, and so one console.
    support: full
  check_mode:
    description: Says what would be run in which image.
    support: full
  diff_mode:
    description: There is nothing to compare.
    support: none
seealso:
  - module: railyard.fargate.console_sweep
  - module: railyard.fargate.console_sessions_info
  - name: Session Manager
    description: What a session is.
    link: https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager.html
"""

EXAMPLES = r"""
- name: Enter the production console
  railyard.fargate.console:
    names: "{{ lookup('railyard.fargate.names') }}"
    requested_by: deborah
    reason: order 4711 is stuck
"""

RETURN = r"""
console:
  description: The console's identity, the value of the tag C(console) of all that was made for it.
  returned: success
  type: str
  sample: console-1f0c5a9b2d3e
image:
  description: The image, by digest.
  returned: success
  type: str
command:
  description: What was run.
  returned: success
  type: str
  sample: bin/rails console --sandbox
session:
  description: The session's id, which is also the name of its log stream. Null in check mode.
  returned: success
  type: str
ended:
  description: What ended it. Null in check mode.
  returned: success
  type: str
"""
