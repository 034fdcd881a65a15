#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ecs_service_info
version_added: 0.1.0
short_description: Read ECS services and what is live in them
description:
  - Reads the active services of a cluster with the task definition, the images and the target group that are live.
  - M(community.aws.ecs_service_info) returns AWS's shape without saying what is live, and fails where there is no cluster yet.
options:
  cluster:
    description: Name or ARN of the cluster. Where there is none there are no services; that is no error.
    type: str
    default: default
  names:
    description: Names of services. Missing ones are left out of the result. All services of the cluster when left out.
    type: list
    elements: str
  live_images:
    description: Whether to read the task definitions in use for images and secrets, one call for each.
    type: bool
    default: true
  newest:
    description: Whether to read the latest revisions of the services' families too, with O(live_images). One that is live costs no call.
    type: bool
    default: false
  repository:
    description: Name of the ECR repository in which to look for the live images, one call for each image. By default they are not looked
      up.
    type: str
  secrets:
    description:
      - ARNs of the parameters that are declared as secrets. With this option RV(other_secrets) lists the other secrets with which tasks
        are started.
    type: list
    elements: str
  wait_timeout:
    description:
      - How many seconds to wait at most until every service runs as many tasks as it should. 0 does not wait.
      - After that time the module fails, with the reason why the last task stopped.
    type: int
    default: 0
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.ecs_service
"""

EXAMPLES = r"""
- name: What is live?
  railyard.fargate.ecs_service_info:
    cluster: shop-production
    names: [web, worker]
  register: live

- name: Wait until the tasks run
  railyard.fargate.ecs_service_info:
    cluster: shop-production
    wait_timeout: 300

- name: Show the images by service and container
  ansible.builtin.debug:
    msg: "{{ live.services | items2dict(key_name='service_name', value_name='live_images') }}"
"""

RETURN = r"""
services:
  description: Those that are active, sorted by name. Members as M(railyard.fargate.ecs_service) returns them, and what follows.
  returned: always
  type: list
  elements: dict
  sample:
    - service_name: web
      secrets_in_use: ["arn:aws:ssm:eu-west-1:123456789012:parameter/shop/production/RAILS_MASTER_KEY"]
      live_task_definition: arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-production-web:7
      live_images: {web: "shop@sha256:1111111111111111111111111111111111111111111111111111111111111111"}
      active_target_group_arn: arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-production-blue/1111111111111111
  contains:
    newest_task_definition:
      description: The latest revision of its family, as M(railyard.fargate.ecs_task_definition) returns it.
      returned: with O(newest=true)
      type: dict
other_secrets:
  description:
    - ARNs of parameters that are not in O(secrets), and with which tasks are started, or those that are kept to go back to. Their execution
      role reads them until no task set or deployment names them.
  returned: always
  type: list
  elements: str
other_secret_kms_key_arns:
  description: ARNs of the KMS keys that encrypt them, without AWS's own.
  returned: always
  type: list
  elements: str
missing_images:
  description: Live images that are not in O(repository) any more, so that no new task can start.
  returned: always
  type: list
  elements: str
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.errors import RailyardError
from ..module_utils._ecr import image
from ..module_utils._ecr.image import NO_DIGEST
from ..module_utils._ecs import live_services, steady
from ..module_utils._ecs.service import Service
from ..module_utils._environment import keys
from ..module_utils._module import aws_client, fail, succeed

SPEC = {
    "cluster": {"type": "str", "default": "default"},
    "names": {"type": "list", "elements": "str"},
    "live_images": {"type": "bool", "default": True},
    "newest": {"type": "bool", "default": False},
    "repository": {"type": "str"},
    "secrets": {"type": "list", "elements": "str", "no_log": False},
    "wait_timeout": {"type": "int", "default": 0},
}
# Who may not look at images is told nothing of them.
FORBIDDEN = ("AccessDenied", "AccessDeniedException")


def _read(client: Any, wanted: dict[str, Any]) -> list[Service]:
    where, images, seconds = (wanted["cluster"], wanted["names"]), wanted["live_images"], wanted["wait_timeout"]
    if seconds:
        return steady.wait(client, *where, images, seconds)
    return live_services.read(client, *where, images, wanted["newest"])


def _missing(module: AnsibleAWSModule, services: list[Service], repository: str) -> list[str]:
    live = {str(uri) for item in services for uri in (item.get("live_images") or {}).values()}
    own = {uri.partition("@")[2]: uri for uri in sorted(live) if uri.partition("@")[0].endswith(f"/{repository}")}
    released = [digest for digest in own if digest and digest != NO_DIGEST]
    if not released:
        return []
    try:
        return [own[digest] for digest in image.missing(aws_client(module, "ecr"), repository, released)]
    except RailyardError as error:
        if error.code in FORBIDDEN:
            return []
        raise


def _others(module: AnsibleAWSModule, services: list[Service], declared: list[str]) -> tuple[list[str], list[str]]:
    """The parameters in use beside the declared ones, and the customers' keys of these as far as AWS tells them."""
    used = sorted({reference for item in services for reference in item.get("secrets_in_use", []) if ":ssm:" in reference} - set(declared))
    if not used:
        return [], []
    named = {reference: reference.partition(":parameter")[2] for reference in used}
    found, _unknown = keys.find(aws_client(module, "ssm"), aws_client(module, "kms"), named)
    return used, sorted(set(found.values()))


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    wanted = module.params
    try:
        services = _read(aws_client(module, "ecs"), wanted)
        missing = _missing(module, services, wanted["repository"]) if wanted["repository"] else []
        others, locked = _others(module, services, wanted["secrets"]) if wanted["secrets"] is not None else ([], [])
    except RailyardError as error:
        fail(module, error)
    succeed(module, changed=False, services=services, missing_images=missing, other_secrets=others, other_secret_kms_key_arns=locked)


if __name__ == "__main__":
    main()
