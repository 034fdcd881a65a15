#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: release_configuration
version_added: 0.1.0
short_description: Keep what the next release of an environment brings to its services
description:
  - Keeps, in the environment's bucket, what is declared of services beside their task definitions and only a release can bring, such as
    their network, their container port and the health check of their tasks. M(railyard.fargate.release) compares it with what is live, and
    brings what differs.
  - AWS has no place for it. UpdateService refuses it for a service that CodeDeploy releases, and starts a deployment for any other.
options:
  bucket:
    description: The environment's bucket, C(<application>-<environment>-releases-<account id>), as the role C(releases) makes it.
    type: str
    required: true
  processes:
    description:
      - What is declared, by process. C(network_configuration), C(platform_version), C(capacity_provider_strategy) and
        C(load_balancers), these without target groups, are as in M(railyard.fargate.ecs_service). C(health_check) is as in
        M(railyard.fargate.elbv2_target_group).
    type: dict
    required: true
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
seealso:
  - module: railyard.fargate.ecs_service
  - module: railyard.fargate.release
"""

EXAMPLES = r"""
- name: Let the next release listen on another port
  railyard.fargate.release_configuration:
    bucket: shop-production-releases-123456789012
    processes:
      web:
        network_configuration:
          subnets: [subnet-0123456789abcdef0]
          security_groups: [sg-0123456789abcdef0]
          assign_public_ip: true
        platform_version: LATEST
        load_balancers:
          - {container_name: web, container_port: 8080}
        health_check: {path: /up}
"""

RETURN = r"""
configuration:
  description: What is kept, by process.
  returned: always
  type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._module import converge
from ..module_utils._release import configuration

SPEC = {"bucket": {"type": "str", "required": True}, "processes": {"type": "dict", "required": True}}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    bucket, processes = module.params["bucket"], module.params["processes"]
    converge(
        module,
        "s3",
        "configuration",
        find=lambda client: configuration.read(client, bucket),
        make_plan=lambda client, live: configuration.make_plan(bucket, processes, live),
    )


if __name__ == "__main__":
    main()
