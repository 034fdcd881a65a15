# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: names
version_added: 0.1.0
short_description: The names, paths, tags and ports of an environment
description:
  - Returns what the inventory's C(railyard_app), C(railyard_environment), C(railyard_account_id), C(railyard_region), C(railyard_tags) and
    C(railyard_processes) make of a host's names. The variables C(alb_name), C(codedeploy_name), C(ecr_name), C(ecs_name), C(ecs_prefix),
    C(pipeline_name), C(rds_name), C(releases_bucket), C(ssm_hybrid_name), C(vpc_name), C(alb_production_port) and C(alb_test_port) set
    single ones.
  - The defaults of roles, the playbooks and the option C(names) of modules come from here, so that all of them agree.
author:
  - Railyard contributors (@railyard)
"""

EXAMPLES = r"""
- name: A command in a fresh task
  railyard.fargate.ecs_run_task:
    names: "{{ lookup('railyard.fargate.names') }}"
    command: bin/rails db:seed
"""

RETURN = r"""
_raw:
  description: One dictionary.
  type: list
  elements: dict
  contains:
    application: {description: Name of the application., type: str, sample: shop}
    environment: {description: Name of the environment., type: str, sample: production}
    environment_name: {description: Both of them., type: str, sample: shop-production}
    account_id: {description: The account., type: str, sample: "123456789012"}
    region: {description: The Region., type: str, sample: eu-west-1}
    path: {description: Where log groups and parameters are., type: str, sample: /shop/production}
    vpc: {description: "The VPC, with which its security groups begin.", type: str, sample: shop-production}
    load_balancer: {description: The load balancer., type: str, sample: shop-production}
    target_groups: {description: "Its target groups, blue and green.", type: list, elements: str}
    access_log_bucket: {description: The bucket of its access logs., type: str}
    repository: {description: The image repository., type: str, sample: shop-production}
    cluster: {description: "The ECS cluster, with which families of task definitions begin.", type: str, sample: shop-production}
    database: {description: The database instance., type: str, sample: shop-production}
    codedeploy: {description: The CodeDeploy application., type: str, sample: shop-production}
    console: {description: With what the session documents begin., type: str, sample: shop-production}
    documents: {description: "The session documents, C(console) and C(forward).", type: dict}
    roles:
      description: >-
        The IAM roles, C(execution), C(task), C(infrastructure), C(codedeploy), C(console), C(pipeline), C(build), C(step) and C(chat).
      type: dict
    pipeline: {description: The pipeline and the connection., type: str, sample: shop-production}
    build_projects: {description: "Its build projects, C(build) and C(test).", type: dict}
    build_log_groups: {description: Log groups of the build projects., type: dict}
    pipeline_log_group: {description: The log group of the pipeline's own commands., type: str}
    artifact_bucket: {description: The bucket of the pipeline's artifacts., type: str}
    cache_repository: {description: The repository of layers that builds use again., type: str}
    event_rules:
      description: >-
        Rules of EventBridge by what they tell of, C(failed), C(stage-failed), C(succeeded), C(stopped), C(approval) and C(rolled-back).
      type: dict
    api_destination: {description: The chat that is told., type: str, sample: shop-production-chat}
    topic: {description: The SNS topic of alarms and of what the pipeline tells., type: str, sample: shop-production-notifications}
    alarm_prefix: {description: With what the names of alarms begin., type: str, sample: shop-production-}
    dashboard: {description: The dashboard of CloudWatch., type: str, sample: shop-production}
    bucket: {description: The bucket of releases., type: str, sample: shop-production-releases-123456789012}
    families: {description: "Families of task definitions by process, and of C(run) (one-off tasks) and C(console).", type: dict}
    log_groups: {description: "Log groups by process, and of C(run) (one-off tasks) and C(console).", type: dict}
    scalable_targets: {description: "Resources of Application Auto Scaling by process.", type: dict}
    production_port: {description: Where users reach the load balancer., type: int, sample: 80}
    test_port: {description: Where a release is tried out., type: int, sample: 8080}
    database_port: {description: Where the database listens., type: int, sample: 5432}
    placeholder_digest: {description: The digest that task definitions name before the first release., type: str}
    processes: {description: "The processes, C(web) among them.", type: list, elements: str}
    tags: {description: The tags of what belongs to the environment., type: dict}
    owner: {description: The tags by which it is known as the environment's., type: dict}
"""

from typing import Any

from ansible.plugins.lookup import LookupBase

from ansible_collections.railyard.fargate.plugins.module_utils._environment import naming

# The default of a role asks this lookup: it is no name that an inventory sets.
DEFAULT = "railyard.fargate.names"


def described(raw: dict[str, Any]) -> dict[str, Any]:
    """The variables, templates among them, by which the names of a host are decided."""
    return {
        name: raw[name]
        for name in (*naming.DESCRIPTION, *naming.VARIABLES)
        if name in raw and not (isinstance(raw[name], str) and DEFAULT in raw[name])
    }


class LookupModule(LookupBase):
    """Of the host whose task asks."""

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        known = described(variables or {})
        processes = known.pop("railyard_processes", None) or ()
        told = {name: self._templar.template(value) for name, value in known.items()}
        # Of the processes only their names are needed, which are no templates.
        told["railyard_processes"] = list(self._templar.template(processes) if isinstance(processes, str) else processes)
        return [naming.build(told).as_dict()]
