#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: console_sweep
version_added: 0.1.0
short_description: List consoles, and delete what a crash has left of them
description:
  - M(railyard.fargate.console) deletes everything that it has created, whatever ends it. Only a crash of its machine can leave something.
    This module finds activations with their codes, nodes and tasks by the tags of the environment's consoles, and deletes them.
  - A console whose task runs is in use and is kept, unless O(open) is true. It ends by itself after its time.
  - Nodes, activations and tasks without these tags are never changed.
  - No upstream module knows activations or managed nodes.
options:
  names:
    description: The environment's names, as P(railyard.fargate.names#lookup) returns them.
    type: dict
    required: true
  open:
    description: Also end and delete open consoles, although they are in use.
    type: bool
    default: false
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
seealso:
  - module: railyard.fargate.console
"""

EXAMPLES = r"""
- name: What is there of consoles?
  railyard.fargate.console_sweep:
    names: "{{ lookup('railyard.fargate.names') }}"
  check_mode: true
"""

RETURN = r"""
consoles:
  description: All that was there, oldest first.
  returned: success
  type: list
  elements: dict
  contains:
    console:
      description: The console's identity, the value of its tag C(console).
      returned: always
      type: str
      sample: console-1f0c5a9b2d3e
    requested_by:
      description: Who opened it.
      returned: always
      type: str
    since:
      description: When, ISO 8601.
      returned: always
      type: str
    open:
      description: Whether its task runs.
      returned: always
      type: bool
    swept:
      description: Whether it was taken away, or would be in check mode.
      returned: always
      type: bool
    activations:
      description: Ids of its activations.
      returned: always
      type: list
      elements: str
    parameters:
      description: Names of the parameters that hold the code of its activation.
      returned: always
      type: list
      elements: str
    definitions:
      description: ARNs of the task definition revisions that were registered for it alone.
      returned: always
      type: list
      elements: str
    nodes:
      description: Ids of its managed nodes.
      returned: always
      type: list
      elements: str
    tasks:
      description: ARNs of its tasks that have not stopped.
      returned: always
      type: list
      elements: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._console import sweeping
from ..module_utils._core.errors import RailyardError
from ..module_utils._module import NAMES, aws_client, fail, names_of, succeed

SPEC = {**NAMES, "open": {"type": "bool", "default": False}}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    wanted, names = module.params, names_of(module)
    clients = {name: aws_client(module, name) for name in ("ssm", "ecs")}
    try:
        found = sweeping.consoles(clients, names)
        swept = [item for item in found if wanted["open"] or not item["open"]]
        left = [] if module.check_mode else sweeping.sweep(clients, names.cluster, swept)
    except RailyardError as error:
        fail(module, error)
    shown = [{**item, "swept": item in swept} for item in found]
    if left:
        fail(module, RailyardError(f"not taken away, {'; '.join(left)}. The same command again tries again", consoles=shown))
    succeed(module, changed=bool(swept), consoles=shown, **({"diff": _difference(found, swept)} if module._diff else {}))


def _difference(found: list[dict[str, object]], swept: list[dict[str, object]]) -> dict[str, object]:
    return {"before": {"consoles": found}, "after": {"consoles": [item for item in found if item not in swept]}}


if __name__ == "__main__":
    main()
