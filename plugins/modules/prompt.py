#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: prompt
version_added: 0.1.0
short_description: Ask the user at the terminal for a word
description:
  - Asks once for all hosts, and returns the answer. The answer is shown while it is typed and in results, so do not ask for secrets.
  - Fails without a terminal, with what to do instead. M(ansible.builtin.pause) continues there with an empty answer.
options:
  question:
    description: What to ask.
    type: str
    required: true
  instead:
    description: What to do without a terminal, as a sentence.
    type: str
    required: true
author:
  - Railyard contributors (@railyard)
attributes:
  action:
    description: Runs on the controller.
    support: full
  check_mode:
    description: Asks in check mode as well.
    support: full
"""

EXAMPLES = r"""
- name: Ask for the name of the environment
  railyard.fargate.prompt:
    question: Type the name of the environment to destroy
    instead: Say it with -e destroy=shop-staging
  register: typed
"""

RETURN = r"""
answer:
  description: What was typed.
  returned: success
  type: str
  sample: shop-staging
"""
