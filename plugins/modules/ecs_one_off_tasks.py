#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ecs_one_off_tasks
version_added: 0.1.0
short_description: List the running one-off tasks of an environment, and stop them
description:
  - A migration, or a command that M(railyard.fargate.ecs_run_task) has started, continues when its run is interrupted. This module finds
    such tasks by their family, C(<cluster>-run), and the environment's tags, and stops them.
  - Other tasks are never changed. In check mode the tasks are only listed.
  - No upstream module finds tasks by family and tags, or waits until they have ended.
options:
  names:
    description: The environment's names, as P(railyard.fargate.names#lookup) returns them.
    type: dict
    required: true
  state:
    description: V(stopped) stops them and waits until they have stopped; V(shown) only lists them.
    type: str
    choices: [shown, stopped]
    default: shown
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
seealso:
  - module: railyard.fargate.ecs_run_task
  - module: railyard.fargate.rails_migration
"""

EXAMPLES = r"""
- name: Which one-off tasks run?
  railyard.fargate.ecs_one_off_tasks:
    names: "{{ lookup('railyard.fargate.names') }}"

- name: End them
  railyard.fargate.ecs_one_off_tasks:
    names: "{{ lookup('railyard.fargate.names') }}"
    state: stopped
"""

RETURN = r"""
tasks:
  description: Those that had not ended, the oldest first.
  returned: success
  type: list
  elements: dict
  contains:
    task_arn:
      description: ARN of the task.
      returned: always
      type: str
    requested_by:
      description: Who, or which release, has started it.
      returned: always
      type: str
    since:
      description: When, ISO 8601.
      returned: always
      type: str
    command:
      description: Its command, word by word. Null when it is the image's.
      returned: always
      type: list
      elements: str
    image:
      description: URI of its image.
      returned: always
      type: str
    status:
      description: ECS's state of it, in small letters.
      returned: always
      type: str
      sample: running
    task_url:
      description: Where AWS's console shows the task.
      returned: always
      type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.errors import RailyardError
from ..module_utils._module import NAMES, aws_client, fail, names_of, succeed
from ..module_utils._one_off import running_tasks

SPEC = {
    **NAMES,
    "state": {"type": "str", "choices": ["shown", "stopped"], "default": "shown"},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    wanted, names, ecs = module.params, names_of(module), aws_client(module, "ecs")
    try:
        found = running_tasks.find(ecs, names.cluster, names.found_by)
        changed = wanted["state"] == "stopped" and bool(found)
        if changed and not module.check_mode:
            running_tasks.stop(ecs, names.cluster, found)
    except RailyardError as error:
        fail(module, error)
    difference = {"before": {"tasks": found}, "after": {"tasks": [] if changed else found}}
    succeed(module, changed=changed, tasks=found, **({"diff": difference} if module._diff and changed else {}))


if __name__ == "__main__":
    main()
