# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What `site` has declared of services, beside their task definitions, for the next release to bring: an object in the bucket.

A service that CodeDeploy releases has no place in AWS for it: UpdateService refuses its network and its port (rules ECS-U2 to ECS-U4).
"""

from __future__ import annotations

from typing import Any

from .._core import aws, shape
from .._core.plan import Plan
from .._ecs import carried
from .._ecs.service import Service
from .._elbv2 import default_rule, health, reads, target_group, traffic
from .._s3 import kept

Clients = dict[str, Any]
KEY = "configuration.json"


def read(client: Any, bucket: str) -> dict[str, Any] | None:
    """What is declared, by process; None as long as nothing was kept, or there is no bucket."""
    return kept.read(client, bucket, KEY)


def make_plan(bucket: str, wanted: dict[str, Any], live: dict[str, Any] | None) -> Plan:
    """What leads from the kept object to the declared one. Pure."""
    return kept.make_plan(bucket, KEY, wanted, live)


def declared(clients: Clients, bucket: str) -> dict[str, Any]:
    """What is kept, by process, with the rules of listeners in their place, as services name them."""
    found = read(clients["s3"], bucket) or {}
    return {
        name: {**item, "load_balancers": default_rule.resolve(lambda: clients["elbv2"], item.get("load_balancers", []))}
        for name, item in found.items()
    }


def live_group(clients: Clients, service: Service) -> dict[str, Any]:
    """The target group that users reach, in our shape; {} for a service without one. `service`: as `_ecs/service.ours` returns it."""
    balancer: dict[str, Any] = next(iter(service.get("load_balancers", [])), {})
    arn = balancer.get("target_group_arn")
    rule = (balancer.get("advanced_configuration") or {}).get("production_listener_rule")
    if rule:
        weights = traffic.forwarded(reads.actions(clients, rule)) or {}
        arn = max(weights, key=lambda group: weights[group], default=arn)
    found = aws.find(clients["elbv2"], "DescribeTargetGroups", {"TargetGroupNotFound"}, TargetGroupArns=[arn]) if arn else None
    members: Any = shape.output_shape(clients["elbv2"], "DescribeTargetGroups", "TargetGroups")
    return next(iter(shape.ours(members, (found or {}).get("TargetGroups", []))), {})


def waiting(declared: dict[str, Any], service: Service, group: dict[str, Any]) -> dict[str, Any]:
    """What a release brings to a service beside its task definition, as declared; {} when all of it is live. Pure."""
    found = carried.kept(declared, service)
    checks = target_group.different(health.health(declared.get(carried.HEALTH_CHECK)), group) if group else {}
    return {**found, **({carried.HEALTH_CHECK: checks} if checks else {})}
