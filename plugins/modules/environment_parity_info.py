#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: environment_parity_info
version_added: 0.1.0
short_description: Compare two environments
description:
  - Lists what differs between two environments, as declared and as live, that this run has read in check mode. Names, accounts, Regions,
    addresses, identifiers and images are each environment's own and no difference; sizes are none where they are as declared.
  - Nothing in amazon.aws and community.aws compares two environments.
options:
  environments:
    description:
      - Of each host of this run C(environment_name), C(application), C(environment), C(account_id), C(region) and C(cidr).
    type: dict
    required: true
  allowed:
    description:
      - Differences that are meant, each with C(difference), a pattern of kind, name and field, and C(reason).
    type: list
    elements: dict
    default: []
author:
  - Railyard contributors (@railyard)
attributes:
  action:
    description: Runs on the controller.
    support: full
  check_mode:
    description: Reads nothing and writes nothing.
    support: full
requirements:
  - P(railyard.fargate.plans#callback)
seealso:
  - module: railyard.fargate.environment_drift_info
"""

EXAMPLES = r"""
- name: Compare
  railyard.fargate.environment_parity_info:
    environments: "{{ dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, 'place'))) }}"
    allowed:
      - {difference: "logs group * retention_days", reason: production has to keep its logs for a year}
  run_once: true
  register: compared
"""

RETURN = r"""
parity:
  description: What was compared, and what differs.
  returned: always
  type: dict
  contains:
    environments:
      description: Names of both.
      returned: always
      type: list
      elements: str
    result:
      description: V(equal), or V(different) when a difference has no reason.
      returned: always
      type: str
    compared:
      description: How many resources were compared.
      returned: always
      type: int
    differences:
      description: Differences without a reason - C(kind), C(name), C(field), and in C(declared) and C(live) the value of each environment.
      returned: always
      type: list
      elements: dict
    allowed:
      description: Differences with their C(reason).
      returned: always
      type: list
      elements: dict
    unused:
      description: Patterns of O(allowed) that nothing fits any more.
      returned: always
      type: list
      elements: str
"""
