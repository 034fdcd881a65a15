#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ecs_service
version_added: 0.1.0
short_description: Keep ECS services without fighting the deployer or the scaler
description:
  - Creates, changes and deletes ECS services of one cluster on Fargate.
  - Task definition, network, platform version, launch type and load balancers belong to the deployer. They are set at creation. Later a
    difference is reported in RV(services[].needs_release) and RV(services[].release_difference), and sent only with O(release=true).
  - The number of tasks belongs to the scaler. It is set at creation and later only brought back into
    O(services[].desired_count_min) to O(services[].desired_count_max).
  - M(community.aws.ecs_service) sends the task definition whatever the controller, forces the number of tasks, fails on changed tags, does
    not compare network and deployment configuration, and reports a change after every odd number of blue/green deployments.
  - Only what the service's deployment controller accepts is sent to UpdateService.
options:
  services:
    description: The services, each name once. They are read, created and changed at the same time.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the service, at most 255 letters, digits, hyphens and underscores.
        type: str
        required: true
      task_definition:
        description:
          - C(family:revision) or ARN. Required to create.
          - A family alone is its latest active revision at creation, and afterwards any of its revisions. Check mode knows no more of a
            revision that is not registered yet.
        type: str
      keep_image_of:
        description:
          - Containers whose image belongs to the deployer. A task definition that differs from the live one in these images alone needs no
            release. All containers when left out.
        type: list
        elements: str
      desired_count:
        description: Number of tasks at creation. Looked at no more afterwards.
        type: int
        default: 0
      desired_count_min:
        description: A live number of tasks below this is raised to it. Left out, it is not looked at.
        type: int
      desired_count_max:
        description: A live number of tasks above this is lowered to it. Left out, it is not looked at.
        type: int
      launch_type:
        description: Where tasks run. V(FARGATE) unless O(services[].capacity_provider_strategy) is given.
        type: str
        choices: [FARGATE, EC2, EXTERNAL]
      capacity_provider_strategy:
        description: Capacity providers instead of a launch type.
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
      platform_version:
        description: Fargate platform version, V(1.4.0) or V(LATEST).
        type: str
      network_configuration:
        description: Network of the tasks. Required to create a service of C(awsvpc) tasks.
        type: dict
        suboptions:
          subnets:
            description: Subnet ids, in any order, at most 16.
            type: list
            elements: str
            required: true
          security_groups:
            description: Security group ids, in any order, at most 5.
            type: list
            elements: str
            required: true
          assign_public_ip:
            description: Whether a task gets a public address, needed in a public subnet without endpoints.
            type: bool
            default: false
      load_balancers:
        description: Target groups in which tasks are registered. With O(services[].deployment_controller=CODE_DEPLOY) exactly one.
        type: list
        elements: dict
        suboptions:
          target_group_arn:
            description: ARN of the target group; of type C(ip), and behind a listener already.
            type: str
            required: true
          container_name:
            description: Container that answers.
            type: str
            required: true
          container_port:
            description: Its port.
            type: int
            required: true
          advanced_configuration:
            description: Blue/green by ECS itself.
            type: dict
            suboptions:
              alternate_target_group_arn:
                description: The other target group.
                type: str
                required: true
              production_listener_rule:
                description: ARN of the rule for production traffic. The ARN of an Application Load Balancer's listener is its default rule.
                type: str
                required: true
              test_listener_rule:
                description: ARN of the rule for test traffic, or of a listener in the same way.
                type: str
              role_arn:
                description: Role by which ECS changes the rules.
                type: str
                required: true
      target_group_pair:
        description:
          - The two target groups between which deployments swap. The one in O(services[].load_balancers) and the one that is live may be
            either of them; that is no difference.
        type: list
        elements: str
      deployment_controller:
        description:
          - Who deploys. A live service goes from V(CODE_DEPLOY) to V(ECS) in place, while no deployment goes on; ECS then deploys what is
            live once more, between the target groups of O(services[].load_balancers). AWS does not take a service back.
        type: str
        choices: [ECS, CODE_DEPLOY]
        default: ECS
      deployment_configuration:
        description: AWS's DeploymentConfiguration with snake_case names. Only the members that are given are compared.
        type: dict
      health_check_grace_period_seconds:
        description: How long unhealthy targets are ignored after the start of a task.
        type: int
      enable_execute_command:
        description: Whether ECS Exec is possible. A service under CodeDeploy must be made anew to change it.
        type: bool
      enable_ecs_managed_tags:
        description: Whether ECS tags tasks with cluster and service.
        type: bool
      propagate_tags:
        description: From where tasks get their tags.
        type: str
        choices: [TASK_DEFINITION, SERVICE, NONE]
      availability_zone_rebalancing:
        description: Whether ECS evens out tasks over zones. A service under CodeDeploy must be made anew to change it.
        type: str
        choices: [ENABLED, DISABLED]
  cluster:
    description: Name or ARN of the cluster.
    type: str
    default: default
  state:
    description: V(absent) stops all tasks and deletes the services.
    type: str
    choices: [present, absent]
    default: present
  known:
    description:
      - Services that this run has read already, as M(railyard.fargate.ecs_service_info) returns them. One that is as declared, and runs the
        declared revision, is not read again.
    type: list
    elements: dict
    default: []
  release:
    description:
      - Whether to send what belongs to the deployer, which starts a rolling update. With O(services[].deployment_controller=CODE_DEPLOY)
        that is an error when there is something to release; a deployment of CodeDeploy does it.
    type: bool
    default: false
  wait:
    description: Whether to wait for the end of deleted services. One that is still draining is always waited for before it is made anew.
    type: bool
    default: true
  wait_timeout:
    description: How many seconds to wait for the end of deleted services.
    type: int
    default: 900
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
  - module: railyard.fargate.ecs_service_info
  - module: railyard.fargate.ecs_task_definition
  - module: railyard.fargate.application_autoscaling_target
  - name: ECS API, UpdateService
    description: What AWS accepts under which controller.
    link: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
  - name: ECS API, CreateService
    description: What AWS accepts of a new service.
    link: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
  - name: Amazon ECS, updating service parameters
    description: What can be changed in place, and from which controller to which.
    link: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-service-parameters.html
  - name: Amazon ECS blue/green deployments
    description: What blue/green by ECS itself needs.
    link: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html
