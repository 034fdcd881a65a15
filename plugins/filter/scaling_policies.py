# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

DOCUMENTATION = r"""
name: scaling_policies
version_added: 0.1.0
short_description: The scaling policies that processes ask for
description:
  - Turns C(scale) of each process into options of M(railyard.fargate.application_autoscaling_policy).
  - C(requests) counts the requests of the load balancer for each healthy task of both target groups. AWS's predefined metric
    ALBRequestCountPerTarget names one target group and looks at the wrong one after every release (rule AAS-2).
positional: load_balancer
options:
  _input:
    description: Processes by name. C(scale) is a dict of C(cpu) and C(memory), percent, and C(requests), for each task and minute.
    type: dict
    required: true
  load_balancer:
    description: Result of the alb role; C(load_balancer_arn) and C(target_group_arns) are used.
    type: dict
    required: true
author:
  - Railyard contributors
"""

EXAMPLES = r"""
policies: "{{ ecs_processes | railyard.fargate.scaling_policies(alb_result) }}"
"""

RETURN = r"""
_value:
  description: >-
    One for each process and metric, with C(process), C(name), C(target_value), and C(predefined_metric) or
    C(customized_metric_specification).
  type: list
  elements: dict
"""

PREDEFINED = {"cpu": "ECSServiceAverageCPUUtilization", "memory": "ECSServiceAverageMemoryUtilization"}


def scaling_policies(processes: dict[str, Any], load_balancer: dict[str, Any]) -> list[dict[str, Any]]:
    policies = []
    for process, options in processes.items():
        for name, value in (options.get("scale") or {}).items():
            policy = {"process": process, "name": name, "target_value": float(value)}
            if name in PREDEFINED:
                policy["predefined_metric"] = PREDEFINED[name]
            else:
                policy["customized_metric_specification"] = _requests(load_balancer)
            policies.append(policy)
    return policies


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
