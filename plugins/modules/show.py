#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: show
version_added: 0.1.0
short_description: Print a text for the user at the terminal
description:
  - Prints a text as it is, line by line, whatever the format in which results are shown. M(ansible.builtin.debug) shows a text as a
    result, quoted and indented.
  - A playbook of this collection that the text names, as C(playbooks/deploy.yml), is shown as the command that runs it with the inventories
    of this run.
options:
  text:
    description: What to print.
    type: str
    required: true
  file:
    description: Write the text into this file of the controller, as it is, instead of printing it.
    type: path
author:
  - Railyard contributors (@railyard)
attributes:
  action:
    description: Runs on the controller.
    support: full
  check_mode:
    description: Prints in check mode as well.
    support: full
"""

EXAMPLES = r"""
- name: Say where the application is
  railyard.fargate.show:
    text: "The application answers at http://{{ alb_result.dns_name }}"
"""

RETURN = r"""
"""
