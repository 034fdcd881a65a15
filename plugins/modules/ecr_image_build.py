#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ecr_image_build
version_added: 0.1.0
short_description: Build an image of a commit and push it to ECR
description:
  - Builds the commit that a git checkout is at, with Docker or Buildah of this machine, and pushes the image under the first 12 characters
    of the commit. An image that has that tag already is not built again.
  - The image is built of the files of the commit and of no others; what git ignores is not in it.
  - Signs in at ECR by itself. The password goes through standard input, and secrets through the environment of the builder.
  - community.docker.docker_image_build has no push by itself, needs a Docker daemon and knows neither commits nor ECR, and no module of
    amazon.aws or community.aws builds images.
options:
  repository:
    description: Name of the repository that gets the image.
    type: str
    required: true
  source:
    description: A folder of the git checkout.
    type: path
    required: true
  context:
    description: The folder of the checkout that is the context of the build.
    type: str
    default: "."
  options:
    description:
      - Further words of C(docker buildx build), each an item. The label C(org.opencontainers.image.revision) and the tag are added.
      - For Buildah C(--provenance) and C(--sbom) are left out; it makes no attestations.
    type: list
    elements: str
    default: []
  parameters:
    description:
      - Names of parameters in Parameter Store, by the variable of the builder's environment that gets the value, for C(--secret id=…,env=…)
        in O(options). The values are shown nowhere.
    type: dict
    default: {}
  program:
    description: What builds. By default the first of both that works.
    type: str
    choices: [docker, buildah]
  dirty:
    description:
      - Build the checkout with its uncommitted changes, under a tag that says so. C(3f2c1ab0d4e5-dirty-0a1b2c3d) are the commit and what
        the changes make of its files.
      - Without it, a checkout with changes is an error.
    type: bool
    default: false
  progress:
    description: A file to which each line of the build is appended. On the controller, the lines are shown without it.
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
  - module: railyard.fargate.codebuild_project
  - module: railyard.fargate.release
"""

EXAMPLES = r"""
- name: Build what is checked out
  railyard.fargate.ecr_image_build:
    repository: shop-production
    source: ../shop
    options: [--platform, linux/arm64, --provenance=false, --sbom=false, --target, production]
  register: built

- name: Release it
  railyard.fargate.release:
    names: "{{ lookup('railyard.fargate.names') }}"
    processes:
      web: {min: 2}
    image: "{{ built.image.digest }}"

- name: With credentials for private gems
  railyard.fargate.ecr_image_build:
    repository: shop-production
    source: ../shop
    options: [--secret, "id=bundle,env=SECRET_1"]
    parameters:
      SECRET_1: /shop/production/BUNDLE_GITHUB__COM
"""

RETURN = r"""
image:
  description: The image in O(repository).
  returned: success
  type: dict
  contains:
    tag:
      description: Its tag.
      returned: always
      type: str
      sample: 3f2c1ab0d4e5
    commit:
      description: The whole commit, with C(-dirty) behind it where it was built with changes.
      returned: always
      type: str
      sample: 3f2c1ab0d4e5f60718293a4b5c6d7e8f90a1b2c3
    digest:
      description: Its digest; null in check mode when it is not there yet.
      returned: always
      type: str
    uri:
      description: The whole reference, by digest; by tag in check mode when it is not there yet.
      returned: always
      type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.progress import to_file
from ..module_utils._ecr import build, builder, source
from ..module_utils._module import aws_client, interruptible, succeed

SPEC = {
    "repository": {"type": "str", "required": True},
    "source": {"type": "path", "required": True},
    "context": {"type": "str", "default": "."},
    "options": {"type": "list", "elements": "str", "default": []},
    "parameters": {"type": "dict", "default": {}, "no_log": False},
    "program": {"type": "str", "choices": list(builder.PROGRAMS)},
    "dirty": {"type": "bool", "default": False},
    "progress": {"type": "path"},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    given, ecr = module.params, aws_client(module, "ecr")
    wanted = build.Wanted(given["repository"], given["context"], tuple(given["options"]), given["parameters"], given["program"])
    with interruptible(module), source.opened(given["source"], given["dirty"]) as found:
        known = build.known(ecr, wanted.repository, found)
        changed, final = not known["digest"], known
        if changed and not module.check_mode:
            final = build.build(ecr, lambda: aws_client(module, "ssm"), wanted, found, to_file(given["progress"]))
    difference = {"before": {}, "after": {"tag": final["tag"]}}
    succeed(module, changed=changed, image=final, **({"diff": difference} if module._diff and changed else {}))


if __name__ == "__main__":
    main()
