#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: release_environment
version_added: 0.1.0
short_description: Keep the description of an environment for the stages of its pipeline
description:
  - Keeps in the environment's bucket, as C(pipeline/environment.json), what M(railyard.fargate.release) gets as options. The stages of a
    pipeline read it, because they have no inventory. A change of the inventory so changes no structure of the pipeline.
  - No upstream module releases, so none has a place for it.
options:
  lock_timeout:
    description:
      - Seconds that a stage waits at most for the environment's lock, while the execution before deploys, or somebody converges or releases
        by hand. While that execution waits for an approval there is no wait.
    type: int
    default: 2400
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
  - railyard.fargate.environment
seealso:
  - module: railyard.fargate.release
  - module: railyard.fargate.codepipeline_step
"""

EXAMPLES = r"""
- name: Describe the environment to its pipeline
  railyard.fargate.release_environment:
    names: "{{ lookup('railyard.fargate.names') }}"
    processes:
      web: {min: 2}
      worker: {min: 1}
    smoke: {port: 8080, path: /up}
"""

RETURN = r"""
environment:
  description: What is kept, with the names of the options. What was not given is missing.
  returned: always
  type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._module import converge, names_of
from ..module_utils._pipeline import described
from ..module_utils._release import environment_options
from ..module_utils._s3 import kept

SPEC = {**environment_options.SPEC, "lock_timeout": {"type": "int", "default": 2400}}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    names = names_of(module)
    wanted = described.wanted(module.params, names)
    converge(
        module,
        "s3",
        "environment",
        find=lambda client: kept.read(client, names.bucket, described.KEY),
        make_plan=lambda _client, live: kept.make_plan(names.bucket, described.KEY, wanted, live),
    )


if __name__ == "__main__":
    main()
