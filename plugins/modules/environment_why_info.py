#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: environment_why_info
version_added: 0.2.0
short_description: Read why something in an environment does not go as it should
description:
  - Says why the last task of each process stopped, why targets are unhealthy, why a deployment does not go on or has failed, and why
    nothing scales, with AWS's words, the last lines of the container that failed, and what helps.
  - No module of amazon.aws or community.aws reads more than one service.
options:
  names:
    description: The names of the environment, as P(railyard.fargate.names#lookup) returns them.
    type: dict
    required: true
  about:
    description: What to ask.
    type: list
    elements: str
    choices: [task, target, deployment, scaling]
    default: [task, target, deployment, scaling]
  processes:
    description: Tasks and scaling of these processes only; V(run) and V(console) are one-off tasks. All of them unless given.
    type: list
    elements: str
    default: []
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.environment_status_info
"""

EXAMPLES = r"""
- name: Read why a task has stopped
  railyard.fargate.environment_why_info:
    names: "{{ lookup('railyard.fargate.names') }}"
    about: [task]
    processes: [worker]
  register: found

- name: Say it
  ansible.builtin.debug:
    msg: "{{ found.findings | map(attribute='what') }}"
"""

RETURN = r"""
findings:
  description: What was found.
  returned: always
  type: list
  elements: dict
  contains:
    about:
      description: V(task), V(target), V(deployment) or V(scaling).
      returned: always
      type: str
    process:
      description: The process; of targets the target group.
      returned: always
      type: str
    what:
      description: A sentence.
      returned: always
      type: str
    words:
      description: AWS's own words.
      returned: always
      type: list
      elements: str
    lines:
      description: The last lines of the container that failed, at most 20.
      returned: always
      type: list
      elements: str
    hint:
      description: What helps; empty where nothing is known.
      returned: always
      type: str
    next:
      description: The playbook to run next; empty without one.
      returned: always
      type: str
unreadable:
  description: AWS's words for what could not be read, by what it is about.
  returned: always
  type: dict
text:
  description: All of it for a terminal.
  returned: always
  type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.errors import RailyardError
from ..module_utils._module import NAMES, aws_clients, fail, names_of, succeed
from ..module_utils._why import asking, screen

SPEC = {
    **NAMES,
    "about": {"type": "list", "elements": "str", "choices": list(asking.ABOUT), "default": list(asking.ABOUT)},
    "processes": {"type": "list", "elements": "str", "default": []},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    names, about, processes = names_of(module), module.params["about"], module.params["processes"]
    known = [*names.processes, "run", "console"]
    if unknown := [name for name in processes if name not in known]:
        module.fail_json(msg=f"there is no process {', '.join(unknown)}; there are {', '.join(known)}")
    try:
        found, unreadable = asking.ask(aws_clients(module, asking.SERVICES), names, about, processes)
    except RailyardError as error:
        fail(module, error)
    text = screen.text(f"{names.application} {names.environment}", found, unreadable, about)
    succeed(module, changed=False, findings=found, unreadable=unreadable, text=text)


if __name__ == "__main__":
    main()
