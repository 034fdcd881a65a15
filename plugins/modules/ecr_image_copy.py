#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ecr_image_copy
version_added: 0.1.0
short_description: Copy an image between two ECR repositories
description:
  - Copies an image, or an index with all its parts, from one repository to another, of the same account and Region or of others. The
    manifests stay as they are, so that the digest is the same there.
  - It uses ECR's API only; no Docker is needed. Layers go through this machine part by part, several at a time, and those that the
    target has already are not copied. Digests are verified on the way.
  - Repeated after an interruption it copies what is still missing.
  - community.docker's modules need a Docker daemon and unpack images on the way; no upstream module copies within ECR, and ECR's own
    replication copies everything that is pushed.
options:
  repository:
    description: Name of the repository that gets the image, in the account and Region of this task.
    type: str
    required: true
  image:
    description: A tag, a digest or a URI of an image of the source.
    type: str
    required: true
  tags:
    description:
      - Tags that the image gets. By default those that it has in the source, but for those that releases gave (C(release-<number>)).
      - One that another image of O(repository) has is an error before anything is copied.
    type: list
    elements: str
  source:
    description:
      - Where the image is. With nothing but O(source.repository), in the account and Region of this task. Else the connection is only
        what is said here, with boto3's own defaults for the rest.
    type: dict
    required: true
    suboptions:
      repository:
        description: Name of the repository.
        type: str
        required: true
      region:
        description: Its Region. By default the one of this task.
        type: str
      profile:
        description: Profile of the source's account.
        type: str
      endpoint_url:
        description: URL of the source's ECR, instead of AWS's own.
        type: str
      access_key:
        description: Access key of the source's account.
        type: str
      secret_key:
        description: Secret key of the source's account.
        type: str
      session_token:
        description: Session token of the source's account.
        type: str
  progress:
    description: A file to which a line is appended per layer. On the controller, the lines are shown without it.
    type: path
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
seealso:
  - module: railyard.fargate.ecr_repository
  - module: railyard.fargate.release
"""

EXAMPLES = r"""
- name: Give production what was tried out in staging
  railyard.fargate.ecr_image_copy:
    repository: shop-production
    image: sha256:1111111111111111111111111111111111111111111111111111111111111111
    source:
      repository: shop-staging
      region: eu-west-1
      profile: staging
  register: copied

- name: Release it
  railyard.fargate.release:
    names: "{{ lookup('railyard.fargate.names') }}"
    processes:
      web: {min: 2}
    image: "{{ copied.image.digest }}"

- name: Within one account, and under another tag
  railyard.fargate.ecr_image_copy:
    repository: shop-production
    image: 3f2c1ab
    tags: [candidate]
    source:
      repository: shop-staging
"""

RETURN = r"""
image:
  description: The image in O(repository).
  returned: success
  type: dict
  contains:
    digest:
      description: Its digest, the same in both repositories.
      returned: always
      type: str
    uri:
      description: The whole reference, by digest.
      returned: always
      type: str
      sample: shop-production@sha256:1111111111111111111111111111111111111111111111111111111111111111
    tags:
      description: Its tags, as far as they were asked for.
      returned: always
      type: list
      elements: str
    commit:
      description: The commit that it was built of, as far as its tags tell.
      returned: always
      type: str
copied:
  description: What was copied; in check mode, what would be.
  returned: success
  type: dict
  contains:
    manifests:
      description: Digests of manifests, those of parts before that of their index.
      returned: always
      type: list
      elements: str
    layers:
      description: Digests of layers and configurations.
      returned: always
      type: list
      elements: str
    bytes:
      description: Their size.
      returned: always
      type: int
    tags:
      description: Tags that are new.
      returned: always
      type: list
      elements: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.progress import to_file
from ..module_utils._ecr import copy
from ..module_utils._module import aws_client, interruptible, other_client, succeed

SOURCE = {
    "repository": {"type": "str", "required": True},
    "region": {"type": "str"},
    "profile": {"type": "str"},
    "endpoint_url": {"type": "str"},
    "access_key": {"type": "str", "no_log": True},
    "secret_key": {"type": "str", "no_log": True},
    "session_token": {"type": "str", "no_log": True},
}
SPEC = {
    "repository": {"type": "str", "required": True},
    "image": {"type": "str", "required": True},
    "tags": {"type": "list", "elements": "str"},
    "source": {"type": "dict", "required": True, "options": SOURCE, "required_together": [("access_key", "secret_key")]},
    "progress": {"type": "path"},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    wanted, target = module.params, copy.Place(aws_client(module, "ecr"), module.params["repository"])
    with interruptible(module):
        source = copy.Place(other_client(module, "ecr", wanted["source"]), wanted["source"]["repository"])
        planned = copy.look(source, target, wanted["image"], wanted["tags"])
        if not module.check_mode:
            copy.carry_out(planned, source, target, to_file(wanted["progress"]))
    answer = copy.result(planned)
    difference = {"before": {"tags": planned.known}, "after": {"tags": answer["image"]["tags"], **answer["copied"]}}
    succeed(module, changed=planned.changed, **answer, **({"diff": difference} if module._diff and planned.changed else {}))


if __name__ == "__main__":
    main()
