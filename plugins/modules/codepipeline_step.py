#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codepipeline_step
version_added: 0.1.0
short_description: Store the program that the stages of a pipeline run
description:
  - Builds one file out of this collection's own code, C(railyard.pyz), and stores it in a bucket as C(steps/<SHA-256>.pyz). It does in a
    pipeline what M(railyard.fargate.release) does by hand, without Ansible.
  - C(python3 railyard.pyz artifacts) writes C(imageDetail.json), C(taskdef.json) and C(appspec.yaml) in a build. C(migrate), C(deploy) and
    C(record) release the image. They need Python 3.11 or newer and boto3.
  - The same version of the collection makes the same file everywhere. Earlier files stay, for executions that are under way.
  - No upstream module has such a program.
options:
  bucket:
    description: The bucket of the pipeline's artifacts.
    type: str
    required: true
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
seealso:
  - module: railyard.fargate.release_environment
  - name: The Commands action of CodePipeline
    description: What runs it.
    link: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html
"""

EXAMPLES = r"""
- name: Store the program
  railyard.fargate.codepipeline_step:
    bucket: shop-production-artifacts-123456789012
  register: stored

- name: Show the commands of a stage
  ansible.builtin.debug:
    msg:
      - aws s3 cp --only-show-errors s3://{{ stored.step.bucket }}/{{ stored.step.key }} railyard.pyz
      - echo "{{ stored.step.sha256 }}  railyard.pyz" | sha256sum -c
      - python3 railyard.pyz migrate
"""

RETURN = r"""
step:
  description: The stored program.
  returned: always
  type: dict
  contains:
    bucket:
      description: The bucket.
      returned: always
      type: str
    key:
      description: Its key.
      returned: always
      type: str
      sample: steps/9d08bbf3de2aaf916435bf48b831208b87d6ccd39d327ef824da3a3e838d3815.pyz
    sha256:
      description: The SHA-256 of its bytes.
      returned: always
      type: str
    size:
      description: Its size in bytes.
      returned: always
      type: int
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._module import converge
from ..module_utils._pipeline import archive

SPEC = {"bucket": {"type": "str", "required": True}}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    bucket, program = module.params["bucket"], archive.build(archive.installed)
    converge(
        module,
        "s3",
        "step",
        find=lambda client: archive.find(client, bucket, program),
        make_plan=lambda _client, live: archive.make_plan(bucket, program, live),
    )


if __name__ == "__main__":
    main()
