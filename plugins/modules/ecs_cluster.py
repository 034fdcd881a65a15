#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ecs_cluster
version_added: 0.1.0
short_description: Keep an ECS cluster with its settings and tags
description:
  - Creates, changes and deletes an Amazon ECS cluster.
  - M(community.aws.ecs_cluster) knows neither tags nor settings (Container Insights), and takes the order of capacity providers for a
    difference.
  - An option that is not given leaves what is live as it is.
options:
  name:
    description: Name of the cluster, at most 255 letters, digits, hyphens and underscores.
    type: str
    required: true
  state:
    description: Whether the cluster exists. A cluster that holds services or tasks cannot be deleted.
    type: str
    choices: [present, absent]
    default: present
  settings:
    description: Settings by name, V(containerInsights) with V(enhanced), V(enabled) or V(disabled) for example.
    type: dict
  capacity_providers:
    description: Capacity providers that the cluster may use, in any order; V(FARGATE), V(FARGATE_SPOT).
    type: list
    elements: str
  default_capacity_provider_strategy:
    description: What is used where a service or task names neither a launch type nor a strategy.
    type: list
    elements: dict
    suboptions:
      capacity_provider:
        description: Name of the capacity provider.
        type: str
        required: true
      weight:
        description: Its share of the tasks beyond the base.
        type: int
        default: 0
      base:
        description: The number of tasks that it takes at least.
        type: int
        default: 0
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
  - module: railyard.fargate.ecs_service
  - name: ECS API, DeleteCluster
    description: When AWS deletes a cluster.
    link: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteCluster.html
"""

EXAMPLES = r"""
- name: Make a cluster for Fargate
  railyard.fargate.ecs_cluster:
    name: shop-production
    capacity_providers: [FARGATE, FARGATE_SPOT]
    default_capacity_provider_strategy:
      - {capacity_provider: FARGATE, weight: 1}
    tags:
      application: shop

- name: Switch Container Insights on; everything else stays
  railyard.fargate.ecs_cluster:
    name: shop-production
    settings:
      containerInsights: enhanced

- name: Delete it
  railyard.fargate.ecs_cluster:
    name: shop-production
    state: absent
"""

RETURN = r"""
cluster:
  description: The cluster; null after its deletion.
  returned: always
  type: dict
  contains:
    cluster_name:
      description: Its name.
      returned: when it exists
      type: str
    cluster_arn:
      description: Its ARN.
      returned: when it exists, not predicted in check mode
      type: str
    status:
      description: V(ACTIVE).
      returned: when it exists, not predicted in check mode
      type: str
    settings:
      description: Settings by name.
      returned: when it exists
      type: dict
    capacity_providers:
      description: Capacity providers, sorted.
      returned: when it exists
      type: list
      elements: str
    default_capacity_provider_strategy:
      description: The strategy where a service names none.
      returned: when it exists
      type: list
      elements: dict
    tags:
      description: Its tags.
      returned: when it exists
      type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._ecs import cluster
from ..module_utils._ecs.cluster import STRATEGY
from ..module_utils._module import STATE, TAGS, converge

SPEC = {
    "name": {"type": "str", "required": True},
    "state": STATE,
    "settings": {"type": "dict"},
    "capacity_providers": {"type": "list", "elements": "str"},
    "default_capacity_provider_strategy": {"type": "list", "elements": "dict", "options": STRATEGY},
    **TAGS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    converge(
        module,
        "ecs",
        "cluster",
        find=lambda client: cluster.find(client, module.params["name"]),
        make_plan=lambda client, live: cluster.make_plan(client, module.params, live),
    )


if __name__ == "__main__":
    main()