"""

EXAMPLES = r"""
- name: Make the web service, which CodeDeploy releases, and the worker's, which ECS releases
  railyard.fargate.ecs_service:
    cluster: shop-production
    services:
      - name: web
        task_definition: "{{ processes.task_definitions[0].task_definition_arn }}"
        deployment_controller: CODE_DEPLOY
        desired_count: 2
        desired_count_min: 2
        desired_count_max: 10
        network_configuration: &network
          subnets: [subnet-11111111, subnet-22222222]
          security_groups: [sg-11111111]
          assign_public_ip: true
        load_balancers:
          - target_group_arn: "{{ blue }}"
            container_name: web
            container_port: 3000
        target_group_pair: ["{{ blue }}", "{{ green }}"]
        health_check_grace_period_seconds: 60
      - name: worker
        task_definition: "{{ processes.task_definitions[1].task_definition_arn }}"
        desired_count: 1
        network_configuration: *network
    tags:
      application: shop
  register: made

- name: Say what the next release will bring
  ansible.builtin.debug:
    msg: "{{ item.service_name }}: {{ item.release_difference }}"
  loop: "{{ made.services | selectattr('needs_release') }}"

- name: Roll the newest revision of the worker out; ECS does it
  railyard.fargate.ecs_service:
    cluster: shop-production
    services:
      - name: worker
        task_definition: "{{ processes.task_definitions[1].task_definition_arn }}"
    release: true

- name: Delete both, and wait until their tasks are gone
  railyard.fargate.ecs_service:
    cluster: shop-production
    services:
      - name: web
      - name: worker
    state: absent
