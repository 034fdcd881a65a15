# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is read for the screen, one function a part: few calls each, none of which is paid for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from .._codedeploy import deployment as codedeploy
from .._codepipeline import execution, executions
from .._console.request import KIND
from .._core import aws
from .._core.errors import RailyardError
from .._deployment import deployment as deployments
from .._deployment import waits
from .._ecs import service, service_deployment
from .._elbv2 import target_group, traffic
from .._environment.naming import Names
from .._rds import instance
from .._release import lock, record
from .._ssm import node
from . import around, live, scaling
from .parts import Absent, Reading

Clients = dict[str, Any]
SERVICES = ("acm", "application-autoscaling", "cloudwatch", "codedeploy", "codepipeline", "ecs", "elbv2", "rds", "s3", "ssm")
WEB = "web"
ALARMS = ("MetricAlarm", "CompositeAlarm")
SITE = "site.yml makes it"
NO_DEPLOYMENTS = {
    *("ApplicationDoesNotExistException", "DeploymentGroupDoesNotExistException"),
    *("ServiceNotFoundException", "ServiceNotActiveException", "ClusterNotFoundException"),
}
# Of the last minutes of a metric; the newest minute is not complete.
MINUTES = 10
METRICS = {"free_bytes": "FreeStorageSpace", "connections": "DatabaseConnections", "cpu_percent": "CPUUtilization"}


def readers(clients: Clients, names: Names, limit: int = 1, wanted: Sequence[str] = ()) -> dict[str, Callable[[Reading], Any]]:
    """Readers by part, all or those that are `wanted`. One that needs another part comes after it. `limit`: so many releases."""
    every: dict[str, Callable[[Clients, Names, Reading], Any]] = {
        "services": services,
        "load_balancer": load_balancer,
        "pipeline": pipeline,
        "deployment": in_flight,
        "alarms": alarms,
        "scaling": scaling.read,
        "database": database,
        "releases": partial(releases, limit=limit),
        "lock": held,
        "consoles": consoles,
        "certificates": certificates,
    }
    return {name: partial(reader, clients, names) for name, reader in every.items() if not wanted or name in wanted}


def services(clients: Clients, names: Names, reading: Reading) -> list[live.Service]:
    """The services in the order of the processes, those that are gone left out."""
    found = {one["service_name"]: one for one in service.describe(clients["ecs"], names.cluster, list(names.processes))}
    active = [found[name] for name in names.processes if name in found and found[name]["status"] == "ACTIVE"]
    if not active:
        raise Absent(f"there is no service in the cluster {names.cluster}; {SITE}")
    return [live.service(one) for one in active]


def load_balancer(clients: Clients, names: Names, reading: Reading) -> live.LoadBalancer:
    """The production listener, its rules, and the health of both target groups."""
    client = clients["elbv2"]
    groups = target_group.described(client, names.target_groups)
    balancer = next((arn for group in groups for arn in group.get("LoadBalancerArns", [])), None)
    if len(groups) < 2 or balancer is None:
        raise Absent(f"no load balancer sends to {' and '.join(names.target_groups)}; {SITE}")
    arns = [group["TargetGroupArn"] for group in groups]
    listeners, *health = aws.together(
        lambda: aws.pages(client, "DescribeListeners", "Listeners", LoadBalancerArn=balancer),
        *(partial(target_group.find_targets, client, arn) for arn in arns),
    )
    production = next((one for one in listeners if one["Port"] == names.production_port), None)
    if production is None:
        raise Absent(f"the load balancer has no listener on port {names.production_port}; {SITE}")
    rules = aws.pages(client, "DescribeRules", "Rules", ListenerArn=production["ListenerArn"])
    return live.load_balancer(client, production, listeners, rules, dict(zip(arns, health, strict=True)))


def pipeline(clients: Clients, names: Names, reading: Reading) -> around.Pipeline | None:
    """The newest execution; None where nothing has been pushed yet."""
    client = clients["codepipeline"]
    try:
        listed, state = aws.together(
            lambda: executions.summaries(client, names.pipeline, 1), lambda: executions.state_of(client, names.pipeline)
        )
    except RailyardError as error:
        if error.code == "PipelineNotFoundException":
            raise Absent("railyard_pipeline: true in the inventory makes it") from error
        raise
    return around.pipeline(names.pipeline, listed[0], state, execution.waiting_approval(state)) if listed else None


def in_flight(clients: Clients, names: Names, reading: Reading) -> live.InFlight | None:
    """The newest deployment in flight, by the engine that the service has; None without one."""
    web = next((one for one in reading.part("services") if one["name"] == WEB), None)
    if web is None:
        raise Absent(f"there is no service {WEB}; {SITE}")
    engine: Any = codedeploy if web["engine"] == "codedeploy" else service_deployment
    where: dict[str, Any] = {"application": names.codedeploy, "group": WEB, "cluster": names.cluster, "service": WEB}
    try:
        ids = engine.running(clients, where)
    except RailyardError as error:
        if error.code in NO_DEPLOYMENTS:
            raise Absent(f"{error.message}; {SITE}") from error
        raise
    if not ids:
        return None
    balancer: live.LoadBalancer = reading.part("load_balancer")
    where |= {"listener": balancer["listener_arn"], "pair": {traffic.name(arn): arn for arn in balancer["pair"]}}
    found, waiting = aws.together(
        lambda: engine.read_all(clients, where, ids[:1]), lambda: waits.read(web["engine"], clients, where, ids[0])
    )
    return live.in_flight(found[0], deployments.progress(found[0]), deployments.percent(found[0]), waiting) if found else None


