# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: scaling_policies
version_added: 0.1.0
short_description: The scaling policies that a process asks for
description:
  - Turns C(scale) of a process into C(policies) of M(railyard.fargate.application_autoscaling_target).
  - C(requests) counts the requests of the load balancer for each healthy task of both target groups. AWS's predefined metric
    ALBRequestCountPerTarget names one target group and looks at the wrong one after every release.
positional: load_balancer
options:
  _input:
    description: A process. C(scale) is a dict of C(cpu) and C(memory), percent, and C(requests), for each task and minute.
    type: dict
    required: true
  load_balancer:
    description: Result of the alb role; C(load_balancer_arn) and C(target_group_arns) are used.
    type: dict
    required: true
  scale_in_cooldown:
    description: Seconds after lowering the number of tasks before it is lowered again. The policy does not have it when left out.
    type: int
  scale_out_cooldown:
    description: Seconds after raising the number of tasks before it is raised again. The policy does not have it when left out.
    type: int
author:
  - Railyard contributors (@railyard)
"""

EXAMPLES = r"""
policies: "{{ ecs_processes.web | railyard.fargate.scaling_policies(alb_result, scale_in_cooldown=300, scale_out_cooldown=60) }}"
"""

RETURN = r"""
_value:
  description: >-
    One for each metric, with C(name), C(target_value), C(predefined_metric) or C(customized_metric_specification), and the cooldowns
    that were given. Empty for a process without C(scale).
  type: list
  elements: dict
"""

PREDEFINED = {"cpu": "ECSServiceAverageCPUUtilization", "memory": "ECSServiceAverageMemoryUtilization"}


def scaling_policies(
    process: dict[str, Any], load_balancer: dict[str, Any], scale_in_cooldown: int | None = None, scale_out_cooldown: int | None = None
) -> list[dict[str, Any]]:
    if not isinstance(process, dict) or not isinstance(process.get("scale") or {}, dict):
        raise AnsibleFilterError("scaling_policies takes one process, a dict whose scale is a dict such as {cpu: 60, requests: 800}")
    given = {"scale_in_cooldown": scale_in_cooldown, "scale_out_cooldown": scale_out_cooldown}
    cooldowns = {name: seconds for name, seconds in given.items() if seconds is not None}
    scale = process.get("scale") or {}
    return [{"name": name, "target_value": _number(name, value), **_by(name, load_balancer), **cooldowns} for name, value in scale.items()]


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise AnsibleFilterError(f"scale.{name} is {value!r}; it must be a number") from None


def _by(name: str, load_balancer: dict[str, Any]) -> dict[str, Any]:
    if name in PREDEFINED:
        return {"predefined_metric": PREDEFINED[name]}
    if name != "requests":
        raise AnsibleFilterError(f"scale has no {name}; it has {', '.join(sorted((*PREDEFINED, 'requests')))}")
    return {"customized_metric_specification": _requests(load_balancer)}


def _requests(load_balancer: dict[str, Any]) -> dict[str, Any]:
    balancer = {"name": "LoadBalancer", "value": (load_balancer["load_balancer_arn"] or "").rpartition(":loadbalancer/")[2]}
    metrics = [_metric("requests", "RequestCount", "Sum", [balancer])]
    for name, arn in zip(("blue", "green"), load_balancer["target_group_arns"], strict=True):
        group = {"name": "TargetGroup", "value": arn.rpartition(":")[2]}
        metrics.append(_metric(name, "HealthyHostCount", "Maximum", [group, balancer]))
    expression = "requests / (FILL(blue, 0) + FILL(green, 0))"
    per_task = {"id": "per_task", "expression": expression, "label": "Requests per task and minute", "return_data": True}
    return {"metrics": [*metrics, per_task]}


def _metric(name: str, metric: str, stat: str, dimensions: list[dict[str, str]]) -> dict[str, Any]:
    source = {"namespace": "AWS/ApplicationELB", "metric_name": metric, "dimensions": dimensions}
    return {"id": name, "metric_stat": {"metric": source, "stat": stat}, "return_data": False}


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"scaling_policies": scaling_policies}
