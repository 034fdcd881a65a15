"""What other services measure of themselves each minute, as far as alarms need it: hosts, tasks, databases, certificates.

Load is what a person or a test says it is (`gauge`); without a word a task uses a few percent of its CPU.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from moto.backends import get_backend

from ... import registry, world
from ...wire import Call
from ..ecs import state as ecs
from ..elbv2 import store as elbv2
from ..rds import state as rds
from . import states
from .metrics import Name, name
from .states import Gauge

GIB = 1024**3
CPU, MEMORY, USED = 5.0, 40.0, 0.3
INSIGHTS = {"name": "containerInsights", "value": "enabled"}
_said: dict[Name, float] = {}


def balancer(arn: str) -> str:
    """A load balancer as a dimension: `app/<name>/<id>`."""
    return arn.partition(":loadbalancer/")[2]


def group(arn: str) -> str:
    """A target group as a dimension: `targetgroup/<name>/<id>`."""
    return arn.rpartition(":")[2]


def _hosts(call: Call) -> Iterator[Gauge]:
    """Of a group without targets nothing is said."""
    for target_group in elbv2.backend(call).target_groups.values():
        for user in elbv2.users(call, target_group.arn):
            described = world.aws(call, "elbv2", "DescribeTargetHealth", TargetGroupArn=target_group.arn)["TargetHealthDescriptions"]
            found = Counter(each["TargetHealth"]["State"] for each in described)
            names = {"TargetGroup": group(target_group.arn), "LoadBalancer": balancer(user)}
            if described and set(found) - {"unused", "draining", "initial"}:
                yield "AWS/ApplicationELB", "HealthyHostCount", names, float(found["healthy"])
                yield "AWS/ApplicationELB", "UnHealthyHostCount", names, float(found["unhealthy"])


def _tasks(call: Call) -> Iterator[Gauge]:
    """A service without a running task says nothing of its CPU. Counts are told where Container Insights is on."""
    running = Counter(
        (ecs.last(task["clusterArn"]), str(task.get("group", "")).removeprefix("service:"))
        for task in ecs.table(call, "tasks").values()
        if task["lastStatus"] == "RUNNING" and str(task.get("group", "")).startswith("service:")
    )
    for (cluster, service), count in running.items():
        names = {"ClusterName": cluster, "ServiceName": service}
        for _ in range(count):
            yield "AWS/ECS", "CPUUtilization", names, CPU
            yield "AWS/ECS", "MemoryUtilization", names, MEMORY
        found = ecs.find_cluster(call, cluster)
        if found is not None and any(each == INSIGHTS for each in found["settings"]):
            yield "ECS/ContainerInsights", "RunningTaskCount", names, float(count)


def _databases(call: Call) -> Iterator[Gauge]:
    for instance in rds.table(call, "instances").values():
        if instance["DBInstanceStatus"] in ("creating", "stopped", "deleting"):
            continue
        names = {"DBInstanceIdentifier": instance["DBInstanceIdentifier"]}
        yield "AWS/RDS", "FreeStorageSpace", names, instance["AllocatedStorage"] * GIB * (1 - USED)
        yield "AWS/RDS", "CPUUtilization", names, CPU
        yield (
            "AWS/RDS",
            "DatabaseConnections",
            names,
            float(sum(task["lastStatus"] == "RUNNING" for task in ecs.table(call, "tasks").values())),
        )


def _certificates(call: Call) -> Iterator[Gauge]:
    backends: Any = get_backend("acm")
    for certificate in list(backends[call.account][call.region]._certificates.values()):
        until = getattr(getattr(certificate, "_cert", None), "not_valid_after_utc", None)
        if until is not None and certificate.status == "ISSUED":
            days = (until - world.clock.utc()).total_seconds() // 86_400
            yield "AWS/CertificateManager", "DaysToExpiry", {"CertificateArn": certificate.arn}, float(days)


SOURCES: tuple[Callable[[Call], Iterator[Gauge]], ...] = (_hosts, _tasks, _databases, _certificates)


@states.gauges.append
def _all(call: Call) -> Iterator[Gauge]:
    """What was said to be so is, each time that the metric is measured."""
    measured: set[Name] = set()
    for source in SOURCES:
        for space, metric, dimensions, value in source(call):
            one = name(space, metric, dimensions)
            measured.add(one)
            yield space, metric, dimensions, _said.get(one, value)
    for (space, metric, pairs), value in _said.items():
        if (space, metric, pairs) not in measured:
            yield space, metric, dict(pairs), value


@registry.control_endpoint("gauge")
def _say(wanted: dict[str, Any]) -> Any:
    """From now on a metric has this value each minute; without a value it has its own again."""
    one = name(wanted["namespace"], wanted["metric"], wanted["dimensions"])
    if wanted.get("value") is None:
        _said.pop(one, None)
    else:
        _said[one] = float(wanted["value"])
    return {"said": len(_said)}


@registry.on_reset
def _forget() -> None:
    _said.clear()