"""

RETURN = r"""
services:
  description:
    - The services in the order in which they were given, without those that are gone. Events, service registries and placement are left
      out.
  returned: always
  type: list
  elements: dict
  contains:
    service_name:
      description: Its name.
      returned: when it exists
      type: str
      sample: web
    service_arn:
      description: Its ARN.
      returned: when it exists, not predicted in check mode
      type: str
    cluster_arn:
      description: ARN of its cluster.
      returned: when it exists, not predicted in check mode
      type: str
    status:
      description: V(ACTIVE).
      returned: when it exists, not predicted in check mode
      type: str
    desired_count:
      description: How many tasks there should be.
      returned: when it exists
      type: int
    running_count:
      description: How many run.
      returned: when it exists, not predicted in check mode
      type: int
    pending_count:
      description: How many are starting.
      returned: when it exists, not predicted in check mode
      type: int
    deployment_controller:
      description: Who deploys, V(ECS) or V(CODE_DEPLOY).
      returned: when it exists
      type: str
    task_definition:
      description: The live task definition, that of the primary task set (CODE_DEPLOY) or the primary deployment (ECS).
      returned: when it exists
      type: str
    live_task_definition:
      description: The same, by the name that M(railyard.fargate.ecs_service_info) uses.
      returned: when it exists, not predicted in check mode
      type: str
    network_configuration:
      description: The live network with C(subnets), C(security_groups), both sorted, and C(assign_public_ip).
      returned: when set
      type: dict
    platform_version:
      description: The live platform version.
      returned: when set
      type: str
    platform_family:
      description: Operating system.
      returned: when AWS says so
      type: str
    launch_type:
      description: Where tasks run.
      returned: when set
      type: str
    capacity_provider_strategy:
      description: Capacity providers.
      returned: when set
      type: list
      elements: dict
    load_balancers:
      description: The live registration in target groups.
      returned: when it exists
      type: list
      elements: dict
    active_target_group_arn:
      description:
        - The target group of the primary task set; null without load balancer. Null too in ECS's own blue/green, where only the listener
          knows; see M(railyard.fargate.elbv2_listener_info).
      returned: when it exists
      type: str
    deployment_configuration:
      description: Deployment configuration.
      returned: when it exists
      type: dict
    health_check_grace_period_seconds:
      description: How long unhealthy targets are ignored.
      returned: when set
      type: int
    enable_execute_command:
      description: Whether ECS Exec is possible.
      returned: when it exists
      type: bool
    enable_ecs_managed_tags:
      description: Whether ECS tags tasks.
      returned: when it exists
      type: bool
    propagate_tags:
      description: From where tasks get their tags.
      returned: when set
      type: str
    availability_zone_rebalancing:
      description: Whether ECS evens out tasks over zones.
      returned: when AWS says so
      type: str
    scheduling_strategy:
      description: V(REPLICA).
      returned: when it exists, not predicted in check mode
      type: str
    task_sets:
      description: Task sets, under CodeDeploy.
      returned: when it exists, not predicted in check mode
      type: list
      elements: dict
    deployments:
      description: Deployments by ECS itself.
      returned: when it exists, not predicted in check mode
      type: list
      elements: dict
    current_service_deployment:
      description: ARN of the deployment by ECS itself that is under way or was the last.
      returned: when AWS says so
      type: str
    created_at:
      description: When it was made, ISO 8601.
      returned: when it exists, not predicted in check mode
      type: str
    created_by:
      description: Who made it.
      returned: when AWS says so
      type: str
    role_arn:
      description: Role by which ECS acts.
      returned: when AWS says so
      type: str
    tags:
      description: Its tags.
      returned: when it exists
      type: dict
    needs_release:
      description: Whether what belongs to the deployer is live in another form than declared. False when the service was made just now.
      returned: always
      type: bool
    release_difference:
      description:
        - What a release will bring; each difference by its path, with before and after. Paths into the task definition go on from
          C(task_definition), C(task_definition.containers.web.environment.RAILS_ENV) for example.
      returned: always
      type: dict
      sample: {"task_definition.memory": {"before": "1024", "after": "2048"}}
    recreation_difference:
      description: What only deleting the service and making it anew can change, in the same form. Nothing is done about it.
      returned: always
      type: dict
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.errors import RailyardError
from ..module_utils._ecs import live_services, service, service_plan
from ..module_utils._ecs.cluster import STRATEGY
from ..module_utils._elbv2 import default_rule
from ..module_utils._module import STATE, TAGS, aws_client, converge_each, fail

