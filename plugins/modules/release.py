#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: release
version_added: 0.1.0
short_description: Release an image of a Rails application, or go back to an earlier release
description:
  - Takes the environment's lock, looks whether everything is there, migrates the database in a task of the new image, registers a
    revision of each process, deploys the web process blue/green, tries it out on the test listener, moves the traffic, lets the workers
    follow, and records all of it. Scaling is suspended meanwhile and resumed in every outcome.
  - Can be repeated after a kill at any moment, and goes on where the last attempt was interrupted; a migration runs once.
  - With O(state=rolled_back) it stops the deployment in flight with the way back, or releases an earlier image again without migrating.
  - Everything it does not need to be told it reads from what C(site.yml) has made, so that C(site.yml) has nothing to change after it.
  - No upstream module releases.
options:
  environment_name:
    description: The environment's name, C(<application>-<environment>). Cluster, load balancer, target groups and families have it.
    type: str
    required: true
  state:
    description: V(released) releases O(image). V(rolled_back) goes back.
    type: str
    choices: [released, rolled_back]
    default: released
  image:
    description: A tag, a digest or a whole reference of an image in O(repository). Without it the live image, on the newest configuration.
    type: str
  back_to:
    description: With O(state=rolled_back), the number of the release to go back to. Without it the last good one before the live one.
    type: int
  bucket:
    description: The bucket of the releases, as the role C(releases) makes it.
    type: str
    required: true
  repository:
    description: The name of the ECR repository.
    type: str
    required: true
  log_group:
    description: The log group of one-off tasks.
    type: str
    required: true
  processes:
    description: By process how many tasks it has at least, a dict with C(min). V(web) is the one behind the load balancer.
    type: dict
    required: true
  architecture:
    description: What the tasks run on.
    type: str
    choices: [X86_64, ARM64]
    default: X86_64
  engine:
    description: Who deploys the web process. V(ecs) is ECS itself (BLUE_GREEN, CANARY or LINEAR).
    type: str
    choices: [codedeploy, ecs]
    default: codedeploy
  traffic:
    description: How the traffic moves with O(engine=ecs); CodeDeploy's deployment group knows it itself.
    type: dict
    default: {}
    suboptions:
      shift:
        description: All at once, a first part and then the rest, or in equal steps.
        type: str
        choices: [all_at_once, canary, linear]
        default: all_at_once
      percent:
        description: Percent of the first part, or of each step.
        type: int
      minutes:
        description: Minutes between the parts.
        type: int
      keep_old:
        description: Minutes for which the old tasks are kept.
        type: int
        default: 0
  smoke:
    description: How a release is tried out on the test listener before it gets traffic. Without it it is not.
    type: dict
    suboptions:
      port:
        description: The port of the test listener.
        type: int
        required: true
      path:
        description: What is asked for.
        type: str
        default: /
      scheme:
        description: How it is asked.
        type: str
        choices: [http, https]
        default: http
      status:
        description: The status that an answer must have.
        type: int
        default: 200
      body:
        description: A regular expression that the answer must match somewhere.
        type: str
      tries:
        description: After so many wrong answers the release is taken back.
        type: int
        default: 5
      pause:
        description: Seconds between two tries.
        type: float
        default: 3
      timeout:
        description: Seconds that an answer may take.
        type: float
        default: 10
      proxy:
        description: URL of an HTTP proxy on the way to the load balancer.
        type: str
      host:
        description: The name that is asked, one that leads to the load balancer. Needed with V(https), where the certificate has it. Left
          out, it is the load balancer's own name.
        type: str
      https:
        description:
          - Whether users who are sent to https of the same name are answered there. By default whether the load balancer has an HTTPS
            listener.
          - Where they are not, a redirect to it fails the smoke test, that of C(/) as well.
        type: bool
      sources:
        description: The address ranges that may reach the test listener, as far as they are known. An empty list is refused before
          anything is done, unless there is a O(smoke.proxy).
        type: list
        elements: str
  protected:
    description: Whether migrations that drop or rename must be asked for by O(allow_destructive_migrations).
    type: bool
    default: true
  allow_destructive_migrations:
    description: Run migrations that drop or rename, or go back across them.
    type: bool
    default: false
  migrate:
    description: Whether the database is migrated.
    type: bool
    default: true
  force:
    description: Release although the image is live on the newest configuration already, for new values of secrets for example.
    type: bool
    default: false
  if_running:
    description: What to do about a deployment in flight. V(supersede) stops it with the way back.
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
    description: Seconds to wait for somebody else's release to end.
    type: int
    default: 0
  timeouts:
    description:
      - Seconds that a deployment may stay in a state.
      - Unless given, V(shifting) and V(waiting) are an hour more than O(traffic) takes, and at least four hours.
    type: dict
    default: {}
    suboptions:
      preparing:
        description: New tasks start.
        type: int
      ready:
        description: The new tasks have the test traffic.
        type: int
      shifting:
        description: The traffic moves.
        type: int
      waiting:
        description: Old tasks are kept.
        type: int
      rolling_back:
        description: The traffic goes back.
        type: int
  keep:
    description: How many releases stay possible to go back to.
    type: int
    default: 10
  requested_by:
    description: Who releases, for the lock and the record.
    type: str
    default: somebody
  reason:
    description: Why, for the record.
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
seealso:
  - module: railyard.fargate.releases_info
  - module: railyard.fargate.release_lock
