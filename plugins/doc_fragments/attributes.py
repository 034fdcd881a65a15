# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Can predict the outcome without changing anything.
    support: full
  diff_mode:
    description: Returns what is different before and after, without secrets.
    support: full
  idempotent:
    description: A second run with the same parameters changes nothing.
    support: full
  action_group:
    description: Takes the defaults of C(module_defaults) for this group, together with both upstream collections.
    support: full
    membership: [railyard.fargate.aws]
"""

    INFO = r"""
attributes:
  check_mode:
    description: Reads only, in check mode as well.
    support: full
  diff_mode:
    description: Returns what is different before and after.
    support: none
  idempotent:
    description: Changes nothing.
    support: full
  action_group:
    description: Takes the defaults of C(module_defaults) for this group, together with both upstream collections.
    support: full
    membership: [railyard.fargate.aws]
"""