NETWORK = {
    "subnets": {"type": "list", "elements": "str", "required": True},
    "security_groups": {"type": "list", "elements": "str", "required": True},
    "assign_public_ip": {"type": "bool", "default": False},
}
ADVANCED = {
    "alternate_target_group_arn": {"type": "str", "required": True},
    "production_listener_rule": {"type": "str", "required": True},
    "test_listener_rule": {"type": "str"},
    "role_arn": {"type": "str", "required": True},
}
LOAD_BALANCER = {
    "target_group_arn": {"type": "str", "required": True},
    "container_name": {"type": "str", "required": True},
    "container_port": {"type": "int", "required": True},
    "advanced_configuration": {"type": "dict", "options": ADVANCED},
}
CHOICE = ["launch_type", "capacity_provider_strategy"]
SERVICE = {
    "name": {"type": "str", "required": True},
    "task_definition": {"type": "str"},
    "keep_image_of": {"type": "list", "elements": "str"},
    "desired_count": {"type": "int", "default": 0},
    "desired_count_min": {"type": "int"},
    "desired_count_max": {"type": "int"},
    "launch_type": {"type": "str", "choices": ["FARGATE", "EC2", "EXTERNAL"]},
    "capacity_provider_strategy": {"type": "list", "elements": "dict", "options": STRATEGY},
    "platform_version": {"type": "str"},
    "network_configuration": {"type": "dict", "options": NETWORK},
    "load_balancers": {"type": "list", "elements": "dict", "options": LOAD_BALANCER},
    "target_group_pair": {"type": "list", "elements": "str"},
    "deployment_controller": {"type": "str", "choices": ["ECS", "CODE_DEPLOY"], "default": "ECS"},
    "deployment_configuration": {"type": "dict"},
    "health_check_grace_period_seconds": {"type": "int"},
    "enable_execute_command": {"type": "bool"},
    "enable_ecs_managed_tags": {"type": "bool"},
    "propagate_tags": {"type": "str", "choices": ["TASK_DEFINITION", "SERVICE", "NONE"]},
    "availability_zone_rebalancing": {"type": "str", "choices": ["ENABLED", "DISABLED"]},
}
SPEC = {
    "services": {"type": "list", "elements": "dict", "required": True, "options": SERVICE, "mutually_exclusive": [CHOICE]},
    "cluster": {"type": "str", "default": "default"},
    "state": STATE,
    "known": {"type": "list", "elements": "dict", "default": []},
    "release": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 900},
    **TAGS,
}


def _known(services: list[dict[str, Any]], wanted: dict[str, Any]) -> dict[str, Any] | None:
    """What was read of a service, without what only ecs_service_info tells. Another revision is compared with the live one."""
    found = next((one for one in services if one["service_name"] == wanted["name"]), None)
    if found is None or not service.same_revision(found.get("task_definition"), wanted["task_definition"] or ""):
        return None
    return {member: value for member, value in found.items() if member not in live_services.MORE}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    definitions: dict[str, list[dict[str, Any]]] = {}
    try:
        for one in module.params["services"]:
            if one["load_balancers"]:
                one["load_balancers"] = default_rule.resolve(lambda: aws_client(module, "elbv2"), one["load_balancers"])
    except RailyardError as error:
        fail(module, error)

    def find(client: Any, wanted: list[dict[str, Any]]) -> list[service.Service | None]:
        live = service.find_each(client, wanted, patient=not module.check_mode)
        for one, now in zip(wanted, live, strict=True):
            definitions[one["name"]] = service.definitions(client, one, now)
        return live

    converge_each(
        module,
        "ecs",
        "services",
        find,
        lambda client, wanted, live: service_plan.make_plan(client, wanted, live, definitions.get(wanted["name"], ())),
        name=lambda one: str(one["name"]),
        known=lambda one: _known(module.params["known"], one),
    )


if __name__ == "__main__":
    main()
