#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: release
version_added: 0.1.0
short_description: Release an image of a Rails application, or roll back to an earlier release
description:
  - Takes the environment's lock, checks the preconditions, migrates the database in a task of the new image, registers a task definition
    for each process, deploys the web process blue/green, tests it on the test listener, moves the traffic, deploys the workers, and
    records each stage. Auto-scaling is suspended during the release and always resumed.
  - After a kill, the same task continues the release where it was interrupted. A migration runs once.
  - With O(state=rolled_back) it stops and rolls back the deployment in flight, or releases an earlier image again without migrating.
  - Reads all other settings from what C(site.yml) has created, so that C(site.yml) has nothing to change after a release.
  - No upstream module combines migration, deployment and record.
options:
  state:
    description: V(released) releases O(image). V(rolled_back) returns to an earlier release.
    type: str
    choices: [released, rolled_back]
    default: released
  image:
    description: A tag, a digest or a whole reference of an image in the repository. Without it the live image, on the newest configuration.
    type: str
  back_to:
    description: With O(state=rolled_back), the number of the release to return to. By default the last good one before the live one.
    type: int
  allow_destructive_migrations:
    description: Run migrations that drop or rename something, or roll back across them.
    type: bool
    default: false
  migrate:
    description: Whether the database is migrated.
    type: bool
    default: true
  force:
    description: Release although the image is already live with the newest configuration, for new values of secrets for example.
    type: bool
    default: false
  if_running:
    description: What to do when a deployment is in flight. V(supersede) stops it and rolls it back first.
    type: str
    choices: [wait, refuse, supersede]
    default: wait
  wait_for:
    description: When the release is done. V(traffic_shifted) is when all traffic is on the new tasks, V(old_tasks_stopped) when the old
      tasks have stopped.
    type: str
    choices: [traffic_shifted, old_tasks_stopped]
    default: traffic_shifted
  lock_timeout:
    description: Seconds to wait at most for the environment's lock.
    type: int
    default: 0
  requested_by:
    description: Who requests the release, for the lock and the record.
    type: str
    default: somebody
  reason:
    description: The reason, for the record.
    type: str
  progress:
    description: A file to which a line is appended for each event. The action plugin of the same name shows them while the release goes on.
    type: path
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
  - railyard.fargate.environment
seealso:
  - module: railyard.fargate.releases_info
  - module: railyard.fargate.release_lock
"""

EXAMPLES = r"""
- name: Release the image of a commit
  railyard.fargate.release: &shop
    processes:
      web: {min: 2}
      worker: {min: 1}
    smoke: {port: 8080, path: /up}
    image: 3f2c1ab

- name: Roll back to the release before
  railyard.fargate.release:
    names: "{{ lookup('railyard.fargate.names') }}"
    <<: *shop
    state: rolled_back
"""

RETURN = r"""
release:
  description: The record of the release; null if there was nothing to release. M(railyard.fargate.releases_info) describes it.
  returned: success, and failures after the release was begun
  type: dict
  contains:
    number:
      description: Its number.
      returned: always
      type: int
      sample: 12
    status:
      description: Its status.
      returned: always
      type: str
      sample: succeeded
image:
  description: The image.
  returned: success
  type: dict
  contains:
    digest:
      description: Its digest.
      returned: always
      type: str
    uri:
      description: The whole reference.
      returned: always
      type: str
    tags:
      description: Its tags.
      returned: always
      type: list
      elements: str
    commit:
      description: The commit from which it was built, if a tag contains it.
      returned: always
      type: str
    pushed_at:
      description: When it was pushed.
      returned: always
      type: str
deployment:
  description: The deployment of the web process. M(railyard.fargate.codedeploy_deployment) describes it.
  returned: when there was one
  type: dict
migration:
  description: The migrations. M(railyard.fargate.rails_migration) describes them.
  returned: when the database was migrated
  type: dict
smoke:
  description: The answer on the test listener.
  returned: when it was asked
  type: dict
removed:
  description: Task definitions and images that were deleted because no release needs them any more.
  returned: when a release was made
  type: dict
stopped:
  description: The deployment that was stopped and rolled back.
  returned: when O(state=rolled_back)
  type: dict
back_to:
  description: The number of the release that it returned to.
  returned: when O(state=rolled_back)
  type: int
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.progress import to_file
from ..module_utils._module import aws_clients, interruptible, names_of, succeed
from ..module_utils._release import environment_options, flow, rollback
from ..module_utils._release.environment import SERVICES
from ..module_utils._release.release_run import Order

SPEC = {
    **environment_options.SPEC,
    "state": {"type": "str", "choices": ["released", "rolled_back"], "default": "released"},
    "image": {"type": "str"},
    "back_to": {"type": "int"},
    "allow_destructive_migrations": {"type": "bool", "default": False},
    "migrate": {"type": "bool", "default": True},
    "force": {"type": "bool", "default": False},
    "if_running": {"type": "str", "choices": ["wait", "refuse", "supersede"], "default": "wait"},
    "wait_for": {"type": "str", "choices": ["traffic_shifted", "old_tasks_stopped"], "default": "traffic_shifted"},
    "lock_timeout": {"type": "int", "default": 0},
    "requested_by": {"type": "str", "default": "somebody"},
    "reason": {"type": "str"},
    "progress": {"type": "path"},
}
OF_ORDER = (
    "image",
    "requested_by",
    "reason",
    "allow_destructive_migrations",
    "migrate",
    "force",
    "if_running",
    "wait_for",
    "lock_timeout",
    "back_to",
)


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    given = module.params
    env = environment_options.environment(names_of(module), given)
    order = Order(**{name: given[name] for name in OF_ORDER}, timeouts=environment_options.timeouts(given))
    clients = aws_clients(module, SERVICES)
    with interruptible(module):
        if module.check_mode:
            succeed(module, **(rollback.preview if given["state"] == "rolled_back" else flow.preview)(env, clients, order))
        done = (rollback.roll_back if given["state"] == "rolled_back" else flow.release)(env, clients, order, to_file(given["progress"]))
    succeed(module, **done)


if __name__ == "__main__":
    main()
