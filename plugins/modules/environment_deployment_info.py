#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: environment_deployment_info
version_added: 0.2.0
short_description: Read the deployment in flight of an environment
description:
  - Returns the deployment of web that is in flight, by either engine, with the hooks and waits in which it is and when they end.
  - No module of amazon.aws or community.aws knows deployments.
options:
  names:
    description: The names of the environment, as P(railyard.fargate.names#lookup) returns them.
    type: dict
    required: true
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.codedeploy_deployment
  - module: railyard.fargate.ecs_service_deployment
"""

EXAMPLES = r"""
- name: Read what is in flight
  railyard.fargate.environment_deployment_info:
    names: "{{ lookup('railyard.fargate.names') }}"
  register: found

- name: Say for what it waits
  ansible.builtin.debug:
    msg: "{{ found.deployment.waits }}"
  when: found.deployment
"""

RETURN = r"""
engine:
  description: The engine of the service, V(codedeploy) or V(ecs).
  returned: always
  type: str
deployment:
  description: The deployment in flight; null without one.
  returned: always
  type: dict
  contains:
    deployment_id:
      description: Its id.
      returned: always
      type: str
    engine:
      description: V(codedeploy) or V(ecs).
      returned: always
      type: str
    status:
      description: As in M(railyard.fargate.codedeploy_deployment_info).
      returned: always
      type: str
    percent:
      description: Percent of the traffic on its tasks.
      returned: always
      type: int
    progress:
      description: A line that says where it is.
      returned: always
      type: str
    definition:
      description: Family and revision of its tasks.
      returned: always
      type: str
    created_at:
      description: When it began, ISO 8601.
      returned: always
      type: str
    rollback:
      description: Whether it goes back.
      returned: always
      type: bool
    console_url:
      description: Where AWS's console shows it.
      returned: always
      type: str
    waits:
      description: For what it waits.
      returned: always
      type: list
      elements: dict
      contains:
        name:
          description: A hook, or what is waited for.
          returned: always
          type: str
        status:
          description: AWS's status.
          returned: always
          type: str
        until:
          description: Until when, ISO 8601; null where AWS does not say.
          returned: always
          type: str
        then:
          description: What happens at that time.
          returned: always
          type: str
        by_person:
          description: Whether somebody can let it go on.
          returned: always
          type: bool
text:
  description: All of it for a terminal.
  returned: always
  type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.errors import RailyardError
from ..module_utils._module import NAMES, aws_clients, fail, names_of, succeed
from ..module_utils._status import reads, screen
from ..module_utils._status.parts import READ, Reading

WANTED = ("services", "load_balancer", "deployment")


def main() -> None:
    module = AnsibleAWSModule(argument_spec=NAMES, supports_check_mode=True)
    names = names_of(module)
    clients = aws_clients(module, ("codedeploy", "ecs", "elbv2"))
    parts = Reading(reads.readers(clients, names, wanted=WANTED)).all()
    for name in ("services", "deployment"):
        if parts[name]["state"] != READ:
            fail(module, RailyardError(str(parts[name]["reason"])))
    engine = next(one["engine"] for one in parts["services"]["found"] if one["name"] == reads.WEB)
    deployment = parts["deployment"]["found"]
    text = screen.deployment(f"{names.application} {names.environment}", deployment)
    succeed(module, changed=False, engine=engine, deployment=deployment, text=text)


if __name__ == "__main__":
    main()
