# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A deployment of a service, whichever engine carries it out: the service in AWS's shape, and one shape of the deployment."""

from __future__ import annotations

from typing import Any, TypedDict, cast

from .._core import aws
from . import revisions

Clients = dict[str, Any]


class TaskCounts(TypedDict):
    """Numbers of the new tasks; None is what is not known. `healthy`: healthy targets of their target group."""

    desired: int | None
    running: int | None
    pending: int | None
    healthy: int | None


class Rollback(TypedDict):
    """What undoes a deployment: an id of CodeDeploy, or the ARN of a service revision, and its status."""

    deployment_id: str
    status: str | None


class Deployment(TypedDict):
    """A deployment by either engine (codedeploy or ecs).

    `status`: of PHASES or ENDED in _deployment/deployment.py, or rolling_back. `task_definition`: ARN of the new one. `weights`: percent of
    the production traffic by target group ARN, that of the new tasks first. Times are in ISO 8601. None is what is not known.
    """

    engine: str
    deployment_id: str | None
    status: str
    status_reason: str | None
    task_definition: str | None
    previous_task_definition: str | None
    image: str | None
    created_at: str | None
    finished_at: str | None
    weights: dict[str, int]
    tasks: TaskCounts
    rollback: Rollback | None
    console_url: str | None


def find_service(clients: Clients, where: dict[str, Any]) -> dict[str, Any]:
    """The service in AWS's shape; {} when there is none."""
    absent = {"ClusterNotFoundException"}
    found = aws.find(clients["ecs"], "DescribeServices", absent, cluster=where["cluster"], services=[where["service"]])
    return next(iter((found or {}).get("services", [])), {})


def definition_of(clients: Clients, where: dict[str, Any], name: str) -> dict[str, Any]:
    """A revision of a task definition in AWS's shape; {} when there is none. A revision never changes, so `where` keeps what was read."""
    known: dict[str, dict[str, Any]] = where.setdefault("definitions", {})
    if name not in known:
        known[name] = revisions.described(clients["ecs"], name)
    return known[name]


def shape(engine: str, **known: Any) -> Deployment:
    """A deployment of which `known` is known."""
    empty = dict.fromkeys(Deployment.__annotations__)
    tasks = {"desired": None, "running": None, "pending": None, "healthy": None}
    return cast(Deployment, {**empty, "weights": {}, "tasks": tasks, **known, "engine": engine})


def moment(value: Any) -> str | None:
    """A timestamp of boto3 as ISO 8601 text."""
    return str(value.isoformat()) if value is not None else None
