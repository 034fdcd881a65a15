# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A deployment of a service, whichever engine carries it out: the service in AWS's shape, and one shape of the deployment."""

from __future__ import annotations

from typing import Any

from .._core import aws

Clients = dict[str, Any]


def find_service(clients: Clients, where: dict[str, Any]) -> dict[str, Any]:
    """The service in AWS's shape; {} when there is none."""
    absent = {"ClusterNotFoundException"}
    found = aws.find(clients["ecs"], "DescribeServices", absent, cluster=where["cluster"], services=[where["service"]])
    return next(iter((found or {}).get("services", [])), {})


def shape(engine: str, **known: Any) -> dict[str, Any]:
    """A deployment in the shape of both engines. `weights`: the first target group is that of the new tasks."""
    empty = dict.fromkeys(
        (
            "engine",
            "deployment_id",
            "status",
            "status_reason",
            "task_definition",
            "previous_task_definition",
            "image",
            "created_at",
            "finished_at",
        )
    )
    tasks = {"desired": None, "running": None, "pending": None, "healthy": None}
    return {**empty, "weights": {}, "tasks": tasks, "rollback": None, "console_url": None, **known, "engine": engine}


def moment(value: Any) -> str | None:
    """A timestamp of boto3 as ISO 8601 text."""
    return str(value.isoformat()) if value is not None else None
