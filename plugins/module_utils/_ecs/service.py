# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services: what is live. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html"""

from __future__ import annotations

import time
from typing import Any, TypedDict, cast

from .._core import aws, interruption, shape, tags
from .._core.clock import next_pause
from .._core.errors import RailyardError
from . import task_definition

# What a deployment changes: the primary task set or deployment has it as it runs, the service as it was last declared to ECS.
DEPLOYED = ("task_definition", "network_configuration", "platform_version", "launch_type", "capacity_provider_strategy", "load_balancers")
# What nobody here declares or reads.
LEFT_OUT = ("events", "serviceRegistries", "placementConstraints", "placementStrategy", "currentServiceRevisions", "resourceManagementType")


class Network(TypedDict):
    """Where tasks run: subnets and security groups, sorted, and whether tasks get a public address."""

    subnets: list[str]
    security_groups: list[str]
    assign_public_ip: bool


class Service(TypedDict, total=False):
    """A service in our shape, with what is live in the place of what was last declared to ECS. Members without a value are left out; it
    has more members of AWS's than these, of which nobody outside of this package knows.

    `status`: ACTIVE, DRAINING or INACTIVE. `task_definition`, `live_task_definition`: ARN. `task_sets`, `deployments`, `load_balancers`:
    AWS's with snake_case names. `active_target_group_arn`: of the tasks that serve users; None where only the listener knows it.
    `live_images`: URI by container, `secrets_in_use`: references to the secrets of all its task sets and deployments, and
    `newest_task_definition`: in normal form, all only where live_services.read was to read them.
    """

    service_name: str
    status: str
    task_definition: str
    live_task_definition: str
    desired_count: int
    running_count: int
    pending_count: int
    deployment_controller: str
    load_balancers: list[dict[str, Any]]
    task_sets: list[dict[str, Any]]
    deployments: list[dict[str, Any]]
    network_configuration: Network
    platform_version: str
    capacity_provider_strategy: list[dict[str, Any]]
    active_target_group_arn: str | None
    tags: dict[str, str]
    live_images: dict[str, str]
    secrets_in_use: list[str]
    newest_task_definition: dict[str, Any]


def describe(client: Any, cluster: str, names: list[str]) -> list[Service]:
    """Services of these names in our shape, DRAINING and INACTIVE ones too; [] where there is no such cluster."""
    ten_at_most = aws.batches(names, 10)  # rule ECS-D1
    return [found for some in aws.concurrently(lambda ten: _describe(client, cluster, ten), ten_at_most) for found in some]


def _describe(client: Any, cluster: str, names: list[str]) -> list[Service]:
    answer = aws.find(client, "DescribeServices", {"ClusterNotFoundException"}, cluster=cluster, services=names, include=["TAGS"])
    if answer is None:
        return []
    bad = [failure for failure in answer.get("failures", []) if failure.get("reason") != "MISSING"]
    if bad:
        raise RailyardError(f"DescribeServices, cluster {cluster}: {bad[0].get('arn')}: {bad[0].get('reason')} {bad[0].get('detail', '')}")
    return [ours(client, found) for found in answer["services"]]


def ours(client: Any, found: dict[str, Any]) -> Service:
    """A service with what is live in the place of what was last declared to ECS, and its active target group. Pure."""
    members: Any = shape.output_shape(client, "DescribeServices", "services")
    service: dict[str, Any] = shape.ours(members.member, {name: value for name, value in found.items() if name not in LEFT_OUT})
    service["deployment_controller"] = (service.get("deployment_controller") or {}).get("type", "ECS")
    live = primary(cast(Service, service))
    service.update({name: live[name] for name in DEPLOYED if live.get(name)})
    for name, other in (("launch_type", "capacity_provider_strategy"), ("capacity_provider_strategy", "launch_type")):
        if live.get(name):
            service.pop(other, None)
    service["network_configuration"] = network(service.get("network_configuration"))
    service["load_balancers"] = service.get("load_balancers", [])
    service["active_target_group_arn"] = active_target_group(service["load_balancers"])
    service["live_task_definition"] = service.get("task_definition")
    service["tags"] = tags.as_dict(found.get("tags"), "key", "value")
    return cast(Service, {name: value for name, value in service.items() if value is not None or name == "active_target_group_arn"})


