#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exit_status
version_added: 0.2.0
short_description: End a run with one of Ansible's exit codes
description:
  - Lets C(ansible-playbook) end with 2, as for a host that failed, or with 4, as for one that was not reached. Those are the codes that
    Ansible has. M(ansible.builtin.fail) knows only the first.
  - Of several hosts the highest code counts.
options:
  code:
    description: The exit code. V(0) does nothing.
    type: int
    choices: [0, 2, 4]
    required: true
  msg:
    description: Why.
    type: str
    default: ""
author:
  - Railyard contributors (@railyard)
attributes:
  action:
    description: Runs on the controller.
    support: full
  check_mode:
    description: Ends the run in check mode as well.
    support: full
"""

EXAMPLES = r"""
- name: End with 4 where nobody answers users
  railyard.fargate.exit_status:
    code: "{{ {'healthy': 0, 'down': 4}[found.health] | default(2) }}"
    msg: "{{ found.problems | map(attribute='what') | join('; ') }}"
"""

RETURN = r"""
"""
