#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ecr_repository
version_added: 0.1.0
short_description: Keep a private image repository
description:
  - Keeps an Amazon ECR repository with its tag mutability, scanning, encryption, lifecycle policy and tags.
  - M(community.aws.ecs_ecr) has no tags and no diff, its check mode fails on a repository that does not exist yet when a lifecycle
    policy is given, and reports a change as skipped.
options:
  name:
    description: Name of the repository.
    type: str
    required: true
  state:
    description: Whether the repository exists.
    type: str
    choices: [present, absent]
    default: present
  force:
    description: With O(state=absent), delete the images too. Otherwise AWS refuses to delete a repository that holds images.
    type: bool
    default: false
  image_tag_mutability:
    description: Whether a tag may move from one image to another.
    type: str
    choices: [IMMUTABLE, MUTABLE]
    default: IMMUTABLE
  scan_on_push:
    description: Whether an image is scanned for vulnerabilities when it is pushed.
    type: bool
    default: true
  kms_key:
    description: ARN of a KMS key that encrypts images. Absent means AES256 for a new repository, and untouched for one that exists.
    type: str
  keep_images:
    description:
      - How many tagged images stay, the newest ones. V(0) keeps all.
      - Images with a tag C(release-*) are not counted and are kept; releases delete those that no rollback needs.
    type: int
    default: 100
  untagged_days:
    description: Days after which an image without a tag is deleted. V(0) keeps all.
    type: int
    default: 14
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - amazon.aws.tags
  - railyard.fargate.tags
  - railyard.fargate.attributes
seealso:
  - name: Lifecycle policies of Amazon ECR
    description: How images expire.
    link: https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
"""

EXAMPLES = r"""
- name: Make the repository
  railyard.fargate.ecr_repository:
    name: shop-production
    keep_images: 50
    tags:
      application: shop
  register: made

- name: Say where to push
  ansible.builtin.debug:
    var: made.repository.repository_uri

- name: Delete it with its images
  railyard.fargate.ecr_repository:
    name: shop-production
    state: absent
    force: true
"""

RETURN = r"""
repository:
  description: The repository; null after its deletion.
  returned: always
  type: dict
  contains:
    repository_name:
      description: Its name.
      returned: when it exists
      type: str
      sample: shop-production
    repository_arn:
      description: Its ARN.
      returned: when it exists, not predicted in check mode
      type: str
    repository_uri:
      description: Where images are pushed.
      returned: when it exists, not predicted in check mode
      type: str
      sample: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop-production
    image_tag_mutability:
      description: Whether a tag may move.
      returned: when it exists
      type: str
      sample: IMMUTABLE
    scan_on_push:
      description: Whether images are scanned when they are pushed.
      returned: when it exists
      type: bool
    encryption_type:
      description: AES256 or KMS.
      returned: when it exists
      type: str
    kms_key:
      description: The KMS key, null without one.
      returned: when it exists
      type: str
    lifecycle_rules:
      description: Rules of the lifecycle policy, in AWS's shape.
      returned: when it exists
      type: list
      elements: dict
    tags:
      description: Its tags.
      returned: when it exists
      type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._ecr import repository
from ..module_utils._module import STATE, TAGS, converge

SPEC = {
    "name": {"type": "str", "required": True},
    "state": STATE,
    "force": {"type": "bool", "default": False},
    "image_tag_mutability": {"type": "str", "choices": ["IMMUTABLE", "MUTABLE"], "default": "IMMUTABLE"},
    "scan_on_push": {"type": "bool", "default": True},
    "kms_key": {"type": "str", "no_log": False},
    "keep_images": {"type": "int", "default": 100},
    "untagged_days": {"type": "int", "default": 14},
    **TAGS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    wanted = module.params
    converge(
        module,
        "ecr",
        "repository",
        find=lambda client: repository.find(client, wanted["name"]),
        make_plan=lambda client, live: repository.make_plan(client, wanted, live),
    )


if __name__ == "__main__":
    main()