def active_target_group(balancers: list[dict[str, Any]]) -> str | None:
    """The group of the tasks that serve users. With an alternate group (ECS's own blue/green) only the listener knows: None."""
    first: dict[str, Any] = next(iter(balancers), {})
    return None if first.get("advanced_configuration") else first.get("target_group_arn")


def primary(service: Service) -> dict[str, Any]:
    """The primary task set (CODE_DEPLOY) or deployment (ECS) of a service in our shape; {} while there is none."""
    sets = service.get("task_sets", []) if service["deployment_controller"] == "CODE_DEPLOY" else service.get("deployments", [])
    return next((item for item in sets if item.get("status") == "PRIMARY"), {})


def used_definitions(service: Service) -> list[str]:
    """The task definitions of all its task sets and deployments: what runs, and what is kept to go back to."""
    runs = [service, *service.get("task_sets", []), *service.get("deployments", [])]
    return sorted({run["task_definition"] for run in runs if run.get("task_definition")})


def network(given: dict[str, Any] | None) -> Network | None:
    """AWS's awsvpc configuration, flat and in order."""
    inner = (given or {}).get("awsvpc_configuration")
    if not inner:
        return None
    return {
        "subnets": sorted(inner.get("subnets", [])),
        "security_groups": sorted(inner.get("security_groups", [])),
        "assign_public_ip": inner.get("assign_public_ip", "DISABLED") == "ENABLED",
    }


def find_each(client: Any, wanted: list[dict[str, Any]], patient: bool) -> list[Service | None]:
    """The active services of one cluster, None where there is none (rule ECS-D2).

    `wanted`: name of each, and for all of them cluster, state, wait and wait_timeout. `patient`: services that are to be absent and still
    drain are waited for.
    """
    if not wanted:
        return []
    names, of_all = [one["name"] for one in wanted], wanted[0]
    found = {service["service_name"]: service for service in describe(client, of_all["cluster"], names)}
    draining = [name for name in names if name in found and found[name]["status"] == "DRAINING"]
    if draining and patient and of_all["state"] == "absent" and of_all["wait"]:
        _wait_until_gone(client, of_all["cluster"], draining, of_all["wait_timeout"])
    return [found[name] if name in found and found[name]["status"] == "ACTIVE" else None for name in names]


def same_revision(live: str | None, wanted: str) -> bool:
    """By family and revision; a family alone is any of its revisions."""
    family, _colon, revision = wanted.rpartition("/")[2].partition(":")
    live_family, _colon, live_revision = str(live).rpartition("/")[2].partition(":")
    return family == live_family and revision in ("", live_revision)


def definitions(client: Any, wanted: dict[str, Any], live: Service | None) -> list[dict[str, Any]]:
    """The live and the declared task definition where they are not the same revision; [] otherwise, and where one of them is gone."""
    declared = wanted["task_definition"]
    if live is None or not declared or wanted["state"] == "absent" or same_revision(live.get("task_definition"), declared):
        return []
    both = task_definition.describe_all(client, [live["task_definition"], declared])
    return both if len(both) == 2 else []


def _wait_until_gone(client: Any, cluster: str, names: list[str], seconds: int) -> None:
    started, pause = time.monotonic(), 0.5
    while True:
        left = [service for service in describe(client, cluster, names) if service["status"] != "INACTIVE"]
        if not left:
            return
        if time.monotonic() - started >= seconds:
            state = {key: left[0].get(key) for key in ("status", "running_count", "pending_count")}
            which = ", ".join(service["service_name"] for service in left)
            raise RailyardError(f"service {which} in cluster {cluster} still drains after {seconds} seconds; see wait_timeout", live=state)
        interruption.sleep(pause)
        pause = next_pause(pause, time.monotonic() - started)
