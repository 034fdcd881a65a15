#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rails_migration
version_added: 0.1.0
short_description: Migrate the database of a Rails application in a task of the new image
description:
  - Takes the environment's lock, registers a revision of the family C(<cluster>-run) with O(image) unless there is one, runs
    C(db:migrate)
    in one task, shows the lines that it logs, and returns which migrations were applied.
  - The migration is recorded among the releases, so that a rollback knows of it. M(railyard.fargate.releases_info) reads the records.
  - Migrations that drop or rename (C(remove_column), C(drop_table), C(rename_column), C(execute) with C(DROP) and the like) break the code
    that runs meanwhile. Where O(protected), nothing is migrated as long as one of them is pending, unless O(allow_destructive_migrations).
  - They are found by reading the migration's file, without comments and without C(down).
  - M(community.aws.ecs_task) runs a task, but knows neither of migrations nor of their end.
options:
  names:
    description: The environment's names, as P(railyard.fargate.names#lookup) returns them.
    type: dict
    required: true
  image:
    description: A tag, a digest or a URI of the environment's repository. The newest image that was pushed if not set.
    type: str
  architecture:
    description: The CPU architecture of the tasks.
    type: str
    choices: [X86_64, ARM64]
    default: X86_64
  service:
    description: Service in whose network the task runs.
    type: str
    default: web
  protected:
    description: Whether migrations that drop or rename something need O(allow_destructive_migrations).
    type: bool
    default: true
  allow_destructive_migrations:
    description: Migrate although pending migrations drop or rename something.
    type: bool
    default: false
  list:
    description: Only list pending migrations. This also starts a task of the image.
    type: bool
    default: false
  token:
    description:
      - Identifies this migration, C(<number of the release>-<digest>) for example. Another run with the same token, within a day, starts no
        second task but waits for the end of the first one, so that the database is migrated once, also after the first run was killed.
      - Without a token each run starts a task. Rails' own lock prevents two migrations at once.
    type: str
  requested_by:
    description: Who requests the migration. Others who need the lock see it.
    type: str
    default: somebody
  lock_timeout:
    description: Seconds to wait at most for a lock that somebody else holds.
    type: int
    default: 0
  wait_timeout:
    description: Seconds to wait at most until the task has ended. After that the module fails, and the task continues to run.
    type: int
    default: 3600
  progress:
    description: A file to which a line is appended per event. On the controller, the lines are shown without it.
    type: path
author:
  - Railyard contributors (@railyard)
attributes:
  check_mode:
    support: partial
    details: Looks for the image and the task definition. What is pending only a task could tell, and none is started.
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
seealso:
  - module: railyard.fargate.release
  - module: railyard.fargate.ecs_run_task
  - name: Active Record Migrations
    description: What C(db:migrate) does.
    link: https://guides.rubyonrails.org/active_record_migrations.html
"""

EXAMPLES = r"""
- name: What would be migrated?
  railyard.fargate.rails_migration:
    names: "{{ lookup('railyard.fargate.names') }}"
    image: 3f2c1ab
    list: true
  register: waiting

- name: Migrate, unless something is dropped
  railyard.fargate.rails_migration:
    names: "{{ lookup('railyard.fargate.names') }}"
    image: 3f2c1ab
    requested_by: deborah
"""

RETURN = r"""
schema_before:
  description: Version of the schema before. Null when nothing had been migrated yet, and when it is not known.
  returned: always
  type: str
  sample: "20260101000000"
schema_after:
  description: Version of the schema afterwards. Null when it is not known.
  returned: always
  type: str
pending:
  description: What was pending before. In check mode null.
  returned: always
  type: list
  elements: dict
  contains:
    version:
      description: Its version.
      returned: always
      type: str
    name:
      description: Its class.
      returned: always
      type: str
      sample: AddTotalToOrders
    destructive:
      description: The operations in it that drop or rename something.
      returned: always
      type: list
      elements: str
      sample: [remove_column]
applied:
  description: Versions that were applied.
  returned: always
  type: list
  elements: str
destructive_migrations:
  description: Those of them that drop or rename. After a failure of which the end is not known, those that may have been applied.
  returned: always
  type: list
  elements: str
destructive_migrations_unknown:
  description: Whether others than those in RV(destructive_migrations) may have dropped or renamed something. It is so when the task did not
    report what was pending.
  returned: always
  type: bool
image:
  description: The image.
  returned: success
  type: dict
  contains:
    digest:
      description: Its digest.
      returned: always
      type: str
    tags:
      description: Its tags.
      returned: always
      type: list
      elements: str
    pushed_at:
      description: When it was pushed, ISO 8601.
      returned: always
      type: str
    uri:
      description: Its URI by digest.
      returned: always
      type: str
    commit:
      description: The commit it was built of, when a tag looks like one.
      returned: always
      type: str
task:
  description: The task, as M(railyard.fargate.ecs_run_task) returns it.
  returned: success
  type: dict
kind:
  description:
    - The kind of failure. V(destructive_migrations) means that migrations that drop or rename are pending and were not asked for, so that
      nothing was migrated. The others are those of M(railyard.fargate.ecs_run_task).
  returned: failure of a task
  type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.progress import to_file
from ..module_utils._module import NAMES, aws_clients, interruptible, names_of, succeed
from ..module_utils._release import schema_changes

SPEC = {
    **NAMES,
    "image": {"type": "str"},
    "architecture": {"type": "str", "choices": ["X86_64", "ARM64"], "default": "X86_64"},
    "service": {"type": "str", "default": "web"},
    "protected": {"type": "bool", "default": True},
    "allow_destructive_migrations": {"type": "bool", "default": False},
    "list": {"type": "bool", "default": False},
    "token": {"type": "str", "no_log": False},
    "requested_by": {"type": "str", "default": "somebody"},
    "lock_timeout": {"type": "int", "default": 0},
    "wait_timeout": {"type": "int", "default": 3600},
    "progress": {"type": "path"},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    names = names_of(module)
    clients = aws_clients(module, ("ecr", "ecs", "logs", "s3"))
    with interruptible(module):
        done = schema_changes.migrate(clients, names, module.params, to_file(module.params["progress"]), module.check_mode)
    changed = bool(done["applied"])
    difference = {"before": {"schema": done["schema_before"]}, "after": {"schema": done["schema_after"]}}
    succeed(module, changed=changed, **done, **({"diff": difference} if module._diff else {}))


if __name__ == "__main__":
    main()
