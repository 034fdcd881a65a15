#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: console
version_added: 0.1.0
short_description: Open a Rails console in a container of its own, and delete it afterwards
description:
  - Starts a task of the live release beside the service, opens a session with it, and connects the session to the terminal of the
    playbook. Keys, colours, terminal size and Ctrl-C are passed on. If the console does not answer, press Enter and then C(~.) to leave.
  - With O(mode=hybrid) the task registers as a managed node of Systems Manager with an activation of its own; its image needs the agent, as
    in C(examples/shop). With O(mode=exec) the session uses ECS Exec.
  - Session, task, node and activation are deleted at the end, on errors, on Ctrl-C, when the terminal is closed and when
    C(ansible-playbook) is killed. After a crash of the machine, M(railyard.fargate.console_sweep) deletes what is left, and the container
    ends by itself.
  - Needs a terminal. Without one, in a pipeline for example, it fails before it creates anything. Only O(forward) needs no terminal.
  - Uses C(session-manager-plugin) if it is on the PATH, and otherwise a client of its own, which needs the Python library C(websockets).
  - No upstream module opens sessions.
options:
  names:
    description: The environment's names, as P(railyard.fargate.names#lookup) returns them.
    type: dict
    required: true
  mode:
    description: How the session reaches the container.
    type: str
    choices: [hybrid, exec]
    default: hybrid
  command:
    description:
      - A command instead of C(bin/rails console), one line of words without shell syntax.
      - In a protected environment it needs O(write=true), because only the sandbox of the Rails console rolls changes back.
      - A command that changes the schema, C(bin/rails db:migrate) for example, is refused. It must take the environment's lock and be
        recorded, as with M(railyard.fargate.rails_migration) and M(railyard.fargate.ecs_run_task).
    type: str
  write:
    description: Keep what is changed.
    type: bool
    default: false
  protected:
    description: Whether the Rails console runs in its sandbox unless O(write=true).
    type: bool
    default: true
  requested_by:
    description: Who opens the console. Stored as a tag and in the session's reason.
    type: str
    required: true
  reason:
    description: The reason. Stored with the session.
    type: str
    default: ''
  image:
    description: A tag, a digest or a URI of the environment's repository. By default the image that is live.
    type: str
  minutes:
    description: Minutes after which the container ends by itself.
    type: int
    default: 60
  forward:
    description:
      - Instead of running a command, forward this port of this machine to the environment's database until the playbook ends. V(0) uses
        a free port.
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