def alarms(clients: Clients, names: Names, reading: Reading) -> list[around.Alarm]:
    """The alarms of the environment, of metrics and composite ones; AWS lists those of metrics only, unless it is asked for others."""
    listed = aws.concurrently(partial(_alarms, clients["cloudwatch"], names.alarm_prefix), ALARMS)
    if not any(listed):
        raise Absent(f"there are no alarms whose names begin with {names.alarm_prefix}")
    return sorted((around.alarm(one) for some in listed for one in some), key=lambda one: one["name"])


def _alarms(cloudwatch: Any, prefix: str, kind: str) -> list[dict[str, Any]]:
    return aws.pages(cloudwatch, "DescribeAlarms", f"{kind}s", AlarmNamePrefix=prefix, AlarmTypes=[kind])


def database(clients: Clients, names: Names, reading: Reading) -> around.Database:
    """The instance with its maintenance and, where AWS has them, its numbers of the last minutes."""
    rds, which = clients["rds"], [{"Name": "db-instance-id", "Values": [names.database]}]
    found, pending, *numbers = aws.together(
        lambda: instance.find(rds, names.database),
        lambda: aws.pages(rds, "DescribePendingMaintenanceActions", "PendingMaintenanceActions", {"ResourceNotFoundFault"}, Filters=which),
        *(partial(_newest, clients["cloudwatch"], names.database, metric) for metric in METRICS.values()),
    )
    if found is None:
        raise Absent(f"there is no instance {names.database}; {SITE}")
    return around.database(found, pending, dict(zip(METRICS, numbers, strict=True)))


def _newest(cloudwatch: Any, database_name: str, metric: str) -> float | None:
    """The newest number of a metric of RDS; None without one, and where nobody may read it: the rest is worth more."""
    now = datetime.now(UTC)
    asked: dict[str, Any] = {"Namespace": "AWS/RDS", "MetricName": metric, "Period": 60, "Statistics": ["Average"]}
    asked |= {"Dimensions": [{"Name": "DBInstanceIdentifier", "Value": database_name}]}
    try:
        points = aws.call(cloudwatch, "GetMetricStatistics", **asked, StartTime=now - timedelta(minutes=MINUTES), EndTime=now)["Datapoints"]
    except RailyardError:
        return None
    return float(max(points, key=lambda point: point["Timestamp"])["Average"]) if points else None


def releases(clients: Clients, names: Names, reading: Reading, limit: int) -> list[record.Record]:
    """The newest records. One that says that it runs does so as long as the holder of the lock lives."""
    found = _of_bucket(partial(record.recent, clients["s3"], names.bucket, limit), names.bucket)
    if any(one["status"] == "running" for one in found):
        found = record.settled(found, lock.find(clients["s3"], names.bucket, lock.asking(clients)))
    return list(found)


def held(clients: Clients, names: Names, reading: Reading) -> around.Lock | None:
    """Who has the environment's lock; None when nobody has."""
    found = _of_bucket(partial(lock.find, clients["s3"], names.bucket, lock.asking(clients)), names.bucket)
    return around.lock(found) if found else None


def _of_bucket(read: Callable[[], Any], bucket: str) -> Any:
    try:
        return read()
    except RailyardError as error:
        if error.code == "NoSuchBucket":
            raise Absent(f"there is no bucket {bucket}; {SITE}") from error
        raise


def consoles(clients: Clients, names: Names, reading: Reading) -> list[around.Console]:
    """The nodes of consoles that are open, with who has opened them."""
    ssm = clients["ssm"]
    nodes = node.find(ssm, tags=names.found_by, ping_status="Online")
    labels = aws.concurrently(lambda one: node.tags_of(ssm, one["instance_id"]), nodes)
    return [around.console(one, some) for one, some in zip(nodes, labels, strict=True) if KIND in some]


def certificates(clients: Clients, names: Names, reading: Reading) -> list[around.Certificate]:
    """The certificates of the listeners, by when they end."""
    arns = sorted({arn for arn in reading.part("load_balancer")["certificate_arns"] if ":acm:" in arn})
    if not arns:
        raise Absent("the load balancer speaks HTTP only; certificates are not built yet")
    answers = aws.concurrently(lambda arn: aws.answer(clients["acm"], "DescribeCertificate", CertificateArn=arn), arns)
    found = [around.certificate(one["Certificate"], aws.time_of(one)) for one in answers]
    return sorted(found, key=lambda one: one["days"] if one["days"] is not None else -1)
