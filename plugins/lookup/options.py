# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: options
version_added: 0.1.0
short_description: Values of a playbook's options, from the command line only
description:
  - Returns the value of each option that P(railyard.fargate.hosts#lookup) has checked. What is not said with C(-e) has its default, or
    null.
  - A variable of the same name in an inventory is not looked at.
options:
  _terms:
    description: The playbook's options, a dictionary of what options of a role are in C(argument_specs).
    required: true
author:
  - Railyard contributors (@railyard)
"""

EXAMPLES = r"""
- name: Release
  hosts: "{{ lookup('railyard.fargate.hosts', __options) }}"
  vars:
    __options:
      force: {type: bool, default: false, description: Although it is live already.}
    __given: "{{ lookup('railyard.fargate.options', __options) }}"
  tasks:
    - name: Say it
      ansible.builtin.debug:
        msg: "{{ __given.force }}"
"""

RETURN = r"""
_raw:
  description: The values by name.
  type: list
  elements: dict
"""

from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.railyard.fargate.plugins.lookup.hosts import templated
from ansible_collections.railyard.fargate.plugins.plugin_utils._command_line import options


class LookupModule(LookupBase):
    """Wherever a value is used: the command line is the same in every process of a run."""

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        table = dict(terms[0])
        given, wrong = templated(self._templar, self._loader, table)
        found, more = options.values(table, given)
        if wrong or more:
            raise AnsibleLookupError("; ".join([*wrong, *more]))
        return [found]