"""

EXAMPLES = r"""
- name: Release what was built of a commit
  railyard.fargate.release: &shop
    environment_name: shop-production
    bucket: shop-production-releases-123456789012
    repository: shop-production
    log_group: /shop/production/run
    processes:
      web: {min: 2}
      worker: {min: 1}
    smoke: {port: 8080, path: /up}
    image: 3f2c1ab

- name: Go back to what there was before
  railyard.fargate.release:
    <<: *shop
    state: rolled_back
"""

RETURN = r"""
release:
  description: The record of the release; null when there was nothing to release. M(railyard.fargate.releases_info) describes it.
  returned: success, and failures after the release was begun
  type: dict
  contains:
    number:
      description: Its number.
      returned: always
      type: int
      sample: 12
    status:
      description: What became of it.
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
      description: The commit that it was built of, as far as its tags tell.
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
  description: What was migrated. M(railyard.fargate.rails_migration) describes it.
  returned: when the database was migrated
  type: dict
smoke:
  description: The answer on the test listener.
  returned: when it was asked
  type: dict
removed:
  description: Task definitions and images that no release needs any more.
  returned: when a release was made
  type: dict
stopped:
  description: The deployment that was stopped to go back.
  returned: when O(state=rolled_back)
  type: dict
back_to:
  description: The number of the release gone back to.
  returned: when O(state=rolled_back)
  type: int
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.progress import to_file
from ..module_utils._deployment.follow import TIMEOUTS
from ..module_utils._module import aws_client, interruptible, succeed
from ..module_utils._release import flow, rollback
from ..module_utils._release.environment import SERVICES, Environment
from ..module_utils._release.release_run import Order

TRAFFIC = {
    "shift": {"type": "str", "choices": ["all_at_once", "canary", "linear"], "default": "all_at_once"},
    "percent": {"type": "int"},
    "minutes": {"type": "int"},
    "keep_old": {"type": "int", "default": 0},
}
SMOKE = {
    "port": {"type": "int", "required": True},
    "path": {"type": "str", "default": "/"},
    "scheme": {"type": "str", "choices": ["http", "https"], "default": "http"},
    "status": {"type": "int", "default": 200},
    "body": {"type": "str"},
    "tries": {"type": "int", "default": 5},
    "pause": {"type": "float", "default": 3},
    "timeout": {"type": "float", "default": 10},
    "proxy": {"type": "str"},
    "host": {"type": "str"},
    "https": {"type": "bool"},
    "sources": {"type": "list", "elements": "str"},
}
SPEC = {
    "environment_name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["released", "rolled_back"], "default": "released"},
    "image": {"type": "str"},
    "back_to": {"type": "int"},
    "bucket": {"type": "str", "required": True},
    "repository": {"type": "str", "required": True},
    "log_group": {"type": "str", "required": True},
    "processes": {"type": "dict", "required": True},
    "architecture": {"type": "str", "choices": ["X86_64", "ARM64"], "default": "X86_64"},
    "engine": {"type": "str", "choices": ["codedeploy", "ecs"], "default": "codedeploy"},
    "traffic": {"type": "dict", "default": {}, "options": TRAFFIC},
    "smoke": {"type": "dict", "options": SMOKE},
    "protected": {"type": "bool", "default": True},
    "allow_destructive_migrations": {"type": "bool", "default": False},
    "migrate": {"type": "bool", "default": True},
    "force": {"type": "bool", "default": False},
    "if_running": {"type": "str", "choices": ["wait", "refuse", "supersede"], "default": "wait"},
    "wait_for": {"type": "str", "choices": ["traffic_shifted", "old_tasks_stopped"], "default": "traffic_shifted"},
    "lock_timeout": {"type": "int", "default": 0},
    "timeouts": {"type": "dict", "default": {}, "options": {name: {"type": "int"} for name in TIMEOUTS}},
    "keep": {"type": "int", "default": 10},
    "requested_by": {"type": "str", "default": "somebody"},
    "reason": {"type": "str"},
    "progress": {"type": "path"},
}
OF_ENVIRONMENT = (
    "bucket",
    "repository",
    "log_group",
    "processes",
    "architecture",
    "engine",
    "traffic",
    "smoke",
    "protected",
    "keep",
)
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
    env = Environment(given["environment_name"], **{name: given[name] for name in OF_ENVIRONMENT})
    timeouts = {name: seconds for name, seconds in given["timeouts"].items() if seconds is not None}
    order = Order(**{name: given[name] for name in OF_ORDER}, timeouts=timeouts)
    clients = {service: aws_client(module, service) for service in SERVICES}
    with interruptible(module):
        if module.check_mode:
            succeed(module, **(rollback.preview if given["state"] == "rolled_back" else flow.preview)(env, clients, order))
        done = (rollback.roll_back if given["state"] == "rolled_back" else flow.release)(env, clients, order, to_file(given["progress"]))
    succeed(module, **done)


if __name__ == "__main__":
    main()
